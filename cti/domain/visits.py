"""The life of a queue visit and of the offers inside it, as two state tables.

Theory of operation. A *visit* is one queue join to its end and has exactly one outcome. Asterisk says "the caller left
the queue" in one way for five different reasons, so a visit that is left unserved first GIVES UP and gets its outcome
from what its channel does next: it closes (abandoned), the queue hands it back to the dialplan with a status (time-out,
empty, withdrawn), or it goes on elsewhere (redirected while waiting). An *offer* is one ring attempt at one agent; the
first ending counts, because the switch tells some endings twice.

Everything that changes a visit's or an offer's state stands in the two tables below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cti.domain.identifiers import AgentId, ChannelId, QueueName
from cti.domain.records import OfferRecord, OfferResult, Outcome
from cti.domain.segments import Segment
from cti.domain.signals import (
    AgentAnswered,
    AgentDidNotAnswer,
    AgentDumped,
    AgentFinished,
    AgentRung,
    CallerGaveUp,
    ChannelClosed,
    DialplanContinued,
    QueueLeft,
    QueueReturned,
    RingEnded,
)


class VisitState(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    LEAVING = "leaving"  # left the queue, served or not: what follows tells
    DEPARTED = "departed"  # its leg went on elsewhere, the queue has not let go yet
    GIVING_UP = "giving_up"  # left unserved, reason not yet known
    RETURNED = "returned"  # back in the dialplan behind the queue, reason not yet known
    ANSWERED = "answered"
    ENDED = "ended"


class OfferState(StrEnum):
    """Where a ring attempt stands."""

    RINGING = "ringing"
    PICKED_UP = "picked_up"  # an announcement may still play to the agent
    CONNECTED = "connected"
    RING_NO_ANSWER = "ring_no_answer"
    BUSY = "busy"
    CANCELLED = "cancelled"


W, L, D, G, R, A, E = (
    VisitState.WAITING,
    VisitState.LEAVING,
    VisitState.DEPARTED,
    VisitState.GIVING_UP,
    VisitState.RETURNED,
    VisitState.ANSWERED,
    VisitState.ENDED,
)

VISIT_STEPS: Mapping[VisitState, Mapping[type, VisitState]] = {
    W: {
        AgentRung: W,
        AgentDidNotAnswer: W,
        AgentDumped: W,
        RingEnded: W,
        QueueLeft: L,
        CallerGaveUp: G,
        AgentAnswered: A,
        AgentFinished: E,
        QueueReturned: E,
        DialplanContinued: D,
        ChannelClosed: E,
    },
    L: {
        AgentDidNotAnswer: L,
        RingEnded: L,
        CallerGaveUp: G,
        AgentAnswered: A,
        AgentFinished: E,
        QueueReturned: E,
        DialplanContinued: E,
        ChannelClosed: E,
    },
    G: {
        AgentDidNotAnswer: G,
        RingEnded: G,
        QueueLeft: G,
        CallerGaveUp: G,
        QueueReturned: E,
        DialplanContinued: E,
        ChannelClosed: E,
    },
    D: {
        RingEnded: D,
        QueueLeft: E,
        CallerGaveUp: E,
        QueueReturned: E,
        AgentAnswered: A,
        AgentFinished: E,
        DialplanContinued: D,
        ChannelClosed: E,
    },
    R: {RingEnded: R, QueueLeft: R, QueueReturned: E, DialplanContinued: E, ChannelClosed: E},
    A: {
        AgentFinished: E,
        QueueLeft: A,
        RingEnded: A,
        QueueReturned: A,
        DialplanContinued: A,
        ChannelClosed: A,
    },
    E: {
        QueueReturned: E,
        DialplanContinued: E,
        ChannelClosed: E,
        RingEnded: E,
        QueueLeft: E,
        AgentDidNotAnswer: E,
    },
}

RETURN_STATUS: Mapping[str, Outcome] = {
    "TIMEOUT": Outcome.TIMEOUT,
    "LEAVEEMPTY": Outcome.LEAVE_EMPTY,
    "LEAVEUNAVAIL": Outcome.LEAVE_EMPTY,
    "WITHDRAW": Outcome.WITHDRAWN,
    "KEY": Outcome.KEY_EXIT,  # said by the shipped dialplan
    "CONTINUE": Outcome.ANSWERED,
}
"""Why a queue handed a waiting caller back, by app_queue's QUEUESTATUS."""

REFUSALS = frozenset({"FULL", "JOINEMPTY", "JOINUNAVAIL"})
"""QUEUESTATUS of a call the queue did not take."""

UNSERVED_ENDINGS: Mapping[tuple[VisitState, type], Outcome] = {
    (W, ChannelClosed): Outcome.ABANDONED,
    (D, QueueLeft): Outcome.KEY_EXIT,
    (D, CallerGaveUp): Outcome.TRANSFERRED_OUT,
    (D, ChannelClosed): Outcome.TRANSFERRED_OUT,
    (D, DialplanContinued): Outcome.TRANSFERRED_OUT,
    (L, ChannelClosed): Outcome.ABANDONED,
    (L, DialplanContinued): Outcome.KEY_EXIT,
    (G, ChannelClosed): Outcome.ABANDONED,
    (G, DialplanContinued): Outcome.TRANSFERRED_OUT,
    (R, ChannelClosed): Outcome.TIMEOUT,
    (R, DialplanContinued): Outcome.TIMEOUT,
}
"""The outcome by what the channel did next. A queue's return without a status is a time-out: the rest say theirs."""

