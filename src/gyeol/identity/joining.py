"""Rule 2: the statements of one component joined as far as limits, households and devices allow. Pure.

In four turns, each strongest first, so that what an identifier lent to somebody says is judged by what is known without it:

1. between identifiers of a person's own, and by command: joined unless a limit is broken, or an account that has an address of its own is
   stated with one that was given with another number than the account's (``_Claims.crossed``);
2. of a household's (a telephone number) with a person's: it goes to whom it was stated with that has an account, if there is one and the
   account has not given others itself, and then to nobody else; people without an account are joined by it, unless both sides have another
   (``_Claims.doubtful``);
3. of a device: it goes to the one person it was stated with, and to nobody when there are several;
4. between devices: joined unless that would join two people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from gyeol.identity.limits import Limits, Times, Values, absorb
from gyeol.identity.policy import CARRIED, CLIENT, COMMAND, LENT, OWN
from gyeol.identity.statements import ACCEPTED, BARRED, HELD

Value = tuple[int, int]
"""(type code, what stands for the value) of an identifier of a limited type."""


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A statement that takes part, with its place in the order: any two are ordered in the same way on every machine.

    ``barred``: left out by hand. It joins nobody; but a device or number that was stated with several is so still.
    """

    order: tuple[int, ...]
    record: int
    a: int
    b: int
    trust: int
    barred: bool = False


class Law(msgspec.Struct, frozen=True):
    """What joining obeys.

    Args:
        kind_of: The type code of a node.
        value_of: The limited value of a node; None when its type has no limit.
        limits: Of the types.
        known: Type codes whose value makes a person known.
        bond: OWN, LENT or CARRIED by type code.
        times: When each value was first stated, for limits of a length of time.
    """

    kind_of: Callable[[int], int]
    value_of: Callable[[int], Value | None]
    limits: Limits
    known: frozenset[int]
    bond: Sequence[int]
    times: Times


class _Group(msgspec.Struct, gc=False):
    """Nodes joined so far: their limited values, and whether any is of a person's own (``own``), or also of a household's (``named``)."""

    values: Values
    own: bool
    named: bool
    known: bool


def join(nodes: Iterable[int], edges: Iterable[Edge], law: Law) -> tuple[list[list[int]], dict[int, int]]:
    """Join a component.

    Args:
        nodes: The component.
        edges: Its statements, in any order.
        law: What joining obeys.

    Returns:
        The people (nodes ascending, people by first node), and the verdict by record.
    """
    joining = _Joining(nodes, law)
    turns: list[list[Edge]] = [[], [], [], []]
    for edge in sorted(edges, key=lambda e: e.order):
        turns[joining.turn(edge)].append(edge)
    claims = _Claims(joining, turns[0], turns[1])
    for edge in turns[0]:
        joining.take(edge, refused=claims.crossed(edge))
    doubtful = claims.doubtful()
    for edge in sorted(turns[1], key=joining.lent_last):
        joining.take(edge, refused=edge.record in doubtful)
    torn = joining.torn(turns[2])
    for edge in (*turns[2], *turns[3]):
        joining.take(edge, refused=joining.root(edge.a) in torn or joining.root(edge.b) in torn)
    return joining.people(), joining.verdicts


