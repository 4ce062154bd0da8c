"""How calls sounded at the agents' softphones."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_quality",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("jitter_ms", sa.Double(), nullable=False),
        sa.Column("jitter_worst_ms", sa.Double(), nullable=False),
        sa.Column("loss_percent", sa.Double(), nullable=False),
        sa.Column("rtt_ms", sa.Double(), nullable=True),
        sa.Column("mos", sa.Double(), nullable=False),
        sa.Column("mos_worst", sa.Double(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call", "agent", name=op.f("pk_call_quality")),
    )


def downgrade() -> None:
    op.drop_table("call_quality")
