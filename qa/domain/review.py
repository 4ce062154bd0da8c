"""The life of a review, as a table: eligible, open once it is drawn, claimed, scored; or excluded. A claim can be given back, and runs out."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple, NewType

from cti.domain.access import User
from cti.domain.identifiers import AgentId, CallId, QueueName, Tier
from qa.domain.errors import (
    AlreadyScored,
    AssignedToAnother,
    ClaimedByAnother,
    NotClaimed,
    OwnCall,
    ReviewExcluded,
    ScoredAlready,
)
from qa.domain.scorecard import CriticalKind, Scorecard, ScorecardId
from qa.domain.scoring import Answers, Result, Score
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

ReviewId = NewType("ReviewId", str)
"""The recording's id and `-r1`: proposing the same recording twice makes one review."""


class ReviewState(StrEnum):
    """Where a review stands."""

    ELIGIBLE = "eligible"  # stored, and drawn by no plan so far: whoever wants to may still review it
    OPEN = "open"
    CLAIMED = "claimed"
    SCORED = "scored"
    EXCLUDED = "excluded"  # with its reason: nobody scores it


class Purpose(StrEnum):
    """What a review of a recording is for: of each recording one is for the score, all others are beside it."""

    SCORE = "score"
    DOUBLE = "double"  # blind, by a second reviewer: how far do they agree
    RESCORE = "rescore"  # blind, after the agent disputed the score
    CALIBRATION = "calibration"  # one of several in a session


class PlanKind(StrEnum):
    """Why a call is reviewed; the first that drew it, in this order, stands on the review."""

    EVERYTHING = "everything"  # a small centre reviews all there is
    RANDOM = "random"
    STRATIFIED = "stratified"
    RISK = "risk"
    MANUAL = "manual"  # somebody wanted to: says nothing of the others


SPEAK_OF_ALL = frozenset({PlanKind.EVERYTHING, PlanKind.RANDOM})
"""Plans whose calls, as they are, stand for all."""


class Step(StrEnum):
    """What can happen to it."""

    CLAIM = "claim"
    RELEASE = "release"
    EXPIRE = "expire"
    SCORE = "score"
    DRAW = "draw"
    EXCLUDE = "exclude"


