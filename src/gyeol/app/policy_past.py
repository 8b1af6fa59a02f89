"""``gyeol policy replay``: a changed rule set over past traffic: reach, refusals, and who would have seen something else."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gyeol.app.applied import Applied
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder
from gyeol.app.session import Session
from gyeol.decisions.model import Decision
from gyeol.engine.chances import action
from gyeol.engine.definitions import Definitions
from gyeol.engine.recovery import Progress
from gyeol.engine.replaying import Again, Trial, arm_of, begin, taken_again
from gyeol.events.log import Log
from gyeol.kernel.errors import InputError, Problem
from gyeol.privacy.sealing import Seal
from gyeol.storage.log.sqlite import SqliteLog

EXAMPLES = 20
"""So many changes are named in the report; ``--changes`` writes all of them."""


class PastFolder:
    """What of a data folder a replay reads; nothing is written.

    Args:
        folder: The data folder; another process may be using it.
        log: Its log, open for reading.
        seal: Opens its snapshots.
    """

    def __init__(self, folder: DataFolder, log: Log, seal: Seal) -> None:
        self.folder, self.log, self.seal = folder, log, seal
        self.applied = Applied(folder.definitions)

    @property
    def in_force(self) -> Definitions | None:
        """The definitions of the log's last record; None: it is empty."""
        return self.applied.in_force(self.log)


