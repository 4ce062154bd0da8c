"""Who did what: an append-only table, written before the deed is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Double, Index, Integer, Table, Text, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from cti.domain.access import User
from cti.ports import Clock

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("user", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Index("ix_audit_at", "at"),
)


class SqlAudit:
    """Returns when the row is committed; if it cannot be, it raises and nothing is done."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._read, self._clock = engine, reading(engine), clock

    async def __call__(self, user: User, action: str, subject: str) -> None:
        row = {
            "at": self._clock.now(),
            "user": user.id,
            "login": user.login,
            "action": action,
            "subject": subject,
        }
        async with self._engine.begin() as connection:
            await connection.execute(AUDIT.insert().values(row))

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Mapping[str, Any]], int]:
        """Newest first, and how many there are."""
        async with self._read.connect() as connection:
            total = (await connection.execute(select(func.count()).select_from(AUDIT))).scalar_one()
            wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit).offset(offset)
            rows = (await connection.execute(wanted)).mappings().all()
        return [dict(row) for row in rows], total
