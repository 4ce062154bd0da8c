"""Every recording in the store is sealed with a key of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_keys",
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("master", sa.String(length=80), nullable=False),
        sa.Column("wrapped", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_recording_keys")),
    )
    op.create_index("ix_recording_keys_master", "recording_keys", ["master"], unique=False)
    op.create_index("ix_recordings_file", "recordings", ["file"], unique=False)
    op.create_index("ix_recordings_path", "recordings", ["path"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_recordings_path", table_name="recordings")
    op.drop_index("ix_recordings_file", table_name="recordings")
    op.drop_table("recording_keys")
