"""What a signal means, past tense, by the names of CSTA (ECMA-269) where it has one.

Reactions to these stand on one screen: the `REACTIONS` table in `config/wiring.py`. `at` is in seconds since 1970.
"""

from typing import NamedTuple

from cti.domain.gaps import GapKind
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PbxName, QueueName, Tier
from cti.domain.records import CallRecord, Direction, OfferResult, Outcome, SegmentRecord, VisitRecord


class CallOffered(NamedTuple):
    """A call exists."""

    at: float
    call: CallId
    number: str | None
    caller_name: str | None
    direction: Direction


class CallQueued(NamedTuple):
    """The customer waits. `channel_name` is what the switch wants to hear in actions on the waiting caller."""

    at: float
    call: CallId
    channel: ChannelId
    channel_name: str
    queue: QueueName
    position: int
    number: str | None
    caller_name: str | None


class CallerRecognised(NamedTuple):
    """We know who calls. Published by routing when the customer was found, early or late."""

    at: float
    call: CallId
    customer: CustomerId | None
    name: str | None
    tier: Tier
    source: str  # where the tier comes from: "customer", "default", …


class CallDelivered(NamedTuple):
    """An agent's phone rings. `queue` is None when a colleague transfers or consults; `waited` then too."""

    at: float
    call: CallId
    agent: AgentId
    agent_channel: ChannelId
    queue: QueueName | None
    waited: float | None
    number: str | None
    caller_name: str | None
    passed_by: AgentId | None  # the colleague who transfers or consults


class CallDiverted(NamedTuple):
    """The phone stopped ringing unanswered."""

    at: float
    call: CallId
    agent: AgentId
    agent_channel: ChannelId
    queue: QueueName | None
    result: OfferResult
    rang: float


class CallEstablished(NamedTuple):
    """Agent and customer are through. `waited` None: not from a queue."""

    at: float
    call: CallId
    agent: AgentId
    agent_channel: ChannelId | None
    queue: QueueName | None
    waited: float | None
    rang: float | None
    tier: Tier | None


class CallHeld(NamedTuple):
    at: float
    call: CallId
    agent: AgentId


class CallRetrieved(NamedTuple):
    at: float
    call: CallId
    agent: AgentId


class CallTransferred(NamedTuple):
    at: float
    call: CallId
    kind: str  # blind, attended
    from_agent: AgentId | None
    to: str | None
    succeeded: bool


class CallsMerged(NamedTuple):
    """A consultation became part of the customer's call; `absorbed` is no call of its own any more."""

    at: float
    call: CallId
    absorbed: CallId


class CallBlocked(NamedTuple):
    """The queue refused the call (full, or nobody there): not a visit, but not nothing."""

    at: float
    call: CallId
    queue: QueueName | None
    reason: str


class VisitEnded(NamedTuple):
    """The outcome of a visit is known: answered at the moment of the answer, the others when the caller left."""

    at: float
    call: CallId
    visit: VisitRecord


class CallAbandoned(NamedTuple):
    """The caller hung up waiting. A VisitEnded stands beside it."""

    at: float
    call: CallId
    queue: QueueName
    waited: float
    tier: Tier | None
    number: str | None
    outcome: Outcome


class SegmentEnded(NamedTuple):
    """An agent left the conversation for good."""

    at: float
    call: CallId
    segment: SegmentRecord


class CallCleared(NamedTuple):
    """The last party left and nothing more is expected."""

    at: float
    call: CallId
    record: CallRecord


class CallCorrected(NamedTuple):
    """The ledger knew better: the call's record as it is now. `cause` says why ours differed; versions are kept."""

    at: float
    call: CallId
    record: CallRecord
    cause: str


class AgentLoggedOn(NamedTuple):
    at: float
    agent: AgentId
    queue: QueueName


class AgentLoggedOff(NamedTuple):
    at: float
    agent: AgentId
    queue: QueueName


class AgentReady(NamedTuple):
    at: float
    agent: AgentId


class AgentNotReady(NamedTuple):
    at: float
    agent: AgentId
    reason: str


class AgentRinging(NamedTuple):
    at: float
    agent: AgentId


class AgentBusy(NamedTuple):
    at: float
    agent: AgentId


class AgentWorkingAfterCall(NamedTuple):
    at: float
    agent: AgentId


