"""Finding a person by any text, and telling why he or she is who the graph says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from gyeol.identity.description import Description, IdentifierView, SharedBy, StatementView, Verdict, mask
from gyeol.identity.evidence import KINDS
from gyeol.identity.identifiers import LATEST, IdentifierTable
from gyeol.identity.policy import CLIENT, TRUST_NAMES, Policy
from gyeol.identity.statements import ACCEPTED

if TYPE_CHECKING:
    from gyeol.identity.graph import IdentityGraph

_PERSON_ID = re.compile(r"[0-9a-fA-F]{32}")


def find_node(table: IdentifierTable, policy: Policy, text: str) -> int | None:
    """The node that a text names: a person id, ``type:value``, or a value of any type, strongest type first."""
    bare = text.strip()
    if _PERSON_ID.fullmatch(bare):
        node = table.of_digest(bytes.fromhex(bare), policy.names)
        if node >= 0:
            return node
    wanted = []
    for each in (text, bare):
        name, colon, rest = each.partition(":")
        if colon and name in policy.codes:
            wanted.append((policy.codes[name], rest))
        wanted += [(code, each) for code in policy.strongest_first]
    for code, spelling in wanted:
        value = policy.normaliser(code)(spelling)
        node = -1 if value is None else table.find(code, policy.names[code], value)
        if node >= 0:
            return node
    return None


def describe(graph: IdentityGraph, person: int, reveal: bool, at_most: int) -> Description:
    """See ``IdentityGraph.describe``."""
    policy, types, first_ms = graph.policy, graph.table.type.view, graph.table.first_ms.view
    nodes = sorted(graph.members(person), key=lambda node: (policy.priority[types[node]], first_ms[node], node))
    show = Show(graph, reveal)
    scanned = list(islice(_records(graph, nodes), 10 * at_most + 1))
    views = [show.statement(*each) for each in sorted(scanned, key=lambda each: (graph.statements.at_ms.view[each[0]], each[0]))]
    by_verdict: dict[Verdict, list[StatementView]] = {"accepted": [], "quarantined": [], "cut": []}
    groups: dict[Verdict, Verdict] = {"accepted": "accepted", "cut": "cut", "confirmed": "cut"}
    for view in views:
        by_verdict[groups.get(view.verdict, "quarantined")].append(view)
    sharing = {node: None for record, node, other in scanned for node in (node, other) if graph.sharing.level.view[node]}
    longest = max([len(nodes), len(sharing), *map(len, by_verdict.values())])
    return Description(
        person=person,
        person_id=graph.person_id(person) if nodes else "",
        identifiers=[show.identifier(node) for node in nodes[:at_most]],
        evidence=by_verdict["accepted"][:at_most],
        quarantined=by_verdict["quarantined"][:at_most],
        withdrawn=by_verdict["cut"][:at_most],
        shared=[show.identifier(node) for node in sorted(sharing)[:at_most]],
        complete=longest <= at_most and len(scanned) <= 10 * at_most,
    )


def _records(graph: IdentityGraph, nodes: list[int]) -> Iterator[tuple[int, int, int]]:
    """(record, a node of the person, the other node), each record once."""
    mine = set(nodes)
    for node in nodes:
        for record, other in graph.statements.around(node):
            if other not in mine or node < other:
                yield record, node, other


class Show:
    """Views of nodes and records."""

    def __init__(self, graph: IdentityGraph, reveal: bool) -> None:
        self._graph, self._reveal = graph, reveal
        self._views: dict[int, IdentifierView] = {}

    def identifier(self, node: int) -> IdentifierView:
        """An identifier. Made once: counting the fan-out of a device with many accounts takes a while."""
        view = self._views.get(node)
        if view is None:
            view = self._views[node] = self._identifier(node)
        return view

    def _identifier(self, node: int) -> IdentifierView:
        policy, code = self._graph.policy, self._graph.table.type.view[node]
        name, value, first_ms = self._graph.identifier(node)
        masked = policy.pii[code] and not self._reveal
        kind = policy.kinds[code]
        return IdentifierView(
            node=node,
            id=self._graph.node_id(node),
            type=name,
            value=mask(value) if masked else value,
            masked=masked,
            label=kind.label if kind is not None else {},
            first_ms=None if first_ms == LATEST else first_ms,
            shared=self._shared(node),
        )

    def statement(self, record: int, a: int, b: int) -> StatementView:
        """A record, seen from node ``a``."""
        graph, store = self._graph, self._graph.statements
        labels = graph.people.person.view
        verdict, reason = self.verdict(record, a, b)
        kind, limit, per, values = "", None, None, list[str]()
        if verdict == "quarantined":
            held = graph.settler.quarantined(record)
            reason, kind, limit = held.reason, held.type, held.limit
            per = graph.policy.per(graph.policy.codes[kind]) if reason == "limit" else None
            masked = graph.policy.pii[graph.policy.codes[kind]] and not self._reveal
            values = [mask(value) if masked else value for value in held.values]
        return StatementView(
            a=self.identifier(a),
            b=self.identifier(b),
            other_person=None if labels[a] == labels[b] else graph.person_id(labels[b]),
            trust=TRUST_NAMES[store.trust.view[record]],
            source=store.sources[store.source.view[record]],
            kind=KINDS[store.kind.view[record]],
            first_ms=store.at_ms.view[record],
            count=store.count.view[record],
            verdict=verdict,
            reason=reason,
            type=kind,
            limit=limit,
            per=per,
            values=values,
        )

    def verdict(self, record: int, a: int, b: int) -> tuple[Verdict, str]:
        """What became of a record, and why; the reason of a limit is in ``statement``."""
        graph, types = self._graph, self._graph.table.type.view
        trust = graph.statements.trust.view[record]
        if graph.statements.is_cut(a, b):
            return "cut", "cut"
        if graph.statements.is_held(a, b):
            return "confirmed", "confirmed"
        if not graph.policy.admitted[trust][types[a]][types[b]]:
            untrusted = trust == CLIENT and graph.policy.active[types[a]] and graph.policy.active[types[b]]
            return "refused", "untrusted_source" if untrusted else "dropped_type"
        if not graph.sharing.passes(a, b, trust):
            return "shared", "shared_identifier"
        return ("accepted", "") if graph.statements.verdict.view[record] == ACCEPTED else ("quarantined", "")

    def _shared(self, node: int) -> list[SharedBy]:
        sharing, policy = self._graph.sharing, self._graph.policy
        level = sharing.level.view[node]
        if not level:
            return []
        return [
            SharedBy(type=policy.names[code], fan_out=count, limit=policy.limit[code] or 0, per=policy.per(code), trust=TRUST_NAMES[level])
            for code, count, _ in sorted(sharing.crowds(node))
        ]
