"""How conversations ended, in the agents' words, and the places agents had in queues."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispositions",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("in_ledger", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("call", "channel", "version", name="pk_dispositions"),
    )
    op.create_index("ix_dispositions_agent_ended_at", "dispositions", ["agent", "ended_at"])
    op.create_index("ix_dispositions_code", "dispositions", ["code"])
    op.create_index("ix_dispositions_in_ledger", "dispositions", ["in_ledger"])
    op.create_table(
        "queue_places",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("interface", sa.Text(), nullable=False),
        sa.Column("penalty", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "agent", "queue", name="pk_queue_places"),
    )


def downgrade() -> None:
    op.drop_table("queue_places")
    op.drop_table("dispositions")
