"""The life of a review, as a table: open, claimed, scored. A claim can be given back, and runs out."""

from enum import StrEnum
from typing import NamedTuple, NewType

from cti.domain.access import User
from cti.domain.identifiers import AgentId, CallId, QueueName, Tier
from qa.domain.errors import AlreadyScored, ClaimedByAnother, NotClaimed, OwnCall
from qa.domain.scorecard import CriticalKind, Scorecard, ScorecardId
from qa.domain.scoring import Answers, Result, Score
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

ReviewId = NewType("ReviewId", str)
"""The recording's id and `-r1`: proposing the same recording twice makes one review."""


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    SCORED = "scored"


class Step(StrEnum):
    """What can happen to it."""

    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    SCORE = "score"


LIFE: dict[tuple[ReviewState, Step], ReviewState] = {
    (ReviewState.OPEN, Step.CLAIM): ReviewState.CLAIMED,
    (ReviewState.CLAIMED, Step.CLAIM): ReviewState.CLAIMED,  # by the same reviewer: it lasts longer
    (ReviewState.CLAIMED, Step.RELEASE): ReviewState.OPEN,
    (ReviewState.CLAIMED, Step.EXPIRE): ReviewState.OPEN,
    (ReviewState.CLAIMED, Step.SCORE): ReviewState.SCORED,
}
"""Every step there is. Scored is the end: a score does not change."""


class Review(NamedTuple):
    """One recording to be reviewed, by the version of the scorecard that was in force when it was stored."""

    id: ReviewId
    recording: RecordingId
    call: CallId
    queue: QueueName
    agent: AgentId | None
    tier: Tier | None
    started_at: float
    duration_seconds: float
    state: ReviewState
    reviewer: str | None  # who holds it, or scored it: a login
    claimed_until: float | None
    scorecard: ScorecardId
    scorecard_version: int
    created_at: float
    scored_at: float | None
    score: float | None
    result: Result | None
    critical_errors: tuple[CriticalKind, ...]
    revision: int  # counts changes: two people at once cannot both succeed


class Evaluation(NamedTuple):
    """What a reviewer found. Written once, never changed."""

    review: ReviewId
    reviewer: str
    at: float
    answers: Answers
    comment: str
    score: Score


class ReviewSearch(NamedTuple):
    """Which reviews are asked for; None leaves a question out."""

    state: ReviewState | None = None
    reviewer: str | None = None
    queue: QueueName | None = None
    agent: AgentId | None = None
    tier: Tier | None = None
    visible: frozenset[AgentId] | None = None  # of these agents, or of nobody


def review_of(recording: RecordingId) -> ReviewId:
    return ReviewId(f"{recording}-r1")


def proposed(event: RecordingStored, card: Scorecard) -> Review:
    return Review(
        id=review_of(event.recording),
        recording=event.recording,
        call=event.call,
        queue=event.queue,
        agent=event.agent,
        tier=event.tier,
        started_at=event.started_at,
        duration_seconds=event.duration_seconds,
        state=ReviewState.OPEN,
        reviewer=None,
        claimed_until=None,
        scorecard=card.id,
        scorecard_version=card.version,
        created_at=event.at,
        scored_at=None,
        score=None,
        result=None,
        critical_errors=(),
        revision=0,
    )


def expired(review: Review, now: float) -> Review:
    """The review with a claim that has run out taken off it; else as it was."""
    if review.state is not ReviewState.CLAIMED or review.claimed_until is None or now < review.claimed_until:
        return review
    return _step(review, Step.EXPIRE)._replace(reviewer=None, claimed_until=None)


def claimed(review: Review, user: User, now: float, lasts_seconds: float) -> Review:
    """Raises AlreadyScored, ClaimedByAnother or OwnCall."""
    review = expired(review, now)
    if review.agent is not None and review.agent == user.agent:
        raise OwnCall
    if review.state is ReviewState.CLAIMED and review.reviewer != user.login:
        raise ClaimedByAnother
    return _step(review, Step.CLAIM)._replace(reviewer=user.login, claimed_until=now + lasts_seconds)


def released(review: Review, user: User, now: float) -> Review:
    """Raises AlreadyScored or NotClaimed."""
    return _step(_held(review, user, now), Step.RELEASE)._replace(reviewer=None, claimed_until=None)


def scored(review: Review, user: User, score: Score, now: float) -> Review:
    """Raises AlreadyScored or NotClaimed."""
    kinds = {error.kind for error in score.critical_errors}
    return _step(_held(review, user, now), Step.SCORE)._replace(
        claimed_until=None,
        scored_at=now,
        score=score.score,
        result=score.result,
        critical_errors=tuple(kind for kind in CriticalKind if kind in kinds),
    )


def _held(review: Review, user: User, now: float) -> Review:
    review = expired(review, now)
    if review.state is ReviewState.CLAIMED and review.reviewer != user.login:
        raise NotClaimed
    return review


def _step(review: Review, step: Step) -> Review:
    state = LIFE.get((review.state, step))
    if state is None:
        raise AlreadyScored if review.state is ReviewState.SCORED else NotClaimed
    return review._replace(state=state, revision=review.revision + 1)
