"""From a batch of events to the node of each, and to the evidence that they state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.model import EVENT_TYPES
from gyeol.identity.evidence import Evidence, merged
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import TRUST_RANKS, IdentityRules
from gyeol.identity.policy import CLIENT
from gyeol.identity.statements import pair_key

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
_ALIAS = EVENT_TYPES.index("alias")
_MANY = 48
"""From so many new statements of a batch on they are grouped by pair before any is made. Source: to group them takes 20 µs."""


class IdentifiedBatch(Protocol):
    """What identity reads of a batch; ``events.batch.EventBatch`` has it all."""

    @property
    def n(self) -> int:
        """Events."""
        ...

    def offset(self, i: int) -> int:
        """Offset of event ``i``."""
        ...

    @property
    def type_code(self) -> UInt8:
        """(n,) index into ``EVENT_TYPES``."""
        ...

    @property
    def source(self) -> npt.NDArray[np.int16]:
        """(n,) index of the source."""
        ...

    @property
    def time_ms(self) -> Int64:
        """(n,) event time."""
        ...

    def texts(self, path: str) -> list[str | None]:
        """(n,) values of a path as text."""
        ...

    def coded(self, path: str) -> tuple[Int32, Sequence[str]] | None:
        """The same as codes (-1: none) of words, where they are kept so; None where they are not."""
        ...


class Extracted(msgspec.Struct, frozen=True):
    """What a batch says of identity.

    Args:
        event_node: (n,) int64: the node of each event's strongest identifier, -1 where it has none.
        evidence: Statements that the graph does not know yet, or knows as later ones; one a pair and trust. The others are counted.
    """

    event_node: Int64
    evidence: list[Evidence]


def identity_paths(rules: IdentityRules) -> list[str]:
    """The paths that ``identify_batch`` reads of every event: for the batch to extract in one pass."""
    return list(dict.fromkeys(path for kind in rules.types for path in kind.paths))


def identify_batch(
    batch: IdentifiedBatch,
    rules: IdentityRules,
    graph: IdentityGraph,
    trust_of_source: Sequence[str],
    source_names: Sequence[str] = (),
) -> Extracted:
    """Find or make the nodes of a batch's identifiers.

    An event states that its strongest identifier and each other one of its identifiers belong together. From a source of trust
    ``client`` only types with ``from_client`` are identifiers: an e-mail address in a web page's event is a trait, nothing more.

    Args:
        batch: The events.
        rules: The rules of the graph.
        graph: Gets the nodes, and the counts of what it knows already; hand it the evidence by ``observe``.
        trust_of_source: ``client`` or ``server`` by source index.
        source_names: Names by source index, kept with the evidence.
    """
    ranks = np.array([TRUST_RANKS[trust] for trust in trust_of_source], np.uint8)[batch.source]
    from_clients = np.flatnonzero(ranks == CLIENT).tolist()
    event_node = np.full(batch.n, -1, np.int64)
    others: list[Int64] = []
    for kind in sorted(rules.types, key=lambda kind: kind.priority):
        nodes = _nodes_of(batch, graph, kind.name, kind.paths, () if kind.from_client else from_clients)
        if nodes is None:
            continue
        if len(others):
            np.copyto(event_node, nodes, where=event_node < 0)
        else:
            event_node = nodes.copy()
        others.append(nodes)
    sifter = _Sifter(batch, graph, source_names, ranks)
    for nodes in others[1:]:
        sifter.sift(event_node, nodes)
    _link_aliases(batch, graph, sifter, ranks)
    return Extracted(event_node, sifter.found())


def _nodes_of(batch: IdentifiedBatch, graph: IdentityGraph, name: str, paths: list[str], hidden: Sequence[int]) -> Int64 | None:
    """(n,) nodes of a type: of each event the first path that holds an identifier; None when no event has one.

    ``hidden`` are the events whose source may not give this type.
    """
    code = graph.type_code(name)
    nodes: Int64 | None = None
    for path in paths:
        late = None if nodes is None else np.flatnonzero(nodes < 0)
        coded = batch.coded(path)
        found = _of_texts(graph, code, batch.texts(path), hidden, late) if coded is None else _of_words(graph, code, *coded, hidden, late)
        if nodes is None:
            nodes = found
        elif found is not None and late is not None:
            nodes[late] = found
    if nodes is None or not (nodes >= 0).any():
        return None
    graph.date(nodes, batch.time_ms)
    return nodes


def _of_texts(graph: IdentityGraph, code: int, texts: list[str | None], hidden: Sequence[int], rows: Int64 | None) -> Int64 | None:
    """Nodes of texts, of all or of some rows; None when there is no text at all."""
    if texts.count(None) == len(texts):
        return None
    if hidden:
        texts = texts.copy()
        for i in hidden:
            texts[i] = None
    return graph.resolve(code, texts if rows is None else [texts[i] for i in rows.tolist()])


def _of_words(
    graph: IdentityGraph, code: int, codes: Int32, words: Sequence[str], hidden: Sequence[int], rows: Int64 | None
) -> Int64 | None:
    """As ``_of_texts`` for texts given as codes (-1: none) of words: each word is looked up once, in the order of first sight."""
    if hidden:
        codes = codes.copy()
        codes[np.asarray(hidden, np.int64)] = -1
    if rows is not None:
        codes = codes[rows]
    first = np.full(len(words) + 1, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of equal codes the last assignment stays: that of the first row
    used = np.flatnonzero(first[:-1] < len(codes))
    if not len(used):
        return None
    used = used[np.argsort(first[used])]
    node_of = np.full(len(words) + 1, -1, np.int64)
    node_of[used] = graph.resolve(code, [words[i] for i in used.tolist()])
    return node_of[codes]


class _Sifter:
    """Lets through the statements that the graph does not know; counts those that it does."""

    def __init__(self, batch: IdentifiedBatch, graph: IdentityGraph, source_names: Sequence[str], ranks: UInt8) -> None:
        self._graph, self._names, self._times, self._ranks = graph, source_names, batch.time_ms, ranks
        self._sources = batch.source
        self._offset = batch.offset
        self._found: dict[int, Evidence] = {}
        self._again: dict[int, int] = {}

    def sift(self, event_node: Int64, nodes: Int64) -> None:
        """Take the pairs (the event's node, another of its nodes)."""
        rows = np.flatnonzero((nodes >= 0) & (nodes != event_node))
        if not len(rows):
            return
        a, b = event_node[rows], nodes[rows]
        keys = np.minimum(a, b) << 34 | np.maximum(a, b) << 2 | self._ranks[rows]
        times = self._times[rows]
        records = self._graph.known_pairs.records(keys)
        store = self._graph.statements
        known = records >= 0
        known[known] = times[known] >= store.at_ms.data[records[known]]
        np.add.at(store.count.data, records[known], 1)
        new = np.flatnonzero(~known)
        if len(new) > _MANY:
            self._keep_many(keys[new], rows[new], a[new], b[new])
            return
        for key, row, left, right in zip(keys[new].tolist(), rows[new].tolist(), a[new].tolist(), b[new].tolist(), strict=True):
            self._keep(key, row, left, right)

    def _keep_many(self, keys: Int64, rows: Int64, a: Int64, b: Int64) -> None:
        """As ``_keep`` for each: of a pair's statements the earliest is made, with the count of all, in the order of first sight."""
        order = np.lexsort((rows, self._name_ranks[self._sources[rows]], self._times[rows], keys))
        ordered = keys[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        counts = np.diff(starts, append=len(keys))
        first_seen = np.argsort(np.minimum.reduceat(order, starts))
        best = order[starts[first_seen]]
        columns = (keys[best], rows[best], a[best], b[best], counts[first_seen])
        for key, row, left, right, count in zip(*(column.tolist() for column in columns), strict=True):
            mine = self.statement(row, left, right, count)
            before = self._found.get(key)
            self._found[key] = mine if before is None else merged(before, mine)

    def state(self, row: int, a: int, b: int) -> None:
        """Keep what an event states of two nodes."""
        self._keep(pair_key(a, b, int(self._ranks[row])), row, a, b)

    def _keep(self, key: int, row: int, a: int, b: int) -> None:
        """A later statement of a pair is only counted, so that one a pair and trust is left."""
        before = self._found.get(key)
        if before is not None and before.at_ms < self._times[row]:
            self._again[key] = self._again.get(key, 0) + 1
        else:
            mine = self.statement(row, a, b)
            self._found[key] = mine if before is None else merged(before, mine)

    @cached_property
    def _name_ranks(self) -> Int64:
        """The place of each source's name among all names: what ``merged`` looks at where times are equal."""
        names = [self._named(source) for source in range(int(self._sources.max()) + 1)]
        order = {name: rank for rank, name in enumerate(sorted(set(names)))}
        return np.array([order[name] for name in names], np.int64)

    def _named(self, source: int) -> str:
        return self._names[source] if source < len(self._names) else ""

    def statement(self, row: int, a: int, b: int, count: int = 1) -> Evidence:
        """What an event states of two nodes."""
        name, offset = self._named(self._sources.item(row)), self._offset(row)
        return Evidence(a=a, b=b, trust=self._ranks.item(row), at_ms=self._times.item(row), source=name, offset=offset, count=count)

    def found(self) -> list[Evidence]:
        """The statements let through, in order of first sight."""
        for key, more in self._again.items():
            kept = self._found[key]
            self._found[key] = msgspec.structs.replace(kept, count=kept.count + more)
        return list(self._found.values())


def _link_aliases(batch: IdentifiedBatch, graph: IdentityGraph, sifter: _Sifter, ranks: UInt8) -> None:
    """``alias``: previousId is one with userId.

    Whether previousId was an anonymous id or an account, the call does not say, and what the graph knows by now depends on the order
    of arrival. So it is linked as an anonymous id, and as an account from when any event uses it as such; two accounts are then
    quarantined until somebody releases them.
    """
    policy = graph.policy
    rows = np.flatnonzero(batch.type_code == _ALIAS).tolist()
    account, device = policy.reading("userId"), policy.reading("anonymousId")
    if account < 0 or not rows:
        return
    clients_too = policy.from_client[account]
    previous, users = batch.texts("previousId"), batch.texts("userId")
    rows = [row for row in rows if previous[row] and users[row] and (clients_too or ranks[row] != CLIENT)]
    user_nodes = graph.resolve(account, [users[row] for row in rows])
    if device >= 0:
        devices = graph.resolve(device, [previous[row] if policy.from_client[device] or ranks[row] != CLIENT else None for row in rows])
        graph.date(devices, batch.time_ms[rows])
        for row, user, node in zip(rows, user_nodes.tolist(), devices.tolist(), strict=True):
            if user >= 0 and node >= 0:
                sifter.state(row, user, node)
    spell = policy.normaliser(account)
    for row, user in zip(rows, user_nodes.tolist(), strict=True):
        value = spell(previous[row] or "")
        if user >= 0 and value is not None and value != graph.table.value(user):
            graph.link_when_known(account, value, sifter.statement(row, user, user))
