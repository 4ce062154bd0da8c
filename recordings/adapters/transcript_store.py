"""Transcripts in SQL, a row a line."""

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Double,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from recordings.domain.naming import RecordingId
from recordings.domain.transcript import Line

LINES = Table(
    "recording_transcripts",
    METADATA,
    Column("recording", String(250), nullable=False),
    Column("number", Integer, nullable=False),
    Column("lane", Integer),
    Column("began", Double, nullable=False),
    Column("ended", Double, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("recording", "number", name="pk_recording_transcripts"),
)


class SqlTranscripts:
    """Transcripts in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def keep(self, recording: RecordingId, lines: Sequence[Line]) -> None:
        rows = [
            {"recording": recording, "number": number, **line._asdict(), "text": line.text.replace("\0", "")}
            for number, line in enumerate(lines)
        ]
        async with self._engine.begin() as connection:
            await connection.execute(delete(LINES).where(LINES.c.recording == recording))
            if rows:
                await connection.execute(insert(LINES), rows)

    async def of(self, recording: RecordingId) -> Sequence[Line]:
        wanted = select(LINES.c.lane, LINES.c.began, LINES.c.ended, LINES.c.text)
        ordered = wanted.where(LINES.c.recording == recording).order_by(LINES.c.number)
        async with self._read.connect() as connection:
            return [Line(*row) for row in (await connection.execute(ordered)).all()]
