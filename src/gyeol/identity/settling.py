"""From new statements to people: a plain union where that is exact, else rule 2 again in the component concerned.

Why the plain union is exact. Let a new statement join people P and Q that together break no limit. Run rule 2 with it: at every step the
groups are those of the run without it, but that a part of P and a part of Q may be one. What was accepted before joins parts of one old
person, or of P and Q: no limit breaks, it is accepted again. What was held back before is not between P and Q (together they break no
limit), and its groups have only grown: it is held back again.

There are other reasons to hold back, and with each a union may change what was accepted or held before; then rule 2 runs again
(``_Groups.unsafe``): a client's word between two known people, which needs both P and Q known; a limit of a length of time, whose times the
statement may change; a number that stood between two people, or joined two without an account of whom one now has one; a device that
belonged to several, whose statements are held. A test compares with a run from scratch.
"""

from __future__ import annotations

import msgspec
import numpy as np

from gyeol.identity.evidence import SUGGESTION, Change, Quarantined
from gyeol.identity.identifiers import LATEST, IdentifierTable
from gyeol.identity.joining import Edge, Law, Value, join
from gyeol.identity.limits import Times, Values, absorb
from gyeol.identity.people import People
from gyeol.identity.policy import CARRIED, CLIENT, LENT, OWN
from gyeol.identity.sharing import Sharing
from gyeol.identity.statements import ACCEPTED, HELD, StatementStore


class Work(msgspec.Struct):
    """What a call has to settle: statements that may join people, and nodes whose component must be run again."""

    links: list[tuple[int, int, int]] = []
    seeds: dict[int, None] = {}


class Component(msgspec.Struct):
    """Nodes that statements connect, accepted or not."""

    nodes: list[int]
    records: list[int]
    dead: list[int]


