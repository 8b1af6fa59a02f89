"""Who is in which audience: all conditions compiled once, membership as a matrix by row, changes as transitions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.audiences.compiling import compiled
from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.audiences.since import Since
from gyeol.context.moment import PREFIX
from gyeol.expressions.arrays import Selection
from gyeol.expressions.column import Column
from gyeol.expressions.condition import Condition, ConditionSet
from gyeol.expressions.explain import Explained
from gyeol.expressions.scalars import never_stale
from gyeol.expressions.schema import Schema
from gyeol.expressions.sentence import lines_for

Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Columns = Callable[[str], Column]
Reason = Literal["condition", "unknown"]

OUT, MEMBER, SUSPENDED = 0, 1, 2
"""What the matrix holds. Suspended: a member until a fact aged; neither leaving nor coming back fires anything."""

_LEAST_ROWS = 1024
_MOST_MOVES = 64
_MOST_LOOKS = 4096


class Transition(msgspec.Struct, frozen=True):
    """Somebody entered or left.

    Args:
        audience: Index into ``Memberships.names``.
        row: Whose.
        entered: Came, or went.
        reason: ``condition``: the condition became true, or stopped being so. ``unknown``: a fact has aged and the condition can
            no longer be told, or such a fact was renewed and nothing has changed.
    """

    audience: int
    row: int
    entered: bool
    reason: Reason

    @property
    def fires(self) -> bool:
        """Whether it may begin or end anything: not when it is owed only to the age of a fact."""
        return self.reason == "condition"


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person is in an audience, and why.

    Args:
        member: None: it cannot be known.
        sentence: Whom the audience means, in ``ko`` and ``en``.
        explained: Every test with what was found.
        lines: The tests as short lines, in ``ko`` and ``en``.
    """

    member: bool | None
    sentence: dict[str, str]
    explained: Explained
    lines: dict[str, list[str]]


class _Look(msgspec.Struct, frozen=True):
    """Conditions that are evaluated together: some audiences, by index, and all stages or none."""

    audiences: Int64
    ladder: bool
    selection: Selection


def _restless(condition: Condition) -> bool:
    """Whether a condition reads the Moment, which changes without any event."""
    return any(name.startswith(PREFIX) for name in condition.names)


