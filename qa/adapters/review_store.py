"""Reviews, evaluations and the scorecards they were made with, in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.database import METADATA, page_of, portions, reading, upsert
from cti.domain.identifiers import Tier
from qa.adapters.scorecard_files import parse, write
from qa.domain.publishing import Publication
from qa.domain.review import Evaluation, PlanKind, Purpose, Review, ReviewId, ReviewSearch, ReviewState
from qa.domain.scorecard import CriticalKind, ItemId, Scorecard, ScorecardId, SectionId
from qa.domain.scoring import Answer, CriticalError, Result, Score, SectionScore
from qa.ports import ReviewPage
from recordings.domain.naming import RecordingId

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("id", String(260), primary_key=True),
    Column("recording", String(250), nullable=False, index=True),
    Column("call", String(200), nullable=False, index=True),
    Column("queue", String(128), nullable=False),
    Column("agent", String(80)),
    Column("tier", String(16)),
    Column("started_at", Double, nullable=False),
    Column("duration_seconds", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reviewer", String(200), index=True),
    Column("claimed_until", Double),
    Column("scorecard", String(50), nullable=False),
    Column("scorecard_version", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("scored_at", Double),
    Column("score", Double),
    Column("result", String(16)),
    Column("critical_errors", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("purpose", String(16), nullable=False, server_default="score"),
    Column("plan", String(16)),
    Column("due_at", Double),
    Column("assigned_to", String(200)),
    Column("own_team", Boolean, nullable=False, server_default=false()),
    Column("final", String(260)),
    Column("acknowledged_at", Double),
    Column("exclusion", String(200), nullable=False, server_default=""),
    Index("ix_reviews_assigned_to_state", "assigned_to", "state"),
    Index("ix_reviews_started_at", "started_at"),
    Index("ix_reviews_created_at_id", "created_at", "id"),
    Index("ix_reviews_state_claimed_until", "state", "claimed_until"),
)

EVALUATIONS = Table(
    "evaluations",
    METADATA,
    Column("review", String(260), primary_key=True),
    Column("reviewer", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("answers", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("score", Text, nullable=False),
)

SCORECARDS = Table(
    "scorecards",
    METADATA,
    Column("id", String(50), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("published_at", Double),  # None: from a file
    Column("published_by", String(200)),
    Column("note", String(200)),
    Column("withdrawn_at", Double),
)


class SqlReviews:
    """Reviews in the database the rest of the server uses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, reviews: Sequence[Review]) -> int:
        proposed = {review.id: review for review in reviews}
        added = 0
        async with self._engine.begin() as connection:
            for some in portions(proposed):
                there = select(REVIEWS.c.id).where(REVIEWS.c.id.in_(some))
                known = set((await connection.execute(there)).scalars())
                rows = [to_row(proposed[id_]) for id_ in some if id_ not in known]
                if rows:
                    await connection.execute(insert(REVIEWS), rows)
                added += len(rows)
        return added

    async def get(self, review: ReviewId) -> Review | None:
        async with reading(self._engine).begin() as connection:
            found = await connection.execute(select(REVIEWS).where(REVIEWS.c.id == review))
            row = found.mappings().one_or_none()
        return None if row is None else from_row(row)

    async def evaluation(self, review: ReviewId) -> Evaluation | None:
        async with reading(self._engine).begin() as connection:
            found = await connection.execute(select(EVALUATIONS).where(EVALUATIONS.c.review == review))
            row = found.mappings().one_or_none()
        return None if row is None else _evaluation(row)

    async def search(self, search: ReviewSearch, limit: int, offset: int) -> ReviewPage:
        statement = _wanted(search)
        newest = REVIEWS.c.created_at.desc(), REVIEWS.c.id
        due = (REVIEWS.c.due_at.is_(None), REVIEWS.c.due_at) if search.by_due else ()
        rows, total = await page_of(self._engine, statement.order_by(*due, *newest), limit, offset)
        return ReviewPage([from_row(row) for row in rows], total)

    async def evaluations(
        self, search: ReviewSearch, since: float | None, until: float | None, limit: int
    ) -> tuple[Sequence[tuple[Review, Evaluation]], int]:
        counting = func.coalesce(REVIEWS.c.final, REVIEWS.c.id)
        joined = _wanted(search._replace(purpose=Purpose.SCORE)).join(
            EVALUATIONS, EVALUATIONS.c.review == counting
        )
        began = REVIEWS.c.started_at
        joined = joined if since is None else joined.where(began >= since)
        joined = joined if until is None else joined.where(began < until)
        count = select(func.count()).select_from(joined.subquery())
        newest = joined.order_by(began.desc(), REVIEWS.c.id).limit(limit)
        async with reading(self._engine).begin() as connection:
            total = (await connection.execute(count)).scalar_one()
            reviews = [from_row(row) for row in (await connection.execute(newest)).mappings()]
            found = await evaluations_of(connection, [review.final or review.id for review in reviews])
        told = ((review, found.get(review.final or review.id)) for review in reviews)
        return [(review, one) for review, one in told if one is not None], total

    async def replace(self, review: Review, evaluation: Evaluation | None = None) -> bool:
        async with self._engine.begin() as connection:
            if not await exchange(connection, review):
                return False
            if evaluation is not None:
                await connection.execute(insert(EVALUATIONS).values(_evaluation_row(evaluation)))
        return True

    async def overdue(self, now: float, limit: int) -> Sequence[Review]:
        late = (REVIEWS.c.state == ReviewState.CLAIMED, REVIEWS.c.claimed_until <= now)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(select(REVIEWS).where(*late).limit(limit))).mappings().all()
        return [from_row(row) for row in rows]

    async def of_recordings(self, recordings: Sequence[RecordingId]) -> Mapping[RecordingId, ReviewId]:
        found: dict[RecordingId, ReviewId] = {}
        async with reading(self._engine).begin() as connection:
            for some in portions(recordings):
                statement = select(REVIEWS.c.recording, REVIEWS.c.id).where(
                    REVIEWS.c.recording.in_(some), REVIEWS.c.purpose == Purpose.SCORE
                )
                found |= {row.recording: row.id for row in await connection.execute(statement)}
        return found

    async def counts(self) -> Mapping[ReviewState, int]:
        statement = select(REVIEWS.c.state, func.count()).group_by(REVIEWS.c.state)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement)).all()
        return {ReviewState(state): count for state, count in rows}

    async def newest(self) -> float | None:
        async with reading(self._engine).begin() as connection:
            newest = (await connection.execute(select(func.max(REVIEWS.c.created_at)))).scalar_one()
        return None if newest is None else float(newest)

    async def publications(self) -> Sequence[Publication]:
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(select(SCORECARDS))).all()
        return [
            Publication(
                parse(row.text, f"scorecard {row.id} version {row.version} in the database"),
                row.published_at,
                row.published_by or "",
                row.note or "",
                row.withdrawn_at,
            )
            for row in rows
        ]

    async def publications_mark(self) -> str:
        marks = [func.count(), func.max(SCORECARDS.c.published_at), func.max(SCORECARDS.c.withdrawn_at)]
        async with reading(self._engine).begin() as connection:
            return str((await connection.execute(select(*marks).select_from(SCORECARDS))).one())

    async def keep_scorecards(self, cards: Sequence[Scorecard]) -> None:
        rows = [{"id": card.id, "version": card.version, "text": write(card)} for card in cards]
        async with self._engine.begin() as connection:
            await upsert(connection, SCORECARDS, rows)