class Settler:
    """Keeps people in step with the statements."""

    def __init__(self, table: IdentifierTable, statements: StatementStore, sharing: Sharing, people: People) -> None:
        self._table, self._statements, self._sharing, self._people = table, statements, sharing, people
        self._settled_nodes = self._settled_people = 0

    def settle(self, work: Work) -> Change:
        """Form and dissolve people until they follow from the statements again."""
        people, first_new = self._people, self._people.allocated
        if not work.links and not work.seeds:
            return self._told(Change(created=self._created(first_new)))
        groups = _Groups(self, work)
        for a, b, trust in work.links:
            if self._sharing.passes(a, b, trust):
                groups.link(a, b, trust)
        components, seen = self.explore(work.seeds)
        sets, quarantined = self._run(components)
        sets += groups.joined(seen)
        gone = {int(people.person.view[node]) for nodes in sets for node in nodes}
        formed = [(people.form(nodes), nodes) for nodes in sorted(sets)]
        change = Change(
            dissolved=sorted(label for label in gone if label < self._settled_people),
            formed=formed,
            created=self._created(first_new),
            quarantined=[self.quarantined(record) for record in sorted(quarantined)],
        )
        return self._told(change)

    def _created(self, first_new: int) -> list[int]:
        """Nodes interned since the last change whose person is still the one that they were given then."""
        labels = self._people.person.data[self._settled_nodes : self._people.size]
        return [self._settled_nodes + int(i) for i in np.flatnonzero(labels < first_new)]

    def _told(self, change: Change) -> Change:
        self._settled_nodes, self._settled_people = self._people.size, self._people.allocated
        return change

    def loaded(self) -> None:
        """After a snapshot was read: what is there has been told already."""
        self._settled_nodes, self._settled_people = self._people.size, self._people.allocated

    def explore(self, seeds: dict[int, None]) -> tuple[list[Component], set[int]]:
        """The components of these nodes over all statements that go on to rule 2, and all their nodes."""
        seen: set[int] = set()
        found = []
        for seed in seeds:
            if seed not in seen:
                seen.add(seed)
                found.append(self._component(seed, seen))
        return found, seen

    def _component(self, seed: int, seen: set[int]) -> Component:
        component = Component([], [], [])
        verdicts, level, trusts = self._statements.verdict.view, self._sharing.level.view, self._statements.trust.view
        waiting = [seed]
        while waiting:
            node = waiting.pop()
            component.nodes.append(node)
            own = level[node]
            for record, other in self._statements.around(node):
                trust = trusts[record]
                if trust > own and trust > level[other] and self._sharing.counts(record, node, other):
                    if other not in seen:
                        seen.add(other)
                        waiting.append(other)
                    if node < other:
                        component.records.append(record)
                elif verdicts[record] != ACCEPTED:
                    component.dead.append(record)
        return component

    def value_of(self, node: int) -> Value | None:
        """The limited value of a node."""
        kind = self._table.type.view[node]
        return None if self._sharing.policy.limit[kind] is None else (kind, self._sharing.value(node))

    def values(self, nodes: list[int]) -> Values:
        """Values of limited types that these nodes hold."""
        held: Values = {}
        limits, types, same = self._sharing.policy.limit, self._table.type.view, self._sharing.same
        for node in nodes:
            kind = types[node]
            if limits[kind] is not None:
                value = same.get(node, node) if same else node
                if kind in held:
                    held[kind].add(value)
                else:
                    held[kind] = {value}
        return held

    def times(self, nodes: list[int]) -> Times:
        """When each value of a type with a limit of a length of time was first stated, as far as the statements count."""
        timed, types, at_ms = self._sharing.policy.limits.timed, self._table.type.view, self._statements.at_ms.view
        found: dict[int, int] = {}
        for node in nodes if timed else ():
            if types[node] in timed:
                stated = [at_ms[record] for record, other in self._statements.around(node) if self._sharing.counts(record, node, other)]
                value = self._sharing.value(node)
                found[value] = min([*stated, found.get(value, LATEST)])
        return found

    def quarantined(self, record: int) -> Quarantined:
        """Why a statement is held back, in terms of the people as they are now (so that the order of arrival does not show)."""
        statements, policy, labels = self._statements, self._sharing.policy, self._people.person.view
        a, b, trust = statements.a.view[record], statements.b.view[record], statements.trust.view[record]
        ours, theirs = self._people.members(labels[a]), self._people.members(labels[b])
        held, nodes = [self.values(ours), self.values(theirs)], ours + theirs
        together = self.values(nodes)
        takeover = trust == CLIENT and all(not policy.known.isdisjoint(values) for values in held)
        times = self.times(nodes)
        kinds = [k for k in together if (k in policy.known if takeover else not policy.limits.allows(k, together[k], times))]
        if not kinds:
            weaker = max((self._table.type.view[node] for node in (a, b)), key=lambda k: (policy.bond[k], policy.priority[k]))
            reason = {CARRIED: "device_of_several", LENT: "number_of_another", OWN: "another_number"}[policy.bond[weaker]]
            return Quarantined(a=a, b=b, trust=trust, reason=reason, type=policy.names[weaker], limit=1, values=[])
        kind = min(kinds, key=lambda k: (policy.priority[k], policy.names[k]))
        return Quarantined(
            a=a,
            b=b,
            trust=trust,
            reason="client_cannot_join_known" if takeover else "limit",
            type=policy.names[kind],
            limit=policy.limit[kind] or 0,
            values=sorted({self._table.value(n) for n in nodes if self._table.type.view[n] == kind}),
        )

    def _run(self, components: list[Component]) -> tuple[list[list[int]], list[int]]:
        """Rule 2 in each component: the sets that are new, and the records held back that were not before."""
        verdicts = self._statements.verdict.view
        sets: list[list[int]] = []
        quarantined: list[int] = []
        for component in components:
            for record in component.dead:
                verdicts[record] = ACCEPTED
            found, said = self._join(component)
            sets += found
            for record, verdict in said.items():
                if verdict == HELD and verdicts[record] != HELD:
                    quarantined.append(record)
                verdicts[record] = verdict
        sizes: dict[int, int] = {}
        labels = self._people.person.view
        for component in components:
            for node in component.nodes:
                sizes[labels[node]] = sizes.get(labels[node], 0) + 1
        return [nodes for nodes in sets if not self._stays(nodes, sizes)], quarantined

    def _stays(self, nodes: list[int], sizes: dict[int, int]) -> bool:
        """Whether these nodes are one person already; ``sizes`` says how many nodes each old person has."""
        labels = self._people.person.view
        label = labels[nodes[0]]
        return sizes[label] == len(nodes) and all(labels[node] == label for node in nodes)

    def _join(self, component: Component) -> tuple[list[list[int]], dict[int, int]]:
        policy, types = self._sharing.policy, self._table.type.view
        nodes, times = component.nodes, self.times(component.nodes)
        lone = sum(policy.bond[types[node]] != CARRIED for node in nodes) <= 1 if policy.lends else True
        edges = [self._edge(record) for record in component.records] if self._statements.holds else []
        lone = lone and not any(edge.barred for edge in edges)
        if lone and sum(types[node] in policy.known for node in nodes) <= 1 and policy.limits.within(self.values(nodes), times):
            return [sorted(nodes)], dict.fromkeys(component.records, ACCEPTED)
        edges = edges or [self._edge(record) for record in component.records]
        law = Law(types.__getitem__, self.value_of, policy.limits, policy.known, policy.bond, times)
        return join(nodes, edges, law)

    def _edge(self, record: int) -> Edge:
        """A statement with its order: suggestions last; trust, the pair's stronger and weaker priority, first time, hashes."""
        statements, table, policy = self._statements, self._table, self._sharing.policy
        a, b, trust = statements.a.view[record], statements.b.view[record], statements.trust.view[record]
        kinds = (table.type.view[a], table.type.view[b])
        priorities = sorted(policy.priority[kind] for kind in kinds)
        digests = sorted(int.from_bytes(table.digest(policy.names[k], table.raw(n)), "big") for k, n in zip(kinds, (a, b), strict=True))
        guessed = int(statements.kind.view[record] == SUGGESTION)
        order = (guessed, -trust, *priorities, statements.at_ms.view[record], *digests)
        return Edge(order=order, record=record, a=a, b=b, trust=trust, barred=bool(statements.holds) and statements.is_held(a, b))


