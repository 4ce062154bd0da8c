"""Conversations found by the agent's leg: the ledger names it, and a transfer may have taken it to another call."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_segments_channel", "segments", ["channel"])


def downgrade() -> None:
    op.drop_index("ix_segments_channel", "segments")
