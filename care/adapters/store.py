"""Callbacks, rescues and their stories in SQL.

That a number or an agent has no second call in the other table is asked in the transaction that begins one; those run one
after the other. What is unique in one table, `care/adapters/tables.py` says.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    case,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.tables import CALLBACKS, RESCUES, STORY
from care.domain.callback import ENDED, IN_FLIGHT, NOT_OFFERED, Callback, CallbackId, CallbackState
from care.domain.rescue import RESCUE_ENDED, Rescue, RescueId, RescueState
from care.domain.story import Line
from care.domain.turn import UnderWay
from care.ports import CallbackPage, RescuePage
from cti.adapters.database import Transactions
from cti.domain.identifiers import AgentId, CallId, PhoneNumber, QueueName, Tier

ONE_CALLS_AT_A_TIME = 7_304_013
"""PostgreSQL's advisory lock of whoever begins a call; SQLite has one writer anyway."""


class SqlCare:
    """Promises in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    # callbacks

    async def add_callback(self, callback: Callback, what: Line) -> CallbackId | None:
        there = await self._add(CALLBACKS, _callback_row(callback), what)
        return None if there is None else CallbackId(there)

    async def replace_callback(self, callback: Callback, what: Line) -> bool:
        return await self._replace(CALLBACKS, _callback_row(callback), what)

    async def callback(self, callback: CallbackId) -> Callback | None:
        rows = await self._rows(select(CALLBACKS).where(CALLBACKS.c.id == callback))
        return _callback(rows[0]) if rows else None

    async def open_callbacks(self) -> Sequence[Callback]:
        wanted = select(CALLBACKS).where(CALLBACKS.c.open_key.is_not(None))
        return [_callback(row) for row in await self._rows(wanted)]

    async def callbacks(
        self,
        states: Sequence[CallbackState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> CallbackPage:
        rows, total = await self._page(CALLBACKS, states, ENDED, queue, tier, limit, offset, visible)
        return CallbackPage([_callback(row) for row in rows], total)

    async def offered_before(self, call: CallId) -> bool:
        asked = (CALLBACKS.c.first_call == call, CALLBACKS.c.why != NOT_OFFERED)
        return bool(await self._rows(select(CALLBACKS.c.id).where(*asked).limit(1)))

    async def callback_counts(self) -> Mapping[str, int]:
        return await self._counts(CALLBACKS)

    # rescues

    async def add_rescue(self, rescue: Rescue, what: Line) -> RescueId | None:
        there = await self._add(RESCUES, _rescue_row(rescue), what)
        return None if there is None else RescueId(there)

    async def replace_rescue(self, rescue: Rescue, what: Line) -> bool:
        return await self._replace(RESCUES, _rescue_row(rescue), what)

    async def rescue(self, rescue: RescueId) -> Rescue | None:
        rows = await self._rows(select(RESCUES).where(RESCUES.c.id == rescue))
        return _rescue(rows[0]) if rows else None

    async def open_rescues(self) -> Sequence[Rescue]:
        wanted = select(RESCUES).where(RESCUES.c.open_key.is_not(None))
        return [_rescue(row) for row in await self._rows(wanted)]

    async def rescues(
        self,
        states: Sequence[RescueState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> RescuePage:
        rows, total = await self._page(RESCUES, states, RESCUE_ENDED, queue, tier, limit, offset, visible)
        return RescuePage([_rescue(row) for row in rows], total)

    async def newest_abandonment(self) -> float | None:
        rows = await self._rows(select(func.max(RESCUES.c.abandoned_at).label("newest")))
        return None if rows[0]["newest"] is None else float(rows[0]["newest"])

    async def rescue_counts(self) -> Mapping[str, int]:
        return await self._counts(RESCUES)

    # their calls

    async def under_way(self) -> Sequence[UnderWay]:
        found = [
            await self._rows(
                select(table.c.pbx, table.c.agent, table.c.number).where(table.c.calling.is_not(None))
            )
            for table in (CALLBACKS, RESCUES)
        ]
        return [UnderWay(row["pbx"], row["agent"], row["number"]) for rows in found for row in rows]

    # their stories

    async def story(self, subject: str) -> Sequence[Line]:
        wanted = select(STORY).where(STORY.c.subject == subject).order_by(STORY.c.revision)
        return [_line(row) for row in await self._rows(wanted)]

    async def untold(self, limit: int) -> Sequence[tuple[Callback | Rescue, Line]]:
        wanted = (
            select(STORY).where(STORY.c.told.is_(False)).order_by(STORY.c.at, STORY.c.revision).limit(limit)
        )
        lines = [_line(row) for row in await self._rows(wanted)]
        of: dict[str, Callback | Rescue] = {}
        ids = {line.subject for line in lines}
        if ids:
            callbacks = await self._rows(select(CALLBACKS).where(CALLBACKS.c.id.in_(ids)))
            rescues = await self._rows(select(RESCUES).where(RESCUES.c.id.in_(ids)))
            of |= {row["id"]: _callback(row) for row in callbacks}
            of |= {row["id"]: _rescue(row) for row in rescues}
        return [(of[line.subject], line) for line in lines if line.subject in of]

    async def set_told(self, lines: Sequence[Line]) -> None:
        def work(connection: Connection) -> None:
            for line in lines:
                one = (STORY.c.subject == line.subject, STORY.c.revision == line.revision)
                connection.execute(update(STORY).where(*one).values(told=True))

        await self._transactions.write(work)

    # how it is done

    async def _add(self, table: Table, row: Mapping[str, Any], what: Line) -> str | None:
        """Added: None. Else the id of what stands in its way: itself, or another one that is open."""

        def work(connection: Connection) -> None:
            connection.execute(insert(table).values(row))
            connection.execute(insert(STORY).values(what._asdict() | {"told": False}))

        try:
            await self._transactions.write(work)
        except IntegrityError:
            mine = (table.c.id == row["id"]) | (table.c.open_key == row["open_key"])
            there = await self._rows(select(table.c.id).where(mine))
            if not there:
                raise
            return str(there[0]["id"])
        return None

    async def _replace(self, table: Table, row: Mapping[str, Any], what: Line) -> bool:
        before = (table.c.id == row["id"], table.c.revision == row["revision"] - 1)

        def work(connection: Connection) -> bool:
            if row["calling"] is not None and _called_already(connection, row):
                return False
            if connection.execute(update(table).where(*before).values(row)).rowcount != 1:
                return False
            connection.execute(insert(STORY).values(what._asdict() | {"told": False}))
            return True

        try:
            return await self._transactions.write(work)
        except IntegrityError:  # the number is being called already
            return False

    async def _page(
        self,
        table: Table,
        states: Sequence[str],
        ended: frozenset[Any],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> tuple[Sequence[RowMapping], int]:
        """Open ones by the time they are due, then those that have ended, newest first."""
        wanted: list[Any] = [table.c.state.in_([*states])] if states else []
        wanted += [table.c.queue == queue] if queue is not None else []
        wanted += [table.c.tier == tier] if tier is not None else []
        if visible is not None:
            wanted.append(table.c.agent.is_(None) | table.c.agent.in_([*visible]))
        over = table.c.state.in_([*ended])
        order = (
            case((over, 1), else_=0),
            case((over, -table.c.changed_at), else_=table.c.due_at),
            table.c.id,
        )
        page = select(table).where(*wanted).order_by(*order).limit(limit).offset(offset)
        total = await self._rows(select(func.count().label("total")).select_from(table).where(*wanted))
        return await self._rows(page), int(total[0]["total"])

    async def _counts(self, table: Table) -> Mapping[str, int]:
        counted = select(table.c.state, func.count().label("count")).group_by(table.c.state)
        return {row["state"]: row["count"] for row in await self._rows(counted)}

    async def _rows(self, statement: Any) -> Sequence[RowMapping]:
        return await self._transactions.read(partial(_all, statement))


def _called_already(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Whether another call, of a callback or a rescue, has this number or this agent."""
    if connection.dialect.name == "postgresql":  # the other row may be written this moment, in another table
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_CALLS_AT_A_TIME})"))
    for table in (CALLBACKS, RESCUES):
        his = (table.c.calling == row["calling"]) | (
            (table.c.pbx == row["pbx"]) & (table.c.agent == row["agent"])
        )
        other = (table.c.calling.is_not(None), table.c.id != row["id"], his)
        if connection.execute(select(table.c.id).where(*other).limit(1)).first() is not None:
            return True
    return False


