"""Queues in a surge, in SQL: a row each, gone when it is over."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from sqlalchemy import Column, Connection, Double, Table, Text, and_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, BatchWriter, Transactions, put, reading
from cti.domain.identifiers import PbxName, QueueName
from routing.domain.surge import Surge, SurgeState

SURGES: Final = Table(
    "routing_surges",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("since", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("until", Double),
)
Place = tuple[PbxName, QueueName]


class SqlSurges:
    """`run` writes; start it as a task of the application."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions, self._read = Transactions(engine), reading(engine)
        self._writer: BatchWriter[tuple[Place, Surge | None]] = BatchWriter("surges", self._write)

    async def all(self, pbx: PbxName) -> Mapping[QueueName, Surge]:
        async with self._read.connect() as connection:
            rows = (await connection.execute(select(SURGES).where(SURGES.c.pbx == pbx))).mappings()
            return {
                QueueName(row["queue"]): Surge(
                    SurgeState.SURGE, row["since"], by=row["by"], until=row["until"]
                )
                for row in rows
            }

    def keep(self, pbx: PbxName, queue: QueueName, surge: Surge | None) -> None:
        self._writer.put(((pbx, queue), surge))

    async def run(self) -> None:
        await self._writer.run()

    async def flush(self) -> None:
        await self._writer.drained()

    async def _write(self, batch: list[tuple[Place, Surge | None]]) -> None:
        await self._transactions.write(partial(_put, dict(batch)))  # the last word on each queue


def _put(latest: Mapping[Place, Surge | None], connection: Connection) -> None:
    for (pbx, queue), surge in latest.items():
        if surge is None:
            here = and_(SURGES.c.pbx == pbx, SURGES.c.queue == queue)
            connection.execute(SURGES.delete().where(here))
    put(
        connection,
        SURGES,
        [
            {"pbx": pbx, "queue": queue, "since": surge.since, "by": surge.by, "until": surge.until}
            for (pbx, queue), surge in latest.items()
            if surge is not None
        ],
    )
