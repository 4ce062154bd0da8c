"""The switch's ledger as a table: what Asterisk's realtime writes to PostgreSQL (`queue_log => pgsql,…` in extconfig.conf).

Rows are numbered when they are inserted and seen when they are committed, so a row may show up after later ones. They are
therefore taken in order of time, a moment late (`SETTLING`), and what was read is read again for `OVERLAP` seconds: a row
that came late is still taken, once.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import NullType

from cti.domain.ledger_rows import line, moment
from cti.ports import Reading

log = logging.getLogger(__name__)

ROWS = 5_000
"""Taken in one step."""
SETTLING = 2.0
"""Seconds a row rests before it is taken, so that one committed a little late is still in order."""
OVERLAP = 60.0
"""Seconds for which rows are looked at again."""


class LedgerTable:
    """One table in a database that the switch writes and we only read."""

    def __init__(self, engine: AsyncEngine, table: str, zone: tzinfo) -> None:
        """`zone` is the switch's own, or GMT where `queue_log_realtime_use_gmt=yes`. Raises ValueError on a table's name."""
        if not all(part.replace("_", "a").isalnum() for part in table.split(".")) or table.count(".") > 1:
            raise ValueError(f"{table!r} is no table's name: say queue_log or schema.queue_log")
        schema, _, name = table.rpartition(".")
        self._engine, self._zone = engine, zone
        rows = Table(
            name,
            MetaData(),
            Column("id", BigInteger, primary_key=True),
            Column("time", NullType),
            *(Column(column, String) for column in ("callid", "queuename", "agent", "event")),
            *(Column(f"data{number}", String) for number in range(1, 6)),
            schema=schema or None,
        )
        self._rows = select(rows).where(rows.c.id > bindparam("low")).order_by(rows.c.id).limit(ROWS)

    async def read(self, place: Mapping[str, Any] | None, now: float) -> Reading:
        low = int(place["low"]) if place else 0
        seen = set(place["seen"]) if place else set()
        newest: float | None = place["newest"] if place else None
        try:
            fresh, reached_end = await self._fresh(low, seen)
        except (SQLAlchemyError, OSError) as problem:
            log.warning("the ledger's table cannot be read: %s", type(problem).__name__)
            return Reading((), place, complete=False, state="unreadable", hole=False, behind=0)
        timed: list[tuple[float, int, Mapping[str, Any]]] = []
        waiting = 0
        for row in fresh:
            at = moment(row["time"], self._zone, newest)
            if at is None:
                at = (
                    newest if newest is not None else 0.0
                )  # the reader counts it as malformed or places it here
            if at > now - SETTLING and at < now + OVERLAP:
                waiting += 1
                continue
            timed.append((at, int(row["id"]), row))
        timed.sort(key=lambda one: one[:2])
        taken = [line(row, at) for at, _, row in timed]
        times = dict(place["times"]) if place else {}
        for at, number, _ in timed:
            seen.add(number)
            times[str(number)] = at
            newest = at if newest is None else max(newest, at)
        low, seen, times = _forget(low, seen, times, newest)
        following = {"low": low, "seen": sorted(seen), "times": times, "newest": newest}
        state = "at_end" if reached_end else "reading"
        lines = [(text, True) for text in taken]
        return Reading(lines, following, reached_end, state, hole=False, behind=waiting)

    async def _fresh(self, low: int, seen: set[int]) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """Rows not seen yet, at most a step's worth, and whether these are all."""
        fresh: list[Mapping[str, Any]] = []
        async with self._engine.connect() as connection:
            while True:
                rows = (await connection.execute(self._rows, {"low": low})).mappings().all()
                fresh += [dict(row) for row in rows if row["id"] not in seen]
                if len(rows) < ROWS:
                    return fresh, True
                low = rows[-1]["id"]
                if len(fresh) >= ROWS:
                    return fresh, False


def _forget(
    low: int, seen: set[int], times: dict[str, float], newest: float | None
) -> tuple[int, set[int], dict[str, float]]:
    """Row numbers older than the overlap are looked at no more; memory stays bounded."""
    if newest is None:
        return low, seen, times
    old = [int(number) for number, at in times.items() if at < newest - OVERLAP]
    low = max([low, *old])
    seen = {number for number in seen if number > low}
    return low, seen, {str(number): times[str(number)] for number in seen}
