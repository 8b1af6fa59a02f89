"""The tables of state.db. Whole values are kept as MessagePack in ``body``; columns beside it are what queries select by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", String, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    Column("code", String, nullable=False),
    Column("replayed_offset", BigInteger),
    Column("body", LargeBinary, nullable=False),
    Index("dead_letter_by_offset", "offset"),
    Index("dead_letter_by_status", "status", "code", "offset"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("send_key", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("queued_at_ms", BigInteger, nullable=False),
    Column("node", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("outbox_by_state", "state", "queued_at_ms", "send_key"),
    Index("outbox_by_time", "queued_at_ms", "send_key"),
    Index("outbox_by_node", "node", "queued_at_ms"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("send_key", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("send_key", "at_ms", "state"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", String, primary_key=True),
    Column("node", BigInteger, nullable=False),
    Column("placement", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("decision_by_node", "node", "at_ms"),
    Index("decision_by_placement", "placement"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("journey", String, nullable=False),
    Column("entry_key", String, nullable=False),
    Column("node", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("journey", "entry_key", "node"),
    Index("enrolment_by_node", "node", "at_ms"),
)

node_person = Table(
    "node_person",
    metadata,
    Column("since_offset", BigInteger, nullable=False),
    Column("node", BigInteger, nullable=False),
    Column("person", String, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("since_offset", "node"),
)

node_group = Table(
    "node_group",
    metadata,
    Column("since_offset", BigInteger, nullable=False),
    Column("node", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("group_id", String, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("since_offset", "node", "kind"),
)

frame_nodes = Table(
    "frame_nodes",
    metadata,
    Column("first_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("nodes", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
