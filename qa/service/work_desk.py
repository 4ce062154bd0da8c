"""Reviews as work: who takes which, what he has written so far, and what nobody may see before he has judged himself."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from cti.domain.access import Permission, User
from cti.domain.errors import NotPossibleNow
from qa.domain.errors import OwnCall, ReviewerUnknown, ReviewUnknown, ScoredAlready
from qa.domain.queue import Assignment, OwnTeam, Throughput, assignments
from qa.domain.review import (
    Evaluation,
    Purpose,
    Review,
    ReviewId,
    ReviewState,
    assigned,
    excluded,
    review_of,
)
from qa.domain.sampling import WorkRules
from qa.domain.scoring import Answers
from qa.ports import AnswersDraft, Clock, DraftStore, Reviewers, ReviewWork
from qa.service.review_desk import ReviewDesk
from recordings.domain.naming import RecordingId

_AT_ONCE: Final = 200
_IN_HAND: Final = frozenset({ReviewState.CLAIMED, ReviewState.SCORED})
_PENDING: Final = frozenset({ReviewState.OPEN, ReviewState.CLAIMED})


class WorkDesk:
    """Around the reviewers' desk."""

    def __init__(
        self,
        desk: ReviewDesk,
        work: ReviewWork,
        drafts: DraftStore,
        scorers: Reviewers,
        reviewers: Reviewers,
        own_team: OwnTeam,
        rules: WorkRules,
        clock: Clock,
    ) -> None:
        """`scorers` are given work, `reviewers` may be asked by hand."""
        self._desk, self._work, self._drafts, self._scorers = desk, work, drafts, scorers
        self._reviewers, self._own_team, self._rules, self._clock = reviewers, own_team, rules, clock

    # who takes which

    async def claim(self, review: ReviewId, user: User) -> Review:
        found = await self._desk.get(review)
        near = found.agent is not None and self._own_team(user, found.agent)
        return await self._desk.claim(
            review,
            user,
            (await self._busy([found]))[found.id],
            leads=user.may(Permission.LEAD_QUALITY),
            own_team=near,
        )

    async def assign(self, review: ReviewId, login: str | None) -> Review:
        """None: to whoever takes it. Raises ReviewerUnknown, OwnCall or ScoredAlready."""
        found = await self._desk.get(review)
        if login is not None:
            user = next((one for one in await self._reviewers() if one.login == login), None)
            if user is None:
                raise ReviewerUnknown
            if user.agent is not None and user.agent == found.agent:
                raise OwnCall
            if login in (await self._busy([found]))[found.id]:
                raise ScoredAlready
        return await self._desk.step(review, lambda one, _: assigned(one, login))

    async def exclude(self, review: ReviewId, reason: str) -> Review:
        """Before anybody scores it: the sound has a technical fault, or the call is none. Raises AlreadyScored, ClaimedByAnother."""
        return await self._desk.step(review, lambda one, _: excluded(one, reason))

    async def exclude_faulty(self, faults: Mapping[RecordingId, str]) -> None:
        """Nobody is to be judged by these sounds: out, unless somebody is at one or has scored it."""
        for recording, reason in faults.items():
            with suppress(NotPossibleNow, ReviewUnknown):
                await self.exclude(review_of(recording), reason)

    async def hand_out(self) -> int:
        """Give what nobody was asked to take to reviewers; how many that was."""
        if not self._rules.assign:
            return 0
        waiting = await self._work.unassigned(_AT_ONCE)
        scorers = await self._scorers() if waiting else ()
        if not scorers:
            return 0
        now = self._clock.now()
        load = {
            login: told.assigned + told.claimed for login, told in (await self._work.load(now, now)).items()
        }
        given = assignments(
            waiting,
            scorers,
            load,
            await self._busy(waiting, asked_too=True),
            self._rules.languages,
            self._own_team,
        )
        for one in given:
            with suppress(NotPossibleNow):  # taken meanwhile
                await self._desk.step(one.review, _given(one))
        return len(given)

    async def reviewers(self, since: float) -> Mapping[str, Throughput]:
        """Each one's work, of those who reviewed since then or have something on the desk."""
        return await self._work.load(since, self._clock.now())

    async def logins(self) -> list[str]:
        """Everybody a review can be given to."""
        return sorted(one.login for one in await self._reviewers())

    async def _busy(
        self, reviews: Sequence[Review], *, asked_too: bool = False
    ) -> Mapping[ReviewId, frozenset[str]]:
        """Who scores or scored the same call for another purpose, and so must not score it again; `asked_too`: or is to."""
        together = await self._work.of_recording({review.recording for review in reviews})
        return {
            review.id: frozenset(
                login
                for other in together
                if other.recording == review.recording
                and other.id != review.id
                and Purpose.CALIBRATION not in (other.purpose, review.purpose)
                and (login := _who(other, asked_too=asked_too)) is not None
            )
            for review in reviews
        }

    # what he has written so far

    async def heartbeat(self, review: ReviewId, user: User) -> Review:
        """Raises NotClaimed."""
        return await self._desk.renew(review, user)

    async def draft(self, review: ReviewId, user: User) -> AnswersDraft | None:
        return await self._drafts.draft(review, user.login)

    async def keep_draft(
        self, review: ReviewId, user: User, answers: Mapping[str, Mapping[str, object]], comment: str
    ) -> Review:
        """Keeps it, and the claim with it: who writes is there. Raises NotClaimed."""
        held = await self._desk.renew(review, user)
        await self._drafts.keep_draft(review, user.login, AnswersDraft(self._clock.now(), answers, comment))
        return held

    async def score(self, review: ReviewId, user: User, answers: Answers, comment: str) -> Review:
        scored = await self._desk.score(review, user, answers, comment)
        await self._drafts.forget_draft(review, user.login)
        return scored

    # blind

    async def shown(self, reviews: Sequence[Review], user: User) -> Sequence[Review]:
        """The same, without the scores that this user must not see yet."""
        blind = await self._blind({one.recording for one in reviews if self._could_sway(one, user)})
        return [
            one._replace(score=None, result=None, critical_errors=())
            if one.recording in blind and self._could_sway(one, user)
            else one
            for one in reviews
        ]

    async def evaluation(self, review: Review, user: User) -> Evaluation | None:
        """What counts of it today; None also while somebody who has not judged the call yet must not be swayed."""
        if self._could_sway(review, user) and await self._blind({review.recording}):
            return None
        return await self._desk.evaluation(review.final or review.id)

    def _could_sway(self, review: Review, user: User) -> bool:
        return review.state is ReviewState.SCORED and review.reviewer != user.login

    async def _blind(self, recordings: Collection[RecordingId]) -> frozenset[RecordingId]:
        """Where a second, blind judgement is still to come."""
        if not recordings:
            return frozenset()
        return frozenset(
            one.recording
            for one in await self._work.of_recording(recordings)
            if one.purpose is not Purpose.SCORE and one.state in _PENDING
        )


def _given(one: Assignment) -> Callable[[Review, float], Review]:
    return lambda review, _: assigned(review, one.login)._replace(own_team=one.own_team)


def _who(review: Review, *, asked_too: bool) -> str | None:
    if review.state in _IN_HAND:
        return review.reviewer
    return review.assigned_to if asked_too and review.state is ReviewState.OPEN else None
