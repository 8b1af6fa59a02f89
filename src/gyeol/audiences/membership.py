"""Who is in which audience: all conditions compiled once, membership as a matrix by row, changes as transitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.audiences.compiling import compiled
from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.audiences.since import Since
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
        self._state: UInt8 = np.zeros((len(self.names), _LEAST_ROWS), np.uint8)
        self._since = [Since() for _ in self.names]
        self._stage: npt.NDArray[np.int8] = np.full(_LEAST_ROWS, -1, np.int8)

    @property
    def reads(self) -> tuple[str, ...]:
        """The names that any condition reads, sorted: only their columns are asked for."""
        return self._set.names

    def evaluate(self, rows: Int64, columns: Columns, now_ms: int) -> list[Transition]:
        """Look at everybody of some rows; membership is brought up to date.

        Args:
            rows: (n,) serving rows, each once.
            columns: The column of each name over these rows.
            now_ms: When, for ``since_ms``.

        Returns:
            Who entered and left, by audience, then in the order of ``rows``.
        """
        if not len(self._set) or not len(rows):
            return []
        self._fit(int(rows.max()) + 1)
        true, known = self._set.evaluate(columns, len(rows))
        n = len(self.names)
        if self._ladder:
            ladder = true[n:]
            self._stage[rows] = np.where(ladder.any(0), ladder.argmax(0), -1)
        before = self._of(rows)
        # One dimension, and no products: ``nonzero`` of a matrix costs ten times as much.
        changed = np.flatnonzero((true[:n] == 1) != (before == MEMBER))
        which, where = np.divmod(changed, len(rows))
        aged = self._aged(which, where, true, known, columns)
        self._settle(rows, true[:n], known[:n], before)
        if not len(which):
            return []
        entered, was = true[which, where] == 1, before[which, where]
        self._state[which, rows[where]] = np.where(entered, MEMBER, np.where(aged, SUSPENDED, OUT))
        quiet = np.where(entered, was == SUSPENDED, aged)
        self._note(which, rows[where], entered & ~quiet, now_ms)
        return [
            Transition(audience, row, came, "unknown" if silent else "condition")
            for audience, row, came, silent in zip(which.tolist(), rows[where].tolist(), entered.tolist(), quiet.tolist(), strict=True)
        ]

    def _of(self, rows: Int64) -> UInt8:
        """(audiences, rows) the state of rows; in a sweep they follow each other, and a slice is copied many times faster."""
        first, last = int(rows[0]), int(rows[-1])
        if last - first + 1 == len(rows) and bool((np.diff(rows) == 1).all()):
            return self._state[:, first : last + 1].copy()
        return self._state.take(rows, axis=1)

    def _aged(self, which: Int64, where: Int64, true: UInt8, known: UInt8, columns: Columns) -> Mask:
        """Which of the changes are exits that only the age of a fact explains: the truth is unknown and a name that is read is stale."""
        aged = np.zeros(len(which), np.bool_)
        doubtful = np.flatnonzero((true[which, where] == 0) & (known[which, where] == 0))
        for audience in np.unique(which[doubtful]).tolist():
            mine = doubtful[which[doubtful] == audience]
            for name in self._conditions[audience].names:
                stale = columns(name).stale
                if stale is not None:
                    aged[mine] |= stale[where[mine]]
        return aged

    def _settle(self, rows: Int64, true: UInt8, known: UInt8, before: UInt8) -> None:
        """Those suspended of whom it is now known that they are out are out; they have been reported as gone already."""
        if before.max(initial=OUT) != SUSPENDED:
            return  # as nearly always
        which, where = np.nonzero((before == SUSPENDED) & (true == 0) & (known == 1))
        self._state[which, rows[where]] = OUT

    def _note(self, which: Int64, rows: Int64, entered: Mask, now_ms: int) -> None:
        for audience in np.unique(which[entered]).tolist():
            self._since[audience].put(rows[entered & (which == audience)], now_ms, self._state[audience] != OUT)

    def carry(self, from_rows: Int64 | Sequence[int], to_row: int) -> None:
        """A row takes over the membership of others: whoever was in stays in, since the earliest of them.

        So a merge or a cut enters and leaves nothing by itself; the next evaluation tells what the condition says of the new row.
        """
        rows = np.asarray(from_rows, np.int64)
        self._fit(max(int(rows.max(initial=-1)), to_row) + 1)
        states = self._state[:, rows]
        joined = np.where((states == MEMBER).any(1), MEMBER, states.max(1, initial=OUT)).astype(np.uint8)
        since = [self._earliest(audience, rows, states[audience]) if state else None for audience, state in enumerate(joined.tolist())]
        self._state[:, to_row] = joined
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
