"""An agent's objection to a score: raised within a window, scored again blindly, decided one level up. The original is kept.

The life of a dispute is short: open until it is decided or taken back. Between, somebody else scores the call without a look at
the first answers; that review's own state says how far it is.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple, NewType

from care.domain.hours import OpeningHours
from cti.domain.access import User
from cti.domain.identifiers import AgentId
from qa.domain.errors import AlreadyScored, DisputeDecided, ItemsRefused, NotClaimed, OwnJudgement, TooLate
from qa.domain.review import Purpose, Review, ReviewId, ReviewState, beside
from qa.domain.scorecard import ItemId, Scorecard

DisputeId = NewType("DisputeId", str)
"""The review's id and `-d1`: a score is disputed once."""

OVERTURNED_ALARM: Final = 0.15
"""Of a reviewer's decided disputes; beyond it he calibrates."""
FEWEST_DECIDED: Final = 5
"""Of fewer, a share says nothing."""
_SATURDAY: Final = 5
_LOOK_DAYS: Final = 400


class DisputeState(StrEnum):
    """Where a dispute stands."""

    DISPUTED = "disputed"
    DECIDED = "decided"


class Ruling(StrEnum):
    """How a dispute ended."""

    UPHELD = "upheld"  # the score stands
    CHANGED = "changed"  # that of the second reviewer counts
    WITHDRAWN = "withdrawn"  # the agent took it back


class Dispute(NamedTuple):
    """`items`: the questions it is about, each with the agent's reason. `rescore`: the second reviewer's review."""

    id: DisputeId
    review: ReviewId
    agent: AgentId
    reviewer: str  # whose score it is about: a login
    items: Mapping[ItemId, str]
    comment: str
    raised_at: float
    rescore: ReviewId
    state: DisputeState
    outcome: Ruling | None
    decided_by: str | None
    decided_at: float | None
    note: str


class ReviewerRecord(NamedTuple):
    """What became of the disputes about a reviewer's scores."""

    scored: int
    disputed: int
    decided: int  # upheld or changed
    overturned: int

    @property
    def dispute_rate(self) -> float | None:
        return self.disputed / self.scored if self.scored else None

    @property
    def overturn_rate(self) -> float | None:
        return self.overturned / self.decided if self.decided else None

    @property
    def must_calibrate(self) -> bool:
        rate = self.overturn_rate
        return self.decided >= FEWEST_DECIDED and rate is not None and rate > OVERTURNED_ALARM


def dispute_of(review: ReviewId) -> DisputeId:
    return DisputeId(f"{review}-d1")


def disputable_until(scored_at: float, days: int, hours: OpeningHours, zone: tzinfo) -> float:
    """The end of so many working days after that of the score: days on which the queue opens; without hours, Monday to Friday."""
    day = datetime.fromtimestamp(scored_at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    left = days
    for _ in range(_LOOK_DAYS):
        day += timedelta(days=1)
        left -= _works(day, hours)
        if left <= 0:
            break
    return (day + timedelta(days=1)).timestamp()


def _works(day: datetime, hours: OpeningHours) -> bool:
    return day.weekday() < _SATURDAY if hours.spans_of is None else bool(hours.spans_of(day.date()))


def raised(
    review: Review,
    card: Scorecard,
    items: Mapping[ItemId, str],
    comment: str,
    now: float,
    until: float,
) -> tuple[Dispute, Review]:
    """The dispute, and the blind review it asks for. Raises NotClaimed, TooLate or ItemsRefused."""
    if review.state is not ReviewState.SCORED or review.agent is None or review.reviewer is None:
        raise NotClaimed
    if now >= until:
        raise TooLate
    known = {item.id for item in card.items()}
    if not items or not known.issuperset(items) or not all(reason.strip() for reason in items.values()):
        raise ItemsRefused
    again = beside(review, ReviewId(f"{review.id}-again"), Purpose.RESCORE, now)
    dispute = Dispute(
        id=dispute_of(review.id),
        review=review.id,
        agent=review.agent,
        reviewer=review.reviewer,
        items=dict(items),
        comment=comment,
        raised_at=now,
        rescore=again.id,
        state=DisputeState.DISPUTED,
        outcome=None,
        decided_by=None,
        decided_at=None,
        note="",
    )
    return dispute, again


def withdrawn(dispute: Dispute, now: float) -> Dispute:
    """Raises DisputeDecided."""
    return _closed(dispute, Ruling.WITHDRAWN, None, "", now)


def decided(
    dispute: Dispute, involved: Collection[str], user: User, outcome: Ruling, note: str, now: float
) -> Dispute:
    """`involved`: who scored the call before or again. Raises DisputeDecided or OwnJudgement."""
    if user.login in involved or user.agent == dispute.agent:
        raise OwnJudgement
    return _closed(dispute, outcome, user.login, note, now)


def _closed(dispute: Dispute, outcome: Ruling, by: str | None, note: str, now: float) -> Dispute:
    if dispute.state is DisputeState.DECIDED:
        raise DisputeDecided
    return dispute._replace(
        state=DisputeState.DECIDED, outcome=outcome, decided_by=by, decided_at=now, note=note
    )


def final(first: Review, again: Review) -> Review:
    """The disputed review as it counts from now on; its own evaluation stays where it is. Raises AlreadyScored."""
    if again.state is not ReviewState.SCORED or first.final is not None:
        raise AlreadyScored
    return first._replace(
        final=again.id,
        score=again.score,
        result=again.result,
        critical_errors=again.critical_errors,
        revision=first.revision + 1,
    )


def records(scored: Mapping[str, int], disputes: Iterable[Dispute]) -> dict[str, ReviewerRecord]:
    """Of each reviewer. `scored`: how many reviews, by login."""
    disputed: Counter[str] = Counter()
    over: Counter[str] = Counter()
    overturned: Counter[str] = Counter()
    for one in disputes:
        disputed[one.reviewer] += 1
        over[one.reviewer] += one.outcome in (Ruling.UPHELD, Ruling.CHANGED)
        overturned[one.reviewer] += one.outcome is Ruling.CHANGED
    return {
        who: ReviewerRecord(scored.get(who, 0), disputed[who], over[who], overturned[who])
        for who in sorted({*scored, *disputed})
    }
