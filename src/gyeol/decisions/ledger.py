"""What was decided for whom lately: caps count it, and holdout assignments stick to it. Derived from decision records."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gyeol.decisions.model import Decision
from gyeol.expressions.column import Vocabulary
from gyeol.expressions.durations import Duration
from gyeol.kernel.instants import Zone

KEEP = 64
"""Decisions remembered for each (node, placement, offer): a cap up to this counts exactly."""


def window_start_ms(window: Duration, now_ms: int, zone: Zone) -> int:
    """The first instant that belongs to a cap's window: ``7d`` is today and the six dates before; ``24h`` rolls to the millisecond."""
    if window.calendar_days is not None:
        return zone.day_start_ms(zone.day(now_ms) - window.calendar_days + 1)
    return now_ms - window.ms + 1


class DecisionLedger:
    """Recent decisions with an offer (fallbacks do not count), by node.

    Args:
        zone: Zone of calendar windows.
        keep: At least the largest cap of the definitions. Older decisions of the same (node, placement, offer) are forgotten.
    """

    def __init__(self, zone: Zone, keep: int = KEEP) -> None:
        self.zone = zone
        self.keep = max(keep, KEEP)
        self._placements = Vocabulary()
        self._offers = Vocabulary()
        self._recent: dict[int, list[tuple[int, int, int]]] = {}
        self._assigned: dict[str, dict[int, tuple[int, bool]]] = {}
        self.total = 0
        self._starts: dict[Duration, tuple[int, int]] = {}

    def add(self, decision: Decision) -> None:
        """Remember a decision: once for each record, when it is taken or, after a restart, when it is read from the log."""
        self.total += 1
        if decision.holdout_salt:
            first = self._assigned.setdefault(decision.holdout_salt, {})
            entry = (decision.at_ms, decision.holdout)
            first[decision.node] = min(first.get(decision.node, entry), entry)
        if decision.chosen is None or decision.fallback:
            return
        placement, offer = self._placements.code(decision.placement), self._offers.code(decision.chosen)
        recent = self._recent.setdefault(decision.node, [])
        recent.append((decision.at_ms, placement, offer))
        same = [i for i, entry in enumerate(recent) if entry[1:] == (placement, offer)]
        if len(same) > self.keep:
            del recent[same[0]]

    def count(self, nodes: Iterable[int], now_ms: int, window: Duration, *, placement: str | None = None, offer: str | None = None) -> int:
        """How many decisions in the window chose this offer, or had any offer in this placement, over all nodes of a person.

        Exact up to ``keep``; beyond it at least ``keep``.
        """
        wanted_placement = None if placement is None else self._placements.find(placement)
        wanted_offer = None if offer is None else self._offers.find(offer)
        found = [entry for node in nodes for entry in self._recent.get(node, ())]
        if not found:
            return 0
        start_ms = self._start_ms(window, now_ms)
        return sum(
            1
            for at_ms, p, o in found
            if at_ms >= start_ms and (wanted_placement is None or p == wanted_placement) and (wanted_offer is None or o == wanted_offer)
        )

    def _start_ms(self, window: Duration, now_ms: int) -> int:
        # One decision asks the same window about every offer.
        at_ms, start_ms = self._starts.get(window, (None, 0))
        if at_ms != now_ms:
            start_ms = window_start_ms(window, now_ms, self.zone)
            self._starts[window] = (now_ms, start_ms)
        return start_ms

    def assignment(self, nodes: Iterable[int], salt: str) -> bool | None:
        """Whether the person is held out: the assignment that any of the nodes was exposed to first; None when none was."""
        first = self._assigned.get(salt)
        if first is None:
            return None
        exposed = [(first[n][0], n, first[n][1]) for n in nodes if n in first]
        return min(exposed)[2] if exposed else None

    def crossed(self, nodes: Iterable[int], salt: str) -> bool:
        """Whether nodes of one person were assigned differently: such a person is left out of estimates."""
        first = self._assigned.get(salt, {})
        return len({first[n][1] for n in nodes if n in first}) > 1

    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes."""
        recent = [
            (node, [(at_ms, self._placements.words[p], self._offers.words[o]) for at_ms, p, o in entries])
            for node, entries in sorted(self._recent.items())
        ]
        assigned = [(salt, sorted((n, *entry) for n, entry in first.items())) for salt, first in sorted(self._assigned.items())]
        return msgspec.msgpack.encode((self.total, recent, assigned))

    @classmethod
    def load(cls, data: bytes, zone: Zone, keep: int = KEEP) -> DecisionLedger:
        """The ledger that ``dump`` wrote."""
        ledger = cls(zone, keep)
        ledger.total, recent, assigned = msgspec.msgpack.decode(data, type=_Dumped)
        for node, entries in recent:
            ledger._recent[node] = [(at_ms, ledger._placements.code(p), ledger._offers.code(o)) for at_ms, p, o in entries]
        for salt, first in assigned:
            ledger._assigned[salt] = {node: (at_ms, held) for node, at_ms, held in first}
        return ledger


_Dumped = tuple[int, list[tuple[int, list[tuple[int, str, str]]]], list[tuple[str, list[tuple[int, int, bool]]]]]
