"""Signals in SQL: what is searched for in columns, all of it as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Double, Index, Integer, RowMapping, String, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, Transactions, put
from cti.domain.identifiers import CallId
from recordings.adapters.catalogue import RECORDINGS
from recordings.domain.hearing import Hearing
from recordings.domain.naming import RecordingId
from recordings.domain.recording import RecordingState
from recordings.domain.signals import Fault, Occurrences, Signals, Thresholds
from recordings.domain.speech import Span

SIGNALS = Table(
    "recording_signals",
    METADATA,
    Column("recording", String(250), primary_key=True),
    Column("call", String(200), nullable=False),
    Column("heard_at", Double, nullable=False),
    Column("version", Integer, nullable=False),  # of the formulas
    Column("fault", String(32)),  # the first of them
    Column("silence_share", Double),
    Column("dead_air_count", Integer, nullable=False),
    Column("dead_air_longest", Double),
    Column("talk_over_count", Integer),
    Column("talk_over_seconds", Double),
    Column("agent_talk_share", Double),
    Column("hold_seconds", Double, nullable=False),
    Column("signals", Text, nullable=False),
    Column("spans", Text, nullable=False),
    Column("limits", Text, nullable=False),
    Index("ix_recording_signals_call", "call"),
    Index("ix_recording_signals_dead_air_longest", "dead_air_longest"),
    Index("ix_recording_signals_talk_over_seconds", "talk_over_seconds"),
    Index("ix_recording_signals_fault", "fault"),
)

_OCCURRENCES = ("silence", "dead_air", "talk_over", "hold")


class SqlHearings:
    """Signals in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def keep(self, hearing: Hearing) -> None:
        row = _row(hearing)

        def save(connection: Connection) -> None:
            put(connection, SIGNALS, [row])

        await self._transactions.write(save)

    async def of(self, recording: RecordingId) -> Hearing | None:
        wanted = select(SIGNALS).where(SIGNALS.c.recording == recording)
        row = await self._transactions.read(lambda connection: connection.execute(wanted).mappings().first())
        return None if row is None else _hearing(row)

    async def unheard(self, since: float, limit: int) -> Sequence[RecordingId]:
        stored = RECORDINGS.c.state == RecordingState.STORED
        heard = select(SIGNALS.c.recording).where(SIGNALS.c.recording == RECORDINGS.c.id).exists()
        wanted = select(RECORDINGS.c.id).where(stored, RECORDINGS.c.settled_at >= since, ~heard)
        wanted = wanted.order_by(RECORDINGS.c.settled_at, RECORDINGS.c.id).limit(limit)
        rows = await self._transactions.read(lambda connection: connection.execute(wanted).scalars().all())
        return [RecordingId(row) for row in rows]


def _row(hearing: Hearing) -> dict[str, Any]:
    signals = hearing.signals
    over = signals.talk_over
    return {
        "recording": hearing.recording,
        "call": hearing.call,
        "heard_at": hearing.at,
        "version": hearing.version,
        "fault": None if hearing.technical_fault is None else hearing.technical_fault.value,
        "silence_share": signals.silence_share,
        "dead_air_count": signals.dead_air.times,
        "dead_air_longest": signals.dead_air.longest,
        "talk_over_count": None if over is None else over.times,
        "talk_over_seconds": None if over is None else over.total,
        "agent_talk_share": signals.agent_talk_share,
        "hold_seconds": signals.hold.total,
        "signals": json.dumps(signals.document()),
        "spans": json.dumps({kind: [[*span] for span in spans] for kind, spans in hearing.spans.items()}),
        "limits": json.dumps(hearing.limits._asdict()),
    }


def _hearing(row: RowMapping) -> Hearing:
    spans: Mapping[str, Sequence[Sequence[float]]] = json.loads(row["spans"])
    return Hearing(
        recording=RecordingId(row["recording"]),
        call=CallId(row["call"]),
        at=row["heard_at"],
        signals=_signals(json.loads(row["signals"])),
        spans={kind: tuple(Span(*span) for span in some) for kind, some in spans.items()},
        limits=Thresholds(**json.loads(row["limits"])),
        version=row["version"],
    )


def _signals(kept: Mapping[str, Any]) -> Signals:
    told = dict(kept)
    for name in _OCCURRENCES:
        told[name] = None if told[name] is None else Occurrences(**told[name])
    told["faults"] = tuple(Fault(fault) for fault in told["faults"])
    return Signals(**told)