@contextmanager
def past_of(session: Session, data: Path) -> Iterator[PastFolder]:
    """The past of a workspace: of the folder that this process owns, or beside the pair that runs.

    Args:
        session: Of the workspace.
        data: Its data folder.
    """
    if isinstance(session, EmbeddedSession):
        session.settle()
        yield PastFolder(session.parts.folder, session.parts.log, session.parts.seal)
        return
    folder = DataFolder(data, create=False)
    seal = folder.vault()
    log = SqliteLog(folder.log, read_only=True, seal=seal)
    try:
        yield PastFolder(folder, log, seal)
    finally:
        log.close()


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions are taken again. Instants in milliseconds, half-open; None: open on that side, and every placement."""

    since_ms: int | None = None
    until_ms: int | None = None
    placement: str | None = None

    def holds(self, decision: Decision) -> bool:
        """Whether a decision is one of them."""
        if self.placement is not None and decision.placement != self.placement:
            return False
        after = self.since_ms is None or decision.at_ms >= self.since_ms
        return after and (self.until_ms is None or decision.at_ms < self.until_ms)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What one placement showed, and would have shown. ``offer`` is empty where nothing is shown; people are counted once each."""

    placement: str
    offer: str
    decisions: int
    decisions_then: int
    people: int
    people_then: int


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """How often a gate refused a candidate for a reason, and would have."""

    gate: str
    code: str
    refusals: int
    refusals_then: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One decision that would have been another. ``offer`` is empty where nothing is shown; ``why`` is the code of the new choice."""

    person: str
    decision: str
    placement: str
    at_ms: int
    offer: str
    offer_then: str
    why: str
    refused_by: str


class Replay(msgspec.Struct, kw_only=True):
    """What a replay found. ``then`` in a name: under the definitions that are tried.

    Args:
        definitions, definitions_then: Hashes of those in force and of those tried.
        since_ms, until_ms, placement: See ``Span``.
        decisions: Taken again.
        people: Whose they were.
        changed: Of the decisions, those that show something else.
        people_changed: Whose those were.
        reach, refusals: By offer, by gate and reason.
        under: By hash of the definitions that a decision was taken under: (decisions, changed).
        left_out: Decisions that could not be taken again, by reason: ``log_shortened``, ``placement_gone``, ``journey_gone``.
        moments_differ: Decisions whose Moment was another than the one recorded: a fact that changed its meaning, a store that moved.
        unknown: Traits that were not known from the beginning on.
        examples: The first changes.
    """

    definitions: str
    definitions_then: str
    since_ms: int | None
    until_ms: int | None
    placement: str | None
    decisions: int = 0
    people: int = 0
    changed: int = 0
    people_changed: int = 0
    reach: list[Reach] = []
    refusals: list[Refused] = []
    under: dict[str, tuple[int, int]] = {}
    left_out: dict[str, int] = {}
    moments_differ: int = 0
    unknown: list[str] = []
    examples: list[Change] = []


class Taken:
    """What is kept of each decision that was taken again, for whoever values it: some bytes each.

    Attributes:
        offsets: (m,) of their records, ascending.
        then: (m,) codes of what was done.
        ends: (m,) where the chances of each end.
        codes, chances: What it could have been, and how probably, one decision after another.
        names: What the codes mean; an empty name: nothing is shown.
        open: Decisions whose chances are not known because a channel or an hour was open.
    """

    def __init__(self) -> None:
        self.offsets, self.then, self.ends, self.codes = array("q"), array("i"), array("q"), array("i")
        self.chances = array("d")
        self.names: dict[str, int] = {}
        self.open = 0

    def add(self, again: Again) -> None:
        """One decision."""
        if not again.chances:
            self.open += 1
            return
        self.offsets.append(again.offset)
        self.then.append(self._code(action(again.then)))
        for name, chance in again.chances.items():
            self.codes.append(self._code(name))
            self.chances.append(chance)
        self.ends.append(len(self.codes))

    def _code(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))


def replay(
    past: PastFolder,
    definitions: Definitions,
    span: Span,
    *,
    policy: str | None = None,
    taken: Taken | None = None,
    before_log: Callable[[int], int] = lambda offset: 0,
    write: Callable[[Change], None] = lambda change: None,
    progress: Progress | None = None,
) -> Replay:
    """Take past decisions again under other definitions.

    Args:
        past: Of the workspace.
        definitions: Those that are tried.
        span: Which decisions.
        policy: A policy of theirs that is to decide, on what really happened; None: as the definitions say, and caps go on from that.
        taken: Filled with what could have been chosen; None: nobody values it.
        before_log: How many of them stand before an offset: what the log no longer reaches.
        write: Given every change.
        progress: Told how far it is.

    Raises:
        InputError: The definitions do not fit together; or nothing was ever recorded (``nothing_recorded``).
        StateError: The log no longer reaches back far enough (``log_shortened``).
    """
    in_force = past.in_force
    if in_force is None:
        problem = Problem(path="log", code="nothing_recorded", what="the log is empty", mend="there is no past traffic to try rules on yet")
        raise InputError("nothing_recorded", [problem])
    history = past.applied.history(past.log)
    if definitions.identity != in_force.identity:
        history = [*(history or [in_force]), definitions]
    beginning = begin(
        past.log,
        definitions,
        bytes.fromhex(past.folder.secrets().identity_key),
        history=history,
        snapshots=past.folder.snapshots,
        defined=past.applied.get,
        seal=past.seal,
    )
    found = _nothing_yet(in_force.hash, definitions.hash, span, beginning.unknown)
    lost = before_log(beginning.offset) if beginning.offset else 0
    tally = _Tally(found, write)
    if lost:
        tally.left_out["log_shortened"] = lost
    trial = Trial(wanted=span.holds, goes_on=policy is None, policy=policy, weigh=taken is not None)
    for again in taken_again(past.log, beginning, trial, progress=progress):
        tally.take(again)
        if taken is not None and again.now is not None:
            taken.add(again)
    tally.close()
    return found


def _nothing_yet(now: str, then: str, span: Span, unknown: list[str]) -> Replay:
    return Replay(
        definitions=now, definitions_then=then, since_ms=span.since_ms, until_ms=span.until_ms, placement=span.placement, unknown=unknown
    )


class _Tally:
    """Counts as decisions go by: nothing is kept of each but its offset and its offer."""

    def __init__(self, found: Replay, write: Callable[[Change], None]) -> None:
        self._found, self._write = found, write
        self._decisions: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
        self._people: tuple[dict[tuple[str, str], set[int]], dict[tuple[str, str], set[int]]] = ({}, {})
        self._refusals: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
        self._under: dict[str, tuple[int, int]] = {}
        self._everybody: set[int] = set()
        self._changed: set[int] = set()
        self.left_out: Counter[str] = Counter()
        self._count = 0

    def take(self, again: Again) -> None:
        """One decision."""
        then, now = again.then, again.now
        if now is None:
            self.left_out[again.gone] += 1
            return
        self._count += 1
        self._everybody.add(again.person)
        for side, decision in enumerate((then, now)):
            key = (decision.placement, action(decision))
            self._decisions[side][key] += 1
            self._people[side].setdefault(key, set()).add(again.person)
            self._refusals[side].update((refusal.gate, refusal.reason.code) for refusal in decision.refusals)
        changed = arm_of(then) != arm_of(now)
        held, others = self._under.get(then.definitions, (0, 0))
        self._under[then.definitions] = (held + 1, others + changed)
        self._found.moments_differ += then.moment != now.moment
        if changed:
            self._changed.add(again.person)
            self._note(then, now)

    def _note(self, then: Decision, now: Decision) -> None:
        refused = next((refusal.reason.code for refusal in now.refusals if refusal.offer == then.chosen), "")
        change = Change(
            person=then.person,
            decision=then.id,
            placement=then.placement,
            at_ms=then.at_ms,
            offer=action(then),
            offer_then=action(now),
            why=now.reasons[0].code if now.reasons else "",
            refused_by=refused,
        )
        self._found.changed += 1
        self._write(change)
        if len(self._found.examples) < EXAMPLES:
            self._found.examples.append(change)

    def close(self) -> None:
        """Fill in the report."""
        found = self._found
        found.decisions, found.people, found.people_changed = self._count, len(self._everybody), len(self._changed)
        found.under, found.left_out = dict(self._under), dict(sorted(self.left_out.items()))
        before, after = self._decisions
        people, people_then = self._people
        found.reach = [
            Reach(
                placement=key[0],
                offer=key[1],
                decisions=before[key],
                decisions_then=after[key],
                people=len(people.get(key, ())),
                people_then=len(people_then.get(key, ())),
            )
            for key in sorted({**before, **after}, key=lambda key: (key[0], -max(before[key], after[key]), key[1]))
        ]
        refused, refused_then = self._refusals
        found.refusals = [
            Refused(gate=gate, code=code, refusals=refused[gate, code], refusals_then=refused_then[gate, code])
            for gate, code in sorted({**refused, **refused_then})
        ]
