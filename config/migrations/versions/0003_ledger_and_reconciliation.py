"""The ledger, what it was compared with, versions of calls, gaps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.Text(), nullable=False, server_default="live"))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index("ix_calls_ended_at", ["ended_at"], unique=False)
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_uniqueid", ["uniqueid"], unique=False)
    op.create_table(
        "ledger_cursors",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("memento", sa.Text(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_ledger_cursors")),
    )
    op.create_table(
        "ledger_visits",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("joined_second", sa.BigInteger(), nullable=False),
        sa.Column("nth_in_second", sa.Integer(), nullable=False),
        sa.Column("number_in_call", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.Column("settled_at", sa.Double(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("retry_at", sa.Double(), nullable=False),
        sa.Column("checked_at", sa.Double(), nullable=True),
        sa.Column("our_call", sa.Text(), nullable=True),
        sa.Column("our_number", sa.Integer(), nullable=True),
        sa.Column("our_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "pbx", "uniqueid", "joined_second", "nth_in_second", name=op.f("pk_ledger_visits")
        ),
    )
    op.create_index("ix_ledger_visits_pbx_state_settled_at", "ledger_visits", ["pbx", "state", "settled_at"])
    op.create_index("ix_ledger_visits_pbx_joined_at", "ledger_visits", ["pbx", "joined_at"])
    op.create_index("ix_ledger_visits_our_call", "ledger_visits", ["our_call", "our_number"])
    op.create_table(
        "ledger_differences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("call", sa.Text(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=True),
        sa.Column("ledger", sa.Text(), nullable=True),
        sa.Column("found_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_differences")),
    )
    op.create_index("ix_ledger_differences_pbx_state_kind", "ledger_differences", ["pbx", "state", "kind"])
    op.create_index("ix_ledger_differences_joined_at", "ledger_differences", ["joined_at"])
    op.create_index("ix_ledger_differences_call", "ledger_differences", ["call"])
    op.create_table(
        "call_versions",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call", "version", name=op.f("pk_call_versions")),
    )
    op.create_index("ix_call_versions_pbx_told", "call_versions", ["pbx", "told"])
    op.create_table(
        "gaps",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "kind", "since", name=op.f("pk_gaps")),
    )
    op.create_index("ix_gaps_pbx_state", "gaps", ["pbx", "state"])
    op.create_index("ix_gaps_pbx_until", "gaps", ["pbx", "until"])
    op.create_table(
        "listening",
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_listening")),
    )


def downgrade() -> None:
    for table in (
        "listening",
        "gaps",
        "call_versions",
        "ledger_differences",
        "ledger_visits",
        "ledger_cursors",
    ):
        op.drop_table(table)
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_uniqueid")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index("ix_calls_ended_at")
        batch_op.drop_column("version")
        batch_op.drop_column("source")
