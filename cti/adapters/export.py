"""Everything that is kept of calls and agents, in one order: two stores with the same facts give the same bytes."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from sqlalchemy import RowMapping, and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import AGENT_STATES, CALLS, SEGMENTS
from cti.adapters.database import reading
from cti.adapters.ledger_tables import CALL_VERSIONS, GAPS, LEDGER_DIFFERENCES
from cti.domain.export import milliseconds

_MANY = 500


async def lines(
    engine: AsyncEngine, start: float = 0.0, end: float = 4e9, *, heard: bool = False
) -> AsyncIterator[bytes]:
    """JSON, one fact a line: calls by start and id, agents' states by time, gaps, and drift where there is any.

    `start` and `end` in seconds since 1970. `heard`: only what the switch told us live, as we first kept it: what the
    ledger added or corrected is left out, and so are gaps and drift. That is what the journal gives again.
    """
    async for call in _calls(engine, start, end, heard):
        yield _line("call", call)
    async for state in _states(engine, start, end):
        yield _line("agent_state", state)
    if not heard:
        async with reading(engine).begin() as connection:
            gaps = (
                (await connection.execute(select(GAPS).order_by(GAPS.c.since, GAPS.c.pbx))).mappings().all()
            )
            drift = await connection.execute(
                select(LEDGER_DIFFERENCES.c.pbx, LEDGER_DIFFERENCES.c.kind, func.count().label("count"))
                .where(LEDGER_DIFFERENCES.c.state == "unexplained")
                .group_by(LEDGER_DIFFERENCES.c.pbx, LEDGER_DIFFERENCES.c.kind)
                .order_by(LEDGER_DIFFERENCES.c.pbx, LEDGER_DIFFERENCES.c.kind)
            )
            drifting = drift.mappings().all()
        for gap in gaps:
            told = {name: gap[name] for name in ("pbx", "kind", "since", "until", "state")}
            yield _line("gap", {**told, "evidence": orjson.loads(gap["evidence"])})
        for one in drifting:
            yield _line("drift", dict(one))


def _line(kind: str, told: Mapping[str, Any]) -> bytes:
    plain = {str(name): value for name, value in told.items()}
    return orjson.dumps({kind: plain}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


async def _calls(
    engine: AsyncEngine, start: float, end: float, heard: bool
) -> AsyncIterator[Mapping[str, Any]]:
    first = and_(CALL_VERSIONS.c.call == CALLS.c.id, CALL_VERSIONS.c.version == 1)
    wanted = (
        select(
            CALLS.c.id,
            CALLS.c.pbx,
            CALLS.c.version,
            CALLS.c.source,
            CALLS.c.story,
            CALL_VERSIONS.c.story.label("before"),
        )
        .outerjoin(CALL_VERSIONS, first)
        .where(CALLS.c.started_at >= start, CALLS.c.started_at < end)
    )
    if heard:
        wanted = wanted.where(CALLS.c.source == "live")
    ordered = wanted.order_by(CALLS.c.started_at, CALLS.c.id).limit(_MANY)
    page = 0
    while True:
        async with reading(engine).begin() as connection:
            rows = (await connection.execute(ordered.offset(page * _MANY))).mappings().all()
            wrap_ups = select(SEGMENTS.c.call, SEGMENTS.c.channel, SEGMENTS.c.wrap_up_seconds).where(
                SEGMENTS.c.call.in_([row["id"] for row in rows]), SEGMENTS.c.wrap_up_seconds.is_not(None)
            )
            known = {
                (row.call, row.channel): row.wrap_up_seconds for row in await connection.execute(wrap_ups)
            }
        for row in rows:
            yield _call(row, known, heard)
        if len(rows) < _MANY:
            return
        page += 1


def _call(row: RowMapping, wrap_ups: Mapping[tuple[str, str], float], heard: bool) -> Mapping[str, Any]:
    call: dict[str, Any] = orjson.loads((row["before"] if heard else None) or row["story"])
    for segment in call["segments"]:
        segment["wrap_up_seconds"] = milliseconds(wrap_ups.get((row["id"], segment["channel"])))
    told = {**call, "pbx": row["pbx"]}
    return told if heard else {**told, "version": row["version"], "source": row["source"]}


async def _states(engine: AsyncEngine, start: float, end: float) -> AsyncIterator[Mapping[str, Any]]:
    wanted = select(AGENT_STATES).where(AGENT_STATES.c.at >= start, AGENT_STATES.c.at < end)
    ordered = wanted.order_by(AGENT_STATES.c.at, AGENT_STATES.c.agent, AGENT_STATES.c.state).limit(_MANY)
    page = 0
    while True:
        async with reading(engine).begin() as connection:
            rows = (await connection.execute(ordered.offset(page * _MANY))).mappings().all()
        for row in rows:
            yield {**row, "at": milliseconds(row["at"])}
        if len(rows) < _MANY:
            return
        page += 1