class _Joining:
    """A union of groups, and what became of each statement."""

    def __init__(self, nodes: Iterable[int], law: Law) -> None:
        self._law = law
        self._parent = {node: node for node in nodes}
        self._groups: dict[int, _Group] = {}
        self.verdicts: dict[int, int] = {}
        for node in self._parent:
            value, kind = law.value_of(node), law.kind_of(node)
            bond = law.bond[kind]
            values: Values = {} if value is None else {value[0]: {value[1]}}
            self._groups[node] = _Group(values, bond == OWN, bond != CARRIED, kind in law.known)

    def turn(self, edge: Edge) -> int:
        """The turn of a statement, from 0."""
        a, b = self.bond(edge.a), self.bond(edge.b)
        if edge.trust == COMMAND or a == b == OWN:
            return 0
        return 3 if a == b == CARRIED else max(a, b)

    def lent_last(self, edge: Edge) -> tuple[bool, bool]:
        """Of the statements of the second turn those about somebody with an account come first, those between two numbers last."""
        both_lent = self.bond(edge.a) == self.bond(edge.b) == LENT
        return both_lent, not (self._group(edge.a).known or self._group(edge.b).known)

    def known(self, node: int) -> bool:
        """Whether a node is an account."""
        return self._law.kind_of(node) in self._law.known

    def has_account(self, node: int) -> bool:
        """Whether the group of a node has an account."""
        return self._group(node).known

    def torn(self, edges: Iterable[Edge]) -> set[int]:
        """The devices that were stated with several people."""
        seen: dict[int, set[int]] = {}
        for edge in edges:
            a, b = self.root(edge.a), self.root(edge.b)
            device, person = (a, b) if self.bond(edge.a) == CARRIED else (b, a)
            if not self._groups[device].named:
                seen.setdefault(device, set()).add(person)
        return {device for device, people in seen.items() if len(people) > 1}

    def take(self, edge: Edge, *, refused: bool = False) -> None:
        """Join by a statement, or hold it back."""
        a, b = self.root(edge.a), self.root(edge.b)
        verdict = ACCEPTED
        if edge.barred:
            verdict = BARRED
        elif a != b:
            if refused or self._forbidden(edge, self._groups[a], self._groups[b]):
                verdict = HELD
            else:
                self._unite(a, b)
        self.verdicts[edge.record] = verdict

    def _forbidden(self, edge: Edge, mine: _Group, theirs: _Group) -> bool:
        law = self._law
        if (edge.trust == CLIENT and mine.known and theirs.known) or law.limits.exceeds(mine.values, theirs.values, law.times):
            return True
        turn = self.turn(edge)
        if turn == 0:
            return False
        # What a household lends keeps two people apart of whom one has an account; what a device carries, any two.
        return (mine.own and theirs.own and (mine.known or theirs.known)) if turn == 1 else mine.named and theirs.named

    def _unite(self, a: int, b: int) -> None:
        mine, theirs = self._groups[a], self._groups.pop(b)
        self._parent[b] = a
        absorb(mine.values, theirs.values)
        mine.own |= theirs.own
        mine.named |= theirs.named
        mine.known |= theirs.known

    def root(self, node: int) -> int:
        """The node that stands for the group of a node."""
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def people(self) -> list[list[int]]:
        """The groups, nodes ascending, by first node."""
        groups: dict[int, list[int]] = {}
        for node in sorted(self._parent):
            groups.setdefault(self.root(node), []).append(node)
        return list(groups.values())

    def bond(self, node: int) -> int:
        """Whose a node is."""
        return self._law.bond[self._law.kind_of(node)]

    def _group(self, node: int) -> _Group:
        return self._groups[self.root(node)]


class _Claims:
    """Which numbers were given with which identifiers, before anything is joined by them.

    Args:
        joining: The groups as they are joined.
        own: Statements of the first turn.
        lent: Those of the second.
    """

    def __init__(self, joining: _Joining, own: Iterable[Edge], lent: Iterable[Edge]) -> None:
        self._joining = joining
        self._given: list[tuple[int, int, int]] = []
        self._numbers: dict[int, set[int]] = {}
        self._addresses: dict[int, set[int]] = {}
        for edge in lent:
            a, b = joining.bond(edge.a), joining.bond(edge.b)
            if a != b:
                number, other = (edge.a, edge.b) if a == LENT else (edge.b, edge.a)
                self._given.append((edge.record, number, other))
                self._numbers.setdefault(other, set()).add(number)
        for edge in own:
            for account, address in ((edge.a, edge.b), (edge.b, edge.a)):
                if joining.known(account) and not joining.known(address) and joining.bond(address) == OWN:
                    self._addresses.setdefault(account, set()).add(address)

    def crossed(self, edge: Edge) -> bool:
        """Whether a statement joins an account and an address that were given with different numbers, while the account has another
        address: as when somebody signed in mistypes an address into that of somebody else.
        """
        known = [self._joining.known(node) for node in (edge.a, edge.b)]
        if edge.trust == COMMAND or sum(known) != 1:
            return False
        account, address = (edge.a, edge.b) if known[0] else (edge.b, edge.a)
        mine, theirs = self._numbers.get(account), self._numbers.get(address)
        return bool(mine and theirs and mine.isdisjoint(theirs) and len(self._addresses[account]) > 1)

    def doubtful(self) -> set[int]:
        """The statements of the second turn that are not believed, once the first is over.

        With somebody who has an account: of a number that the account did not give, where it gave another. Between people without: of a
        number with several people, one of whom has several numbers. So an address mistyped into somebody else's joins nobody.
        """
        joining = self._joining
        own: dict[int, set[int]] = {}
        people: dict[int, set[int]] = {}
        numbers: dict[int, set[int]] = {}
        for _, number, other in self._given:
            if joining.root(number) != joining.root(other):
                people.setdefault(joining.root(number), set()).add(joining.root(other))
                numbers.setdefault(joining.root(other), set()).add(joining.root(number))
            if joining.known(other):
                own.setdefault(joining.root(other), set()).add(number)
        found = set()
        for record, number, other in self._given:
            mine, theirs = joining.root(number), joining.root(other)
            if joining.has_account(other):
                if theirs in own and number not in own[theirs]:
                    found.add(record)
            elif not joining.has_account(number) and len(people.get(mine, ())) > 1 and len(numbers.get(theirs, ())) > 1:
                found.add(record)
        return found
