"""What a call consists of inside the switch: channels, bridges, phones."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from simulator.clock import Appointment

if TYPE_CHECKING:
    from simulator.conversation import Conversation, QueuedTalk


class ChannelState(IntEnum):
    DOWN = 0
    RING = 4
    RINGING = 5
    UP = 6

    @property
    def description(self) -> str:
        return self.name.capitalize()


class DeviceState(IntEnum):
    """The numbers are the ones QueueMemberStatus prints."""

    NOT_INUSE = 1
    INUSE = 2
    UNAVAILABLE = 5
    RINGING = 6
    ONHOLD = 8


class Activity(Protocol):
    """What a channel is busy with. It takes the channel apart when its far end hangs up."""

    def hung_up(self, channel: "Channel") -> None: ...


class Person(Protocol):
    """Somebody scripted at the far end of a channel. Told what happens, acts by the clock."""

    def connected(self) -> None: ...

    def talking(self, conversation: "Conversation") -> None: ...

    def gone(self) -> None: ...


@dataclass(eq=False, slots=True)
class Channel:
    """One leg. Texts are str with undecodable bytes kept as surrogates, so that they leave as they came."""

    name: str
    uniqueid: str
    linkedid: str
    created: float
    phone: "Phone"
    state: ChannelState
    context: str
    exten: str
    priority: int = 1
    number: str | None = None
    caller_name: str | None = None
    connected_number: str | None = None
    connected_name: str | None = None
    dialled: str = ""
    application: str = ""
    application_data: str = ""
    fresh: bool = True  # the priority shown is the next to run
    bridge: "Bridge | None" = None
    holding: bool = False  # holds the other end
    held: bool = False  # is being held
    cause: int | None = None  # known before the hang-up
    talk: "QueuedTalk | None" = None  # the visit whose outcome this channel's hang-up decides
    gone: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    activity: Activity | None = None
    person: Person | None = None
    timers: list[Appointment] = field(default_factory=list)

    @property
    def up(self) -> bool:
        return self.state is ChannelState.UP and not self.gone


@dataclass(eq=False, slots=True)
class Bridge:
    uniqueid: str
    channels: list[Channel] = field(default_factory=list)

    def other(self, channel: Channel) -> Channel | None:
        return next((each for each in self.channels if each is not channel), None)


@dataclass(eq=False, slots=True)
class Phone:
    """A device: an agent's telephone, the trunk, or the inside of the switch (no device anybody watches).

    `announced` is the state the world was last told.
    """

    device: str
    context: str
    is_trunk: bool = False
    is_inside: bool = False
    channels: list[Channel] = field(default_factory=list)
    announced: DeviceState = DeviceState.NOT_INUSE
    reachable: bool = True
    person: "PhonePerson | None" = None

    @property
    def extension(self) -> str:
        return self.device.partition("/")[2]

    @property
    def state(self) -> DeviceState:
        if not self.reachable:
            return DeviceState.UNAVAILABLE
        if not self.channels:
            return DeviceState.UNAVAILABLE if self.is_trunk else DeviceState.NOT_INUSE
        if any(each.state is ChannelState.RINGING for each in self.channels):
            return DeviceState.RINGING
        if all(each.held for each in self.channels):
            return DeviceState.ONHOLD
        return DeviceState.INUSE


class PhonePerson(Protocol):
    """Whoever sits at a telephone."""

    def rings(self, channel: Channel) -> None: ...


@runtime_checkable
class Ringing(Protocol):
    """What a ringing channel is busy with: it can be answered."""

    def answer(self, channel: Channel) -> None: ...

    def hung_up(self, channel: Channel) -> None: ...
