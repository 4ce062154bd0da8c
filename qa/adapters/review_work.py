"""What is asked of reviews beside each one's life: who has how much in hand, and who scored the same call."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import portions, reading
from qa.adapters.review_store import REVIEWS, evaluations_of, from_row
from qa.domain.queue import Throughput
from qa.domain.review import Evaluation, Purpose, Review, ReviewState
from recordings.domain.naming import RecordingId


class SqlReviewWork:
    """Reads only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def rated_together(
        self, since: float | None, until: float | None, limit: int
    ) -> Sequence[tuple[Review, Evaluation]]:
        """Scored reviews of recordings that a second reviewer or a session scored too, each with its own evaluation."""
        of = REVIEWS.c
        beside = select(of.recording).where(
            of.purpose.in_([Purpose.DOUBLE, Purpose.CALIBRATION]), of.state == ReviewState.SCORED
        )
        wanted = select(REVIEWS).where(
            of.recording.in_(beside), of.purpose != Purpose.RESCORE, of.state == ReviewState.SCORED
        )
        wanted = wanted if since is None else wanted.where(of.scored_at >= since)
        wanted = wanted if until is None else wanted.where(of.scored_at < until)
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(wanted.order_by(of.scored_at.desc(), of.id).limit(limit))
            reviews = [from_row(row) for row in rows.mappings()]
            found = await evaluations_of(connection, [review.id for review in reviews])
        return [(review, found[review.id]) for review in reviews if review.id in found]

    async def of_recording(self, recordings: Collection[RecordingId]) -> Sequence[Review]:
        """All reviews of them, whatever their purpose."""
        found: list[Review] = []
        async with reading(self._engine).begin() as connection:
            for some in portions(sorted(set(recordings))):
                wanted = select(REVIEWS).where(REVIEWS.c.recording.in_(some))
                found += [from_row(row) for row in (await connection.execute(wanted)).mappings()]
        return found

    async def load(self, since: float, now: float) -> Mapping[str, Throughput]:
        """By reviewer: what is on the desk now, and what was scored since."""
        of, open_ = REVIEWS.c, REVIEWS.c.state == ReviewState.OPEN
        in_hand = or_(open_, of.state == ReviewState.CLAIMED)
        who = func.coalesce(of.reviewer, of.assigned_to).label("who")
        statement = select(
            who,
            func.sum(case((open_, 1), else_=0)),
            func.sum(case((of.state == ReviewState.CLAIMED, 1), else_=0)),
            func.sum(case((in_hand & (of.due_at < now), 1), else_=0)),
            func.sum(case(((of.state == ReviewState.SCORED) & (of.scored_at >= since), 1), else_=0)),
        ).where(or_(in_hand, of.scored_at >= since), who.is_not(None))
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(statement.group_by(who))).all()
        return {str(name): Throughput(*(int(number) for number in numbers)) for name, *numbers in rows}

    async def unassigned(self, limit: int) -> Sequence[Review]:
        """Open reviews that nobody was asked to take; what is due first comes first."""
        of = REVIEWS.c
        waiting = select(REVIEWS).where(of.state == ReviewState.OPEN, of.assigned_to.is_(None))
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(
                waiting.order_by(of.due_at.is_(None), of.due_at, of.id).limit(limit)
            )
            return [from_row(row) for row in rows.mappings()]

    async def scored_by(self) -> Mapping[str, int]:
        """How many scores each reviewer gave, of all time."""
        of = REVIEWS.c
        counted = (
            select(of.reviewer, func.count())
            .where(of.state == ReviewState.SCORED, of.purpose == Purpose.SCORE)
            .group_by(of.reviewer)
        )
        async with reading(self._engine).begin() as connection:
            return {str(who): count for who, count in (await connection.execute(counted)).all() if who}
