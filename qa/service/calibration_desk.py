"""Sessions on one call, and the agreement of all that was scored twice."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from cti.domain.access import User
from cti.domain.identifiers import AgentId
from qa.domain.calibration import (
    Calibration,
    CalibrationId,
    CalibrationState,
    Rated,
    Report,
    report,
    session_review,
)
from qa.domain.errors import CalibrationClosed, CalibrationUnknown, OwnCall, ReviewerUnknown
from qa.domain.review import Purpose, Review, ReviewId, ReviewState, called_off
from qa.ports import CalibrationPage, CalibrationStore, Clock, Reviewers, ReviewWork
from qa.service.review_desk import ReviewDesk

MOST_REVIEWS: Final = 5000
MOST_PARTICIPANTS: Final = 30
_UNSCORED: Final = frozenset({ReviewState.OPEN, ReviewState.CLAIMED})


class Session(NamedTuple):
    """A session, its participants' reviews, and once it is closed what it came to."""

    calibration: Calibration
    reviews: Sequence[Review]
    report: Report | None


class CalibrationDesk:
    def __init__(
        self,
        desk: ReviewDesk,
        work: ReviewWork,
        store: CalibrationStore,
        reviewers: Reviewers,
        clock: Clock,
    ) -> None:
        self._desk, self._work, self._store, self._reviewers, self._clock = (
            desk,
            work,
            store,
            reviewers,
            clock,
        )

    async def call(
        self, review: ReviewId, user: User, participants: Sequence[str], reference: str | None, note: str
    ) -> Calibration:
        """On the call of this review. `reference`: one of the participants. Raises ReviewerUnknown or OwnCall."""
        first = await self._desk.get(review)
        known = {one.login: one for one in await self._reviewers()}
        invited = tuple(dict.fromkeys(participants))
        wrong = [login for login in invited if login not in known]
        if wrong or len(invited) < 2 or (reference is not None and reference not in invited):
            raise ReviewerUnknown(
                f"({', '.join(wrong)})" if wrong else "Two or more take part, one may be the reference."
            )
        if any(known[login].agent is not None and known[login].agent == first.agent for login in invited):
            raise OwnCall
        id_ = CalibrationId(f"{first.recording}-c{int(self._clock.now() * 1000)}")
        return await self.open(id_, first, invited, reference, note, user.login)

    async def open(
        self,
        id_: CalibrationId,
        first: Review,
        invited: Sequence[str],
        reference: str | None,
        note: str = "",
        called_by: str = "",
    ) -> Calibration:
        """Of people who may all judge it."""
        now = self._clock.now()
        calibration = Calibration(
            id=id_,
            recording=first.recording,
            agent=first.agent,
            scorecard=first.scorecard,
            scorecard_version=first.scorecard_version,
            called_by=called_by,
            called_at=now,
            reference=reference,
            participants=tuple(invited),
            state=CalibrationState.SCORING,
            closed_at=None,
            note=note,
        )
        reviews = [session_review(id_, first, login, now) for login in invited]
        await self._store.call_calibration(calibration, reviews)
        await self._desk.recount()
        return calibration

    async def is_there(self, calibration: CalibrationId) -> bool:
        return await self._store.calibration(calibration) is not None

    async def close(self, calibration: CalibrationId) -> Session:
        """Who has not scored yet is left out. Raises CalibrationUnknown or CalibrationClosed."""
        found = await self._found(calibration)
        if found.state is CalibrationState.COMPARED:
            raise CalibrationClosed
        reviews = await self._reviews_of(found)
        after = found._replace(state=CalibrationState.COMPARED, closed_at=self._clock.now())
        left_out = [called_off(one, "calibration_closed") for one in reviews if one.state in _UNSCORED]
        await self._store.close_calibration(after, left_out)
        await self._desk.recount()
        return await self.get(calibration)

    async def page(self, visible: Collection[AgentId] | None, limit: int, offset: int) -> CalibrationPage:
        return await self._store.calibrations(visible, limit, offset)

    async def get(self, calibration: CalibrationId) -> Session:
        found = await self._found(calibration)
        reviews = await self._reviews_of(found)
        if found.state is CalibrationState.SCORING:
            return Session(found, reviews, None)
        rated = [
            Rated(one, evaluation)
            for one in reviews
            if one.state is ReviewState.SCORED
            and (evaluation := await self._desk.evaluation(one.id)) is not None
        ]
        right = next((one.review.id for one in rated if one.evaluation.reviewer == found.reference), None)
        references = {} if right is None else {one.review.id: right for one in rated}
        return Session(found, reviews, self._report(rated, references))

    async def agreement(self, since: float | None, until: float | None) -> Report:
        """Of all calls that two or more scored, blind or in a session that is over."""
        pairs = await self._work.rated_together(since, until, MOST_REVIEWS)
        together = await self._work.of_recording({review.recording for review, _ in pairs})
        pending = {
            one.recording for one in together if one.purpose is Purpose.CALIBRATION and one.state in _UNSCORED
        }
        rated = [Rated(review, evaluation) for review, evaluation in pairs if review.recording not in pending]
        return self._report(rated, {})

    def _report(self, rated: Sequence[Rated], references: Mapping[ReviewId, ReviewId]) -> Report:
        wanted = {(one.review.scorecard, one.review.scorecard_version) for one in rated}
        return report(rated, {key: self._desk.scorecard(*key) for key in wanted}, references)

    async def _found(self, calibration: CalibrationId) -> Calibration:
        found = await self._store.calibration(calibration) if calibration.isprintable() else None
        if found is None:
            raise CalibrationUnknown
        return found

    async def _reviews_of(self, calibration: Calibration) -> Sequence[Review]:
        together = await self._work.of_recording([calibration.recording])
        return [one for one in together if one.id.startswith(f"{calibration.id}-")]
