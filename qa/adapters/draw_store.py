"""Draws and who is in them, in SQL, and the figures and the coverage that are made of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    RowMapping,
    String,
    Table,
    case,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.database import METADATA, page_of, portions, reading, upsert
from cti.domain.identifiers import AgentId, CallId
from qa.adapters.review_store import REVIEWS, exchange, from_row, to_row
from qa.domain.review import PlanKind, Purpose, Review, ReviewId, ReviewState
from qa.domain.sampling import Draw, DrawId, Member, Period
from qa.ports import Covered, DrawPage, Sampled

DRAWS = Table(
    "qa_draws",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("plan", String(16), nullable=False),
    Column("period", String(16), nullable=False),
    Column("begin", Double, nullable=False),
    Column("end", Double, nullable=False),
    Column("drawn_at", Double, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("frame", Integer, nullable=False),
    Column("members", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rule", String(250), nullable=False),
    Index("ix_qa_draws_begin", "begin"),
)

MEMBERS = Table(
    "qa_draw_members",
    METADATA,
    Column("draw", String(40), nullable=False),
    Column("review", String(260), nullable=False),
    Column("call", String(200), nullable=False),
    Column("stratum", String(250), nullable=False),
    Column("probability", Double),
    Column("seed", String(300), nullable=False),
    PrimaryKeyConstraint("draw", "review", name="pk_qa_draw_members"),
    Index("ix_qa_draw_members_review", "review"),
)

_LONGEST_STRATUM = 250


class SqlDraws:
    """Draws in the database the reviews are in: a draw and what it lays on the desk are one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def frame(self, begin: float, end: float) -> Sequence[Review]:
        """All that could be drawn of what was stored in this time, in one order."""
        of = REVIEWS.c
        wanted = select(REVIEWS).where(*_in_frame(begin, end))
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(wanted.order_by(of.created_at, of.id))
            return [from_row(row) for row in rows.mappings()]

    async def size(self, begin: float, end: float) -> int:
        """Of the frame."""
        counted = select(func.count()).select_from(REVIEWS).where(*_in_frame(begin, end))
        async with reading(self._engine).begin() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def write(
        self, draw: Draw, members: Sequence[Member], reviews: Sequence[Review], more: Sequence[Review]
    ) -> None:
        """`reviews` as the draw leaves them, `more` that are new. Whatever changed meanwhile stays as it is."""
        async with self._engine.begin() as connection:
            await upsert(connection, DRAWS, [_draw_row(draw)])
            there = await self._known(connection, draw.id, [one.review for one in members])
            rows = [_member_row(draw.id, one) for one in members if one.review not in there]
            for some in portions(rows):
                await connection.execute(insert(MEMBERS), some)
            for review in reviews:
                await exchange(connection, review._replace(revision=review.revision + 1))
            for review in more:
                known = select(REVIEWS.c.id).where(REVIEWS.c.id == review.id)
                if (await connection.execute(known)).first() is None:
                    await connection.execute(insert(REVIEWS).values(to_row(review)))

    async def _known(
        self, connection: AsyncConnection, draw: DrawId, reviews: Sequence[ReviewId]
    ) -> set[str]:
        found: set[str] = set()
        for some in portions(reviews):
            wanted = select(MEMBERS.c.review).where(MEMBERS.c.draw == draw, MEMBERS.c.review.in_(some))
            found |= set((await connection.execute(wanted)).scalars())
        return found

    async def draw(self, draw: DrawId) -> Draw | None:
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(select(DRAWS).where(DRAWS.c.id == draw))
            row = rows.mappings().one_or_none()
        return None if row is None else _draw(row)

    async def draws(self, plan: PlanKind | None, limit: int, offset: int) -> DrawPage:
        """Newest first."""
        wanted = [] if plan is None else [DRAWS.c.plan == plan]
        newest = select(DRAWS).where(*wanted).order_by(DRAWS.c.begin.desc(), DRAWS.c.id)
        rows, total = await page_of(self._engine, newest, limit, offset)
        return DrawPage([_draw(row) for row in rows], total)

    async def members(self, draw: DrawId) -> Sequence[Member]:
        wanted = select(MEMBERS).where(MEMBERS.c.draw == draw).order_by(MEMBERS.c.stratum, MEMBERS.c.review)
        async with reading(self._engine).begin() as connection:
            return [_member(row) for row in (await connection.execute(wanted)).mappings()]

    async def sampled(
        self, plan: PlanKind, since: float, until: float, visible: Collection[AgentId] | None
    ) -> Sequence[Sampled]:
        """What the plan drew of calls that began in this time, scored or not. Of `everything` it is each call, for certain."""
        of = REVIEWS.c
        wanted = [of.started_at >= since, of.started_at < until, of.state != ReviewState.EXCLUDED]
        wanted.append(of.purpose == Purpose.SCORE)
        if visible is not None:
            wanted.append(or_(of.agent.is_(None), of.agent.in_(sorted(visible))))
        if plan is PlanKind.EVERYTHING:
            statement = select(REVIEWS).where(*wanted, of.plan == plan)
        else:
            joined = MEMBERS.join(DRAWS, (DRAWS.c.id == MEMBERS.c.draw) & (DRAWS.c.plan == plan))
            chances = select(MEMBERS.c.review, MEMBERS.c.probability).select_from(joined).subquery()
            statement = (
                select(REVIEWS, chances.c.probability).join(chances, chances.c.review == of.id).where(*wanted)
            )
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement.order_by(of.id))).mappings().all()
        return [Sampled(from_row(row), row.get("probability", 1.0)) for row in rows]

    async def covered(
        self, begin: float, end: float, visible: Collection[AgentId] | None
    ) -> Mapping[AgentId, Covered]:
        """By agent, of calls stored in this time."""
        of = REVIEWS.c
        wanted = [
            of.created_at >= begin,
            of.created_at < end,
            of.purpose == Purpose.SCORE,
            of.agent.is_not(None),
        ]
        if visible is not None:
            wanted.append(of.agent.in_(sorted(visible)))

        def count(condition: Any) -> Any:
            return func.sum(case((condition, 1), else_=0))

        statement = select(
            of.agent,
            count(of.state != ReviewState.EXCLUDED),
            count((of.state != ReviewState.EXCLUDED) & of.plan.is_not(None)),
            count(of.state == ReviewState.SCORED),
            count(of.state == ReviewState.EXCLUDED),
        ).where(*wanted)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement.group_by(of.agent))).all()
        return {AgentId(agent): Covered(*(int(number) for number in numbers)) for agent, *numbers in rows}


def _in_frame(begin: float, end: float) -> list[Any]:
    of = REVIEWS.c
    stored = [of.created_at >= begin, of.created_at < end]
    return [*stored, of.purpose == Purpose.SCORE, of.state != ReviewState.EXCLUDED]


def _draw_row(draw: Draw) -> dict[str, Any]:
    fields = draw._asdict()
    period: Period = fields.pop("period")
    return {**fields, "period": period.name, "begin": period.begin, "end": period.end}


def _draw(row: RowMapping) -> Draw:
    period = Period(row["period"], row["begin"], row["end"])
    fields = {name: row[name] for name in Draw._fields if name not in ("period", "plan")}
    return Draw(plan=PlanKind(row["plan"]), period=period, **fields)


def _member_row(draw: DrawId, member: Member) -> dict[str, Any]:
    return {**member._asdict(), "draw": draw, "stratum": member.stratum[:_LONGEST_STRATUM]}


def _member(row: RowMapping) -> Member:
    return Member(
        ReviewId(row["review"]), CallId(row["call"]), row["stratum"], row["probability"], row["seed"]
    )
