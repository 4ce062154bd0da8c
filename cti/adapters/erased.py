"""Marks of erased numbers: a ledger that is read again, or imported, brings none of them back.

A mark is a keyed hash. The key lies in a file of its own beside the journal, not in the database: who has one of the two
cannot tell whose number a mark is.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.database import upsert
from cti.adapters.keeping_tables import ERASED
from cti.domain.erasing import Person, bare, hidden, mark, marks
from cti.domain.ledger_visits import LedgerEntry

_KEY_BYTES = 32

Hide = Callable[[LedgerEntry], LedgerEntry]


class ErasedNumbers:
    def __init__(self, engine: AsyncEngine, key: Path) -> None:
        """`key`: a file, made with the first erasure."""
        self._engine, self._file = engine, key

    async def remember(self, person: Person, at: float) -> None:
        key = self._key()
        rows = [{"mark": one, "at": at} for one in sorted(marks(key, person.numbers))]
        async with self._engine.begin() as connection:
            await upsert(connection, ERASED, rows)

    def _key(self) -> bytes:
        if not self._file.exists():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        return self._file.read_bytes()

    async def hiding(self, connection: AsyncConnection, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Visits from before an erasure lose the number that was erased."""
        if not entries or not self._file.exists():
            return list(entries)
        rows = await connection.execute(select(ERASED.c.mark, ERASED.c.at))
        erased = {row.mark: row.at for row in rows}
        key = self._key()

        def told(written: str | None, joined_at: float) -> str | None:
            at = erased.get(mark(key, bare(written))) if written else None
            return hidden(written) if written and at is not None and joined_at < at else written

        def hide(entry: LedgerEntry) -> LedgerEntry:
            passed_on = entry.passed_on
            return entry._replace(
                caller_number=told(entry.caller_number, entry.joined_at),
                passed_on=passed_on and passed_on._replace(to=told(passed_on.to, entry.joined_at)),
            )

        return [hide(entry) for entry in entries] if erased else list(entries)
