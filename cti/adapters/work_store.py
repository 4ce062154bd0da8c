"""What agents did and said about their calls, in SQL: states as they were kept, dispositions, and places in queues."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import AGENT_STATES, SEGMENTS
from cti.adapters.database import METADATA, reading, upsert
from cti.domain.dispositions import Disposition
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.reachability import Cause, TakenOut
from cti.domain.records import Direction, SegmentRecord
from cti.ports import AgentStateRow, QueuePlace

DISPOSITIONS = Table(
    "dispositions",
    METADATA,
    Column("call", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("agent", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("ended_at", Double, nullable=False),
    Column("code", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("given_at", Double, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("in_ledger", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("call", "channel", "version", name="pk_dispositions"),
    Index("ix_dispositions_agent_ended_at", "agent", "ended_at"),
    Index("ix_dispositions_code", "code"),
    Index("ix_dispositions_in_ledger", "in_ledger"),
)

QUEUE_PLACES = Table(
    "queue_places",
    METADATA,
    Column("pbx", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("interface", Text, nullable=False),
    Column("penalty", Integer, nullable=False),
    PrimaryKeyConstraint("pbx", "agent", "queue", name="pk_queue_places"),
)

TAKEN_OUT = Table(
    "taken_out",
    METADATA,
    Column("agent", Text, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("since", Double, nullable=False),
)

_OF_A_DISPOSITION = [DISPOSITIONS.c[name] for name in Disposition._fields]
_LATER = DISPOSITIONS.alias("later")
NEWEST = ~(
    select(_LATER.c.version)
    .where(
        _LATER.c.call == DISPOSITIONS.c.call,
        _LATER.c.channel == DISPOSITIONS.c.channel,
        _LATER.c.version > DISPOSITIONS.c.version,
    )
    .exists()
)
"""True of the version that holds."""


class SqlStateHistory:
    """The states the bookkeeper entered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._read = reading(engine)

    async def changes(self, start: float, end: float) -> Sequence[AgentStateRow]:
        before = (
            select(AGENT_STATES.c.agent, func.max(AGENT_STATES.c.at).label("at"))
            .where(AGENT_STATES.c.at < start)
            .group_by(AGENT_STATES.c.agent)
            .subquery()
        )
        last = select(AGENT_STATES).join(
            before, and_(AGENT_STATES.c.agent == before.c.agent, AGENT_STATES.c.at == before.c.at)
        )
        within = select(AGENT_STATES).where(AGENT_STATES.c.at >= start, AGENT_STATES.c.at < end)
        async with self._read.connect() as connection:
            rows = [*(await connection.execute(last)).all(), *(await connection.execute(within)).all()]
        return [
            AgentStateRow(PbxName(row.pbx or ""), row.at, AgentId(row.agent), row.state, row.reason)
            for row in sorted(rows, key=lambda row: row.at)
        ]


class SqlDispositions:
    """One row a version."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def newest(self, call: CallId, channel: ChannelId) -> Disposition | None:
        found = await self._found(DISPOSITIONS.c.call == call, DISPOSITIONS.c.channel == channel, NEWEST)
        return found[0] if found else None

    async def add(self, given: Disposition) -> bool:
        clean = given._replace(note=given.note.replace("\0", ""))
        try:
            async with self._engine.begin() as connection:
                await connection.execute(DISPOSITIONS.insert().values(clean._asdict()))
        except IntegrityError:
            return False
        return True

    async def of_call(self, call: CallId) -> Sequence[Disposition]:
        return sorted(
            await self._found(DISPOSITIONS.c.call == call), key=lambda one: (one.ended_at, one.version)
        )

    async def of_agent(self, agent: AgentId, since: float, code: str | None = None) -> Sequence[Disposition]:
        wanted = [DISPOSITIONS.c.agent == agent, DISPOSITIONS.c.ended_at >= since, NEWEST]
        if code is not None:
            wanted.append(DISPOSITIONS.c.code == code)
        return await self._found(*wanted)

    async def segment(self, call: CallId, channel: ChannelId) -> SegmentRecord | None:
        wanted = select(SEGMENTS).where(SEGMENTS.c.call == call, SEGMENTS.c.channel == channel)
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).mappings().first()
        if row is None:
            return None
        return SegmentRecord(
            **{
                **row,
                "tier": Tier(row["tier"]) if row["tier"] else None,
                "transferred": bool(row["transferred"]),
                "direction": Direction(row["direction"]),
            }
        )

    async def untold(self, pbx: PbxName, limit: int) -> Sequence[Disposition]:
        of_it = DISPOSITIONS.c.call.startswith(f"{pbx}:", autoescape=True)
        return await self._found(DISPOSITIONS.c.in_ledger == 0, of_it, limit=limit)

    async def told(self, given: Disposition) -> None:
        it = (
            DISPOSITIONS.c.call == given.call,
            DISPOSITIONS.c.channel == given.channel,
            DISPOSITIONS.c.version == given.version,
        )
        async with self._engine.begin() as connection:
            await connection.execute(update(DISPOSITIONS).where(*it).values(in_ledger=1))

    async def _found(self, *conditions: Any, limit: int = 500) -> Sequence[Disposition]:
        wanted = select(*_OF_A_DISPOSITION).where(*conditions)
        async with self._read.connect() as connection:
            rows = (
                await connection.execute(wanted.order_by(DISPOSITIONS.c.ended_at.desc()).limit(limit))
            ).mappings()
            return [
                Disposition(
                    **{
                        **row,
                        "call": CallId(row["call"]),
                        "channel": ChannelId(row["channel"]),
                        "agent": AgentId(row["agent"]),
                        "queue": QueueName(row["queue"]),
                    }
                )
                for row in rows
            ]


class SqlTakenOut:
    """One row for each agent who is out."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def all(self) -> Sequence[TakenOut]:
        async with self._read.connect() as connection:
            rows = (await connection.execute(select(TAKEN_OUT))).all()
        return [TakenOut(AgentId(row.agent), Cause(row.cause), row.since) for row in rows]

    async def keep(self, one: TakenOut) -> None:
        async with self._engine.begin() as connection:
            await upsert(connection, TAKEN_OUT, [one._asdict()])

    async def forget(self, agent: AgentId) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(TAKEN_OUT).where(TAKEN_OUT.c.agent == agent))


class SqlQueuePlaces:
    """The place each agent had last in each queue."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def of(self, agent: AgentId) -> Sequence[QueuePlace]:
        wanted = select(QUEUE_PLACES).where(QUEUE_PLACES.c.agent == agent)
        async with self._read.connect() as connection:
            return [QueuePlace(**row) for row in (await connection.execute(wanted)).mappings()]

    async def keep(self, place: QueuePlace) -> None:
        async with self._engine.begin() as connection:
            await upsert(connection, QUEUE_PLACES, [place._asdict()])
