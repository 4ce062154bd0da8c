"""Notes to recordings, and links to them, in SQL."""

from collections.abc import Sequence

from sqlalchemy import Column, Double, Index, String, Table, Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from recordings.domain.naming import RecordingId
from recordings.domain.notes import Note, Share

RECORDING_NOTES = Table(
    "recording_notes",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("recording", String(250), nullable=False),
    Column("at_seconds", Double, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("author_name", String(200), nullable=False),
    Column("written_at", Double, nullable=False),
    Index("ix_recording_notes_recording", "recording"),
)

SHARES = Table(
    "recording_shares",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("recording", String(250), nullable=False),
    Column("at_seconds", Double),
    Column("author", String(200), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Index("ix_recording_shares_recording", "recording"),
    Index("ix_recording_shares_expires_at", "expires_at"),
)


class SqlRecordingNotes:
    """Both in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def add(self, note: Note) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(RECORDING_NOTES).values(note._asdict()))

    async def notes(self, recording: RecordingId) -> Sequence[Note]:
        wanted = select(RECORDING_NOTES).where(RECORDING_NOTES.c.recording == recording)
        ordered = wanted.order_by(RECORDING_NOTES.c.at_seconds, RECORDING_NOTES.c.written_at)
        async with self._read.connect() as connection:
            rows = (await connection.execute(ordered)).mappings().all()
        return [Note(**row) for row in rows]

    async def note(self, recording: RecordingId, note: str) -> Note | None:
        wanted = select(RECORDING_NOTES).where(
            RECORDING_NOTES.c.id == note, RECORDING_NOTES.c.recording == recording
        )
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else Note(**row)

    async def remove(self, recording: RecordingId, note: str) -> bool:
        gone = delete(RECORDING_NOTES).where(
            RECORDING_NOTES.c.id == note, RECORDING_NOTES.c.recording == recording
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(gone)).rowcount == 1

    async def share(self, share: Share) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(SHARES).where(SHARES.c.expires_at <= share.made_at))
            await connection.execute(insert(SHARES).values(share._asdict()))

    async def shared(self, key: str) -> Share | None:
        async with self._read.connect() as connection:
            row = (await connection.execute(select(SHARES).where(SHARES.c.key == key))).mappings().first()
        return None if row is None else Share(**row)
