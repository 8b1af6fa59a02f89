"""The graph as bytes and back: exact, deterministic, and as fast as copying arrays. Numbers are little-endian."""

from __future__ import annotations

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


class Snapshot(msgspec.Struct, kw_only=True):
    """What is written. ``key_check`` is a hash under the identity key: ids made with another key would not resolve.

    ``columns`` and ``records`` hold the arrays of the identifier table and of the statement store by name.
    """

    format: int
    key_check: bytes
    rules: IdentityRules
    names: list[str]
    columns: dict[str, Any]
    records: dict[str, Any]
    sources: list[str]
    cuts: list[tuple[int, tuple[int, int]]]
    merges: list[tuple[int, tuple[int, int]]]
    person: Any
    allocated: int
    pending: list[tuple[int, str, list[Evidence]]]
    awake: list[Evidence]


_decode = msgspec.msgpack.Decoder(Snapshot).decode
_encode = msgspec.msgpack.Encoder().encode


def _key_check(graph: IdentityGraph) -> bytes:
    return graph.table.digest("", b"gyeol identity")


def dump(graph: IdentityGraph) -> bytes:
    """See ``IdentityGraph.dump``."""
    return _encode(
        Snapshot(
            format=FORMAT,
            key_check=_key_check(graph),
            rules=graph.policy.rules,
            names=graph.policy.names,
            columns={**graph.table.dump(), "level": graph.sharing.dump()},
            records=graph.statements.dump(),
            sources=graph.statements.sources,
            cuts=sorted(graph.statements.cuts.items()),
            merges=sorted(graph.statements.merges.items()),
            person=graph.person.view(np.uint8).data,
            allocated=graph.people.allocated,
            pending=[(code, value, [links[key] for key in sorted(links)]) for (code, value), links in sorted(graph.pending.items())],
            awake=graph.awake,
        )
    )


def load(graph: IdentityGraph, data: bytes) -> Change:
    """See ``IdentityGraph.load``."""
    found = _decode(data)
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
    graph.table.load(found.columns)
    graph.statements.load(found.records, found.sources, dict(found.cuts), dict(found.merges), graph.table.size)
    graph.people.load(np.frombuffer(found.person, np.int32).copy(), found.allocated)
    graph.pending = {(code, value): {(link.b, link.trust): link for link in links} for code, value, links in found.pending}
    graph.awake = found.awake
    graph.sharing.load(found.columns["level"])
    graph.settler.loaded()
    return Change() if rules == found.rules else graph.set_rules(rules)