def _all(statement: Any, connection: Connection) -> Sequence[RowMapping]:
    return connection.execute(statement).mappings().all()


def _callback_row(callback: Callback) -> dict[str, Any]:
    open_key = f"{callback.number}|{callback.queue}" if callback.open else None
    calling = callback.number if callback.state in IN_FLIGHT else None
    return {**callback._asdict(), "open_key": open_key, "calling": calling}


def _callback(row: RowMapping) -> Callback:
    values: dict[str, Any] = {name: row[name] for name in Callback._fields}
    values |= {
        "state": CallbackState(row["state"]),
        "tier": Tier(row["tier"]),
        "number": PhoneNumber(row["number"]),
    }
    return Callback(**values)


def _rescue_row(rescue: Rescue) -> dict[str, Any]:
    # Nobody's number: each stands for itself.
    who = rescue.number or hashlib.sha256(rescue.id.encode()).hexdigest()[:32]
    open_key = f"{who}|{rescue.queue}" if rescue.open else None
    calling = rescue.number if rescue.state is RescueState.CALLING else None
    return {**rescue._asdict(), "open_key": open_key, "calling": calling}


def _rescue(row: RowMapping) -> Rescue:
    values: dict[str, Any] = {name: row[name] for name in Rescue._fields}
    values |= {"state": RescueState(row["state"]), "tier": Tier(row["tier"])}
    values["number"] = None if row["number"] is None else PhoneNumber(row["number"])
    values["first_call"] = CallId(row["first_call"])
    return Rescue(**values)


def _line(row: RowMapping) -> Line:
    return Line(**{name: row[name] for name in Line._fields})
