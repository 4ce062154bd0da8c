"""Versions of the routing policy in SQL."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Column, Double, Integer, String, Table, Text, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from routing.domain.errors import UnknownVersion
from routing.domain.versions import PolicyVersion

VERSIONS: Final = Table(
    "routing_policy_versions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("author", String(80), nullable=False),
    Column("note", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("live_at", Double),
)


NEXT: Final = 0.001
"""Seconds by which what went live later is later at least."""


class SqlPolicyShelf:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def all(self) -> Sequence[PolicyVersion]:
        """Newest first."""
        async with self._read.connect() as connection:
            rows = (await connection.execute(select(VERSIONS).order_by(VERSIONS.c.number.desc()))).mappings()
            return [PolicyVersion(**row) for row in rows]

    async def add(self, at: float, author: str, note: str, text: str) -> PolicyVersion:
        while True:
            try:
                return await self._add(at, author, note, text)
            except IntegrityError:  # somebody else kept one under this number at the same moment
                continue

    async def _add(self, at: float, author: str, note: str, text: str) -> PolicyVersion:
        async with self._engine.begin() as connection:
            last = (await connection.execute(select(func.max(VERSIONS.c.number)))).scalar()
            version = PolicyVersion((last or 0) + 1, at, author, note, text)
            await connection.execute(VERSIONS.insert().values(version._asdict()))
        return version

    async def make_live(self, number: int, at: float) -> None:
        """Raises UnknownVersion."""
        async with self._engine.begin() as connection:
            latest = (await connection.execute(select(func.max(VERSIONS.c.live_at)))).scalar()
            at = max(at, (latest or 0.0) + NEXT)  # a clock that was set back does not make it the older one
            changed = await connection.execute(
                update(VERSIONS).where(VERSIONS.c.number == number).values(live_at=at)
            )
        if not changed.rowcount:
            raise UnknownVersion
