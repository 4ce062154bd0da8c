"""Callbacks, rescues and their stories."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=128), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_call", sa.String(length=200), nullable=True),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("passed_by", sa.String(length=80), nullable=True),
        sa.Column("call", sa.String(length=200), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.String(length=170), nullable=True),
        sa.Column("calling", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    op.create_index("ix_callbacks_first_call", "callbacks", ["first_call"], unique=False)
    op.create_index("ix_callbacks_state_due_at", "callbacks", ["state", "due_at"], unique=False)
    op.create_index("uq_callbacks_calling", "callbacks", ["calling"], unique=True)
    op.create_index("uq_callbacks_open_key", "callbacks", ["open_key"], unique=True)
    op.create_table(
        "rescues",
        sa.Column("id", sa.String(length=220), nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=128), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("first_call", sa.String(length=200), nullable=False),
        sa.Column("abandoned_at", sa.Double(), nullable=False),
        sa.Column("waited", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("call", sa.String(length=200), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.String(length=170), nullable=True),
        sa.Column("calling", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescues")),
    )
    op.create_index("ix_rescues_state_due_at", "rescues", ["state", "due_at"], unique=False)
    op.create_index("uq_rescues_calling", "rescues", ["calling"], unique=True)
    op.create_index("uq_rescues_open_key", "rescues", ["open_key"], unique=True)
    op.create_table(
        "care_story",
        sa.Column("subject", sa.String(length=220), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("call", sa.String(length=200), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "revision", name=op.f("pk_care_story")),
    )
    op.create_index("ix_care_story_told_at", "care_story", ["told", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("care_story")
    op.drop_table("rescues")
    op.drop_table("callbacks")
