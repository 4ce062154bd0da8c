"""Everything that is kept of calls and agents, in one order: two stores with the same facts give the same bytes."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import AGENT_STATES, CALLS, SEGMENTS
from cti.adapters.database import reading
from cti.domain.export import milliseconds

_MANY = 500


async def lines(engine: AsyncEngine, start: float = 0.0, end: float = 4e9) -> AsyncIterator[bytes]:
    """JSON, one fact a line: calls by start and id, then agents' states by time. `start` and `end` in seconds since 1970."""
    async for call in _calls(engine, start, end):
        yield orjson.dumps({"call": call}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    async for state in _states(engine, start, end):
        yield orjson.dumps({"agent_state": state}, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


async def _calls(engine: AsyncEngine, start: float, end: float) -> AsyncIterator[Mapping[str, Any]]:
    wanted = select(CALLS.c.id, CALLS.c.pbx, CALLS.c.story).where(
        CALLS.c.started_at >= start, CALLS.c.started_at < end
    )
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
            yield _call(row, known)
        if len(rows) < _MANY:
            return
        page += 1


def _call(row: RowMapping, wrap_ups: Mapping[tuple[str, str], float]) -> Mapping[str, Any]:
    call: dict[str, Any] = orjson.loads(row["story"])
    for segment in call["segments"]:
        segment["wrap_up_seconds"] = milliseconds(wrap_ups.get((row["id"], segment["channel"])))
    return {**call, "pbx": row["pbx"]}


async def _states(engine: AsyncEngine, start: float, end: float) -> AsyncIterator[Mapping[str, Any]]:
    wanted = select(AGENT_STATES).where(AGENT_STATES.c.at >= start, AGENT_STATES.c.at < end)
    ordered = wanted.order_by(AGENT_STATES.c.at, AGENT_STATES.c.agent, AGENT_STATES.c.state).limit(_MANY)
    page = 0
    while True:
        async with reading(engine).begin() as connection:
            rows = (await connection.execute(ordered.offset(page * _MANY))).mappings().all()
        for row in rows:
            yield {str(name): value for name, value in row.items()} | {"at": milliseconds(row["at"])}
        if len(rows) < _MANY:
            return
        page += 1
