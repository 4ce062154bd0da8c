"""Teams, second factors, lock-outs, API tokens, and an audit log whose lines are chained."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade() -> None:
    for column in (
        sa.Column("deactivated_at", sa.Double(), nullable=True),
        sa.Column("external", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_since", sa.Double(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
    ):
        op.add_column(
            "users", column
        )  # never a new table in its place: SQLite would end every session with the old one
    op.create_index("uq_users_external", "users", ["external"], unique=True)
    op.add_column("sessions", sa.Column("seen_at", sa.Double(), nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("browser", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "user_teams",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_user_teams_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user", "team", name="pk_user_teams"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_recovery_codes_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user", "code", name="pk_recovery_codes"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("closed_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_sign_in_failures"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_api_tokens_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_index("ix_api_tokens_user", "api_tokens", ["user"])
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("seal", sa.Text(), nullable=True))
    _seal_what_is_there()
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.alter_column("previous", existing_type=sa.Text(), nullable=False)
        batch_op.alter_column("seal", existing_type=sa.Text(), nullable=False)
        batch_op.create_unique_constraint("uq_audit_previous", ["previous"])


def downgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_constraint("uq_audit_previous", type_="unique")
        batch_op.drop_column("seal")
        batch_op.drop_column("previous")
    for table in ("api_tokens", "sign_in_failures", "recovery_codes", "user_teams"):
        op.drop_table(table)
    op.drop_index("ix_sessions_user", "sessions")
    for column in ("browser", "address", "seen_at"):
        op.drop_column("sessions", column)
    op.drop_index("uq_users_external", "users")
    for column in ("totp_step", "totp_since", "totp_secret", "external", "deactivated_at"):
        op.drop_column("users", column)


def _seal_what_is_there() -> None:
    """Lines of before are chained as they stand today; what was done to them earlier, nobody can tell."""
    connection = op.get_bind()
    audit = sa.table(
        "audit", *map(sa.column, ("id", "at", "user", "login", "action", "subject", "previous", "seal"))
    )
    content = [audit.c[name] for name in ("id", "at", "user", "login", "action", "subject")]
    change = (
        sa.update(audit)
        .where(audit.c.id == sa.bindparam("this"))
        .values(previous=sa.bindparam("before"), seal=sa.bindparam("sealed"))
    )
    last, seal = None, "0" * 64
    while True:
        some = sa.select(*content).order_by(audit.c.id).limit(AT_ONCE)
        lines = connection.execute(some if last is None else some.where(audit.c.id > last)).all()
        if not lines:
            return
        sealed = []
        for number, *line in lines:
            before, last = seal, number
            text = json.dumps([before, *line], ensure_ascii=False, separators=(",", ":"))
            seal = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            sealed.append({"this": number, "before": before, "sealed": seal})
        connection.execute(change, sealed)
