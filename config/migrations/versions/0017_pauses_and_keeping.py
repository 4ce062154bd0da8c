"""Pauses of recordings; what must not be deleted, and what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "recordings", sa.Column("forbidden", sa.String(length=32), nullable=False, server_default="")
    )
    op.create_table(
        "recording_pauses",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("pbx", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=150), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=True),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("sound_since", sa.Double(), nullable=True),
        sa.Column("sound_until", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("silence", sa.String(length=16), nullable=False),
        sa.Column("loudest", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_pauses")),
    )
    op.create_index("ix_recording_pauses_file", "recording_pauses", ["file"], unique=False)
    op.create_index("ix_recording_pauses_call", "recording_pauses", ["call"], unique=False)
    op.create_index("ix_recording_pauses_silence", "recording_pauses", ["silence"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("lifted_at", sa.Double(), nullable=True),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("ix_legal_holds_lifted_at", "legal_holds", ["lifted_at"], unique=False)
    op.create_table(
        "keeping_reports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_reports")),
    )
    op.create_index("ix_keeping_reports_at", "keeping_reports", ["at"], unique=False)
    op.create_table(
        "erased_numbers",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_erased_numbers")),
    )


def downgrade() -> None:
    op.drop_table("erased_numbers")
    op.drop_table("keeping_reports")
    op.drop_table("legal_holds")
    op.drop_table("recording_pauses")
    op.drop_column("recordings", "forbidden")
