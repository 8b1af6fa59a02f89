"""What the last frames changed beside their own records: who moved between audiences and stages, whose identifiers were joined or split.

None of it is a record of the log, so whoever watches (the console's Live) asks for it. Kept as references to what folding made anyway,
a bounded number of it; made readable only when somebody asks.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.engine.buckets import Buckets
from gyeol.engine.effects import Effects, Regrouped
from gyeol.engine.state import EngineState
from gyeol.events.sections import EventRows, Section
from gyeol.kernel.instants import Int64

MOST_RECORDS = 20_000
"""Records and changes that are remembered at most: some seconds of a busy day, far more than anybody reads."""
MOST_TIMINGS = 2_048
MOST_A_FRAME = 500
"""Of one frame only so many are told: an import's frame moves thousands."""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one frame.

    Args:
        effects: What folding it gave; not to be changed.
        entered: A node of each of the last ``MOST_A_FRAME`` of ``effects.entries``: a person's number may mean nothing any more later.
        stages: (nodes, stage before, stage after) as arrays, in the order of their evaluation; stages are indices into the ladder, -1
            for none.
    """

    effects: Effects
    entered: list[int]
    stages: list[tuple[Int64, Int64, Int64]]

    @property
    def size(self) -> int:
        """How much it counts towards ``MOST_RECORDS``."""
        effects = self.effects
        return effects.end_offset - effects.first_offset + len(effects.entries) + sum(len(nodes) for nodes, _, _ in self.stages)


class Recent:
    """The last frames, and how long the last events and decisions took. Written by the engine's thread.

    Attributes:
        start_offset: Of frames before it nothing is remembered.
        lags, decides: The same timings since the process began, in buckets.
    """

    def __init__(self, start_offset: int = 0) -> None:
        self.start_offset = start_offset
        self._frames: deque[Remembered] = deque()
        self._size = 0
        self._lags: deque[tuple[int, int]] = deque(maxlen=MOST_TIMINGS)
        self._decided_ms: OrderedDict[str, float] = OrderedDict()
        self.lags, self.decides = Buckets(), Buckets()

    def go_on(self, before: Recent) -> None:
        """Keep the timings of the one that this one replaces."""
        self._lags, self._decided_ms, self.lags, self.decides = before._lags, before._decided_ms, before.lags, before.decides

    def note(self, state: EngineState, effects: Effects) -> None:
        """Remember a folded frame; O(1) but for those who changed stage."""
        first, of_row = state.graph.people.first_nodes, state.people.person_of_row
        last = [entry.person for entry in effects.entries[-MOST_A_FRAME:]]
        moves = state.memberships.take_stage_moves()
        frame = Remembered(
            effects=effects,
            entered=first(np.array(last, np.int64)).tolist() if last else [],
            stages=[(first(of_row[rows]), before, after) for rows, before, after in moves],
        )
        self._frames.append(frame)
        self._size += frame.size
        while self._size > MOST_RECORDS and len(self._frames) > 1:
            self._forget()

    def _forget(self) -> None:
        gone = self._frames.popleft()
        self._size -= gone.size
        self.start_offset = gone.effects.end_offset

    def clear(self, offset: int) -> None:
        """Forget all frames: other definitions are in force, and the numbers of people are others."""
        self._frames.clear()
        self._size, self.start_offset = 0, offset

    def since(self, offset: int) -> list[Remembered]:
        """The frames that begin at or after an offset, oldest first."""
        found: list[Remembered] = []
        for frame in reversed(self._frames):
            if frame.effects.first_offset < offset:
                break
            found.append(frame)
        return found[::-1]

    # -- how long it took
    def folded(self, sections: Sequence[Section], now_ms: int) -> None:
        """Note how long the events of a frame waited from receipt to fold."""
        for section in sections:
            if isinstance(section, EventRows):
                oldest_ms = int.from_bytes(section.received[:8], "little", signed=True)
                self._lags.append((now_ms - oldest_ms, len(section.raw)))
                self.lags.add((now_ms - oldest_ms) / 1_000, len(section.raw))

    def decided(self, ids: Sequence[str], took_ms: float) -> None:
        """Note how long decisions took, from the request to the durable answer."""
        for each in ids:
            self._decided_ms[each] = took_ms
            self.decides.add(took_ms / 1_000)
        while len(self._decided_ms) > MOST_TIMINGS:
            self._decided_ms.popitem(last=False)

    def lag_ms(self) -> tuple[float, ...] | None:
        """p50, p95 and p99 of receipt to fold over the last frames, by event; None when nothing came."""
        lags = list(self._lags)
        return _percentiles([lag for lag, _ in lags], [count for _, count in lags])

    def decide_ms(self) -> tuple[float, ...] | None:
        """p50, p95 and p99 of the last decisions; None when none was asked for."""
        took = list(self._decided_ms.values())
        return _percentiles(took, [1] * len(took))

    def took_ms(self, decision: str) -> float | None:
        """How long one decision took; None for a journey's, or one long ago."""
        return self._decided_ms.get(decision)


def regrouped(frame: Remembered) -> Sequence[Regrouped]:
    """Whose identifiers a frame joined or split, without identifiers that nobody had seen before."""
    return [each for each in frame.effects.regrouped if each.split or any(node < each.placed for node in each.nodes)]


def _percentiles(values: Sequence[float], weights: Sequence[int]) -> tuple[float, ...] | None:
    if not values:
        return None
    order = np.argsort(np.asarray(values, np.float64), kind="stable")
    sorted_values, running = np.asarray(values, np.float64)[order], np.cumsum(np.asarray(weights, np.int64)[order])
    places = np.searchsorted(running, [q * int(running[-1]) for q in (0.5, 0.95, 0.99)])
    return tuple(round(float(value), 3) for value in sorted_values[np.minimum(places, len(values) - 1)])
