"""Survey answers in SQL."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from care.domain.satisfaction import SurveyResponse
from care.ports import SurveyPage
from cti.adapters.database import METADATA, Transactions
from cti.domain.identifiers import AgentId, CallId, PhoneNumber

RESPONSES = Table(
    "survey_responses",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("number", String(40), nullable=False),
    Column("call", String(200)),
    Column("agent", String(80)),
    Column("queue", String(128)),
    Column("score", Integer, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("answered_at", Double, nullable=False),
    Column("comment", Text, nullable=False),
    Index("ix_survey_responses_number_answered_at", "number", "answered_at"),
    Index("ix_survey_responses_answered_at", "answered_at"),
    Index("ix_survey_responses_call", "call"),
)
CHUNK: Final = 500
"""Rows in one statement: well below the limit of bound values."""


class SqlSurveys:
    """What customers said, in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def add(self, responses: Sequence[SurveyResponse]) -> int:
        return await self._transactions.write(partial(_add, responses))

    async def page(
        self,
        number: PhoneNumber | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> SurveyPage:
        of = RESPONSES.c
        wanted: list[Any] = [] if number is None else [of.number == number]
        if visible is not None:
            wanted.append(of.agent.is_(None) | of.agent.in_([*visible]))
        newest = select(RESPONSES).where(*wanted).order_by(of.answered_at.desc(), of.id)

        def work(connection: Connection) -> SurveyPage:
            total = connection.execute(
                select(func.count()).select_from(RESPONSES).where(*wanted)
            ).scalar_one()
            rows = connection.execute(newest.limit(limit).offset(offset)).mappings()
            return SurveyPage([_response(row) for row in rows], total)

        return await self._transactions.read(work)

    async def of_calls(self, calls: Collection[CallId]) -> Mapping[CallId, Sequence[SurveyResponse]]:
        return await self._transactions.read(partial(_of_calls, sorted(calls)))


def _add(responses: Sequence[SurveyResponse], connection: Connection) -> int:
    dialects = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = dialects(RESPONSES).on_conflict_do_nothing(index_elements=["id"]).returning(RESPONSES.c.id)
    # In one order: two imports at once wait for each other, and not in a circle.
    rows = [one._asdict() for one in sorted(responses)]
    added = 0
    for start in range(0, len(rows), CHUNK):
        added += len(connection.execute(new, rows[start : start + CHUNK]).all())
    return added


def _of_calls(calls: Sequence[CallId], connection: Connection) -> Mapping[CallId, Sequence[SurveyResponse]]:
    found: dict[CallId, list[SurveyResponse]] = {}
    for start in range(0, len(calls), CHUNK):
        said = select(RESPONSES).where(RESPONSES.c.call.in_(calls[start : start + CHUNK]))
        for row in connection.execute(said.order_by(RESPONSES.c.id)).mappings():
            found.setdefault(CallId(row["call"]), []).append(_response(row))
    return found


def _response(row: RowMapping) -> SurveyResponse:
    return SurveyResponse(**{name: row[name] for name in SurveyResponse._fields})
