"""Records of coupons into state, and what is told of them outside the engine."""

from __future__ import annotations

from msgspec.structs import replace

from gyeol.content.coupons.records import KINDS, Added, Issued, Record, Revoked, record_of
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command

COUPON_COMMANDS = frozenset(KINDS)
MACHINES = ("source:", "till:")
"""How ``by`` begins where a program asked: what tills do is in the ledger, what people do is in the audit as well."""
MOST_AUDITED = 100


def fold_coupon(state: EngineState, command: Command) -> Command | None:
    """Take one record of coupons in.

    Returns:
        What the audit keeps of it, without codes; None when nobody who works here did it.
    """
    record = record_of(command.kind, command.body)
    if isinstance(record, Issued) and record.identifier is not None:
        state.graph.numbered(record.node, *record.identifier, state.now_ms)
    state.coupons.apply(record)
    return None if command.by.startswith(MACHINES) else replace(command, body=_audited(record))


def _audited(record: Record) -> dict[str, object]:
    if isinstance(record, Added):
        return {"pool": record.pool, "codes": len(record.codes)}
    if isinstance(record, Revoked):
        return {"pool": record.pool, "codes": len(record.refs), "refs": record.refs[:MOST_AUDITED]}
    return {"pool": record.pool, "ref": record.ref}
