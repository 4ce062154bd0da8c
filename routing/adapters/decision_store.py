"""Routing decisions in SQL, written in batches; the newest are kept."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson
from sqlalchemy import Column, Connection, Float, String, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, BatchWriter, Transactions, page_of, portions, put, reading
from cti.domain.identifiers import CallId
from routing.domain.decision import RoutingDecision, describe
from routing.domain.recalled import recalled
from routing.domain.sentences import Names
from routing.ports import DecisionPage

log = logging.getLogger(__name__)

DECISIONS = Table(
    "routing_decisions",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("call_id", String(200), nullable=False, index=True),
    Column("at", Float(53), nullable=False, index=True),
    Column("queue", String(128), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("result", String(32), nullable=False),
    Column("customer_id", String(64)),
    Column("document", Text, nullable=False),
)
SEARCHABLE: Final = ("queue", "tier", "result")
PRUNE_EVERY: Final = 1000
GATHER_SECONDS: Final = 0.1
"""A decision is kept thrice: when it falls, when the caller stands in line, when it is known who calls. By then once will do."""


class SqlDecisions:
    """`run` writes; start it as a task of the application."""

    def __init__(self, engine: AsyncEngine, *, newest: int = 200_000) -> None:
        """`newest`: how many decisions are kept."""
        self._transactions, self._reading, self._newest = Transactions(engine), reading(engine), newest
        self._writer: BatchWriter[tuple[RoutingDecision, Names]] = BatchWriter(
            "routing decisions", self._write, pause=GATHER_SECONDS
        )
        self._since_pruned = 0

    def keep(self, decision: RoutingDecision, names: Names) -> None:
        self._writer.put((decision, names))

    @property
    def backlog(self) -> int:
        return self._writer.backlog

    async def run(self) -> None:
        await self._writer.run()

    async def flush(self) -> None:
        await self._writer.drained()

    async def of_call(self, call: CallId) -> Mapping[str, Any] | None:
        query = (
            select(DECISIONS.c.document).where(DECISIONS.c.call_id == call).order_by(DECISIONS.c.at.desc())
        )
        async with self._reading.connect() as connection:
            text = (await connection.execute(query.limit(1))).scalar_one_or_none()
        return None if text is None else orjson.loads(text)

    async def of_calls(self, calls: Sequence[CallId]) -> list[RoutingDecision]:
        """Every decision of these calls that can be read; one written by another version may not be."""
        texts: list[str] = []
        async with self._reading.connect() as connection:
            for some in portions(calls):
                wanted = DECISIONS.c.call_id.in_(some)
                texts += (await connection.execute(select(DECISIONS.c.document).where(wanted))).scalars()
        return await asyncio.to_thread(_read, texts)

    async def page(self, limit: int, offset: int, search: Mapping[str, str]) -> DecisionPage:
        query = select(DECISIONS.c.document)
        for field in SEARCHABLE:
            if value := search.get(field):
                query = query.where(DECISIONS.c[field] == value)
        newest = query.order_by(DECISIONS.c.at.desc(), DECISIONS.c.id)
        rows, total = await page_of(self._reading, newest, limit, offset)
        return DecisionPage([orjson.loads(row["document"]) for row in rows], total)

    async def _write(self, batch: list[tuple[RoutingDecision, Names]]) -> None:
        # The last word on each decision is enough, and a batch may not name a row twice.
        latest = {decision.id: (decision, names) for decision, names in batch}
        self._since_pruned += len(latest)
        await self._transactions.write(partial(self._put, list(latest.values())))
        if self._since_pruned >= PRUNE_EVERY:
            self._since_pruned = 0

    def _put(self, decisions: Sequence[tuple[RoutingDecision, Names]], connection: Connection) -> None:
        put(connection, DECISIONS, [_row(decision, names) for decision, names in decisions])
        if self._since_pruned >= PRUNE_EVERY:
            newest = select(DECISIONS.c.at).order_by(DECISIONS.c.at.desc()).offset(self._newest).limit(1)
            connection.execute(delete(DECISIONS).where(DECISIONS.c.at <= newest.scalar_subquery()))


def _read(texts: Sequence[str]) -> list[RoutingDecision]:
    decisions = []
    for text in texts:
        try:
            decisions.append(recalled(orjson.loads(text)))
        except (KeyError, ValueError, TypeError, IndexError):
            log.warning("a kept routing decision cannot be read; its caller is looked up again")
    return decisions


def _row(decision: RoutingDecision, names: Names) -> dict[str, Any]:
    return {
        "id": decision.id,
        "call_id": decision.call,
        "at": decision.at,
        "queue": decision.queue,
        "tier": decision.tier.value,
        "result": decision.result.value,
        "customer_id": decision.customer,
        "document": orjson.dumps(describe(decision, names)).decode(),
    }
