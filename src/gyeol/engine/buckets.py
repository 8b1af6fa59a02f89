"""How often something took how long: counts in buckets since the process began, one addition for each."""

from __future__ import annotations

from bisect import bisect_left

EDGES_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""From a decision that is quick (floors: 25 and 50 ms, DESIGN.md section 12) to a backlog that somebody must look at."""


class Buckets:
    """A histogram. One thread adds, any may read: a reader may see one addition half done, which the next one mends.

    Attributes:
        counts: For each edge those that took at most so long and longer than the edge before; last, those beyond all edges.
        sum_s: All of them together.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(EDGES_S) + 1)
        self.sum_s = 0.0

    def add(self, took_s: float, times: int = 1) -> None:
        """Count something that took so long, so often."""
        self.counts[bisect_left(EDGES_S, took_s)] += times
        self.sum_s += took_s * times

    def cumulative(self) -> list[tuple[float, int]]:
        """(edge, how many took at most so long), the last edge infinite."""
        running, found = 0, []
        for edge, count in zip((*EDGES_S, float("inf")), self.counts, strict=True):
            running += count
            found.append((edge, running))
        return found
