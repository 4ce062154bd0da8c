"""How calls sounded, one row for each agent of a call."""

from collections.abc import Sequence

from sqlalchemy import Column, Double, Integer, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading, upsert
from cti.domain.call_quality import CallQuality, Sounded
from cti.domain.identifiers import AgentId, CallId

CALL_QUALITY = Table(
    "call_quality",
    METADATA,
    Column("call", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("jitter_ms", Double, nullable=False),
    Column("jitter_worst_ms", Double, nullable=False),
    Column("loss_percent", Double, nullable=False),
    Column("rtt_ms", Double),
    Column("mos", Double, nullable=False),
    Column("mos_worst", Double, nullable=False),
    Column("codec", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
)


class SqlQualityBook:
    """Rare and small writes: each is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def keep(self, quality: CallQuality) -> bool:
        key = {"call": quality.call, "agent": quality.agent}
        known = select(CALL_QUALITY.c.at).filter_by(**key)
        async with self._engine.begin() as connection:
            new = (await connection.execute(known)).first() is None
            row = key | {"at": quality.at} | quality.sounded._asdict()
            await upsert(connection, CALL_QUALITY, [row])
        return new

    async def of(self, call: CallId) -> Sequence[CallQuality]:
        wanted = select(CALL_QUALITY).filter_by(call=call).order_by(CALL_QUALITY.c.at)
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return [
            CallQuality(
                CallId(row["call"]),
                AgentId(row["agent"]),
                row["at"],
                Sounded(**{name: row[name] for name in Sounded._fields}),
            )
            for row in rows
        ]
