"""Who did what: an append-only chain of lines, each written before the deed is shown."""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Double,
    Index,
    Integer,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, Transactions, page_of, reading
from cti.domain.access import User
from cti.domain.audit import FIRST, AuditLine, Break, SealedLine, Verifier, seal
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
    Column("previous", Text, nullable=False, unique=True),  # no two lines follow the same one
    Column("seal", Text, nullable=False),
    Index("ix_audit_at", "at"),
)

ONE_AT_A_TIME = 7_401_002
"""PostgreSQL's advisory lock of whoever writes the next line; SQLite has one writer anyway."""

READ_TOGETHER = 5_000

written: ContextVar[list[str] | None] = ContextVar("written", default=None)
"""What was written down while one request was answered: what its route wrote itself need not be written for it."""


class AuditPage(NamedTuple):
    """Newest first, and how many there are."""

    items: list[Mapping[str, Any]]
    total: int


class SqlAudit:
    """Returns when the line is committed; if it cannot be, it raises and nothing is done."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._read, self._clock = reading(engine), clock
        self._transactions = Transactions(engine)

    async def __call__(self, user: User, action: str, subject: str) -> None:
        login = user.login if user.scopes is None else f"{user.login} (token)"
        clean = [
            word.replace("\0", "") for word in (user.id, login, action, subject)
        ]  # PostgreSQL keeps none
        await self._transactions.write(partial(_append, AuditLine(self._clock.now(), *clean)))
        if (told := written.get()) is not None:
            told.append(action)

    async def page(
        self,
        limit: int,
        offset: int,
        *,
        login: str = "",
        action: str = "",
        subject: str = "",
        since: float | None = None,
        until: float | None = None,
    ) -> AuditPage:
        """`login` and `action` as they stand or as they begin (`denied`, `user.`), `subject` any part of it."""
        asked: list[ColumnElement[bool]] = []
        if login:
            asked.append(AUDIT.c.login.startswith(login, autoescape=True))
        if action:
            asked.append(AUDIT.c.action.startswith(action, autoescape=True))
        if subject:
            asked.append(AUDIT.c.subject.contains(subject, autoescape=True))
        if since is not None:
            asked.append(AUDIT.c.at >= since)
        if until is not None:
            asked.append(AUDIT.c.at < until)
        newest = select(AUDIT).where(*asked).order_by(AUDIT.c.id.desc())
        rows, total = await page_of(self._read, newest, limit, offset)
        return AuditPage([dict(row) for row in rows], total)

    async def verify(self) -> tuple[Verifier, Break | None]:
        """Read the chain from its beginning to its first break."""
        verifier, last = Verifier(), 0
        async with self._read.connect() as connection:
            while True:
                some = select(AUDIT).where(AUDIT.c.id > last).order_by(AUDIT.c.id).limit(READ_TOGETHER)
                lines = [
                    SealedLine(row.id, AuditLine(*row[1:6]), row.previous, row.seal)
                    for row in (await connection.execute(some)).all()
                ]
                if not lines:
                    return verifier, None
                if broken := await asyncio.to_thread(verifier.first_break, lines):
                    return verifier, broken
                last = lines[-1].id


def _append(line: AuditLine, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
    newest = select(AUDIT.c.seal).order_by(AUDIT.c.id.desc()).limit(1)
    previous = connection.execute(newest).scalar() or FIRST
    row = {**line._asdict(), "previous": previous, "seal": seal(previous, line)}
    connection.execute(AUDIT.insert().values(row))
