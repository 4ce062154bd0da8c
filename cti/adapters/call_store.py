"""Finished calls in SQL: one row a call with its whole story, and rows for what is counted."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import AGENT_STATES, BLOCKED, CALLS, OFFERS, SEGMENTS, VISITS
from cti.adapters.database import Together, Transactions, page_of, reading
from cti.adapters.work_store import DISPOSITIONS, NEWEST
from cti.domain.desk_states import NONE_GIVEN
from cti.domain.export import milliseconds
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.metering import UNKNOWN_TIER
from cti.domain.records import (
    Direction,
    OfferRecord,
    OfferResult,
    Outcome,
    SegmentRecord,
    VisitRecord,
)
from cti.ports import CallPage, RefusedCall

CONTACT = [
    CALLS.c[name]
    for name in ["id", "queue", "agent", "outcome", "talk_seconds", "started_at", "customer", "caller_number"]
]
WHOSE = ("direction", "caller_number", "caller_name", "customer", "source", "version")
"""What a list shows of a call besides what it counts."""

GATHER_SECONDS = 0.05
"""Earlier contacts are for a card that is open by then, or opens when somebody is rung: in a rush they may gather so long."""
_Caller = tuple[str | None, tuple[str, ...], int]
"""Whose earlier calls: a customer, or numbers, or both; and how many at most."""


class SqlCallStore:
    """Reads for the API and the KPIs; what is read here, the books have written."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._read = reading(engine)
        transactions = Transactions(engine)
        self._contacts = Together(
            lambda asked: transactions.read(partial(_contacts_of, asked)), pause=GATHER_SECONDS
        )

    async def call(self, call: CallId) -> Mapping[str, Any] | None:
        """The whole story; after-call work, which ends after the call, comes from its own rows."""
        wrapped_up = select(SEGMENTS.c.channel, SEGMENTS.c.wrap_up_seconds).where(SEGMENTS.c.call == call)
        async with self._read.connect() as connection:
            story = (await connection.execute(select(CALLS.c.story).where(CALLS.c.id == call))).scalar()
            wrap_ups = {row.channel: row.wrap_up_seconds for row in await connection.execute(wrapped_up)}
        if story is None:
            return None
        told: dict[str, Any] = orjson.loads(story)
        for segment in told["segments"]:
            segment["wrap_up_seconds"] = milliseconds(wrap_ups.get(segment["channel"]))
        return told

    async def agents(self, call: CallId) -> frozenset[AgentId]:
        """Who talked in it."""
        async with self._read.connect() as connection:
            found = await connection.execute(select(SEGMENTS.c.agent).where(SEGMENTS.c.call == call))
            return frozenset(AgentId(row.agent) for row in found)

    async def calls(
        self,
        limit: int,
        offset: int,
        search: Mapping[str, str],
        visible: Collection[AgentId] | None = None,
        without: Collection[CallId] = (),
    ) -> CallPage:
        columns = [column for column in CALLS.c if column.name != "story"]
        conditions = [*_conditions(search), *_seen_by(visible)]
        if without:
            conditions.append(CALLS.c.id.not_in(without))
        wanted: Select[Any] = select(*columns).where(and_(True, *conditions))
        newest = wanted.order_by(CALLS.c.started_at.desc(), CALLS.c.id)
        rows, total = await page_of(self._read, newest, limit, offset)
        return CallPage([dict(row) for row in rows], total)

    async def visits(self, start: float, end: float, pbx: PbxName | None = None) -> Sequence[VisitRecord]:
        wanted = select(VISITS).where(VISITS.c.joined_at >= start, VISITS.c.joined_at < end)
        if pbx is not None:
            wanted = wanted.where(VISITS.c.pbx == pbx)
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted.order_by(VISITS.c.joined_at))).mappings().all()
        return await asyncio.to_thread(_visits, rows)  # a whole day is more than the loop may be busy with

    async def segments(self, start: float, end: float, pbx: PbxName | None = None) -> Sequence[SegmentRecord]:
        overlaps = or_(SEGMENTS.c.ended_at.is_(None), SEGMENTS.c.ended_at >= start)
        wanted = select(SEGMENTS).where(SEGMENTS.c.began_at < end, overlaps)
        if pbx is not None:
            wanted = wanted.where(SEGMENTS.c.pbx == pbx)
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted.order_by(SEGMENTS.c.began_at))).mappings().all()
        return [
            SegmentRecord(
                CallId(row["call"]),
                PbxName(row["pbx"]),
                AgentId(row["agent"]),
                ChannelId(row["channel"]),
                QueueName(row["queue"]) if row["queue"] else None,
                Tier(row["tier"]) if row["tier"] else None,
                row["began_at"],
                row["ended_at"],
                row["talk_seconds"],
                row["hold_seconds"],
                row["hold_count"],
                bool(row["transferred"]),
                row["wrap_up_seconds"],
                Direction(row["direction"]),
            )
            for row in rows
        ]

    async def blocked(
        self, start: float, end: float, pbx: PbxName | None = None
    ) -> Sequence[tuple[float, QueueName | None, str | None]]:
        wanted = select(BLOCKED.c.at, BLOCKED.c.queue, BLOCKED.c.tier)
        if pbx is not None:
            wanted = wanted.where(BLOCKED.c.call.startswith(f"{pbx}:", autoescape=True))
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted.where(BLOCKED.c.at >= start, BLOCKED.c.at < end))).all()
        return [(row.at, QueueName(row.queue) if row.queue else None, row.tier) for row in rows]

    async def refused(self, start: float, end: float) -> Sequence[RefusedCall]:
        wanted = select(BLOCKED.c.at, BLOCKED.c.call, BLOCKED.c.queue, BLOCKED.c.tier)
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted.where(BLOCKED.c.at >= start, BLOCKED.c.at < end))).all()
        return [RefusedCall(at, call, queue, Tier(tier) if tier else None) for at, call, queue, tier in rows]

    async def lines(self, calls: Collection[CallId]) -> Mapping[CallId, Mapping[str, Any]]:
        wanted = select(CALLS.c.id, *(CALLS.c[name] for name in WHOSE)).where(CALLS.c.id.in_(calls))
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all() if calls else []
        return {row["id"]: {name: row[name] for name in WHOSE} for row in rows}

    async def contacts(
        self, customer: str | None, numbers: Sequence[str], limit: int
    ) -> Sequence[Mapping[str, Any]]:
        """Earlier calls of a customer, or from these numbers; newest first."""
        return await self._contacts((customer, tuple(numbers), limit)) or ()

    async def offers(self, start: float, end: float) -> Sequence[OfferRecord]:
        """Ring attempts that began in [start, end)."""
        wanted = select(OFFERS).where(OFFERS.c.rung_at >= start, OFFERS.c.rung_at < end)
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted.order_by(OFFERS.c.rung_at))).mappings().all()
        return [
            OfferRecord(
                QueueName(row["queue"]) if row["queue"] else None,
                AgentId(row["agent"]),
                row["rung_at"],
                None if row["ring_seconds"] is None else row["rung_at"] + row["ring_seconds"],
                OfferResult(row["result"]) if row["result"] else None,
                row["ring_seconds"],
            )
            for row in rows
        ]

    async def agent_states(self, start: float, end: float) -> Sequence[tuple[float, AgentId, str]]:
        """Changes of state in [start, end), and for each agent the last one before: time, agent, state."""
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
        return sorted((row.at, AgentId(row.agent), row.state) for row in rows)