LAST_BREATH = 1.0
"""A leg that closes later than so many seconds after it gave up did not give up by hanging up."""

OFFER_STEPS: Mapping[OfferState, Mapping[type, OfferState]] = {
    OfferState.RINGING: {
        AgentAnswered: OfferState.CONNECTED,
        AgentDidNotAnswer: OfferState.RING_NO_ANSWER,
        AgentDumped: OfferState.CANCELLED,
    },
    OfferState.PICKED_UP: {
        AgentAnswered: OfferState.CONNECTED,
        AgentDidNotAnswer: OfferState.RING_NO_ANSWER,
        AgentDumped: OfferState.CANCELLED,
    },
}
RING_ENDINGS: Mapping[str, OfferState] = {
    "ANSWER": OfferState.PICKED_UP,
    "CANCEL": OfferState.CANCELLED,
    "ABORT": OfferState.CANCELLED,
    "NOANSWER": OfferState.RING_NO_ANSWER,
    "BUSY": OfferState.BUSY,
    "CONGESTION": OfferState.BUSY,
    "CHANUNAVAIL": OfferState.BUSY,
}
"""A ringing offer's next state by the switch's dial status; unknown statuses leave it ringing."""
OFFER_RESULTS: Mapping[OfferState, OfferResult] = {
    state: OfferResult(state.value) for state in OfferState if state not in OFFER_STEPS
}
"""How an offer came out, by the state it ended in."""


@dataclass(slots=True, eq=False)
class Offer:
    """One ring attempt. `rung` is the agent's leg."""

    agent: AgentId
    queue: QueueName | None
    rung: ChannelId
    rung_at: float
    state: OfferState = OfferState.RINGING
    ended_at: float | None = None

    @property
    def open(self) -> bool:
        return self.state in OFFER_STEPS

    def step(self, at: float, state: OfferState | None) -> bool:
        """Move to `state` if the table allows one; True when it moved."""
        if state is None or state is self.state or not self.open:
            return False
        self.state = state
        if state not in OFFER_STEPS:
            self.ended_at = at
        return True

    def hear(self, signal: AgentAnswered | AgentDidNotAnswer | AgentDumped | RingEnded) -> bool:
        if isinstance(signal, RingEnded):
            return self.step(signal.at, RING_ENDINGS.get(signal.status) if self.open else None)
        return self.step(signal.at, OFFER_STEPS.get(self.state, {}).get(type(signal)))

    def cancel(self, at: float) -> bool:
        """The caller is gone or served elsewhere."""
        return self.step(at, OfferState.CANCELLED)

    def record(self) -> OfferRecord:
        result = None if self.open else OFFER_RESULTS[self.state]
        rang = None if self.ended_at is None else max(0.0, self.ended_at - self.rung_at)
        return OfferRecord(self.queue, self.agent, self.rung_at, self.ended_at, result, rang)


@dataclass(slots=True, eq=False)
class Visit:
    """One stay in one queue. `uniqueid` is the callid the switch's ledger has for it."""

    uniqueid: ChannelId
    channel: ChannelId  # the leg that waits: the same, until a transfer puts another in its place
    queue: QueueName
    joined_at: float
    number_in_call: int
    channel_name: str = ""
    joined_seen: bool = (
        True  # False: founded on a later signal, the time of joining is a guess until one tells it
    )
    position: int | None = None
    number: str | None = None
    place: tuple[str, str] = ("", "")  # context and extension of the queue step in the dialplan
    state: VisitState = VisitState.WAITING
    gave_up: int = 0  # how often the switch said so: twice means a codec failure
    outcome: Outcome | None = None
    outcome_at: float | None = None
    agent: AgentId | None = None
    segment: Segment | None = None  # the answering agent's time
    switch_talked: float | None = None  # the switch's own count, used when no bridge was seen
    ended_at: float | None = None
    ended_by: str | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def waiting(self) -> bool:
        return self.outcome is None

    def unserved_outcome(self, signal_type: type, at: float | None = None) -> Outcome:
        """What an unserved visit comes to, by its state and what its channel did next (at a time, if that matters)."""
        outcome = UNSERVED_ENDINGS.get((self.state, signal_type), Outcome.LOST)
        lived_on = at is not None and self.outcome_at is not None and at - self.outcome_at > LAST_BREATH
        if self.state is VisitState.GIVING_UP and signal_type is ChannelClosed and lived_on:
            return Outcome.TRANSFERRED_OUT
        if outcome is Outcome.ABANDONED:
            if self.gave_up > 1:
                return Outcome.SYSCOMPAT
            if any(offer.state is OfferState.PICKED_UP for offer in self.offers):
                return Outcome.ABANDONED_ANNOUNCE
        return outcome

    def decide(self, at: float, outcome: Outcome) -> None:
        """Fix the outcome; the wait ends with it."""
        self.outcome, self.outcome_at = outcome, at
        self.state = VisitState.ANSWERED if outcome is Outcome.ANSWERED else VisitState.ENDED
        if outcome is not Outcome.ANSWERED:
            self.ended_at = at
