"""Notes in SQL: a row for each agent a note was meant for, until it is read and a while longer."""

from collections.abc import Sequence

from sqlalchemy import Column, Double, Index, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from cti.domain.identifiers import AgentId
from cti.domain.notes import Note

NOTES = Table(
    "notes",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("agent", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("read_at", Double),
    Index("ix_notes_agent_read_at", "agent", "read_at"),
)
MOST_UNREAD = 50
"""Of one agent, that a desk shows."""


class SqlNotes:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def keep(self, notes: Sequence[Note]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(NOTES.insert(), [note._asdict() for note in notes])

    async def unread(self, agent: AgentId) -> Sequence[Note]:
        wanted = select(NOTES).where(NOTES.c.agent == agent, NOTES.c.read_at.is_(None))
        async with self._read.connect() as connection:
            ordered = wanted.order_by(NOTES.c.at, NOTES.c.id).limit(MOST_UNREAD)
            rows = (await connection.execute(ordered)).mappings().all()
        return [Note(row["id"], AgentId(row["agent"]), row["by"], row["text"], row["at"]) for row in rows]

    async def read(self, note: str, agent: AgentId, at: float) -> bool:
        done = update(NOTES).where(NOTES.c.id == note, NOTES.c.agent == agent, NOTES.c.read_at.is_(None))
        async with self._engine.begin() as connection:
            return (await connection.execute(done.values(read_at=at))).rowcount == 1
