"""Does the stream hold what SQL finds? All people, all traits, all audiences, at one offset."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np

from gyeol.app.verifying import moves_by_itself
from gyeol.context.moment import PREFIX
from gyeol.engine.fold import evaluate
from gyeol.engine.state import EngineState
from gyeol.expressions.condition import Condition
from gyeol.kernel.instants import Int64
from gyeol.profiles.batch.events import Past, before
from gyeol.profiles.batch.traits import Batch, trait_table, unreadable
from gyeol.profiles.rules import Trait

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

TOLERANCE = 1e-9
"""Relative, for decayed sums and means. Source: DESIGN.md, section 6."""
_STAGE = "stage"
_STALE = "stale "


class Run(Protocol):
    """Runs an expression over the lake's tables and those that are brought; ``storage.lake.reader.LakeReader.run`` is one."""

    def __call__(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows in the expression's own schema."""
        ...


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one person that is not the same. ``name``: of the trait or audience; ``person``, for somebody only one side knows."""

    person: str
    name: str
    stream: object
    sql: object


class Consistency(msgspec.Struct, kw_only=True):
    """What the comparison found.

    Args:
        offset: Everything before it was compared.
        now_ms: The instant as of which values are presented.
        people: How many people the stream knows.
        traits, audiences: Compared, by name.
        left_out: What could not be compared, and why: ``not_in_lake: <path>`` (personal data stays out), ``not_ready`` (backfill).
        waiting: Memberships that time has changed since they were last looked at (decayed values, the hour of day); no differences.
        differences: How many values differ, by trait or audience.
        examples: The first of them.
    """

    offset: int
    now_ms: int
    people: int
    traits: list[str]
    audiences: list[str] = []
    left_out: dict[str, str] = {}
    waiting: int = 0
    differences: dict[str, int] = {}
    examples: list[Difference] = []

    @property
    def good(self) -> bool:
        """Nothing differs."""
        return not self.differences


def consistency(
    state: EngineState,
    run: Run,
    hidden: Callable[[str, str], bool],
    *,
    tail: dict[str, pa.Table] | None = None,
    lake_offset: int | None = None,
    most: int = 20,
) -> Consistency:
    """Compare a state with the lake.

    Args:
        state: The stream's, at ``state.offset``; people's audiences may be looked at again, nothing else changes.
        run: Runs SQL over the lake.
        hidden: Whether the lake leaves out (event name, path).
        tail: Rows of frames that the lake does not hold yet: ``tail_events``, ``tail_moves``, ``tail_facts``.
        lake_offset: Where the tail begins: the lake may go on meanwhile.
        most: So many examples of each name are kept.
    """
    joins = state.joins.sql()
    missing = unreadable(state.traits.traits, state.joins.hides(hidden), lambda name: sorted(state.joins.paths_in_lake([name])))
    left_out = {name: f"not_in_lake: {path}" for name, path in missing.items()}
    left_out |= dict.fromkeys(state.traits.unready, "not_ready")
    traits = [trait for trait in state.traits.traits if trait.name not in left_out]
    past, seen = Past.of_lake(tail_from=lake_offset, facts=joins is not None), before(state.offset)
    batch = Batch(past=past, seen=seen, now_ms=state.now_ms, zone=state.zone, reading=state.reading, facts=joins)
    tables = tail if joins is None else {**(tail or {}), **joins.tables(run, past, tail)}
    found = run(trait_table(traits, batch), tables)
    rows = state.people.all_rows()
    ids = [state.graph.person_id(person) for person in state.people.person_of_row[rows].tolist()]
    report = Consistency(
        offset=state.offset, now_ms=state.now_ms, people=len(ids), traits=[trait.name for trait in traits], left_out=left_out
    )
    tally = _Tally(report, most)
    places = {person: place for place, person in enumerate(found.column("person").to_pylist())}
    both = [(index, places[person]) for index, person in enumerate(ids) if person in places]
    for person in sorted(set(ids) ^ places.keys()):
        tally.note(person, "person", person not in places, person in places)
    mine = np.array([index for index, _ in both], np.int64)
    theirs = np.array([place for _, place in both], np.int64)
    people = [ids[index] for index, _ in both]
    _compare_traits(state, traits, rows[mine], found.take(theirs), people, tally)
    _compare_audiences(state, run, found, rows[mine], theirs, people, tally)
    return report


class _Tally:
    def __init__(self, report: Consistency, most: int) -> None:
        self.report, self._most = report, most
        self._kept: Counter[str] = Counter()

    def note(self, person: str, name: str, stream: object, sql: object) -> None:
        """One difference."""
        self.report.differences[name] = self.report.differences.get(name, 0) + 1
        if self._kept[name] < self._most:
            self._kept[name] += 1
            self.report.examples.append(Difference(person=person, name=name, stream=stream, sql=sql))


def _compare_traits(state: EngineState, traits: Sequence[Trait], rows: Int64, found: pa.Table, people: list[str], tally: _Tally) -> None:
    for trait in traits:
        column = state.traits.column(trait.name, rows, state.now_ms)
        values = found.column(trait.name).to_pylist()
        for index, (person, theirs) in enumerate(zip(people, values, strict=True)):
            mine = column.item(index)
            if not same(mine, theirs):
                tally.note(person, trait.name, mine, theirs)


def same(stream: object, sql: object) -> bool:
    """Whether two values are equal: decayed sums and means to 1e-9, all else exactly."""
    if isinstance(stream, float) and isinstance(sql, float):
        return stream == sql or math.isclose(stream, sql, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return stream == sql and isinstance(stream, bool) == isinstance(sql, bool)


def _compare_audiences(state: EngineState, run: Run, found: pa.Table, rows: Int64, places: Int64, people: list[str], tally: _Tally) -> None:
    memberships, report = state.memberships, tally.report
    known = {*report.traits}
    conditions: dict[str, Condition] = {}
    for name in memberships.names:
        condition = memberships.condition(name)
        missing = sorted(n for n in condition.names if n not in known and not n.startswith(PREFIX))
        if missing:
            report.left_out[name] = f"reads {', '.join(missing)}"
        else:
            conditions[name] = condition
    ladder = [memberships.stage_condition(name) for name in memberships.stages]
    if not all(n in known or n.startswith(PREFIX) for condition in ladder for n in condition.names):
        report.left_out[_STAGE] = "reads a trait that is left out"
        ladder = []
    report.audiences = [*conditions, *([_STAGE] if ladder else [])]
    if not report.audiences or not len(rows):
        return
    asked = [*conditions.values(), *ladder]
    row_of = np.full(found.num_rows, -1, np.int64)
    row_of[places] = rows
    found = _with_moments(state, found, row_of, asked)
    truths = run(_truths(found, asked), {"compared_traits": found})
    order = {person: place for place, person in enumerate(truths.column("person").to_pylist())}
    at = np.array([order[person] for person in people], np.int64)
    sql = [np.asarray(truths.column(f"c{index}").to_pylist(), np.bool_)[at] for index in range(len(conditions) + len(ladder))]
    wanted = dict(zip(conditions, sql, strict=False))
    steps = np.array(sql[len(conditions) :]).reshape(len(ladder), len(people))
    stage = np.where(steps.any(0), steps.argmax(0) if len(ladder) else -1, -1) if ladder else None
    live = _held(state, rows, [*conditions])
    evaluate(state, state.people.all_rows())
    again = _held(state, rows, [*conditions])
    for name in report.audiences:
        expected: Any = stage if name == _STAGE else wanted[name]
        differing = np.flatnonzero(live[name] != expected)
        waits = [name == _STAGE or (moves_by_itself(state, conditions[name]) and again[name][i] == expected[i]) for i in differing.tolist()]
        for index, waiting in zip(differing.tolist(), waits, strict=True):
            if waiting and again[name][index] == expected[index]:
                report.waiting += 1
            else:
                tally.note(people[index], name, live[name][index].item(), expected[index].item())


def _held(state: EngineState, rows: Int64, names: Sequence[str]) -> dict[str, Any]:
    held: dict[str, Any] = {name: state.memberships.members(name, rows).copy() for name in names}
    held[_STAGE] = state.memberships.stage_codes(rows).copy()
    return held


def _with_moments(state: EngineState, found: pa.Table, rows: Int64, conditions: Sequence[Condition]) -> pa.Table:
    """The table with what is true of each person, and whether it is stale: what is compared is how conditions read it.

    Args:
        state: The stream's.
        found: One row a person.
        rows: (n,) the serving row of each, -1 for people whom only SQL knows.
        conditions: Those that are compared.
    """
    import pyarrow as pa

    kinds = {"number": pa.float64(), "text": pa.string(), "flag": pa.bool_()}
    columns = state.columns(rows)
    for name in sorted({name for condition in conditions for name in condition.names if name.startswith(PREFIX)}):
        column = columns(name)
        values = [column.item(i) for i in range(len(rows))]
        stale = np.zeros(len(rows), np.bool_) if column.stale is None else column.stale
        found = found.append_column(name, pa.array(values, kinds[column.kind])).append_column(_STALE + name, pa.array(stale))
    return found


def _truths(found: pa.Table, conditions: Sequence[Condition]) -> ir.Table:
    """One row a person, and a column a condition: where it is true."""
    import ibis

    table = ibis.table(ibis.Schema.from_pyarrow(found.schema), name="compared_traits")

    def stale(name: str) -> Any:
        return table[_STALE + name] if name.startswith(PREFIX) else ibis.literal(False)

    truths = {f"c{i}": each.to_ibis(table, lambda name: table[name], stale).fill_null(False) for i, each in enumerate(conditions)}
    return table.select(person=table.person, **truths)
