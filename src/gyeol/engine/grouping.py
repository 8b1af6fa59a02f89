"""Groups of people: which event says what of them, one row of traits each, and their audiences.

A group's row is the combination of the rows of all nodes of all its people. It is rebuilt when its people change and folded in step with
theirs otherwise, as the cached row of a person of several nodes is; so whatever ends or is undone leaves no trace in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from gyeol.audiences.membership import Memberships
from gyeol.audiences.model import AudienceDefinition
from gyeol.engine.columns import RowColumns
from gyeol.engine.people import PeopleRows
from gyeol.events.batch import EventBatch
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo, Schema
from gyeol.identity.groups import GroupChange, GroupTable
from gyeol.identity.model import GroupType
from gyeol.kernel.instants import Int64
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.lists import grow_in_place

Moment = Any


class GroupRows:
    """Groups of all types, with their rows in the trait table.

    Args:
        types: Definitions, in the order of the files.
        audiences: Of groups (``of``) and of people; only the former are looked at here.
        key: Key of group ids.
        region: Country of telephone numbers without a prefix.
        people: Rows of people, and with them the graph and the traits.
        trusted: For each source, by index, whether it is believed (trust ``server``).

    Attributes:
        table: Who is in which group.
        row_of_group: Group → its row; -1: it has none, for nobody or too many people are in it.
        memberships: Type → who is in which audience of groups.
    """

    def __init__(
        self,
        types: Sequence[GroupType],
        audiences: Sequence[AudienceDefinition],
        key: bytes,
        region: str,
        people: PeopleRows,
        trusted: Sequence[bool],
    ) -> None:
        self.table = GroupTable(types, key, region)
        self._people, self._traits = people, people.traits
        self._trusted = np.array(trusted, np.bool_)
        self.row_of_group = np.empty(0, np.int64)
        self._group_of_row = np.empty(0, np.int64)
        schema = people.traits.schema()
        self.memberships = {name: Memberships([a for a in audiences if a.of == name], [], schema) for name in self.table.names}
        self._where = {t: event_condition(t) for k in types for t in (k.where, k.ends_where) if t is not None}

    def attach(self, people: PeopleRows) -> None:
        """Use the rows of these people from now on."""
        self._people, self._traits = people, people.traits

    def __bool__(self) -> bool:
        return bool(self.table.types)

    # -- what changes it

    def read(self, batch: EventBatch, event_nodes: Int64) -> list[int]:
        """Take what events say of groups. Returns the nodes of which something new is stated."""
        changed: dict[int, None] = {}
        for code, kind in enumerate(self.table.types):
            texts = _first_texts(batch, kind.paths)
            ended = self._ended(kind, batch)
            rows = [i for i, text in enumerate(texts) if (text is not None or i in ended) and event_nodes[i] >= 0]
            if rows and not kind.from_client:
                rows = [i for i in rows if self._trusted[batch.source[i]]]
            if rows and kind.where is not None:
                said = self._where[kind.where].of(batch.column, batch.n)
                rows = [i for i in rows if said[i] or i in ended]
            if rows:
                stated = [None if i in ended else texts[i] for i in rows]
                changed |= dict.fromkeys(self.table.state(code, event_nodes[rows].tolist(), stated, batch.time_ms[rows].tolist()))
        return list(changed)

    def _ended(self, kind: GroupType, batch: EventBatch) -> set[int]:
        if kind.ends_where is None:
            return set()
        return set(np.flatnonzero(self._where[kind.ends_where].of(batch.column, batch.n)).tolist())

    def settle(self, nodes: Iterable[int], joined: Iterable[int] = ()) -> GroupChange:
        """People of whom something was stated, or who were joined or split: their groups' rows are made again where they changed."""
        change = self.table.settle(self._people.graph, nodes, joined)
        self._rebuild(change.groups)
        return change

    def _rebuild(self, groups: list[int]) -> None:
        if not groups:
            return
        if self.table.size > len(self.row_of_group):
            grow_by(self, "row_of_group", self.table.size)
        plans: list[tuple[int, list[int]]] = []
        for group in groups:
            nodes = self.table.nodes_of(group)
            row = int(self.row_of_group[group])
            if not nodes or self._too_many(group, nodes):
                if row >= 0:
                    self._free(group, row)
                continue
            if row < 0:
                row = self._new_row(group)
            plans.append((row, self._rows_of(nodes)))
        if plans:
            self._traits.rebuild_many(plans)

    def refresh(self, nodes: Iterable[int]) -> None:
        """The rows of some nodes were folded anew: so are those of their groups."""
        self._rebuild(self.of_nodes(np.array(sorted(set(nodes)), np.int64)))

    def combined(self) -> list[tuple[int, list[int]]]:
        """The rows of groups, each with the rows that it combines."""
        groups = np.flatnonzero(self.row_of_group >= 0).tolist()
        return [(int(self.row_of_group[group]), self._rows_of(self.table.nodes_of(group))) for group in groups]

    def _rows_of(self, nodes: list[int]) -> list[int]:
        rows = self._traits.rows_of_nodes(np.array(nodes, np.int64), create=False)
        found: list[int] = rows[rows >= 0].tolist()
        return found

    def _too_many(self, group: int, nodes: list[int]) -> bool:
        at_most = self.table.types[self.table.type_of(group)].at_most
        return at_most is not None and len(self._persons(nodes)) > at_most

    def persons_of(self, group: int) -> list[int]:
        """The people of a group, by person index, in the order of their first nodes."""
        return self._persons(self.table.nodes_of(group))

    def _persons(self, nodes: list[int]) -> list[int]:
        labels = self._people.graph.person
        return list(dict.fromkeys(labels[nodes].tolist()))

    def _new_row(self, group: int) -> int:
        row = self._traits.new_row()
        self._people.fit_rows(row + 1)
        if row >= len(self._group_of_row):
            grow_by(self, "_group_of_row", row + 1)
        self.row_of_group[group], self._group_of_row[row] = row, group
        return row

    def _free(self, group: int, row: int) -> None:
        self.memberships[self.table.names[self.table.type_of(group)]].drop(row)
        self._traits.free_row(row)
        self.row_of_group[group] = self._group_of_row[row] = -1

    # -- folding

    def rows_for_events(self, nodes: Int64) -> tuple[Int64, Int64]:
        """(places, rows): which of some events' nodes are in groups, and the row of each; a node in two groups stands twice."""
        places, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for kind in range(len(self.table.types)):
            found = self.rows_of_groups(self.table.of_nodes(kind, nodes))
            there = np.flatnonzero(found >= 0)
            places.append(there)
            rows.append(found[there])
        return np.concatenate(places), np.concatenate(rows)

    def of_nodes(self, nodes: Int64) -> list[int]:
        """The groups of some nodes, ascending."""
        found = [self.table.of_nodes(kind, nodes) for kind in range(len(self.table.types))]
        groups: list[int] = np.unique(np.concatenate(found)).tolist()
        return [group for group in groups if group >= 0]

    def rows_of_groups(self, groups: Int64) -> Int64:
        """(n,) the row of each group, -1 where it has none."""
        if not len(self.row_of_group):
            return np.full(len(groups), -1, np.int64)
        return np.where(groups >= 0, self.row_of_group[groups], -1)

    def groups_of_rows(self, rows: Int64) -> Int64:
        """The groups among some rows; rows that are no group's are passed over."""
        rows = rows[rows < len(self._group_of_row)]
        found = self._group_of_row[rows]
        return found[found >= 0]

    def is_group(self, row: int) -> bool:
        """Whether a row is a group's."""
        return row < len(self._group_of_row) and self._group_of_row[row] >= 0

    def people_rows(self, groups: Iterable[int]) -> Int64:
        """The serving rows of all people of some groups, ascending."""
        found = [self._people.row(person) for group in groups for person in self._persons(self.table.nodes_of(group))]
        return np.array(sorted({row for row in found if row >= 0}), np.int64)

    # -- reading

    def schema(self, traits: Schema) -> dict[str, NameInfo]:
        """What conditions on people may read of their groups: every trait, as ``household.orders_30d``."""
        return group_schema(self.table.types, traits)

    def column(self, name: str, rows: Int64, now_ms: int) -> Column:
        """``household.orders_30d`` over serving rows of people. KeyError for other names."""
        prefix, _, trait = name.partition(".")
        if prefix not in self.memberships:
            raise KeyError(name)
        return self._traits.column(trait, self._rows_of_people(self.table.names.index(prefix), rows), now_ms)

    def _rows_of_people(self, kind: int, rows: Int64) -> Int64:
        people = np.full(len(rows), -1, np.int64)
        people[rows >= 0] = self._people.person_of_row[rows[rows >= 0]]
        nodes = np.full(len(rows), -1, np.int64)
        nodes[people >= 0] = self._people.graph.people.first_nodes(people[people >= 0])
        # A row of one node that serves nobody is looked at alone: as if the node were nobody else's.
        return self.rows_of_groups(self.table.of_nodes(kind, nodes))

    def reads(self, names: Iterable[str]) -> bool:
        """Whether any of these names is a group's trait."""
        return any(name.partition(".")[0] in self.memberships for name in names if "." in name)

    def prefixed(self, traits: frozenset[str]) -> frozenset[str]:
        """The same traits as conditions on people read them of each type of group."""
        return frozenset(f"{kind}.{trait}" for kind in self.memberships for trait in traits)

    def evaluate(self, groups: Iterable[int] | None, now_ms: int, moment: Moment) -> None:
        """Look at the audiences of some groups, or of all (None)."""
        chosen = np.flatnonzero(self.row_of_group >= 0) if groups is None else np.array(sorted(set(groups)), np.int64)
        rows = self.rows_of_groups(chosen)
        for kind, memberships in enumerate(self.memberships.values()):
            mine = rows[(rows >= 0) & (self._types(chosen) == kind)]
            if len(mine) and memberships.names:
                memberships.evaluate(mine, RowColumns(self._traits, mine, now_ms, moment), now_ms)

    def _types(self, groups: Int64) -> Int64:
        return np.array([self.table.type_of(group) for group in groups.tolist()], np.int64)

    def all_moves(self) -> list[tuple[int, str, str]]:
        """(node, kind, id of the group) of every node whose person is in one."""
        table = self.table
        found = [(kind, group) for kind in range(len(table.types)) for group in table.groups_of(kind)]
        return [(node, table.names[kind], table.group_id(group)) for kind, group in found for node in table.nodes_of(group)]

    def left(self) -> list[tuple[int, str, str]]:
        """The same nodes, in no group any more."""
        return [(node, kind, "") for node, kind, _ in self.all_moves()]

    def audience_sizes(self) -> dict[str, int]:
        """How many groups are in each audience of groups."""
        rows = self.row_of_group[self.row_of_group >= 0]
        return {name: memberships.size(name, rows) for memberships in self.memberships.values() for name in memberships.names}

    # -- keeping

    def dump(self) -> dict[str, Any]:
        """Everything but the traits, for a snapshot: arrays by name."""
        found = self.table.dump() | {"row_of_group": self.row_of_group[: self.table.size].copy()}
        for name, memberships in self.memberships.items():
            found |= {f"memberships.{name}.{key}": value for key, value in memberships.dump().items()}
        return found

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Take back what ``dump`` gave, of equal definitions; the traits are there."""
        self.table.load(dumped)
        self.row_of_group = np.array(dumped["row_of_group"], np.int64)
        rows = np.flatnonzero(self.row_of_group >= 0)
        if len(rows):
            grow_by(self, "_group_of_row", int(self.row_of_group.max()) + 1)
            self._group_of_row[self.row_of_group[rows]] = rows
            self._people.fit_rows(int(self.row_of_group.max()) + 1)
        for name, memberships in self.memberships.items():
            start = f"memberships.{name}."
            memberships.load({key.removeprefix(start): value for key, value in dumped.items() if key.startswith(start)})

    def follow(self, other: GroupRows) -> None:
        """Take over the groups of a state under other definitions of equal group types; audiences that are defined alike go on."""
        self.table, self.row_of_group, self._group_of_row = other.table, other.row_of_group, other._group_of_row
        for name, memberships in self.memberships.items():
            memberships.adopt(other.memberships[name])


def grow_by(owner: GroupRows, name: str, size: int) -> None:
    """Make an array of rows or groups longer; new places hold -1."""
    grow_in_place(getattr(owner, name), max(size, len(getattr(owner, name)) * 5 // 4, 64), -1)


def grouped_paths(types: Sequence[GroupType]) -> set[str]:
    """The event paths that ``GroupRows.read`` asks for."""
    wheres = {path for kind in types for text in (kind.where, kind.ends_where) if text is not None for path in event_condition(text).paths}
    return wheres | {path for kind in types for path in kind.paths}


def group_schema(types: Sequence[GroupType], traits: Schema) -> dict[str, NameInfo]:
    """What conditions on people may read of their groups."""
    return {f"{kind.name}.{name}": _labelled(kind, name, info) for kind in types for name, info in traits.items()}


def _labelled(kind: GroupType, name: str, info: NameInfo) -> NameInfo:
    texts = {lang: (kind.label.get(lang, kind.name), info.label.get(lang, name)) for lang in ("ko", "en")}
    return msgspec.structs.replace(info, label={"ko": "{} {}".format(*texts["ko"]), "en": "{}: {}".format(*texts["en"])})


def _first_texts(batch: EventBatch, paths: Sequence[str]) -> list[str | None]:
    """(n,) of each event what the first path that has anything says."""
    found: list[str | None] = [None] * batch.n
    for path in paths:
        for i, text in enumerate(batch.texts(path)):
            if found[i] is None and text:
                found[i] = text
    return found
