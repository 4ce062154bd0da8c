"""Draws, blind reviews, calibrations, disputes and coaching."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _new() -> list[sa.Column[Any]]:
    return [
        sa.Column("purpose", sa.String(length=16), nullable=False, server_default="score"),
        sa.Column("plan", sa.String(length=16), nullable=True),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("assigned_to", sa.String(length=200), nullable=True),
        sa.Column("own_team", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("final", sa.String(length=260), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("exclusion", sa.String(length=200), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    for column in _new():
        op.add_column("reviews", column)
    # Until now every recording was to be reviewed.
    op.execute(sa.text("UPDATE reviews SET plan = 'everything'"))
    op.create_index("ix_reviews_assigned_to_state", "reviews", ["assigned_to", "state"], unique=False)
    op.create_index("ix_reviews_started_at", "reviews", ["started_at"], unique=False)
    _draws()
    _fairness()


def _draws() -> None:
    op.create_table(
        "qa_draws",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("begin", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("drawn_at", sa.Double(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_draws")),
    )
    op.create_index("ix_qa_draws_begin", "qa_draws", ["begin"], unique=False)
    op.create_table(
        "qa_draw_members",
        sa.Column("draw", sa.String(length=40), nullable=False),
        sa.Column("review", sa.String(length=260), nullable=False),
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("stratum", sa.String(length=250), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("seed", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("draw", "review", name="pk_qa_draw_members"),
    )
    op.create_index("ix_qa_draw_members_review", "qa_draw_members", ["review"], unique=False)
    op.create_table(
        "qa_drafts",
        sa.Column("review", sa.String(length=260), nullable=False),
        sa.Column("reviewer", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review", "reviewer", name="pk_qa_drafts"),
    )


def _fairness() -> None:
    op.create_table(
        "qa_disputes",
        sa.Column("id", sa.String(length=270), nullable=False),
        sa.Column("review", sa.String(length=260), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False),
        sa.Column("reviewer", sa.String(length=200), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("rescore", sa.String(length=270), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_disputes")),
    )
    op.create_index("ix_qa_disputes_state_raised_at", "qa_disputes", ["state", "raised_at"], unique=False)
    op.create_index("ix_qa_disputes_agent", "qa_disputes", ["agent"], unique=False)
    op.create_index("ix_qa_disputes_review", "qa_disputes", ["review"], unique=False)
    op.create_table(
        "qa_coaching",
        sa.Column("id", sa.String(length=330), nullable=False),
        sa.Column("review", sa.String(length=260), nullable=False),
        sa.Column("item", sa.String(length=50), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False),
        sa.Column("coach", sa.String(length=200), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("least", sa.String(length=8), nullable=False),
        sa.Column("clip_begin", sa.Double(), nullable=True),
        sa.Column("clip_end", sa.Double(), nullable=True),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("recheck_at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("seen_calls", sa.Integer(), nullable=False),
        sa.Column("met_by", sa.String(length=260), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_coaching")),
    )
    op.create_index("ix_qa_coaching_agent_state", "qa_coaching", ["agent", "state"], unique=False)
    op.create_index("ix_qa_coaching_review", "qa_coaching", ["review"], unique=False)
    op.create_table(
        "qa_calibrations",
        sa.Column("id", sa.String(length=260), nullable=False),
        sa.Column("recording", sa.String(length=250), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("scorecard", sa.String(length=50), nullable=False),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("called_by", sa.String(length=200), nullable=False),
        sa.Column("called_at", sa.Double(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_calibrations")),
    )
    op.create_index("ix_qa_calibrations_called_at", "qa_calibrations", ["called_at"], unique=False)
    op.create_index("ix_qa_calibrations_recording", "qa_calibrations", ["recording"], unique=False)


def downgrade() -> None:
    for table in (
        "qa_calibrations",
        "qa_coaching",
        "qa_disputes",
        "qa_drafts",
        "qa_draw_members",
        "qa_draws",
    ):
        op.drop_table(table)
    op.drop_index("ix_reviews_started_at", "reviews")
    op.drop_index("ix_reviews_assigned_to_state", "reviews")
    with op.batch_alter_table("reviews") as batch:
        for column in reversed(_new()):
            batch.drop_column(column.name)
