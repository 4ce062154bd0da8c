"""Schedules of reports in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from qa.domain.report import Basis, Breakdown, ReportFilter
from qa.domain.report_schedule import Every, Format, Schedule, ScheduleId

SCHEDULES = Table(
    "report_schedules",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("every", String(8), nullable=False),
    Column("at_minute", Integer, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("format", String(8), nullable=False),
    Column("language", String(2), nullable=False),
    Column("grouping", String(16), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("sent_until", Double),
    Column("sent_at", Double),
    Column("delivered", Text, nullable=False),
    Column("problem", String(300), nullable=False),
)

_NOTED = frozenset({"sent_until", "sent_at", "delivered", "problem"})


class SqlSchedules:
    """In the database that all servers of an installation share."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> Sequence[Schedule]:
        order = (SCHEDULES.c.created_at, SCHEDULES.c.id)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(select(SCHEDULES).order_by(*order))).all()
        return [_schedule(row) for row in rows]

    async def get(self, schedule: ScheduleId) -> Schedule | None:
        async with reading(self._engine).begin() as connection:
            wanted = select(SCHEDULES).where(SCHEDULES.c.id == schedule)
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else _schedule(row)

    async def add(self, schedule: Schedule) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(SCHEDULES).values(_row(schedule)))

    async def change(self, schedule: Schedule) -> None:
        row = _row(schedule)
        await self._update(schedule, {name: value for name, value in row.items() if name not in _NOTED})

    async def note(self, schedule: Schedule) -> None:
        row = _row(schedule)
        await self._update(schedule, {name: value for name, value in row.items() if name in _NOTED})

    async def remove(self, schedule: ScheduleId) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(SCHEDULES).where(SCHEDULES.c.id == schedule))

    async def _update(self, schedule: Schedule, values: dict[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(SCHEDULES).where(SCHEDULES.c.id == schedule.id).values(values))


def _row(schedule: Schedule) -> dict[str, Any]:
    return {
        **schedule._asdict(),
        "recipients": json.dumps(schedule.recipients),
        "wanted": json.dumps(schedule.wanted._asdict(), ensure_ascii=False),
        "delivered": json.dumps(schedule.delivered),
    }


def _schedule(row: Row[Any]) -> Schedule:
    wanted = ReportFilter(**json.loads(row.wanted))
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name
    return Schedule(
        **values
        | {
            "id": ScheduleId(row.id),
            "every": Every(row.every),
            "format": Format(row.format),
            "grouping": Breakdown(row.grouping),
            "recipients": tuple(json.loads(row.recipients)),
            "wanted": wanted._replace(basis=Basis(wanted.basis)),
            "delivered": tuple(json.loads(row.delivered)),
        }
    )
