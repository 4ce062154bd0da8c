"""Brings a database to the shape this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.domain.errors import NewerDatabase

MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 7_401_001
"""The advisory lock of PostgreSQL under which a shape is changed; SQLite has one writer anyway."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's own, for migrations on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def upgrade(engine: AsyncEngine) -> None:
    """Apply every migration the database has not seen, all of them or none. Raises NewerDatabase."""
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    config = alembic_config(connection)
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        head = ScriptDirectory.from_config(config).get_current_head()
        raise NewerDatabase(f"this version knows it up to {head}. ({problem})") from problem
