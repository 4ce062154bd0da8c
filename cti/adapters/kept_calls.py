"""Kept calls read back as records, and written anew as another version."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import RowMapping, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cti.adapters.call_rows import write_calls
from cti.adapters.call_tables import BLOCKED, CALLS, OFFERS, SEGMENTS, VISITS
from cti.adapters.database import upsert
from cti.adapters.ledger_tables import CALL_VERSIONS
from cti.domain.causes import Cause
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PbxName, QueueName, Tier
from cti.domain.records import (
    BlockedRecord,
    CallRecord,
    Direction,
    OfferRecord,
    OfferResult,
    Outcome,
    SegmentRecord,
    TimelineEntry,
    TransferRecord,
    VisitRecord,
)
from cti.domain.versions import changes

FOUNDED = 1
"""The version that a call which was never heard had before: none, but a number to count from."""


async def records(connection: AsyncConnection, wanted: Collection[CallId]) -> dict[CallId, CallRecord]:
    """Whole records of kept calls; those that are not kept are left out."""
    if not wanted:
        return {}
    ids = list(wanted)
    rows = (await connection.execute(select(CALLS).where(CALLS.c.id.in_(ids)))).mappings().all()
    parts: dict[str, dict[str, list[RowMapping]]] = {}
    for table, order in (
        (VISITS, (VISITS.c.joined_at, VISITS.c.number_in_call)),
        (SEGMENTS, (SEGMENTS.c.began_at, SEGMENTS.c.channel)),
        (OFFERS, (OFFERS.c.number_in_call,)),
        (BLOCKED, (BLOCKED.c.number_in_call,)),
    ):
        found = (
            await connection.execute(select(table).where(table.c.call.in_(ids)).order_by(*order))
        ).mappings()
        for part in found:
            parts.setdefault(table.name, {}).setdefault(part["call"], []).append(part)
    return {CallId(row["id"]): _record(row, parts) for row in rows}


def _record(row: RowMapping, parts: Mapping[str, Mapping[str, Sequence[RowMapping]]]) -> CallRecord:
    story: dict[str, Any] = orjson.loads(row["story"])

    def of(table: str) -> Sequence[RowMapping]:
        return parts.get(table, {}).get(row["id"], ())

    return CallRecord(
        call=CallId(row["id"]),
        pbx=PbxName(row["pbx"]),
        uniqueid=ChannelId(story["uniqueid"]),
        direction=Direction(row["direction"]),
        state=story["state"],
        caller_number=row["caller_number"],
        caller_name=row["caller_name"],
        customer=CustomerId(row["customer"]) if row["customer"] else None,
        tier=_tier(row),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        visits=tuple(visit_record(visit) for visit in of("visits")),
        offers=tuple(_offer(offer) for offer in of("offers")),
        segments=tuple(_segment(segment) for segment in of("segments")),
        transfers=tuple(
            TransferRecord(one["at"], one["kind"], one["from"], one["to"], one["result"])
            for one in story["transfers"]
        ),
        blocked=tuple(
            BlockedRecord(one["at"], QueueName(one["queue"]) if one["queue"] else None, one["reason"])
            for one in of("blocked_calls")
        ),
        recordings=tuple(story["recordings"]),
        timeline=tuple(TimelineEntry(one["at"], one["what"], one["detail"]) for one in story["timeline"]),
    )


def _tier(row: RowMapping) -> Tier | None:
    return Tier(row["tier"]) if row["tier"] else None


def visit_record(row: RowMapping) -> VisitRecord:
    told = {name: row[name] for name in VisitRecord._fields}
    return VisitRecord(
        **{
            **told,
            "call": CallId(row["call"]),
            "tier": _tier(row),
            "outcome": Outcome(row["outcome"]) if row["outcome"] else None,
        }
    )


def _segment(row: RowMapping) -> SegmentRecord:
    told = {name: row[name] for name in SegmentRecord._fields}
    return SegmentRecord(
        **{
            **told,
            "tier": _tier(row),
            "transferred": bool(row["transferred"]),
            "direction": Direction(row["direction"]),
        }
    )


def _offer(row: RowMapping) -> OfferRecord:
    rang = row["ring_seconds"]
    return OfferRecord(
        QueueName(row["queue"]) if row["queue"] else None,
        AgentId(row["agent"]),
        row["rung_at"],
        None if rang is None else row["rung_at"] + rang,
        OfferResult(row["result"]) if row["result"] else None,
        rang,
    )


async def rewrite(
    connection: AsyncConnection, at: float, corrected: Sequence[tuple[CallRecord, Cause]]
) -> dict[CallId, int]:
    """Each call as it should be, the version before kept beside it; the new versions' numbers."""
    ids = [record.call for record, _ in corrected]
    if not ids:
        return {}
    before = await records(connection, ids)
    kept = {
        row.id: row
        for row in await connection.execute(
            select(CALLS.c.id, CALLS.c.version, CALLS.c.source, CALLS.c.story).where(CALLS.c.id.in_(ids))
        )
    }
    versions = CALL_VERSIONS.c
    found = await connection.execute(
        select(versions.call, func.max(versions.version))
        .where(versions.call.in_(ids))
        .group_by(versions.call)
    )
    newest = {call: int(version) for call, version in found.all()}
    replaced: dict[CallId, int] = {}
    rows = []
    for record, cause in corrected:
        was = kept.get(record.call)
        version = max(was.version if was else FOUNDED, newest.get(record.call, 0) + 1)
        replaced[record.call] = version
        told = changes(before.get(record.call), record)
        rows.append(
            {
                "call": record.call,
                "version": version,
                "pbx": record.pbx,
                "at": at,
                "cause": cause.value,
                "changes": orjson.dumps(told).decode(),
                "story": was.story if was else None,
                "told": int(cause is Cause.BEFORE_US),  # history is nobody's news
            }
        )
    await upsert(connection, CALL_VERSIONS, rows)
    for table in (VISITS, SEGMENTS, OFFERS):
        await connection.execute(delete(table).where(table.c.call.in_(ids)))
    written = [_with_wrap_ups(record, before.get(record.call)) for record, _ in corrected]
    await connection.run_sync(write_calls, written)
    await connection.execute(
        update(CALLS)
        .where(CALLS.c.id == bindparam("of"))
        .values(version=bindparam("now"), source=bindparam("told_by")),
        [
            {"of": call, "now": version + 1, "told_by": kept[call].source if call in kept else "ledger"}
            for call, version in replaced.items()
        ],
    )
    return {call: version + 1 for call, version in replaced.items()}


def _with_wrap_ups(record: CallRecord, before: CallRecord | None) -> CallRecord:
    """After-call work may have ended while the call was compared: what is known of it by now stays."""
    known = {segment.channel: segment.wrap_up_seconds for segment in before.segments} if before else {}
    segments = (
        segment
        if segment.wrap_up_seconds is not None
        else segment._replace(wrap_up_seconds=known.get(segment.channel))
        for segment in record.segments
    )
    return record._replace(segments=tuple(segments))
