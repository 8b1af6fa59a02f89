"""Bodies are sealed under the data key."""

from __future__ import annotations

from alembic import context, op

from gyeol.storage.state.bodies import reseal

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Seal every body that is there."""
    reseal(op.get_bind(), context.config.attributes["seal"])