class Memberships:
    """Membership of all rows in all audiences, and everybody's journey stage. A function of the evaluations, in their order.

    Args:
        audiences: In the order of the files.
        stages: The ladder; the first whose condition is true is a person's stage.
        schema: Names that conditions may read.

    Raises:
        InputError: Every condition that is wrong.
    """

    def __init__(self, audiences: Sequence[AudienceDefinition], stages: Sequence[StageDefinition], schema: Schema) -> None:
        self.schema = schema
        self.names = [a.name for a in audiences]
        self.stages = [s.name for s in stages]
        self._index = {name: i for i, name in enumerate(self.names)}
        parsed = compiled(
            [(f"audiences.{a.name}", a.condition) for a in audiences] + [(f"stages.{s.name}", s.condition) for s in stages], schema
        )
        self._conditions, self._ladder = parsed[: len(self.names)], parsed[len(self.names) :]
        self._set = ConditionSet(parsed)
        self._whole = self._chosen(range(len(parsed)))
        self._looks: dict[frozenset[str], _Look] = {}
        self._state: UInt8 = np.zeros((len(self.names), _LEAST_ROWS), np.uint8)
        self._since = [Since() for _ in self.names]
        self._stage: npt.NDArray[np.int8] = np.full(_LEAST_ROWS, -1, np.int8)
        self._stage_moves: deque[tuple[Int64, Int64, Int64]] = deque(maxlen=_MOST_MOVES)

    @property
    def reads(self) -> tuple[str, ...]:
        """The names that any condition reads, sorted: only their columns are asked for."""
        return self._set.names

    def evaluate(self, rows: Int64, columns: Columns, now_ms: int, changed: frozenset[str] | None = None) -> list[Transition]:
        """Look at everybody of some rows; membership is brought up to date.

        Args:
            rows: (n,) serving rows, each once.
            columns: The column of each name over these rows.
            now_ms: When, for ``since_ms``.
            changed: The traits that may have changed since these rows were looked at last: conditions that read none of them (and
                nothing of the Moment) would say what they said then, and are passed over. None: all may have.

        Returns:
            Who entered and left, by audience, then in the order of ``rows``.
        """
        if not len(self._set) or not len(rows):
            return []
        self._fit(int(rows.max()) + 1)
        look = self._whole if changed is None else self._look(changed)
        true, known = self._set.evaluate(columns, len(rows), look.selection)
        n = len(look.audiences)
        if look.ladder:
            ladder = true[n:]
            self._climb(rows, np.where(ladder.any(0), ladder.argmax(0), -1).astype(np.int8))
        before = self._of(rows, look)
        self._settle(rows, look, true[:n], known[:n], before)
        # One dimension, and no products: ``nonzero`` of a matrix costs ten times as much.
        differs = np.flatnonzero((true[:n] == 1) != (before == MEMBER))
        if not len(differs):
            return []
        at, where = np.divmod(differs, len(rows))
        aged = self._aged(look, at, where, true, known, columns)
        entered, was = true[at, where] == 1, before[at, where]
        which = look.audiences[at]
        self._state[which, rows[where]] = np.where(entered, MEMBER, np.where(aged, SUSPENDED, OUT))
        quiet = np.where(entered, was == SUSPENDED, aged)
        self._note(which, rows[where], entered & ~quiet, now_ms)
        return [
            Transition(audience, row, came, "unknown" if silent else "condition")
            for audience, row, came, silent in zip(which.tolist(), rows[where].tolist(), entered.tolist(), quiet.tolist(), strict=True)
        ]

    def _climb(self, rows: Int64, stages: npt.NDArray[np.int8]) -> None:
        before = self._stage[rows]
        moved = np.flatnonzero(stages != before)
        if len(moved):
            self._stage_moves.append((rows[moved], before[moved].astype(np.int64), stages[moved].astype(np.int64)))
            self._stage[rows] = stages

    def take_stage_moves(self) -> list[tuple[Int64, Int64, Int64]]:
        """(rows, stage before, stage after) of the last evaluations since this was asked before, at most ``_MOST_MOVES`` of them."""
        moves = list(self._stage_moves)
        self._stage_moves.clear()
        return moves

    def _look(self, changed: frozenset[str]) -> _Look:
        """What must be looked at when these traits may have changed. Kept, for the same sets of event names come together again."""
        found = self._looks.get(changed)
        if found is None:
            if len(self._looks) >= _MOST_LOOKS:
                self._looks.clear()
            dirty = [i for i, c in enumerate(self._set.conditions) if not changed.isdisjoint(c.names) or _restless(c)]
            found = self._looks[changed] = self._chosen(dirty)
        return found

    def _chosen(self, conditions: Iterable[int]) -> _Look:
        """Some conditions to be looked at; the stages all or none, for the first that is true counts."""
        n, wanted = len(self.names), list(conditions)
        audiences = [i for i in wanted if i < n]
        stages = list(range(n, len(self._set))) if len(wanted) > len(audiences) else []
        return _Look(np.array(audiences, np.int64), bool(stages), self._set.of(audiences + stages))

    def _of(self, rows: Int64, look: _Look) -> UInt8:
        """(audiences, rows) the state of rows; in a sweep they follow each other, and a slice is copied many times faster."""
        if len(look.audiences) < len(self.names):
            return self._state[look.audiences[:, None], rows]
        first, last = int(rows[0]), int(rows[-1])
        if last - first + 1 == len(rows) and bool((np.diff(rows) == 1).all()):
            return self._state[:, first : last + 1].copy()
        return self._state.take(rows, axis=1)

    def _aged(self, look: _Look, at: Int64, where: Int64, true: UInt8, known: UInt8, columns: Columns) -> Mask:
        """Which of the changes are exits that only the age of a fact explains: the truth is unknown and a name that is read is stale."""
        aged = np.zeros(len(at), np.bool_)
        doubtful = np.flatnonzero((true[at, where] == 0) & (known[at, where] == 0))
        for place in np.unique(at[doubtful]).tolist():
            mine = doubtful[at[doubtful] == place]
            for name in self._conditions[int(look.audiences[place])].names:
                stale = columns(name).stale
                if stale is not None:
                    aged[mine] |= stale[where[mine]]
        return aged

    def _settle(self, rows: Int64, look: _Look, true: UInt8, known: UInt8, before: UInt8) -> None:
        """Those suspended of whom it is now known that they are out are out; they have been reported as gone already."""
        if before.max(initial=OUT) != SUSPENDED:
            return  # as nearly always
        at, where = np.nonzero((before == SUSPENDED) & (true == 0) & (known == 1))
        self._state[look.audiences[at], rows[where]] = OUT

    def _note(self, which: Int64, rows: Int64, entered: Mask, now_ms: int) -> None:
        for audience in np.unique(which[entered]).tolist():
            self._since[audience].put(rows[entered & (which == audience)], now_ms, self._state[audience] != OUT)

    def adopt(self, other: Memberships) -> None:
        """Take over who is in the audiences that are defined alike; the others begin empty, until people are looked at."""
        rows = len(other._stage)
        self._fit(rows)
        for name, index in self._index.items():
            theirs = other._index.get(name)
            if theirs is not None and self._conditions[index].sql == other._conditions[theirs].sql:
                self._state[index, :rows] = other._state[theirs]
                self._since[index] = other._since[theirs]

    def carry(self, from_rows: Int64 | Sequence[int], to_row: int) -> None:
        """A row takes over the membership of others: whoever was in stays in, since the earliest of them; and the stage furthest up.

        So a merge or a cut enters and leaves nothing by itself; the next evaluation tells what the condition says of the new row.
        """
        rows = np.asarray(from_rows, np.int64)
        self._fit(max(int(rows.max(initial=-1)), to_row) + 1)
        states = self._state[:, rows]
        joined = np.where((states == MEMBER).any(1), MEMBER, states.max(1, initial=OUT)).astype(np.uint8)
        since = [self._earliest(audience, rows, states[audience]) if state else None for audience, state in enumerate(joined.tolist())]
        self._state[:, to_row] = joined
        stages = self._stage[rows]
        self._stage[to_row] = stages[stages >= 0].min(initial=127) if (stages >= 0).any() else -1
        for audience, at_ms in enumerate(since):
            if at_ms is not None:
                self._since[audience].put(np.array([to_row], np.int64), at_ms, self._state[audience] != OUT)

    def _earliest(self, audience: int, rows: Int64, states: UInt8) -> int | None:
        counted = rows[states == (MEMBER if (states == MEMBER).any() else SUSPENDED)]
        found = [self._since[audience].get(row) for row in counted.tolist()]
        return min((at_ms for at_ms in found if at_ms is not None), default=None)

    def drop(self, row: int) -> None:
        """Forget a row."""
        if row < len(self._stage):
            self._state[:, row] = OUT
            self._stage[row] = -1

    def members(self, name: str, rows: Int64) -> Mask:
        """Which of some rows are in an audience."""
        self._fit(int(rows.max(initial=-1)) + 1)
        return np.asarray(self._state[self._index[name], rows] == MEMBER)

    def size(self, name: str, rows: Int64) -> int:
        """How many of some rows are in an audience."""
        return int(np.count_nonzero(self.members(name, rows)))

    def sizes(self, rows: Int64) -> dict[str, int]:
        """How many of some rows are in each audience."""
        return {name: self.size(name, rows) for name in self.names}

    def of_row(self, row: int) -> list[str]:
        """The audiences that a row is in, in the order of the files."""
        self._fit(row + 1)
        return [name for name, state in zip(self.names, self._state[:, row].tolist(), strict=True) if state == MEMBER]

    def since_ms(self, name: str, row: int) -> int | None:
        """Since when somebody is in an audience; None for those who are not."""
        index = self._index[name]
        self._fit(row + 1)
        return self._since[index].get(row) if self._state[index, row] == MEMBER else None

    def stage(self, row: int) -> str | None:
        """The journey stage of a row."""
        self._fit(row + 1)
        code = int(self._stage[row])
        return self.stages[code] if code >= 0 else None

    def stage_codes(self, rows: Int64) -> npt.NDArray[np.int8]:
        """The stages of rows as indices into ``stages``, -1 for none."""
        self._fit(int(rows.max(initial=-1)) + 1)
        return self._stage[rows]

    def condition(self, name: str) -> Condition:
        """The condition of an audience."""
        return self._conditions[self._index[name]]

    def stage_condition(self, name: str) -> Condition:
        """The condition of a stage."""
        return self._ladder[self.stages.index(name)]

    def why(self, name: str, values: Callable[[str], object], stale: Callable[[str], bool] = never_stale) -> Why:
        """Why somebody is in an audience or not.

        Args:
            name: Of the audience.
            values: The person's value of each name, None for NULL.
            stale: Whether a name is unknown because its fact has aged.
        """
        return self._told(self.condition(name), values, stale)

    def why_stage(self, name: str, values: Callable[[str], object], stale: Callable[[str], bool] = never_stale) -> Why:
        """Why the condition of a stage holds for somebody or not; arguments as in ``why``."""
        return self._told(self.stage_condition(name), values, stale)

    def _told(self, condition: Condition, values: Callable[[str], object], stale: Callable[[str], bool]) -> Why:
        explained = condition.explain(values, stale)
        return Why(
            member=condition.holds(values, stale),
            sentence={"ko": condition.sentence("ko", self.schema), "en": condition.sentence("en", self.schema)},
            explained=explained,
            lines={"ko": lines_for(explained, "ko", self.schema), "en": lines_for(explained, "en", self.schema)},
        )

    def dump(self) -> dict[str, npt.NDArray[np.generic]]:
        """The state, for a snapshot: the same for the same memberships, whatever room was taken for rows."""
        used = np.flatnonzero(self._state.any(0) | (self._stage >= 0))
        rows = int(used[-1]) + 1 if len(used) else 0
        since = [since.dump(state != OUT) for since, state in zip(self._since, self._state, strict=True)]
        empty = np.empty(0, np.int64)
        return {
            "state": self._state[:, :rows].copy(),
            "stage": self._stage[:rows].copy(),
            "since.count": np.array([len(kept) for kept, _ in since], np.int64),
            "since.row": np.concatenate([empty, *(kept for kept, _ in since)]),
            "since.ms": np.concatenate([empty, *(at_ms for _, at_ms in since)]),
        }

    def load(self, arrays: Mapping[str, object]) -> None:
        """Take back what ``dump`` gave, of equal definitions."""
        self._stage = np.array(arrays["stage"], np.int8)
        self._state = np.array(arrays["state"], np.uint8).reshape(len(self.names), len(self._stage))
        ends = np.cumsum(np.asarray(arrays["since.count"], np.int64)).tolist()
        rows, at_ms = np.asarray(arrays["since.row"], np.int64), np.asarray(arrays["since.ms"], np.int64)
        for since, start, end in zip(self._since, [0, *ends], ends, strict=False):
            since.load(rows[start:end], at_ms[start:end])
        self._fit(_LEAST_ROWS)

    def _fit(self, rows: int) -> None:
        have = len(self._stage)
        if rows <= have:
            return
        room = max(rows, have * 5 // 4)
        state = np.zeros((len(self.names), room), np.uint8)
        state[:, :have] = self._state
        stage = np.full(room, -1, np.int8)
        stage[:have] = self._stage
        self._state, self._stage = state, stage
