"""The life of a rescue: somebody valued gave up waiting, and is to be found before the deadline."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from care.domain.callback import Callback, Progress, lapsed
from care.domain.errors import TooLate
from care.domain.policy import CarePolicy
from cti.domain.identifiers import (
    AgentId,
    CallId,
    ChannelId,
    CustomerId,
    PbxName,
    PhoneNumber,
    QueueName,
    Tier,
    call_id,
)
from cti.domain.records import Outcome, VisitRecord

RescueId = NewType("RescueId", str)


class RescueState(StrEnum):
    """Where a rescue stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    CALLING = "calling"
    REACHED = "reached"
    CAME_BACK = "came_back"  # he got through by himself, or was called back
    CLOSED = "closed"  # by hand, with a reason
    NOT_REACHABLE = "not_reachable"  # no number, or none that is called: listed, so that it is known


class RescueStep(StrEnum):
    """What can happen to it."""

    ABANDON = "abandon"
    AGAIN = "again"  # gave up once more
    CLAIM = "claim"
    RELEASE = "release"
    CALL = "call"
    MISS = "miss"
    REACH = "reach"
    RETURN = "return"
    CLOSE = "close"
    OVERDUE = "overdue"


R, T = RescueState, RescueStep
RESCUE_LIFE: Mapping[RescueState, Mapping[RescueStep, RescueState]] = {
    R.OPEN: {
        T.AGAIN: R.OPEN,
        T.CLAIM: R.CLAIMED,
        T.RETURN: R.CAME_BACK,
        T.CLOSE: R.CLOSED,
        T.OVERDUE: R.OPEN,
    },
    R.CLAIMED: {
        T.AGAIN: R.CLAIMED,
        T.CLAIM: R.CLAIMED,
        T.RELEASE: R.OPEN,
        T.CALL: R.CALLING,
        T.RETURN: R.CAME_BACK,
        T.CLOSE: R.CLOSED,
        T.OVERDUE: R.CLAIMED,
    },
    R.CALLING: {
        T.AGAIN: R.CALLING,
        T.MISS: R.CLAIMED,
        T.REACH: R.REACHED,
        T.OVERDUE: R.CALLING,
    },
    R.NOT_REACHABLE: {T.AGAIN: R.NOT_REACHABLE, T.RETURN: R.CAME_BACK, T.CLOSE: R.CLOSED},
    R.REACHED: {},
    R.CAME_BACK: {},
    R.CLOSED: {},
}
RESCUE_ENDED = frozenset(state for state, steps in RESCUE_LIFE.items() if not steps)


class Rescue(NamedTuple):
    """Times in seconds since 1970. `number` None: withheld or unknown."""

    id: RescueId
    pbx: PbxName
    queue: QueueName
    number: PhoneNumber | None
    tier: Tier
    customer: CustomerId | None
    name: str | None
    first_call: CallId
    abandoned_at: float
    waited: float
    created_at: float
    due_at: float
    state: RescueState
    changed_at: float
    times: int = 1  # he gave up
    attempts: int = 0
    agent: AgentId | None = None
    claimed_by: str | None = None  # a login
    call: CallId | None = None
    overdue: bool = False
    why: str = ""
    revision: int = 0

    @property
    def open(self) -> bool:
        return self.state not in RESCUE_ENDED

    @property
    def channel(self) -> ChannelId:
        """Of the agent's leg of the newest attempt."""
        return ChannelId(f"rs-{self.id.rpartition(':')[2]}-{self.attempts}")


DROPPED = frozenset({Outcome.TIMEOUT, Outcome.LEAVE_EMPTY})
"""The line let him go. Whether it was his last, only the end of his call tells."""


def to_rescue(visit: VisitRecord, policy: CarePolicy) -> bool:
    """Whether whoever made this visit is to be found: not served, waited long enough, and his tier is rescued."""
    unserved = visit.outcome in DROPPED | {Outcome.ABANDONED, Outcome.ABANDONED_ANNOUNCE}
    return unserved and _valued(visit.tier, visit.wait_seconds or 0.0, policy)


def _valued(tier: Tier | None, waited: float, policy: CarePolicy) -> bool:
    return tier in policy.rescue_seconds and waited >= policy.rescue_after


