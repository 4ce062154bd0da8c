"""What customers said of us."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_responses",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("call", sa.String(length=200), nullable=True),
        sa.Column("agent", sa.String(length=80), nullable=True),
        sa.Column("queue", sa.String(length=128), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_responses")),
    )
    op.create_index(
        "ix_survey_responses_number_answered_at", "survey_responses", ["number", "answered_at"], unique=False
    )
    op.create_index("ix_survey_responses_answered_at", "survey_responses", ["answered_at"], unique=False)
    op.create_index("ix_survey_responses_call", "survey_responses", ["call"], unique=False)


def downgrade() -> None:
    op.drop_table("survey_responses")