LIFE: dict[tuple[ReviewState, Step], ReviewState] = {
    (ReviewState.ELIGIBLE, Step.DRAW): ReviewState.OPEN,
    (ReviewState.ELIGIBLE, Step.CLAIM): ReviewState.CLAIMED,
    (ReviewState.ELIGIBLE, Step.EXCLUDE): ReviewState.EXCLUDED,
    (ReviewState.OPEN, Step.EXCLUDE): ReviewState.EXCLUDED,
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
    purpose: Purpose = Purpose.SCORE
    plan: PlanKind | None = None
    due_at: float | None = None
    assigned_to: str | None = None  # a login: who should take it
    own_team: bool = False  # whoever took it is of the agent's team
    final: "ReviewId | None" = (
        None  # whose evaluation counts, where a dispute changed it; None: this review's own
    )
    acknowledged_at: float | None = None  # by the agent
    exclusion: str = ""  # why it is excluded


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
    purpose: Purpose | None = None
    plans: frozenset[PlanKind] | None = None
    assigned_to: str | None = None
    by_due: bool = False  # what is due first comes first; else the newest


def review_of(recording: RecordingId) -> ReviewId:
    return ReviewId(f"{recording}-r1")


def proposed(event: RecordingStored, card: Scorecard, *, everything: bool = True) -> Review:
    """`everything`: no plan draws, each recording is to be reviewed."""
    return Review(
        id=review_of(event.recording),
        recording=event.recording,
        call=event.call,
        queue=event.queue,
        agent=event.agent,
        tier=event.tier,
        started_at=event.started_at,
        duration_seconds=event.duration_seconds,
        state=ReviewState.OPEN if everything else ReviewState.ELIGIBLE,
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
        plan=PlanKind.EVERYTHING if everything else None,
    )


def beside(review: Review, id_: ReviewId, purpose: Purpose, now: float) -> Review:
    """Another review of the same recording, to be scored without a look at the first."""
    return review._replace(
        id=id_,
        purpose=purpose,
        state=ReviewState.OPEN,
        reviewer=None,
        claimed_until=None,
        created_at=now,
        scored_at=None,
        score=None,
        result=None,
        critical_errors=(),
        revision=0,
        due_at=None,
        assigned_to=None,
        own_team=False,
        final=None,
        acknowledged_at=None,
    )


def expired(review: Review, now: float) -> Review:
    """The review with a claim that has run out taken off it; else as it was."""
    if review.state is not ReviewState.CLAIMED or review.claimed_until is None or now < review.claimed_until:
        return review
    return _step(review, Step.EXPIRE)._replace(reviewer=None, claimed_until=None)


def claimed(
    review: Review,
    user: User,
    now: float,
    lasts_seconds: float,
    others: Collection[str] = (),
    *,
    leads: bool = False,
    own_team: bool = False,
) -> Review:
    """`others`: who reviews or reviewed the same recording beside this. `leads`: may take what is assigned to somebody else.

    Raises AlreadyScored, ReviewExcluded, ClaimedByAnother, AssignedToAnother, ScoredAlready or OwnCall.
    """
    review = expired(review, now)
    if review.agent is not None and review.agent == user.agent:
        raise OwnCall
    if review.state is ReviewState.CLAIMED and review.reviewer != user.login:
        raise ClaimedByAnother
    if review.assigned_to not in (None, user.login) and not leads and not is_late(review, now):
        raise AssignedToAnother
    if user.login in others:
        raise ScoredAlready
    plan = PlanKind.MANUAL if review.state is ReviewState.ELIGIBLE else review.plan
    return _step(review, Step.CLAIM)._replace(
        reviewer=user.login, claimed_until=now + lasts_seconds, plan=plan, own_team=own_team
    )


def is_late(review: Review, now: float) -> bool:
    return review.due_at is not None and now > review.due_at


def assigned(review: Review, login: str | None) -> Review:
    """Raises AlreadyScored, ReviewExcluded or ClaimedByAnother."""
    if review.state is ReviewState.CLAIMED:
        raise ClaimedByAnother
    if review.state is ReviewState.ELIGIBLE:
        review = _step(review, Step.DRAW)._replace(plan=PlanKind.MANUAL)
    elif review.state is not ReviewState.OPEN:
        raise AlreadyScored if review.state is ReviewState.SCORED else ReviewExcluded
    return review._replace(assigned_to=login)


def drawn(review: Review, plan: PlanKind, due_at: float) -> Review:
    """On the desk if it was not, with the strongest plan that drew it. What is scored stays scored and counts for the plan too."""
    if review.state is ReviewState.ELIGIBLE:
        return _step(review, Step.DRAW)._replace(plan=plan, due_at=due_at)
    order = list(PlanKind)
    if review.plan is not None and order.index(review.plan) <= order.index(plan):
        return review
    due = due_at if review.state is ReviewState.OPEN and review.due_at is None else review.due_at
    return review._replace(plan=plan, due_at=due)


def excluded(review: Review, reason: str) -> Review:
    """Before a person scores it. Raises AlreadyScored or ClaimedByAnother."""
    if review.state is ReviewState.CLAIMED:
        raise ClaimedByAnother
    return _step(review, Step.EXCLUDE)._replace(exclusion=reason)


def called_off(review: Review, reason: str) -> Review:
    """Nobody needs it any more: excluded, out of the hands of whoever is at it. Raises AlreadyScored or ReviewExcluded."""
    off = review
    if review.state is ReviewState.CLAIMED:
        off = _step(review, Step.EXPIRE)._replace(reviewer=None, claimed_until=None)
    return excluded(off, reason)._replace(revision=review.revision + 1)


def renewed(review: Review, user: User, now: float, lasts_seconds: float) -> Review:
    """A claim that goes on. Raises AlreadyScored or NotClaimed."""
    held = _held(review, user, now)
    if held.state is ReviewState.OPEN:
        raise NotClaimed
    return _step(held, Step.CLAIM)._replace(claimed_until=now + lasts_seconds)


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
        if review.state is ReviewState.EXCLUDED:
            raise ReviewExcluded(f"({review.exclusion})")
        raise AlreadyScored if review.state is ReviewState.SCORED else NotClaimed
    return review._replace(state=state, revision=review.revision + 1)
