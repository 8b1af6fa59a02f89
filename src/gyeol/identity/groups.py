"""Which group people are in: a function of what was stated of their identifiers, whatever the order in which it came.

Of each node the latest statement counts: in this group, or in none any more. Of the nodes of a person the latest counts again, so a merge
or a cut needs no more than a look at the nodes concerned. Of equal times the group with the greater id counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.identity.graph import IdentityGraph
from gyeol.identity.growing import Growing, grown_capacity
from gyeol.identity.identifiers import IdentifierTable
from gyeol.identity.model import GroupType, IdentifierType
from gyeol.identity.normalise import Normaliser, normaliser
from gyeol.identity.rings import Rings

Int64 = npt.NDArray[np.int64]
NONE, NEVER = -1, -1


class GroupChange(msgspec.Struct, frozen=True):
    """What a look at some people changed.

    Args:
        groups: Groups whose people are others now, or were joined or split; ascending.
        moved: (node, type, group or -1) of each node that is in another group now.
    """

    groups: list[int]
    moved: list[tuple[int, int, int]]


class _Stated(msgspec.Struct, frozen=True):
    """Of one type: by node the group stated last (-1: none any more) and when (-1: never); and which nodes each group has now."""

    group: Growing
    at_ms: Growing
    rings: Rings

    def fit(self, nodes: int, groups: int) -> None:
        """Make room."""
        if nodes > len(self.group.data):
            capacity = grown_capacity(nodes, len(self.group.data))
            self.group.reserve(capacity)
            self.at_ms.reserve(capacity)
        self.rings.fit(nodes, groups)


class GroupTable:
    """All groups of all types. Groups are numbered from 0 in the order of first sight.

    Args:
        types: In the order of the files.
        key: Key of group ids.
        phone_region: Country of telephone numbers without a prefix.
    """

    def __init__(self, types: Sequence[GroupType], key: bytes, phone_region: str) -> None:
        self.types = list(types)
        self.names = [kind.name for kind in types]
        self._table = IdentifierTable(key)
        self._spell: list[Normaliser] = [normaliser(_spelling(kind), phone_region) for kind in types]
        self._stated = [_Stated(Growing(np.int32, NONE), Growing(np.int64, NEVER), Rings()) for _ in types]

    @property
    def size(self) -> int:
        """Groups."""
        return self._table.size

    def type_of(self, group: int) -> int:
        """The type of a group, by place in ``types``."""
        return self._table.type.view[group]

    def value(self, group: int) -> str:
        """What names a group, as it is spelled here."""
        return self._table.value(group)

    def group_id(self, group: int) -> str:
        """The public id of a group, 32 hex digits."""
        return self._table.digest(self.names[self.type_of(group)], self._table.raw(group)).hex()

    def find(self, kind: int, text: str) -> int | None:
        """The group of a type by its id or by what names it."""
        bare = text.strip()
        if len(bare) == 32 and set(bare.lower()) <= set("0123456789abcdef"):
            group = self._table.of_digest(bytes.fromhex(bare), self.names)
            if group >= 0 and self.type_of(group) == kind:
                return group
        value = self._spell[kind](bare)
        group = -1 if value is None else self._table.find(kind, self.names[kind], value)
        return group if group >= 0 else None

    def of_nodes(self, kind: int, nodes: Int64) -> Int64:
        """(n,) the group that each node's person is in, -1 for none; -1 is nobody's node."""
        owner = self._stated[kind].rings.owner.data
        found = np.full(len(nodes), NONE, np.int64)
        there = np.flatnonzero((nodes >= 0) & (nodes < len(owner)))
        found[there] = owner[nodes[there]]
        return found

    def nodes_of(self, group: int) -> list[int]:
        """The nodes of all people of a group, ascending."""
        return self._stated[self.type_of(group)].rings.of(group)

    def groups_of(self, kind: int) -> list[int]:
        """The groups of a type that somebody is in, ascending."""
        owner = self._stated[kind].rings.owner.data
        groups: list[int] = np.unique(owner[owner >= 0]).tolist()
        return groups

    def state(self, kind: int, nodes: Iterable[int], texts: Iterable[str | None], times_ms: Iterable[int]) -> list[int]:
        """Take statements of one type.

        Args:
            kind: The type, by place in ``types``.
            nodes: Of whom.
            texts: Which group, as sent; None: in none any more.
            times_ms: When.

        Returns:
            The nodes of which something later is stated now than before.
        """
        changed: dict[int, None] = {}
        stated, spell = self._stated[kind], self._spell[kind]
        for node, text, at_ms in zip(nodes, texts, times_ms, strict=True):
            value = None if text is None else spell(text)
            if text is not None and value is None:
                continue
            group = NONE if value is None else self._table.intern(kind, self.names[kind], [value])[0]
            stated.fit(node + 1, self._table.size)
            before = stated.at_ms.view[node]
            if at_ms > before or (at_ms == before and self._rank(group) > self._rank(stated.group.view[node])):
                stated.at_ms.view[node], stated.group.view[node] = at_ms, group
                changed[node] = None
        return list(changed)

    def settle(self, graph: IdentityGraph, nodes: Iterable[int], joined: Iterable[int] = ()) -> GroupChange:
        """Look at the people of some nodes again.

        Args:
            graph: Who they are.
            nodes: Of whom something was stated.
            joined: Nodes whose people were joined or split.
        """
        labels = graph.people.person.view
        people = dict.fromkeys(labels[node] for node in joined)
        regrouped = set(people)
        people |= dict.fromkeys(labels[node] for node in nodes)
        groups: dict[int, None] = {}
        moved: list[tuple[int, int, int]] = []
        for person in people:
            members = graph.members(person)
            for kind, stated in enumerate(self._stated):
                group = self._latest(stated, members)
                stated.fit(members[-1] + 1, self._table.size)
                owner = stated.rings.owner.view
                if group != NONE and person in regrouped:
                    groups[group] = None
                for node in members:
                    if owner[node] != group:
                        groups |= dict.fromkeys(each for each in (owner[node], group) if each != NONE)
                        stated.rings.move(node, group)
                        moved.append((node, kind, group))
        return GroupChange(sorted(groups), moved)

    def _latest(self, stated: _Stated, members: list[int]) -> int:
        known, at_ms, group = len(stated.at_ms.data), stated.at_ms.view, stated.group.view
        found = [(at_ms[node], group[node]) for node in members if node < known and at_ms[node] != NEVER]
        if not found:
            return NONE
        latest = max(at for at, _ in found)
        return max((each for at, each in found if at == latest), key=self._rank)

    def _rank(self, group: int) -> bytes:
        return b"" if group == NONE else self._table.digest(self.names[self.type_of(group)], self._table.raw(group))

    def dump(self) -> dict[str, Any]:
        """Everything, for a snapshot: arrays and bytes by name."""
        found: dict[str, Any] = {f"table.{name}": np.frombuffer(part, np.uint8) for name, part in self._table.dump().items()}
        for kind, stated in enumerate(self._stated):
            used = np.flatnonzero(stated.at_ms.data != NEVER)
            nodes = max(int(used[-1]) if len(used) else -1, int(np.flatnonzero(stated.rings.owner.data >= 0).max(initial=-1))) + 1
            columns = {"group": stated.group, "at_ms": stated.at_ms, "owner": stated.rings.owner}
            found |= {f"{kind}.{name}": column.data[:nodes].copy() for name, column in columns.items()}
        return found

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Take back what ``dump`` gave, of equal types."""
        names = [name for name in dumped if name.startswith("table.")]
        self._table.load({name.removeprefix("table."): np.asarray(dumped[name], np.uint8).tobytes() for name in names})
        for kind, stated in enumerate(self._stated):
            stated.group.take(np.array(dumped[f"{kind}.group"], np.int32))
            stated.at_ms.take(np.array(dumped[f"{kind}.at_ms"], np.int64))
            owner = np.array(dumped[f"{kind}.owner"], np.int32)
            stated.fit(len(owner), self._table.size)
            for node in np.flatnonzero(owner >= 0).tolist():
                stated.rings.move(node, int(owner[node]))


def _spelling(kind: GroupType) -> IdentifierType:
    return IdentifierType(name=kind.name, paths=kind.paths, priority=1, normalise=kind.normalise, blocked=kind.blocked, region=kind.region)
