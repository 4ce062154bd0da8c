"""What the switch told us, vendor-neutral. Only `cti/adapters/ami/translation.py` makes these from AMI messages.

Every signal carries its own time: `at`, in seconds since 1970 (UTC), to the microsecond. Durations are seconds.
`channel` is the customer's leg, `agent_channel` the agent's; `linked` names the oldest leg the switch ties them to.
"""

from typing import NamedTuple

from cti.domain.identifiers import AgentId, BridgeId, ChannelId, QueueName


class ChannelOpened(NamedTuple):
    at: float
    channel: ChannelId
    name: str  # "PJSIP/trunk-0000002a"
    linked: ChannelId
    number: str | None
    caller_name: str | None
    exten: str | None


class CallerIdentified(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    number: str | None
    caller_name: str | None


class ChannelClosed(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    cause: int | None  # Q.850


class ChannelHeld(NamedTuple):
    at: float
    channel: ChannelId


class ChannelRetrieved(NamedTuple):
    at: float
    channel: ChannelId


class BridgeJoined(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    bridge: BridgeId
    swapped: ChannelId | None  # the leg whose place it takes


class BridgeLeft(NamedTuple):
    at: float
    channel: ChannelId
    bridge: BridgeId


class DialplanContinued(NamedTuple):
    """The channel runs the next step of its dialplan, so it is not inside a queue. `queue` when the step enters one."""

    at: float
    channel: ChannelId
    context: str
    exten: str
    queue: QueueName | None


class PartyRung(NamedTuple):
    """One leg makes another ring, outside or inside a queue."""

    at: float
    channel: ChannelId | None
    rung: ChannelId
    rung_name: str
    rung_linked: ChannelId


class RingEnded(NamedTuple):
    at: float
    rung: ChannelId
    status: str  # ANSWER, CANCEL, NOANSWER, BUSY, CONGESTION, CHANUNAVAIL …


class QueueJoined(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    queue: QueueName
    position: int
    number: str | None
    caller_name: str | None
    context: str
    exten: str


class QueueLeft(NamedTuple):
    """The caller is in the queue no more, whatever the reason."""

    at: float
    channel: ChannelId
    queue: QueueName


class CallerGaveUp(NamedTuple):
    """The caller left unserved: hang-up, time-out, empty queue, withdrawal and codec failure look alike here."""

    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    queue: QueueName
    original_position: int | None
    waited: float
    number: str | None
    caller_name: str | None


class QueueReturned(NamedTuple):
    """The queue gave the call back to the dialplan, or refused it; `status` is TIMEOUT, FULL, JOINEMPTY, WITHDRAW …."""

    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    queue: QueueName | None
    status: str


class AgentRung(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    queue: QueueName
    agent: AgentId
    interface: str
    agent_channel: ChannelId
    agent_channel_name: str
    number: str | None
    caller_name: str | None


class AgentDidNotAnswer(NamedTuple):
    at: float
    channel: ChannelId
    queue: QueueName
    agent: AgentId
    agent_channel: ChannelId | None
    rang: float


class AgentAnswered(NamedTuple):
    at: float
    channel: ChannelId
    name: str
    linked: ChannelId
    queue: QueueName
    agent: AgentId
    interface: str
    agent_channel: ChannelId | None
    agent_channel_name: str | None
    rang: float
    waited: float
    number: str | None
    caller_name: str | None


class AgentFinished(NamedTuple):
    """`channel` is None when the caller's leg was gone before the switch said it."""

    at: float
    channel: ChannelId | None
    name: str
    linked: ChannelId | None
    queue: QueueName
    agent: AgentId
    agent_channel: ChannelId | None
    waited: float
    talked: float  # the switch's own count: whole seconds, hold included, wrong after a redirect
    reason: str  # caller, agent, transfer
    number: str | None
    caller_name: str | None


class AgentDumped(NamedTuple):
    """The agent hung up during the announcement; the caller stays in the queue."""

    at: float
    channel: ChannelId
    queue: QueueName
    agent: AgentId
    agent_channel: ChannelId | None


class BlindTransferred(NamedTuple):
    at: float
    succeeded: bool
    transferer: ChannelId
    transferee: ChannelId | None
    exten: str
    context: str


class AttendedTransferred(NamedTuple):
    """`kind`: Bridge, App, Link, Threeway or Fail, as the switch completed it; `application` names the App."""

    at: float
    succeeded: bool
    kind: str
    transferer: ChannelId
    second_transferer: ChannelId
    transferee: ChannelId | None
    target: ChannelId | None
    application: str | None


class MemberSeen(NamedTuple):
    """An agent's place in one queue, as it stands now. `status` is the device state, 0 to 8."""

    at: float
    queue: QueueName
    agent: AgentId
    interface: str
    state_interface: str
    status: int
    paused: bool
    reason: str
    in_call: bool
    penalty: int


class MemberRemoved(NamedTuple):
    at: float
    queue: QueueName
    agent: AgentId


class RecordingNamed(NamedTuple):
    at: float
    channel: ChannelId
    file: str


class RecordingMuted(NamedTuple):
    """From here on the switch records silence of this leg, in both directions; `muted` False: sound again."""

    at: float
    channel: ChannelId
    muted: bool


class PauseAsked(NamedTuple):
    """The dialplan begins a step that must not be recorded (a payment, say), or is done with it."""

    at: float
    channel: ChannelId
    paused: bool


class SpyingStarted(NamedTuple):
    """A leg (`channel`) began to hear another one."""

    at: float
    channel: ChannelId


class SpyingStopped(NamedTuple):
    at: float
    channel: ChannelId


class ChannelSeen(NamedTuple):
    """One line of a snapshot: a leg that exists."""

    channel: ChannelId
    name: str
    linked: ChannelId
    number: str | None
    caller_name: str | None
    bridge: BridgeId | None
    seconds: float  # how long it has existed


class CallerSeen(NamedTuple):
    """One line of a snapshot: a caller who waits. `priority` can be read nowhere else."""

    queue: QueueName
    channel: ChannelId
    name: str
    position: int
    waited: float
    priority: int
    number: str | None
    caller_name: str | None


class SnapshotTaken(NamedTuple):
    """All that exists, read after every login; what we knew beyond it is gone."""

    at: float
    channels: tuple[ChannelSeen, ...]
    callers: tuple[CallerSeen, ...]
    members: tuple[MemberSeen, ...]


class SwitchBooted(NamedTuple):
    """Sent at each login: how long the switch has run, in seconds, tells a cut line from a restart."""

    at: float
    uptime: float


class LinkRestored(NamedTuple):
    at: float


class LinkLost(NamedTuple):
    """`heard_at` is when the switch last said anything: until then, all was as we know it."""

    at: float
    reason: str
    heard_at: float


class MessagesMissed(NamedTuple):
    """The sequence numbers `first` to `last` never came."""

    at: float
    first: int
    last: int


class FrameSetAside(NamedTuple):
    """What the switch told could not be trusted, and was not heard. `reason` holds no text of a caller."""

    at: float
    reason: str


Signal = (
    ChannelOpened
    | CallerIdentified
    | ChannelClosed
    | ChannelHeld
    | ChannelRetrieved
    | BridgeJoined
    | BridgeLeft
    | DialplanContinued
    | PartyRung
    | RingEnded
    | QueueJoined
    | QueueLeft
    | CallerGaveUp
    | QueueReturned
    | AgentRung
    | AgentDidNotAnswer
    | AgentAnswered
    | AgentFinished
    | AgentDumped
    | BlindTransferred
    | AttendedTransferred
    | MemberSeen
    | MemberRemoved
    | RecordingNamed
    | RecordingMuted
    | PauseAsked
    | SpyingStarted
    | SpyingStopped
    | SnapshotTaken
    | SwitchBooted
    | LinkRestored
    | LinkLost
    | MessagesMissed
    | FrameSetAside
)
