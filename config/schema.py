"""Brings a database to the shape this version needs."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import reading
from cti.domain.errors import NewerDatabase

if TYPE_CHECKING:  # imported only where something is to be done, which is once in a version
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]
"""The number of today's shape."""
_ONE_AT_A_TIME = 7_401_001
"""The advisory lock of PostgreSQL under which a shape is changed; SQLite has one writer anyway."""


def alembic_config(connection: Connection) -> "Config":
    """Alembic's own, for migrations on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def upgrade(engine: AsyncEngine) -> None:
    """Apply every migration the database has not seen, all of them or none. Raises NewerDatabase."""
    if await _shape(engine) == NEWEST:
        return
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


async def _shape(engine: AsyncEngine) -> str | None:
    """The number of the shape it has; None of one that is empty."""
    async with reading(engine).connect() as connection:
        try:
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
        except DBAPIError:
            return None


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as problem:
        raise NewerDatabase(f"this version knows it up to {NEWEST}. ({problem})") from problem
