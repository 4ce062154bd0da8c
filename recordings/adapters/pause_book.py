"""Pauses of recordings in SQL, written in batches."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Double, Index, RowMapping, String, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, BatchWriter, Transactions, put
from recordings.domain.pauses import Pause, PauseState, Silence, Why

PAUSES = Table(
    "recording_pauses",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("call", String(200), nullable=False),
    Column("pbx", String(80), nullable=False),
    Column("channel", String(150), nullable=False),
    Column("file", String(200)),
    Column("agent", String(80)),
    Column("by", String(200), nullable=False),
    Column("why", String(32), nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double),
    Column("sound_since", Double),
    Column("sound_until", Double),
    Column("state", String(32), nullable=False),
    Column("silence", String(16), nullable=False),
    Column("loudest", Double),
    Index("ix_recording_pauses_file", "file"),
    Index("ix_recording_pauses_call", "call"),
    Index("ix_recording_pauses_silence", "silence"),
)


class SqlPauses:
    """`run` writes what was kept; until then `of_file` may not know it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)
        self.writer: BatchWriter[Pause] = BatchWriter("pauses", self._write)
        self.keep, self.run = self.writer.put, self.writer.run

    async def _write(self, pauses: list[Pause]) -> None:
        newest = {pause.id: pause._asdict() for pause in pauses}

        def write(connection: Connection) -> None:
            put(connection, PAUSES, list(newest.values()))

        await self._transactions.write(write)

    async def unsettled(self, since: float) -> Sequence[Pause]:
        if self.writer.backlog:
            await self.writer.drained()
        unchecked = and_(PAUSES.c.silence == Silence.UNCHECKED, PAUSES.c.since >= since)
        return await self._ask(select(PAUSES).where(or_(PAUSES.c.state == PauseState.OPEN, unchecked)))

    async def of_file(self, file: str) -> Sequence[Pause]:
        if self.writer.backlog:
            await self.writer.drained()
        return await self._ask(select(PAUSES).where(PAUSES.c.file == file).order_by(PAUSES.c.since))

    async def counts(self) -> Mapping[str, int]:
        def count(connection: Connection) -> dict[str, int]:
            found: dict[str, int] = {}
            for column in (PAUSES.c.state, PAUSES.c.silence):
                rows = connection.execute(select(column, func.count()).group_by(column)).all()
                found |= {str(row[0]): row[1] for row in rows}
            return found

        return await self._transactions.read(count)

    async def _ask(self, statement: Any) -> list[Pause]:
        rows = await self._transactions.read(
            lambda connection: connection.execute(statement).mappings().all()
        )
        return [_pause(row) for row in rows]


def _pause(row: RowMapping) -> Pause:
    values: dict[str, Any] = dict(row)
    values["state"], values["why"] = PauseState(row["state"]), Why(row["why"])
    values["silence"] = Silence(row["silence"])
    return Pause(**values)
