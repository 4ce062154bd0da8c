"""Legal holds and reports in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import page_of, reading
from cti.adapters.keeping_tables import HOLDS, REPORTS
from cti.domain.keeping import Hold, HoldKind, Report


class SqlHolds:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def add(self, hold: Hold) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(HOLDS.insert().values(hold._asdict()))

    async def lift(self, hold: str, at: float, by: str, because: str) -> bool:
        stands = update(HOLDS).where(HOLDS.c.id == hold, HOLDS.c.lifted_at.is_(None))
        async with self._engine.begin() as connection:
            lifted = await connection.execute(
                stands.values(lifted_at=at, lifted_by=by, lifted_because=because)
            )
            return lifted.rowcount == 1

    async def standing(self) -> Sequence[Hold]:
        async with self._read.connect() as connection:
            rows = await connection.execute(
                select(HOLDS).where(HOLDS.c.lifted_at.is_(None)).order_by(HOLDS.c.at)
            )
            return [_hold(row) for row in rows.mappings()]

    async def all(self, limit: int, offset: int) -> tuple[Sequence[Hold], int]:
        newest = select(HOLDS).order_by(HOLDS.c.at.desc(), HOLDS.c.id)
        rows, total = await page_of(self._engine, newest, limit, offset)
        return [_hold(row) for row in rows], total


class SqlReports:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def add(self, report: Report) -> None:
        async with self._engine.begin() as connection:
            row = {**report._asdict(), "report": report.text}
            del row["text"]
            await connection.execute(REPORTS.insert().values(row))

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Report], int]:
        newest = select(REPORTS).order_by(REPORTS.c.at.desc(), REPORTS.c.id)
        rows, total = await page_of(self._engine, newest, limit, offset)
        return [
            Report(row["id"], row["kind"], row["at"], row["by"], row["report"], row["seal"]) for row in rows
        ], total


def _hold(row: RowMapping) -> Hold:
    values: dict[str, Any] = dict(row)
    return Hold(**(values | {"kind": HoldKind(row["kind"])}))