def _newest_by(column: Column[Any]) -> Select[Any]:
    """The `most` newest calls for each of `values`."""
    nth = func.row_number().over(partition_by=column, order_by=CALLS.c.started_at.desc())
    theirs = select(*CONTACT, nth.label("nth")).where(column.in_(bindparam("values", expanding=True)))
    numbered = theirs.subquery()
    return select(numbered).where(numbered.c.nth <= bindparam("most"))


_BY_CUSTOMER, _BY_NUMBER = _newest_by(CALLS.c.customer), _newest_by(CALLS.c.caller_number)


def _contacts_of(
    asked: Sequence[_Caller], connection: Connection
) -> Mapping[_Caller, Sequence[Mapping[str, Any]]]:
    """Of all of them the newest calls, and who made which."""
    most = max(limit for _, _, limit in asked)
    by: dict[tuple[str, str], list[RowMapping]] = {}
    for column, wanted, values in (
        ("customer", _BY_CUSTOMER, {customer for customer, _, _ in asked if customer is not None}),
        ("caller_number", _BY_NUMBER, {number for _, numbers, _ in asked for number in numbers}),
    ):
        if not values:
            continue
        for row in connection.execute(wanted, {"values": [*values], "most": most}).mappings():
            by.setdefault((column, row[column]), []).append(row)
    found: dict[_Caller, list[RowMapping]] = {}
    for caller in asked:
        customer, numbers, limit = caller
        keys = [("customer", customer or ""), *(("caller_number", number) for number in numbers)]
        rows = {row["id"]: row for key in keys for row in by.get(key, ())}
        found[caller] = sorted(rows.values(), key=lambda row: -row["started_at"])[:limit]
    said = _said_of({row["id"] for rows in found.values() for row in rows}, connection)
    return {caller: [_contact(row, said.get(row["id"])) for row in rows] for caller, rows in found.items()}