class AgentUnreachable(NamedTuple):
    """The agent's phone is gone: logged on, but it cannot ring."""

    at: float
    agent: AgentId


class WrapUpEnded(NamedTuple):
    """After-call work of one segment is over; `seconds` counts from the segment's end."""

    at: float
    call: CallId
    agent: AgentId
    channel: ChannelId
    queue: QueueName | None
    tier: Tier | None
    seconds: float


class RecordingStarted(NamedTuple):
    """The switch records the customer's leg; `file` is the name it was given, by ids only."""

    at: float
    call: CallId
    channel: ChannelId
    file: str


class RecordingPaused(NamedTuple):
    """The switch records silence of the customer's leg. `sound`: seconds in `file` by then (only time in a bridge is)."""

    at: float
    call: CallId
    channel: ChannelId
    file: str | None
    sound: float | None


class RecordingResumed(NamedTuple):
    """It records sound again, or the leg or its file ended. `sound` as in RecordingPaused."""

    at: float
    call: CallId
    channel: ChannelId
    file: str | None
    sound: float | None
    ended: bool  # the leg hung up, or another file began


class RecordingPauseAsked(NamedTuple):
    """The dialplan of this leg asks for a pause, or for its end. `channel_name` is what the switch wants to hear."""

    at: float
    call: CallId
    channel: ChannelId
    channel_name: str
    paused: bool


class SupervisionStarted(NamedTuple):
    """A supervisor hears an agent's call; `channel` is the supervisor's leg, by our own choice of id."""

    at: float
    channel: ChannelId


class SupervisionEnded(NamedTuple):
    at: float
    channel: ChannelId


class CallbackChanged(NamedTuple):
    """A promise to call a customer back was made, or changed. `call`: of the newest attempt, else the one it comes from."""

    at: float
    call: CallId | None
    callback: str
    revision: int  # of the callback: 0, 1 …
    step: str
    state: str
    queue: QueueName
    tier: Tier
    customer: CustomerId | None
    agent: AgentId | None
    due_at: float
    attempts: int
    why: str

    @property
    def change(self) -> str:
        """Names this change for good."""
        return f"{self.callback}.{self.revision}"


class RescueChanged(NamedTuple):
    """Somebody valued who gave up waiting is to be found, or what became of it; fields as of a callback."""

    at: float
    call: CallId | None
    rescue: str
    revision: int
    step: str
    state: str
    queue: QueueName
    tier: Tier
    customer: CustomerId | None
    agent: AgentId | None
    due_at: float
    attempts: int
    why: str

    @property
    def change(self) -> str:
        """Names this change for good."""
        return f"{self.rescue}.{self.revision}"


class SwitchInService(NamedTuple):
    at: float
    restarted: bool


class SwitchOutOfService(NamedTuple):
    at: float
    reason: str


class GapOpened(NamedTuple):
    """From `since` on, by the switch's clock, something may have been missed. `first` and `last` are sequence numbers."""

    at: float
    pbx: PbxName
    kind: GapKind
    since: float
    first: int | None
    last: int | None


class HearingResumed(NamedTuple):
    """The switch was looked at in full and is heard again: whatever was missed lies before."""

    at: float
    pbx: PbxName


class SignalUnexpected(NamedTuple):
    """Something the state tables do not foresee: a fact to count, never an exception."""

    at: float
    state: str
    signal: str


Event = (
    CallOffered
    | CallQueued
    | CallerRecognised
    | CallDelivered
    | CallDiverted
    | CallEstablished
    | CallHeld
    | CallRetrieved
    | CallTransferred
    | CallsMerged
    | CallBlocked
    | VisitEnded
    | CallAbandoned
    | SegmentEnded
    | CallCleared
    | CallCorrected
    | AgentLoggedOn
    | AgentLoggedOff
    | AgentReady
    | AgentNotReady
    | AgentRinging
    | AgentBusy
    | AgentWorkingAfterCall
    | AgentUnreachable
    | WrapUpEnded
    | RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingPauseAsked
    | SupervisionStarted
    | SupervisionEnded
    | CallbackChanged
    | RescueChanged
    | SwitchInService
    | SwitchOutOfService
    | GapOpened
    | HearingResumed
    | SignalUnexpected
)
