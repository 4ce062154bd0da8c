"""What an agent is to do differently, shown by a moment of a call; done when a later call that was drawn shows it, not by a tick."""

from enum import StrEnum
from typing import Final, NamedTuple, NewType

from cti.domain.identifiers import AgentId
from qa.domain.errors import TaskRefused
from qa.domain.review import Evaluation, PlanKind, Purpose, Review, ReviewId, ReviewState
from qa.domain.scorecard import NO, YES, ItemId, Scorecard, Value
from qa.domain.scoring import MOMENT_TOLERANCE

TaskId = NewType("TaskId", str)
"""The review's id, the question's, and `-t`: one task a question of a review."""

GOOD_STEP: Final = 3
"""From this step of a scale on the question counts as met, unless the task asks for more."""
_DRAWN: Final = frozenset({PlanKind.EVERYTHING, PlanKind.RANDOM, PlanKind.STRATIFIED, PlanKind.RISK})


class CoachingState(StrEnum):
    """Where a coaching task stands."""

    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"  # the agent read it
    MET = "met"  # a later call showed it
    DROPPED = "dropped"  # a dispute took its ground away


OPEN: Final = frozenset({CoachingState.ASKED, CoachingState.ACKNOWLEDGED})


class Clip(NamedTuple):
    """The stretch of the recording that shows it, in seconds from its beginning."""

    begin: float
    end: float


class CoachingTask(NamedTuple):
    """`behaviour` is what was heard, `target` what is to be heard; `least` the answer that meets it."""

    id: TaskId
    review: ReviewId
    item: ItemId
    agent: AgentId
    coach: str
    behaviour: str
    target: str
    least: Value
    clip: Clip | None
    asked_at: float
    recheck_at: float
    state: CoachingState
    acknowledged_at: float | None
    seen_calls: int  # drawn since, and not good enough
    met_by: ReviewId | None
    ended_at: float | None

    def is_late(self, now: float) -> bool:
        return self.state in OPEN and now > self.recheck_at


class Wanted(NamedTuple):
    """What a coach writes."""

    item: ItemId
    behaviour: str
    target: str
    clip: Clip | None
    recheck_at: float


def asked(
    review: Review, card: Scorecard, evaluation: Evaluation, want: Wanted, coach: str, now: float
) -> CoachingTask:
    """From a question that was failed. Raises TaskRefused."""
    item = next((one for one in card.items() if one.id == want.item), None)
    answer = evaluation.answers.get(want.item)
    if item is None or answer is None or review.agent is None or want.recheck_at <= now:
        raise TaskRefused
    least: Value = GOOD_STEP if item.takes(GOOD_STEP) else YES
    if meets(answer.value, least) is not False or not want.behaviour.strip() or not want.target.strip():
        raise TaskRefused
    if want.clip is not None and not (
        0 <= want.clip.begin < want.clip.end <= review.duration_seconds + MOMENT_TOLERANCE
    ):
        raise TaskRefused
    return CoachingTask(
        id=TaskId(f"{review.id}-{want.item}-t"),
        review=review.id,
        item=want.item,
        agent=review.agent,
        coach=coach,
        behaviour=want.behaviour.strip(),
        target=want.target.strip(),
        least=least,
        clip=want.clip,
        asked_at=now,
        recheck_at=want.recheck_at,
        state=CoachingState.ASKED,
        acknowledged_at=None,
        seen_calls=0,
        met_by=None,
        ended_at=None,
    )


def meets(value: Value, least: Value) -> bool | None:
    """None: the question did not apply."""
    if isinstance(value, int) and isinstance(least, int):
        return value >= least
    return {YES: True, NO: False}.get(value) if isinstance(value, str) else None


def acknowledged(task: CoachingTask, now: float) -> CoachingTask:
    if task.state is not CoachingState.ASKED:
        return task
    return task._replace(state=CoachingState.ACKNOWLEDGED, acknowledged_at=now)


def is_later_call(task: CoachingTask, review: Review) -> bool:
    """Whether this review can speak of the task: drawn, not picked by hand, of a call that began after it was asked."""
    return (
        review.agent == task.agent
        and review.purpose is Purpose.SCORE
        and review.state is ReviewState.SCORED
        and review.plan in _DRAWN
        and review.started_at > task.asked_at
    )


def rechecked(task: CoachingTask, later: list[tuple[Review, Evaluation]], now: float) -> CoachingTask:
    """The task after all later calls that speak of it, in the order in which they began."""
    if task.state not in OPEN:
        return task
    failed = 0
    for review, evaluation in sorted(later, key=lambda one: one[0].started_at):
        answer = evaluation.answers.get(task.item)
        shown = None if answer is None else meets(answer.value, task.least)
        if not is_later_call(task, review) or shown is None:
            continue
        if shown:
            return task._replace(state=CoachingState.MET, seen_calls=failed, met_by=review.id, ended_at=now)
        failed += 1
    return task._replace(seen_calls=failed)


def dropped(task: CoachingTask, answer: Value | None, now: float) -> CoachingTask:
    """`answer`: the question's after a dispute changed the score."""
    if task.state not in OPEN or answer is None or meets(answer, task.least) is False:
        return task
    return task._replace(state=CoachingState.DROPPED, ended_at=now)