class _Group(msgspec.Struct, gc=False):
    """People to be joined; ``own``, ``lent``: how many of their nodes are of a person's own, and of a household's."""

    people: list[int]
    nodes: list[int]
    values: Values
    own: int = 0
    lent: int = 0
    slow: bool = False


class _Groups:
    """People that the call's statements join the short way; those where that is not safe become seeds."""

    def __init__(self, settler: Settler, work: Work) -> None:
        self._settler, self._work = settler, work
        self._people, self._sharing = settler._people, settler._sharing
        self._of: dict[int, _Group] = {}
        for node in work.seeds:
            person = self._people.person.view[node]
            self._of[person] = _Group([person], [], {}, slow=True)

    def link(self, a: int, b: int, trust: int) -> None:
        """Join the people of two nodes, or leave them to rule 2."""
        labels = self._people.person.view
        mine, theirs = self._group(labels[a]), self._group(labels[b])
        slow = mine.slow or theirs.slow
        if mine is not theirs:
            slow = slow or self.unsafe(a, b, mine, theirs)
            self._unite(mine, theirs, slow)
        elif not slow and self._sharing.policy.lends:
            slow = mine.slow = self._crosses(a, b, mine)
        if slow:
            self._work.seeds[a] = None

    def unsafe(self, a: int, b: int, mine: _Group, theirs: _Group) -> bool:
        """Whether the plain union by a statement on nodes of two groups may not be what rule 2 says."""
        policy, types = self._sharing.policy, self._settler._table.type.view
        known = [not policy.known.isdisjoint(group.values) for group in (mine, theirs)]
        if all(known) or not policy.limits.timed.isdisjoint({*mine.values, *theirs.values}):
            return True
        if policy.limits.exceeds(mine.values, theirs.values):
            return True
        if not policy.lends:
            return False
        bonds = {node: policy.bond[types[node]] for node in (a, b)}
        if CARRIED in bonds.values():
            named = [group.own + group.lent > 0 for group in (mine, theirs)]
            devices = [node for node, bond in bonds.items() if bond == CARRIED]
            if self._settler._statements.merges:  # devices that a command has made one belong to nobody together
                devices += [node for group, has in zip((mine, theirs), named, strict=True) if not has for node in group.nodes]
            return all(named) or any(map(self._held, devices))
        if any(known):
            unknown = theirs if known[0] else mine
            if mine.own and theirs.own and (LENT in bonds.values() or (unknown.lent and unknown.own > 1)):
                return True
        return mine.lent + theirs.lent > 1 or any(map(self._held, (*mine.nodes, *theirs.nodes)))

    def _crosses(self, a: int, b: int, group: _Group) -> bool:
        """Whether a statement on two nodes of one group may part it: numbers are weighed against each other."""
        policy, types = self._sharing.policy, self._settler._table.type.view
        if CARRIED in (policy.bond[types[a]], policy.bond[types[b]]):
            return False
        return group.lent > 1 or any(map(self._held, group.nodes))

    def _held(self, node: int) -> bool:
        """Whether a statement about a node is held back."""
        statements = self._settler._statements
        verdicts = statements.verdict.view
        return any(verdicts[record] != ACCEPTED for record, _ in statements.around(node))

    def joined(self, seen: set[int]) -> list[list[int]]:
        """The nodes, ascending, of each union made the short way and not run again (``seen``)."""
        out = []
        for person, group in self._of.items():
            if group.slow or len(group.people) == 1 or person != group.people[0]:
                continue
            if group.nodes[0] not in seen:
                out.append(sorted(group.nodes))
        return out

    def _unite(self, mine: _Group, theirs: _Group, slow: bool) -> None:
        if len(mine.people) < len(theirs.people):
            mine, theirs = theirs, mine
        if not slow:
            absorb(mine.values, theirs.values)
            mine.nodes += theirs.nodes
            mine.own, mine.lent = mine.own + theirs.own, mine.lent + theirs.lent
        mine.people += theirs.people
        mine.slow = slow
        for person in theirs.people:
            self._of[person] = mine

    def _group(self, person: int) -> _Group:
        found = self._of.get(person)
        if found is None:
            nodes, bond, types = self._people.members(person), self._sharing.policy.bond, self._settler._table.type.view
            bonds = [bond[types[node]] for node in nodes]
            found = _Group([person], nodes, self._settler.values(nodes), bonds.count(OWN), bonds.count(LENT))
            self._of[person] = found
        return found
