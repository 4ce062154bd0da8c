"""The life of a callback, as a table: what was promised, what became of it, and why.

Theory of operation. A callback is one promise: this number, for this queue, before `due_at`. It keeps the place its caller
had in the line (`priority`, the switch's own number). An attempt rings the agent first and the customer second, under a
channel id made of the callback's id and the attempt's number, so that the call's id is known before the call exists. The
promise is kept by a conversation of `kept_seconds` that reached them before it was due, and by nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, NewType

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

CallbackId = NewType("CallbackId", str)

DECLINED_PAUSE = 5.0
"""Seconds before another telephone rings: one that refuses at once must not ring the whole house in turn."""
NOT_OFFERED = "not_offered"
"""Why an offer ended of which the caller never heard: he may have another."""
CLAIM_LASTS = 1800.0
"""Seconds a claim lasts at least."""
GONE_LASTS = 300.0
"""Seconds after which the claim of somebody who is not logged on lapses."""
OFFER_LASTS = 60.0
"""Seconds somebody has to take an offer."""


class CallbackState(StrEnum):
    """Where a callback stands."""

    OFFERED = "offered"  # taken out of the line and asked; has not answered
    WAITING = "waiting"  # for his turn
    CLAIMED = "claimed"  # an agent wants to make it
    RINGING_AGENT = "ringing_agent"
    RINGING_CUSTOMER = "ringing_customer"
    TALKING = "talking"
    KEPT = "kept"
    FAILED = "failed"  # never reached
    EXPIRED = "expired"  # not reached before it was due
    CANCELLED = "cancelled"
    HANDED_OVER = "handed_over"  # he called himself, waited in his old place, and talked to an agent


class Step(StrEnum):
    """What can happen to it."""

    OFFER = "offer"
    ASK = "ask"  # the promise is made
    ACCEPT = "accept"
    DECLINE = "decline"
    CLAIM = "claim"
    RELEASE = "release"
    RING = "ring"
    PICK_UP = "pick_up"
    CONNECT = "connect"
    MISS = "miss"
    KEEP = "keep"
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"
    HAND_OVER = "hand_over"
    RESCHEDULE = "reschedule"


S = CallbackState
LIFE: Mapping[CallbackState, Mapping[Step, CallbackState]] = {
    S.OFFERED: {
        Step.ACCEPT: S.WAITING,
        Step.DECLINE: S.CANCELLED,
        Step.CANCEL: S.CANCELLED,
        Step.EXPIRE: S.EXPIRED,
    },
    S.WAITING: {
        Step.CLAIM: S.CLAIMED,
        Step.RING: S.RINGING_AGENT,
        Step.EXPIRE: S.EXPIRED,
        Step.CANCEL: S.CANCELLED,
        Step.HAND_OVER: S.HANDED_OVER,
        Step.RESCHEDULE: S.WAITING,
    },
    S.CLAIMED: {
        Step.CLAIM: S.CLAIMED,
        Step.RELEASE: S.WAITING,
        Step.RING: S.RINGING_AGENT,
        Step.EXPIRE: S.EXPIRED,
        Step.CANCEL: S.CANCELLED,
        Step.HAND_OVER: S.HANDED_OVER,
        Step.RESCHEDULE: S.WAITING,
    },
    S.RINGING_AGENT: {
        Step.PICK_UP: S.RINGING_CUSTOMER,
        Step.CONNECT: S.TALKING,
        Step.MISS: S.WAITING,
        Step.KEEP: S.KEPT,
        Step.FAIL: S.FAILED,
        Step.EXPIRE: S.EXPIRED,
    },
    S.RINGING_CUSTOMER: {
        Step.CONNECT: S.TALKING,
        Step.MISS: S.WAITING,
        Step.KEEP: S.KEPT,
        Step.FAIL: S.FAILED,
        Step.EXPIRE: S.EXPIRED,
    },
    S.TALKING: {Step.MISS: S.WAITING, Step.KEEP: S.KEPT, Step.FAIL: S.FAILED, Step.EXPIRE: S.EXPIRED},
    S.KEPT: {},
    S.FAILED: {},
    S.EXPIRED: {},
    S.CANCELLED: {},
    S.HANDED_OVER: {},
}
"""State → step → state. What a row does not name cannot happen to it."""

IN_FLIGHT = frozenset({S.RINGING_AGENT, S.RINGING_CUSTOMER, S.TALKING})
"""A call for it exists, or may."""
ENDED = frozenset(state for state, steps in LIFE.items() if not steps)


class Callback(NamedTuple):
    """Times in seconds since 1970. `revision` counts changes: of two at once only one succeeds."""

    id: CallbackId
    pbx: PbxName
    queue: QueueName
    number: PhoneNumber
    tier: Tier
    customer: CustomerId | None
    name: str | None
    source: str  # key, offer, agent, api
    reason: str
    first_call: CallId | None  # in which the promise was made
    joined_at: float
    priority: int  # his place in the line, as the switch was told
    created_at: float
    not_before: float
    due_at: float
    state: CallbackState
    changed_at: float
    attempts: int = 0  # that rang at the customer, or may have
    rings: int = 0  # attempts of any kind: numbers the channels
    agent: AgentId | None = None  # who claimed it, or whose telephone rings
    passed_by: AgentId | None = None  # the last agent who did not pick up
    call: CallId | None = None  # of the newest attempt
    why: str = ""  # it came to this: a word for the screen
    revision: int = 0

    @property
    def open(self) -> bool:
        return self.state not in ENDED

    @property
    def channel(self) -> ChannelId:
        """Of the agent's leg of the newest attempt."""
        return ChannelId(f"cb-{self.id}-{self.rings}")


