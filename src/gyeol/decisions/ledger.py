"""What was decided for whom lately: caps count it, and holdout assignments stick to it. Derived from the records of the log.

A decision of a placement that tells its impressions is *held* until it is shown: it counts, and its money is taken, as if it had been.
When nobody has seen it by ``hold_until_ms`` it counts nowhere, and its money is back. An impression up to ``LATE_MS`` later still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gyeol.decisions.limits import MOST_COUNTED
from gyeol.decisions.model import Decision
from gyeol.decisions.spending import Accounts, Spending
from gyeol.expressions.column import Vocabulary
from gyeol.expressions.durations import Duration
from gyeol.kernel.instants import HOUR_MS, Zone

KEEP = MOST_COUNTED
"""Decisions remembered for each (node, placement, offer): a cap up to this counts exactly."""
DECISION_PATH = "properties.decision"
"""Where an impression says of which decision it is."""
LATE_MS = HOUR_MS
"""So long after a hold has lapsed an impression still counts: an app tells them when it is online again. Our own choice."""

_Entry = tuple[int, int, int, int, int]
"""at_ms, placement, offer, the instant from which it no longer counts (0: it does for good), channel (-1: the placement's)."""


class Picks(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions a cap counts.

    Args:
        offers: Of these offers.
        placements: In these placements.
        channels: Where a placement leaves channels open, by one of these; None: by any.
    """

    offers: frozenset[str]
    placements: frozenset[str]
    channels: frozenset[str] | None = None


class _Hold(msgspec.Struct, array_like=True, frozen=True):
    """A decision that waits for its impression."""

    node: int
    at_ms: int
    placement: str
    offer: str
    until_ms: int
    channel: str
    charges: dict[str, int]


_Holds = dict[int, dict[str, _Hold]]
"""By length of the hold and id of the decision: those of one length lapse in the order in which they were taken."""


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

    Attributes:
        spending: What all decisions have taken of budgets.
    """

    def __init__(self, zone: Zone, keep: int = KEEP) -> None:
        self.zone = zone
        self.keep = max(keep, KEEP)
        self.spending = Spending(zone)
        self._placements = Vocabulary()
        self._offers = Vocabulary()
        self._channels = Vocabulary()
        self._recent: dict[int, list[_Entry]] = {}
        self._assigned: dict[str, dict[int, tuple[int, bool]]] = {}
        self._answered: dict[int, int] = {}
        self._open: _Holds = {}
        self._late: _Holds = {}
        self.total = 0
        self._starts: dict[Duration, tuple[int, int]] = {}

    def add(self, decision: Decision, *, charged: bool = True) -> None:
        """Remember a decision: once for each record, when it is taken or, after a restart, when it is read from the log.

        Args:
            decision: As recorded.
            charged: Whether what it takes of budgets is taken: not for a message that could not be made.
        """
        self.total += 1
        if decision.holdout_salt:
            first = self._assigned.setdefault(decision.holdout_salt, {})
            entry = (decision.at_ms, decision.holdout)
            first[decision.node] = min(first.get(decision.node, entry), entry)
        if decision.chosen is None or decision.fallback:
            return
        if decision.charges and charged:
            self.spending.take(decision.charges, decision.at_ms)
        channel = decision.channel or ""
        self._remember(decision.node, self._entry(decision.at_ms, decision.placement, decision.chosen, decision.hold_until_ms, channel))
        if decision.hold_until_ms:
            charges = decision.charges if charged else {}
            hold = _Hold(decision.node, decision.at_ms, decision.placement, decision.chosen, decision.hold_until_ms, channel, charges)
            self._open.setdefault(hold.until_ms - hold.at_ms, {})[decision.id] = hold

    def _entry(self, at_ms: int, placement: str, offer: str, lapses_ms: int, channel: str) -> _Entry:
        return (
            at_ms,
            self._placements.code(placement),
            self._offers.code(offer),
            lapses_ms,
            self._channels.code(channel) if channel else -1,
        )

    def _remember(self, node: int, entry: _Entry) -> None:
        recent = self._recent.setdefault(node, [])
        recent.append(entry)
        same = [i for i, each in enumerate(recent) if each[1:3] == entry[1:3]]
        if len(same) > self.keep:
            # What was never seen goes before what counts.
            lapsed = (i for i in same if 0 < recent[i][3] <= entry[0])
            del recent[next(lapsed, same[0])]

    # -- impressions
    @property
    def holds(self) -> bool:
        """Whether any decision waits for its impression, or may still be told of one."""
        return bool(self._open or self._late)

    def shown(self, decision_id: str) -> None:
        """An impression: the decision counts for good."""
        for holds, lapsed in ((self._open, False), (self._late, True)):
            for length, by_id in holds.items():
                hold = by_id.pop(decision_id, None)
                if hold is None:
                    continue
                if not by_id:
                    del holds[length]
                if lapsed:
                    self.spending.take(hold.charges, hold.at_ms)
                self._settle(hold, keep=True)
                return

    def lapsed(self, decision_id: str) -> bool:
        """Whether a decision was not shown in time: it counts nowhere."""
        return any(decision_id in by_id for by_id in self._late.values())

    def answered(self, node: int, at_ms: int) -> None:
        """A click, or an offer taken: what was shown before makes nobody tired any more."""
        self._answered[node] = max(self._answered.get(node, 0), at_ms)

    def lapse(self, now_ms: int) -> None:
        """Time passes: give back what was not shown in time, and forget what is too late to be told of."""
        for length, due in _due(self._open, now_ms):
            for decision_id, hold in due:
                self.spending.give_back(hold.charges, hold.at_ms)
                self._late.setdefault(length, {})[decision_id] = hold
        for _, due in _due(self._late, now_ms - LATE_MS):
            for _, hold in due:
                self._settle(hold, keep=False)

    def _settle(self, hold: _Hold, *, keep: bool) -> None:
        """The entry of a hold counts for good, or goes."""
        recent = self._recent.get(hold.node, [])
        entry = self._entry(hold.at_ms, hold.placement, hold.offer, hold.until_ms, hold.channel)
        if entry in recent:
            at = recent.index(entry)
            recent[at : at + 1] = [(*entry[:3], 0, entry[4])] if keep else []
            if not recent:
                del self._recent[hold.node]

    # -- counting
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
            for at_ms, p, o, lapses_ms, _ in found
            if at_ms >= start_ms
            and (not lapses_ms or now_ms < lapses_ms)
            and (wanted_placement is None or p == wanted_placement)
            and (wanted_offer is None or o == wanted_offer)
        )

    def counted(self, nodes: Iterable[int], now_ms: int, window: Duration, picks: Picks) -> int:
        """How many decisions in the window a cap counts, over all nodes of a person; as exact as ``count``."""
        start_ms = self._start_ms(window, now_ms)
        return sum(at_ms >= start_ms for at_ms in self._picked(nodes, now_ms, picks))

    def _picked(self, nodes: Iterable[int], now_ms: int, picks: Picks) -> Iterator[int]:
        placements, offers, channels = self._placements.words, self._offers.words, self._channels.words
        for node in nodes:
            for at_ms, p, o, lapses_ms, c in self._recent.get(node, ()):
                if (lapses_ms and now_ms >= lapses_ms) or offers[o] not in picks.offers:
                    continue
                if placements[p] in picks.placements if c < 0 or picks.channels is None else channels[c] in picks.channels:
                    yield at_ms

    def weariness(self, nodes: Iterable[int], now_ms: int, half_life_ms: int, picks: Picks) -> tuple[float, int, int]:
        """How tired a person is: Σ 2^(−age / half-life) over what was shown since the last answer.

        Returns:
            The sum, how many were shown since, and when the last answer was (0: never).
        """
        own = list(nodes)
        answered_ms = max((self._answered.get(node, 0) for node in own), default=0)
        ages_ms = [now_ms - at_ms for at_ms in self._picked(own, now_ms, picks) if at_ms > answered_ms]
        return sum((2.0 ** (-age_ms / half_life_ms) for age_ms in sorted(ages_ms)), 0.0), len(ages_ms), answered_ms

    def _start_ms(self, window: Duration, now_ms: int) -> int:
        # One decision asks the same window about every offer.
        at_ms, start_ms = self._starts.get(window, (None, 0))
        if at_ms != now_ms:
            start_ms = window_start_ms(window, now_ms, self.zone)
            self._starts[window] = (now_ms, start_ms)
        return start_ms

    # -- assignments
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

    # -- snapshots
    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes."""
        placements, offers, channels = self._placements.words, self._offers.words, self._channels.words
        recent = [
            (node, [(at_ms, placements[p], offers[o], lapses_ms, channels[c] if c >= 0 else "") for at_ms, p, o, lapses_ms, c in entries])
            for node, entries in sorted(self._recent.items())
        ]
        assigned = [(salt, sorted((n, *entry) for n, entry in first.items())) for salt, first in sorted(self._assigned.items())]
        return msgspec.msgpack.encode((self.total, recent, assigned, sorted(self._answered.items()), *self._held()))

    def _held(self) -> tuple[object, object, Accounts]:
        held = [[(length, list(holds[length].items())) for length in sorted(holds)] for holds in (self._open, self._late)]
        return held[0], held[1], self.spending.dump()

    def taken(self) -> bytes:
        """What is held and what was spent alone: equal for equal logs, whatever release wrote the snapshots between."""
        return msgspec.msgpack.encode(self._held())

    @classmethod
    def load(cls, data: bytes, zone: Zone, keep: int = KEEP) -> DecisionLedger:
        """The ledger that ``dump`` wrote, now or in a release before there were holds."""
        ledger = cls(zone, keep)
        found = msgspec.msgpack.decode(data, type=_Dumped)
        ledger.total = found.total
        for node, entries in found.recent:
            ledger._recent[node] = [ledger._entry(e.at_ms, e.placement, e.offer, e.lapses_ms, e.channel) for e in entries]
        for salt, first in found.assigned:
            ledger._assigned[salt] = {node: (at_ms, held) for node, at_ms, held in first}
        ledger._answered = dict(found.answered)
        ledger._open, ledger._late = ({length: dict(holds) for length, holds in each} for each in (found.open, found.late))
        ledger.spending.load(found.spending)
        return ledger


def _due(holds: _Holds, now_ms: int) -> list[tuple[int, list[tuple[str, _Hold]]]]:
    """Take out the holds that end at or before an instant, by their length."""
    found = []
    for length in sorted(holds):
        by_id, due = holds[length], []
        for decision_id, hold in by_id.items():
            if hold.until_ms > now_ms:
                break
            due.append((decision_id, hold))
        for decision_id, _ in due:
            del by_id[decision_id]
        if not by_id:
            del holds[length]
        found.append((length, due))
    return found


class _DumpedEntry(msgspec.Struct, array_like=True):
    at_ms: int
    placement: str
    offer: str
    lapses_ms: int = 0
    channel: str = ""


class _Dumped(msgspec.Struct, array_like=True):
    total: int
    recent: list[tuple[int, list[_DumpedEntry]]]
    assigned: list[tuple[str, list[tuple[int, int, bool]]]]
    answered: list[tuple[int, int]] = []
    open: list[tuple[int, list[tuple[str, _Hold]]]] = []
    late: list[tuple[int, list[tuple[str, _Hold]]]] = []
    spending: Accounts = []