async def exchange(connection: AsyncConnection, review: Review) -> bool:
    """The review in the place of the one a revision before; False when that one was changed meanwhile, and stays."""
    before = REVIEWS.c.id == review.id, REVIEWS.c.revision == review.revision - 1
    written = await connection.execute(update(REVIEWS).where(*before).values(to_row(review)))
    return written.rowcount == 1


async def evaluations_of(
    connection: AsyncConnection, ids: Sequence[ReviewId]
) -> Mapping[ReviewId, Evaluation]:
    found: dict[ReviewId, Evaluation] = {}
    for some in portions(ids):
        wanted = select(EVALUATIONS).where(EVALUATIONS.c.review.in_(some))
        for row in (await connection.execute(wanted)).mappings():
            found[row["review"]] = _evaluation(row)
    return found


def _wanted(search: ReviewSearch) -> Select[Any]:
    asked = {name: wanted for name, wanted in search._asdict().items() if wanted is not None}
    visible, plans = asked.pop("visible", None), asked.pop("plans", None)
    del asked["by_due"]
    statement = select(REVIEWS).where(*(REVIEWS.c[name] == wanted for name, wanted in asked.items()))
    if plans is not None:
        statement = statement.where(REVIEWS.c.plan.in_(sorted(plans)))
    if visible is None:
        return statement
    return statement.where(or_(REVIEWS.c.agent.is_(None), REVIEWS.c.agent.in_(sorted(visible))))


def to_row(review: Review) -> dict[str, Any]:
    return {**review._asdict(), "critical_errors": ",".join(review.critical_errors)}


def from_row(row: RowMapping) -> Review:
    """Of a row that may hold more."""
    values: dict[str, Any] = {name: row[name] for name in Review._fields}
    values["state"] = ReviewState(row["state"])
    values["tier"] = None if row["tier"] is None else Tier(row["tier"])
    values["result"] = None if row["result"] is None else Result(row["result"])
    values["purpose"] = Purpose(row["purpose"])
    values["plan"] = None if row["plan"] is None else PlanKind(row["plan"])
    kinds = row["critical_errors"].split(",")
    values["critical_errors"] = tuple(CriticalKind(kind) for kind in kinds if kind)
    return Review(**values)


def _evaluation_row(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "review": evaluation.review,
        "reviewer": evaluation.reviewer,
        "at": evaluation.at,
        "answers": json.dumps(evaluation.answers, ensure_ascii=False),
        "comment": evaluation.comment,
        "score": json.dumps(evaluation.score),
    }


def _evaluation(row: RowMapping) -> Evaluation:
    card, version, score, result, sections, errors, unanswered = json.loads(row["score"])
    return Evaluation(
        review=ReviewId(row["review"]),
        reviewer=row["reviewer"],
        at=row["at"],
        answers={ItemId(id_): Answer(*answer) for id_, answer in json.loads(row["answers"]).items()},
        comment=row["comment"],
        score=Score(
            scorecard=ScorecardId(card),
            version=version,
            score=score,
            result=Result(result),
            sections=tuple(SectionScore(SectionId(id_), *numbers) for id_, *numbers in sections),
            critical_errors=tuple(CriticalError(ItemId(id_), CriticalKind(kind)) for id_, kind in errors),
            unanswered=tuple(unanswered),
        ),
    )
