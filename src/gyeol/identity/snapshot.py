"""The graph as bytes and back: exact, deterministic, and as fast as copying arrays. Numbers are little-endian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from gyeol.identity.evidence import Change, Evidence
from gyeol.identity.model import IdentityRules
from gyeol.identity.policy import Policy
from gyeol.kernel.errors import StateError, VersionConflictError

if TYPE_CHECKING:
    from gyeol.identity.graph import IdentityGraph

FORMAT = 1


class Head(msgspec.Struct, kw_only=True):
    """What is written beside arrays. ``key_check`` is a hash under the identity key: ids made with another key would not resolve."""

    format: int
    key_check: bytes
    rules: IdentityRules
    names: list[str]
    sources: list[str]
    cuts: list[tuple[int, tuple[int, int]]]
    merges: list[tuple[int, tuple[int, int]]]
    allocated: int
    pending: list[tuple[int, str, list[Evidence]]]
    awake: list[Evidence]
    holds: list[tuple[int, tuple[int, int]]] = []


class Snapshot(Head, kw_only=True):
    """The whole in one piece: ``columns`` and ``records`` hold the arrays of identifier table and statement store by name."""

    columns: dict[str, Any]
    records: dict[str, Any]
    person: Any


_decode = msgspec.msgpack.Decoder(Snapshot).decode
_decode_head = msgspec.msgpack.Decoder(Head).decode
_encode = msgspec.msgpack.Encoder().encode


def _key_check(graph: IdentityGraph) -> bytes:
    return graph.table.digest("", b"gyeol identity")


def _head(graph: IdentityGraph) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "key_check": _key_check(graph),
        "rules": graph.policy.rules,
        "names": graph.policy.names,
        "sources": graph.statements.sources,
        "cuts": sorted(graph.statements.cuts.items()),
        "merges": sorted(graph.statements.merges.items()),
        "allocated": graph.people.allocated,
        "pending": [(code, value, [links[key] for key in sorted(links)]) for (code, value), links in sorted(graph.pending.items())],
        "awake": graph.awake,
        "holds": sorted(graph.statements.holds.items()),
    }


def _columns(graph: IdentityGraph) -> dict[str, memoryview]:
    return {**graph.table.dump(), "level": graph.sharing.dump()}


def dump(graph: IdentityGraph) -> bytes:
    """See ``IdentityGraph.dump``."""
    person = graph.person.view(np.uint8).data
    return _encode(Snapshot(**_head(graph), columns=_columns(graph), records=graph.statements.dump(), person=person))


def parts(graph: IdentityGraph) -> dict[str, object]:
    """What ``dump`` holds as a tree of byte arrays, views of live memory where that is possible."""

    def arrays(columns: dict[str, memoryview]) -> dict[str, object]:
        return {name: np.frombuffer(column, np.uint8) for name, column in columns.items()}

    return {
        "head": _encode(Head(**_head(graph))),
        "columns": arrays(_columns(graph)),
        "records": arrays(graph.statements.dump()),
        "person": graph.person.view(np.uint8),
    }


def load(graph: IdentityGraph, data: bytes) -> Change:
    """See ``IdentityGraph.load``."""
    found = _decode(data)
    return _load(graph, found, found.columns, found.records, found.person)


def load_parts(graph: IdentityGraph, tree: Mapping[str, Any]) -> Change:
    """As ``load`` from what ``parts`` gave; each array is asked for once."""
    return _load(graph, _decode_head(tree["head"]), tree["columns"], tree["records"], tree["person"])


def _load(graph: IdentityGraph, found: Head, columns: Mapping[str, Any], records: Mapping[str, Any], person: Any) -> Change:
    if found.format != FORMAT:
        mend = "run the release that wrote it, or a newer one"
        raise VersionConflictError(
            "newer_identity_snapshot", f"the identity snapshot has format {found.format}, not {FORMAT}: {mend}", format=found.format
        )
    if found.key_check != _key_check(graph):
        raise StateError(
            "wrong_identity_key", "the identity snapshot was written under another identity key; restore secrets.json of this folder"
        )
    rules = graph.policy.rules
    graph.reset(Policy(found.rules, found.names))
    graph.table.load(columns)
    graph.statements.load(records, found.sources, (dict(found.cuts), dict(found.merges), dict(found.holds)), graph.table.size)
    graph.people.load(np.frombuffer(person, np.int32).copy(), found.allocated)
    graph.pending = {(code, value): {(link.b, link.trust): link for link in links} for code, value, links in found.pending}
    graph.awake = found.awake
    graph.sharing.load(columns["level"])
    graph.settler.loaded()
    return Change() if rules == found.rules else graph.set_rules(rules)


class Changing(msgspec.Struct, kw_only=True):
    """What of a graph a later statement may change, copied; and how many bytes of the identifiers belong to it."""

    head: bytes
    records: dict[str, bytes]
    level: bytes
    person: bytes
    lengths: dict[str, int]


def changing(graph: IdentityGraph) -> Changing:
    """The first part of a copy: plain memory copies, about 45 bytes a statement."""
    return Changing(
        head=_encode(Head(**_head(graph))),
        records={name: bytes(column) for name, column in graph.statements.dump().items()},
        level=bytes(graph.sharing.dump()),
        person=graph.person.tobytes(),
        lengths=graph.table.byte_lengths(),
    )


def load_copied(graph: IdentityGraph, copied: Changing, columns: Mapping[str, Any]) -> None:
    """Fill a new graph of equal rules and key for trying rules on: it finds nobody by value, for the index was not copied."""
    keys = np.arange(1, len(columns["type"]) + 1, dtype=np.uint64).view(np.uint8).data
    _load(graph, _decode_head(copied.head), {**columns, "keys": keys, "level": copied.level}, copied.records, copied.person)