def rescue_of(
    visit: VisitRecord,
    number: PhoneNumber | None,
    reachable: bool,
    who: tuple[CustomerId | None, str | None],
    at: float,
    policy: CarePolicy,
) -> Rescue:
    """What is owed for a visit that `to_rescue` picked. The same visit makes the same rescue."""
    tier, gave_up = visit.tier or Tier.LEAD, visit.outcome_at or at
    return Rescue(
        id=RescueId(f"{visit.call}.{visit.number_in_call}"),
        pbx=visit.pbx,
        queue=visit.queue,
        number=number,
        tier=tier,
        customer=who[0],
        name=who[1],
        first_call=visit.call,
        abandoned_at=gave_up,
        waited=visit.wait_seconds or 0.0,
        created_at=at,
        due_at=policy.hours_of(visit.queue).after_open_seconds(gave_up, policy.rescue_seconds[tier]),
        state=R.OPEN if reachable else R.NOT_REACHABLE,
        changed_at=at,
    )


def rescue_of_offer(callback: Callback, at: float, policy: CarePolicy) -> Rescue | None:
    """What is owed to somebody who hung up while he was asked whether to be called back; None: he is not rescued."""
    waited = callback.created_at - callback.joined_at
    if callback.first_call is None or not _valued(callback.tier, waited, policy):
        return None
    open_seconds = policy.rescue_seconds[callback.tier]
    return Rescue(
        id=RescueId(f"{callback.first_call}.{callback.id}"),
        pbx=callback.pbx,
        queue=callback.queue,
        number=callback.number,
        tier=callback.tier,
        customer=callback.customer,
        name=callback.name,
        first_call=callback.first_call,
        abandoned_at=callback.created_at,
        waited=waited,
        created_at=at,
        due_at=policy.hours_of(callback.queue).after_open_seconds(callback.created_at, open_seconds),
        state=R.OPEN,
        changed_at=at,
    )


def comes_back(rescue: Rescue, number: PhoneNumber, customer: CustomerId | None, at: float) -> bool:
    """Whether whoever talked to us at this time is the one to be found; from whatever telephone, if he is known."""
    his = rescue.number == number or (customer is not None and rescue.customer == customer)
    return his and rescue.open and rescue.abandoned_at < at


def rescue_stepped(rescue: Rescue, step: RescueStep, at: float, **changes: Any) -> Rescue:
    """The rescue after this step. Raises TooLate where the table has none."""
    state = RESCUE_LIFE[rescue.state].get(step)
    if state is None:
        raise TooLate
    return rescue._replace(state=state, changed_at=at, revision=rescue.revision + 1, **changes)


def calling(rescue: Rescue, agent: AgentId, at: float) -> Rescue:
    begun = rescue_stepped(rescue, T.CALL, at, agent=agent, attempts=rescue.attempts + 1, why="")
    return begun._replace(call=call_id(begun.pbx, begun.channel))


def rescue_concluded(
    rescue: Rescue, seen: Progress | None, at: float, policy: CarePolicy
) -> tuple[RescueStep, Rescue]:
    """What the end of an attempt means: reached by a conversation as long as one that keeps a promise."""
    talk = None if seen is None else seen.talk
    if talk is not None and talk.seconds >= policy.kept_seconds:
        return T.REACH, rescue_stepped(rescue, T.REACH, at, agent=talk.agent, why="")
    why = (
        "unheard" if seen is None else "cut_short" if talk else "no_answer" if seen.rung else "agent_declined"
    )
    return T.MISS, rescue_stepped(rescue, T.MISS, at, why=why)


def rescue_claim_lapses(rescue: Rescue, now: float, *, logged_on: bool) -> bool:
    at = rescue.changed_at
    return rescue.state is R.CLAIMED and lapsed(at, at, rescue.due_at, now, logged_on=logged_on)


def overdue(rescue: Rescue, now: float) -> bool:
    """Whether its deadline has passed and nobody has been told yet."""
    return now >= rescue.due_at and not rescue.overdue and T.OVERDUE in RESCUE_LIFE[rescue.state]
