"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table("meta", _text("key", primary_key=True), _number("value"))
    op.create_table(
        "dead_letter",
        _text("id", primary_key=True),
        _number("offset"),
        _text("status"),
        _text("code"),
        sa.Column("replayed_offset", sa.BigInteger),
        _body(),
    )
    op.create_index("dead_letter_by_offset", "dead_letter", ["offset"])
    op.create_index("dead_letter_by_status", "dead_letter", ["status", "code", "offset"])
    op.create_table(
        "outbox",
        _text("send_key", primary_key=True),
        _text("state"),
        _number("changed_at_ms"),
        _text("reason"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _number("not_before_ms"),
        _number("queued_at_ms"),
        _number("node"),
        _body(),
    )
    op.create_index("outbox_by_state", "outbox", ["state", "queued_at_ms", "send_key"])
    op.create_index("outbox_by_time", "outbox", ["queued_at_ms", "send_key"])
    op.create_index("outbox_by_node", "outbox", ["node", "queued_at_ms"])
    op.create_table(
        "delivery",
        _text("send_key"),
        _number("at_ms"),
        _text("state"),
        _body(),
        sa.PrimaryKeyConstraint("send_key", "at_ms", "state"),
    )
    op.create_table("decision", _text("id", primary_key=True), _number("node"), _text("placement"), _number("at_ms"), _body())
    op.create_index("decision_by_node", "decision", ["node", "at_ms"])
    op.create_index("decision_by_placement", "decision", ["placement"])
    op.create_table(
        "enrolment",
        _text("journey"),
        _text("entry_key"),
        _number("node"),
        _number("at_ms"),
        _body(),
        sa.PrimaryKeyConstraint("journey", "entry_key", "node"),
    )
    op.create_index("enrolment_by_node", "enrolment", ["node", "at_ms"])
    op.create_table(
        "node_person",
        _number("since_offset"),
        _number("node"),
        _text("person"),
        _number("since_ms"),
        sa.PrimaryKeyConstraint("since_offset", "node"),
    )
    op.create_table(
        "frame_nodes",
        sa.Column("first_offset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("nodes", sa.LargeBinary, nullable=False),
    )
    op.create_table("audit", sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False), _body())


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=primary_key, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _body() -> sa.Column[bytes]:
    return sa.Column("body", sa.LargeBinary, nullable=False)
