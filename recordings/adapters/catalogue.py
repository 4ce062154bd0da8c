"""Recordings and their history in SQL."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    Index,
    Integer,
    Row,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, Transactions, page_of, portions, put, reading
from cti.domain.identifiers import ChannelId, PbxName, Tier
from recordings.domain.naming import RecordingId
from recordings.domain.recording import UNSETTLED, Change, Reason, Recording, RecordingState, Search
from recordings.ports import RecordingPage

RECORDINGS = Table(
    "recordings",
    METADATA,
    Column("id", String(250), primary_key=True),
    Column("call", String(200), nullable=False, index=True),
    Column("pbx", String(80), nullable=False),
    Column("uniqueid", String(150), nullable=False, index=True),
    Column("queue", String(128), nullable=False),
    Column("agent", String(80)),
    Column("tier", String(16)),
    Column("joined_at", Double, nullable=False),
    Column("started_at", Double, nullable=False, index=True),
    Column("cleared_at", Double),
    Column("bridge_seconds", Double),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("file", String(200)),
    Column("path", String(500)),
    Column("duration_seconds", Double),
    Column("size_bytes", BigInteger),
    Column("sample_rate", Integer),
    Column("channels", Integer),
    Column("sha256", String(64)),
    Column("settled_at", Double),
    Column("forbidden", String(32), nullable=False, server_default=""),
    Index("ix_recordings_state_settled_at", "state", "settled_at"),
    Index("ix_recordings_file", "file"),
    Index("ix_recordings_path", "path"),
)

CHANGES = Table(
    "recording_changes",
    METADATA,
    Column("recording", String(250), primary_key=True),
    Column("became", String(16), primary_key=True),  # no state is entered twice
    Column("was", String(16)),
    Column("at", Double, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
)

Clues = Callable[[Search], Awaitable[Sequence[ColumnElement[bool]]]]
"""Conditions on `RECORDINGS` from other tables than these."""


class SqlRecordingCatalogue:
    """Recordings in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine, clues: Clues | None = None) -> None:
        """`clues` turns what others know of a recording's call into conditions; without it that is not searched by."""
        self._engine, self._transactions, self._clues = engine, Transactions(engine), clues

    async def save(self, recordings: Sequence[Recording], changes: Sequence[Change]) -> None:
        latest = {recording.id: recording._asdict() for recording in recordings}
        history = [change._asdict() for change in changes]

        def save(connection: Connection) -> None:
            put(connection, RECORDINGS, list(latest.values()))
            put(connection, CHANGES, history)

        await self._transactions.write(save)

    async def get(self, recording: RecordingId) -> Recording | None:
        found = await self._ask(select(RECORDINGS).where(RECORDINGS.c.id == recording))
        return found[0] if found else None

    async def history(self, recording: RecordingId) -> Sequence[Change]:
        statement = select(CHANGES).where(CHANGES.c.recording == recording).order_by(CHANGES.c.at)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [_change(row) for row in rows]

    async def search(self, search: Search, limit: int, offset: int) -> RecordingPage:
        statement = select(RECORDINGS)
        for name in ("call", "queue", "agent", "tier"):
            if (wanted := getattr(search, name)) is not None:
                statement = statement.where(RECORDINGS.c[name] == wanted)
        if search.visible is not None:
            theirs = RECORDINGS.c.agent.in_(sorted(search.visible))
            statement = statement.where(or_(RECORDINGS.c.agent.is_(None), theirs))
        if search.states is not None:
            statement = statement.where(RECORDINGS.c.state.in_([*search.states]))
        if search.since is not None:
            statement = statement.where(RECORDINGS.c.started_at >= search.since)
        if search.until is not None:
            statement = statement.where(RECORDINGS.c.started_at < search.until)
        if search.shortest is not None:
            statement = statement.where(RECORDINGS.c.duration_seconds >= search.shortest)
        if search.longest is not None:
            statement = statement.where(RECORDINGS.c.duration_seconds <= search.longest)
        if self._clues is not None:
            statement = statement.where(*await self._clues(search))
        newest = statement.order_by(RECORDINGS.c.started_at.desc(), RECORDINGS.c.id)
        rows, total = await page_of(self._engine, newest, limit, offset)
        return RecordingPage([_recording(row) for row in rows], total)

    async def unsettled(self) -> Sequence[Recording]:
        return await self._ask(select(RECORDINGS).where(RECORDINGS.c.state.in_([*UNSETTLED])))

    async def of_channels(self, channels: Collection[tuple[PbxName, ChannelId]]) -> Sequence[Recording]:
        pair = tuple_(RECORDINGS.c.pbx, RECORDINGS.c.uniqueid)
        found: list[Recording] = []
        for some in portions(channels):
            found += await self._ask(select(RECORDINGS).where(pair.in_(some)))
        return found

    async def of_calls(self, calls: Collection[str], channels: Collection[str]) -> Sequence[Recording]:
        found: dict[RecordingId, Recording] = {}
        for column, ids in ((RECORDINGS.c.call, calls), (RECORDINGS.c.uniqueid, channels)):
            for some in portions(sorted(ids)):
                for recording in await self._ask(select(RECORDINGS).where(column.in_(some))):
                    found[recording.id] = recording
        return list(found.values())

    async def older(self, before: float, limit: int, after: str = "") -> Sequence[Recording]:
        stored = select(RECORDINGS).where(
            RECORDINGS.c.state == RecordingState.STORED,
            RECORDINGS.c.started_at < before,
            RECORDINGS.c.id > after,
        )
        return await self._ask(stored.order_by(RECORDINGS.c.id).limit(limit))

    async def missing_since(self, since: float, channels: Collection[ChannelId]) -> Sequence[Recording]:
        missing = select(RECORDINGS).where(
            RECORDINGS.c.state == RecordingState.MISSING, RECORDINGS.c.settled_at >= since
        )
        found: list[Recording] = []
        for some in portions(channels):
            found += await self._ask(missing.where(RECORDINGS.c.uniqueid.in_(some)))
        return found

    async def stored_since(self, since: float, limit: int) -> Sequence[Recording]:
        stored = select(RECORDINGS).where(
            RECORDINGS.c.state == RecordingState.STORED, RECORDINGS.c.settled_at >= since
        )
        return await self._ask(stored.order_by(RECORDINGS.c.settled_at, RECORDINGS.c.id).limit(limit))

    async def states_of_files(self, files: Collection[str]) -> Mapping[str, RecordingState]:
        found: dict[str, RecordingState] = {}
        for some in portions(files):
            statement = select(RECORDINGS.c.file, RECORDINGS.c.state).where(RECORDINGS.c.file.in_(some))
            for row in await self._transactions.read(partial(_all, statement)):
                state = RecordingState(row.state)
                found[row.file] = found[row.file] if found.get(row.file) in UNSETTLED else state
        return found

    async def known_paths(self, paths: Collection[str]) -> Collection[str]:
        found: set[str] = set()
        for some in portions(paths):
            statement = select(RECORDINGS.c.path).where(RECORDINGS.c.path.in_(some))
            found.update(row.path for row in await self._transactions.read(partial(_all, statement)))
        return found

    async def counts(self) -> Mapping[RecordingState, int]:
        statement = select(RECORDINGS.c.state, func.count()).group_by(RECORDINGS.c.state)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement)).all()
        return {RecordingState(state): count for state, count in rows}

    async def _ask(self, statement: Select[Any]) -> list[Recording]:
        rows = await self._transactions.read(
            lambda connection: connection.execute(statement).mappings().all()
        )
        return [_recording(row) for row in rows]


def _all(statement: Select[Any], connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(statement).all()


def _recording(row: RowMapping) -> Recording:
    values: dict[str, Any] = dict(row)
    values["state"], values["reason"] = RecordingState(row["state"]), Reason(row["reason"])
    values["forbidden"] = Reason(row["forbidden"])
    values["tier"] = None if row["tier"] is None else Tier(row["tier"])
    return Recording(**values)


def _change(row: RowMapping) -> Change:
    was = None if row["was"] is None else RecordingState(row["was"])
    return Change(
        RecordingId(row["recording"]),
        row["at"],
        was,
        RecordingState(row["became"]),
        Reason(row["reason"]),
        row["detail"],
    )
