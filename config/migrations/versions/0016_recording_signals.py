"""What can be heard in recordings without understanding a word, notes to their moments, and links to them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_signals",
        sa.Column("recording", sa.String(length=250), nullable=False),
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("heard_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=True),
        sa.Column("silence_share", sa.Double(), nullable=True),
        sa.Column("dead_air_count", sa.Integer(), nullable=False),
        sa.Column("dead_air_longest", sa.Double(), nullable=True),
        sa.Column("talk_over_count", sa.Integer(), nullable=True),
        sa.Column("talk_over_seconds", sa.Double(), nullable=True),
        sa.Column("agent_talk_share", sa.Double(), nullable=True),
        sa.Column("hold_seconds", sa.Double(), nullable=False),
        sa.Column("signals", sa.Text(), nullable=False),
        sa.Column("spans", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recording", name=op.f("pk_recording_signals")),
    )
    for columns in (["call"], ["dead_air_longest"], ["talk_over_seconds"], ["fault"]):
        op.create_index(f"ix_recording_signals_{columns[0]}", "recording_signals", columns, unique=False)
    op.create_table(
        "recording_transcripts",
        sa.Column("recording", sa.String(length=250), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=True),
        sa.Column("began", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recording", "number", name="pk_recording_transcripts"),
    )
    op.create_table(
        "recording_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording", sa.String(length=250), nullable=False),
        sa.Column("at_seconds", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_notes")),
    )
    op.create_index("ix_recording_notes_recording", "recording_notes", ["recording"], unique=False)
    op.create_table(
        "recording_shares",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("recording", sa.String(length=250), nullable=False),
        sa.Column("at_seconds", sa.Double(), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recording_shares")),
    )
    for columns in (["recording"], ["expires_at"]):
        op.create_index(f"ix_recording_shares_{columns[0]}", "recording_shares", columns, unique=False)


def downgrade() -> None:
    for table in ("recording_shares", "recording_notes", "recording_transcripts", "recording_signals"):
        op.drop_table(table)