class Conversation(NamedTuple):
    """The longest talk with an agent in a call, hold included."""

    agent: AgentId
    began_at: float
    seconds: float


class Progress(NamedTuple):
    """How far an attempt's call has come. `rung`: the agent picked up, and it rings or rang at the customer's."""

    lasts: bool
    rung: bool
    talk: Conversation | None


def stepped(callback: Callback, step: Step, at: float, **changes: Any) -> Callback:
    """The callback after this step. Raises TooLate where the table has none."""
    state = LIFE[callback.state].get(step)
    if state is None:
        raise TooLate
    return callback._replace(state=state, changed_at=at, revision=callback.revision + 1, **changes)


def ringing(callback: Callback, agent: AgentId, at: float) -> Callback:
    """The next attempt begins: with this agent's telephone."""
    begun = stepped(callback, Step.RING, at, agent=agent, rings=callback.rings + 1, why="")
    return begun._replace(call=call_id(begun.pbx, begun.channel))


NOT_MADE = Progress(lasts=False, rung=False, talk=None)
"""The switch refused to make the call."""


def progressed(callback: Callback, seen: Progress, at: float) -> tuple[Step, Callback] | None:
    """What is new of a call that lasts."""
    if seen.talk is not None and callback.state is not S.TALKING:
        return Step.CONNECT, stepped(callback, Step.CONNECT, at, agent=seen.talk.agent)
    if seen.rung and callback.state is S.RINGING_AGENT:
        return Step.PICK_UP, stepped(callback, Step.PICK_UP, at)
    return None


def concluded(
    callback: Callback, seen: Progress | None, at: float, policy: CarePolicy
) -> tuple[Step, Callback]:
    """What the end of an attempt means. `seen` None: nobody heard of its call. Had the agent picked up, the customer may have
    been rung; else most likely no telephone rang at all, and another agent's is next, after the usual pause.
    """
    talk = None if seen is None else seen.talk
    if talk is not None and talk.seconds >= policy.kept_seconds:
        if talk.began_at + policy.kept_seconds <= callback.due_at:
            return Step.KEEP, stepped(callback, Step.KEEP, at, agent=talk.agent, why="")
        return Step.EXPIRE, stepped(callback, Step.EXPIRE, at, agent=talk.agent, why="late")
    declined = seen is not None and not seen.rung and talk is None
    silent = declined or (seen is None and callback.state is S.RINGING_AGENT)
    attempts = callback.attempts + (0 if silent else 1)
    left = callback._replace(attempts=attempts, agent=None, passed_by=callback.agent if silent else None)
    if at >= callback.due_at:
        return Step.EXPIRE, stepped(left, Step.EXPIRE, at, why="late")
    if attempts >= policy.attempts:
        return Step.FAIL, stepped(left, Step.FAIL, at, why="not_reached")
    pause = DECLINED_PAUSE if declined else policy.pause_seconds
    missed = stepped(left, Step.MISS, at, why=_missed_because(seen, declined=declined))
    return Step.MISS, missed._replace(not_before=max(callback.not_before, at + pause))


def _missed_because(seen: Progress | None, *, declined: bool) -> str:
    if seen is None:
        return "unheard"
    if declined:
        return "agent_declined"
    return "no_answer" if seen.talk is None else "cut_short"


def keeps_place(
    callback: Callback, number: PhoneNumber, queue: QueueName, since: float, policy: CarePolicy
) -> bool:
    """Whether somebody who has stood in this line since then is owed this, and may have his place: not in the visit in
    which it was promised, of whose end we may hear late, and not long before a time he chose himself.
    """
    waits = callback.state in (S.WAITING, S.CLAIMED) and since > callback.created_at
    return waits and _his(callback, number, queue, since, policy)


def ends_by(
    callback: Callback, number: PhoneNumber, queue: QueueName, answered_at: float, policy: CarePolicy
) -> bool:
    """Whether a conversation that the queue gave him since then is what this one was promised for."""
    asked = callback.state is S.OFFERED or not callback.open
    return (
        not asked and answered_at > callback.created_at and _his(callback, number, queue, answered_at, policy)
    )


def _his(callback: Callback, number: PhoneNumber, queue: QueueName, at: float, policy: CarePolicy) -> bool:
    """Not before the pause after a missed attempt begins: what is put off for longer, he or an agent put off."""
    its_time = callback.not_before - policy.pause_seconds <= max(at, callback.changed_at)
    return (callback.number, callback.queue) == (number, queue) and its_time


def claim_lapses(callback: Callback, now: float, *, logged_on: bool) -> bool:
    """Whether whoever claimed it has had it long enough: the promise is the house's."""
    begin = max(callback.changed_at, callback.not_before)
    return callback.state is S.CLAIMED and lapsed(
        callback.changed_at, begin, callback.due_at, now, logged_on=logged_on
    )


def lapsed(claimed_at: float, begin: float, due_at: float, now: float, *, logged_on: bool) -> bool:
    """A claim lasts for half of the time that was left, and for a while whoever is not logged on may come back."""
    return now >= begin + max((due_at - begin) / 2, CLAIM_LASTS) or (
        not logged_on and now >= claimed_at + GONE_LASTS
    )


def expires(callback: Callback, now: float) -> bool:
    """Whether its time is over; one whose call lasts waits for what comes of it."""
    return now >= callback.due_at and Step.EXPIRE in LIFE[callback.state] and callback.state not in IN_FLIGHT
