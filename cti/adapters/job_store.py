"""Jobs in SQL. Asked for and dropped in batches; taken in hand, held and settled at once."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    Double,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, BatchWriter, Transactions, page_of, reading
from cti.domain.jobs import Ended, Job, JobState
from cti.ports import JobPage

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(300), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(250), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("next_at", Double),  # while it runs: when its owner counts as gone; dead: none
    Column("every_seconds", Double),
    Column("owner", String(80)),
    Column("error", Text, nullable=False),
    Index("ix_jobs_kind_next_at", "kind", "next_at"),
)

# asked for again and again, so they are put together once
_DUE = select(JOBS).where(JOBS.c.kind == bindparam("kind"), JOBS.c.next_at <= bindparam("now"))
_ANY_DUE = _DUE.limit(1)


@lru_cache(maxsize=8)
def _kinds_due(kinds: tuple[str, ...]) -> CompoundSelect[Any]:
    """One step in the index for each kind: thousands may be due of one."""
    looks = (
        select(JOBS.c.id).where(JOBS.c.kind == kind, JOBS.c.next_at <= bindparam("now")) for kind in kinds
    )
    return union_all(
        *(select(literal(kind)).where(look.exists()) for kind, look in zip(kinds, looks, strict=True))
    )


class SqlJobs:
    """Jobs in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)
        self._transactions = Transactions(engine)
        self._written: Callable[[], None] = lambda: None
        self.writer: BatchWriter[Job | str] = BatchWriter("jobs", self._write)

    def keep(self, job: Job) -> None:
        self.writer.put(job)

    def drop(self, job: str) -> None:
        self.writer.put(job)

    def listen(self, written: Callable[[], None]) -> None:
        self._written = written

    async def _write(self, items: list[Job | str]) -> None:
        """In the order of asking: what is dropped and asked for again is a new job."""
        asked: dict[str, Job] = {}
        dropped: set[str] = set()
        for item in items:
            if isinstance(item, Job):
                asked.setdefault(item.id, item)
            else:
                asked.pop(item, None)
                dropped.add(item)
        async with self._engine.begin() as connection:
            if dropped:
                gone = delete(JOBS).where(JOBS.c.id == bindparam("gone"))
                await connection.execute(gone, [{"gone": job} for job in dropped])
            if asked:
                insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
                await connection.execute(
                    insert(JOBS).on_conflict_do_nothing(), [_row(job) for job in asked.values()]
                )
        self._written()

    async def due(self, kinds: tuple[str, ...], now: float) -> Sequence[str]:
        if not kinds:
            return []
        asked = _kinds_due(kinds), {"now": now}
        return await self._transactions.read(lambda connection: connection.execute(*asked).scalars().all())

    async def claim(self, kind: str, now: float, owner: str, until: float, limit: int) -> Sequence[Job]:
        asked = {"kind": kind, "now": now}
        first = await self._transactions.read(lambda connection: connection.execute(_ANY_DUE, asked).first())
        if first is None:
            return []  # nearly always nothing is due: no lock for that
        taken = _DUE.order_by(JOBS.c.next_at).limit(limit).with_for_update(skip_locked=True)
        async with self._engine.begin() as connection:
            rows = (await connection.execute(taken, asked)).mappings().all()
            mine = update(JOBS).where(JOBS.c.id.in_([row["id"] for row in rows]))
            values = {"state": JobState.RUNNING, "attempts": JOBS.c.attempts + 1}
            await connection.execute(mine.values(**values, owner=owner, next_at=until))
        return [_job(row)._replace(state=JobState.RUNNING, attempts=row["attempts"] + 1) for row in rows]

    async def hold(self, jobs: Collection[str], owner: str, until: float) -> None:
        held = update(JOBS).where(JOBS.c.id.in_([*jobs]), JOBS.c.owner == owner)
        async with self._engine.begin() as connection:
            await connection.execute(held.where(JOBS.c.state == JobState.RUNNING).values(next_at=until))

    async def settle(self, ended: Sequence[Ended], owner: str) -> None:
        async with self._engine.begin() as connection:
            for attempt, _, after in ended:
                mine = (
                    JOBS.c.id == attempt.id,
                    JOBS.c.owner == owner,
                    JOBS.c.attempts == attempt.attempts,
                    JOBS.c.state == JobState.RUNNING,
                )
                if after is None:
                    await connection.execute(delete(JOBS).where(*mine))
                else:
                    await connection.execute(update(JOBS).where(*mine).values(_row(after)))

    async def revive(self, job: str, now: float) -> bool | None:
        again = {"state": JobState.WAITING, "attempts": 0, "next_at": now}
        async with self._engine.begin() as connection:
            revived = await connection.execute(
                update(JOBS).where(JOBS.c.id == job, JOBS.c.state == JobState.DEAD).values(again)
            )
            if revived.rowcount:
                return True
            there = (await connection.execute(select(JOBS.c.id).where(JOBS.c.id == job))).first()
        return None if there is None else False

    async def subjects(self, kind: str) -> Sequence[str]:
        async with self._read.begin() as connection:
            found = await connection.execute(select(JOBS.c.subject).where(JOBS.c.kind == kind))
            return found.scalars().all()

    async def page(self, state: JobState | None, limit: int, offset: int) -> JobPage:
        statement = select(JOBS) if state is None else select(JOBS).where(JOBS.c.state == state)
        dead_first = case((JOBS.c.state == JobState.DEAD, 0), else_=1)
        ordered = statement.order_by(dead_first, JOBS.c.next_at, JOBS.c.id)
        rows, total = await page_of(self._read, ordered, limit, offset)
        return JobPage([_job(row) for row in rows], total)

    async def counts(self) -> Mapping[tuple[str, JobState], int]:
        statement = select(JOBS.c.kind, JOBS.c.state, func.count()).group_by(JOBS.c.kind, JOBS.c.state)
        async with self._read.begin() as connection:
            rows = (await connection.execute(statement)).all()
        return {(kind, JobState(state)): count for kind, state, count in rows}


def _row(job: Job) -> dict[str, Any]:
    payload = json.dumps(dict(job.payload), ensure_ascii=False)
    return {**job._asdict(), "id": job.id, "payload": payload, "owner": None}


def _job(row: RowMapping) -> Job:
    values: dict[str, Any] = {name: row[name] for name in Job._fields}
    return Job(**{**values, "payload": json.loads(row["payload"]), "state": JobState(row["state"])})