def _visits(rows: Sequence[RowMapping]) -> list[VisitRecord]:
    return [
        VisitRecord(
            **{
                **row,
                "call": CallId(row["call"]),
                "tier": Tier(row["tier"]) if row["tier"] else None,
                "outcome": Outcome(row["outcome"]) if row["outcome"] else None,
            }
        )
        for row in rows
    ]


def _said_of(calls: Collection[str], connection: Connection) -> Mapping[str, RowMapping]:
    """What the last agent of each call said of how it ended."""
    wanted = select(DISPOSITIONS).where(
        DISPOSITIONS.c.call.in_(calls), NEWEST, DISPOSITIONS.c.code != NONE_GIVEN
    )
    rows = connection.execute(wanted.order_by(DISPOSITIONS.c.ended_at)).mappings() if calls else ()
    return {row["call"]: row for row in rows}


def _contact(row: RowMapping, said: RowMapping | None) -> Mapping[str, Any]:
    return {
        "at": row["started_at"],
        "call": row["id"],
        "queue": row["queue"],
        "agent": row["agent"],
        "outcome": row["outcome"],
        "talk_seconds": row["talk_seconds"],
        "code": said["code"] if said else None,
        "note": (said["note"] or None) if said else None,
    }


def _seen_by(visible: Collection[AgentId] | None) -> list[Any]:
    """Calls of these agents, and those in which nobody talked."""
    if visible is None:
        return []
    talked = select(SEGMENTS.c.call).where(SEGMENTS.c.call == CALLS.c.id)
    return [or_(~talked.exists(), talked.where(SEGMENTS.c.agent.in_(sorted(visible))).exists())]


def _conditions(search: Mapping[str, str]) -> list[Any]:
    """Search terms as conditions; names the API does not offer never come here."""
    conditions: list[Any] = [
        CALLS.c[name] == search[name] for name in ("queue", "agent", "outcome") if search.get(name)
    ]
    if tier := search.get("tier"):
        conditions.append(CALLS.c.tier.is_(None) if tier == UNKNOWN_TIER else CALLS.c.tier == tier)
    if code := search.get("disposition"):
        said = select(DISPOSITIONS.c.call).where(DISPOSITIONS.c.code == code, NEWEST)
        conditions.append(CALLS.c.id.in_(said))
    if search.get("from"):
        conditions.append(CALLS.c.started_at >= float(search["from"]))
    if search.get("until"):
        conditions.append(CALLS.c.started_at < float(search["until"]))
    if text := search.get("search"):
        conditions.append(
            or_(
                CALLS.c.caller_number.contains(text, autoescape=True),
                CALLS.c.caller_name.contains(text, autoescape=True),
                CALLS.c.customer == text,
                CALLS.c.id == text,
            )
        )
    return conditions
