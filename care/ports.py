"""What the `care` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from care.domain.callback import Callback, CallbackId, CallbackState, Progress
from care.domain.rescue import Rescue, RescueId, RescueState
from care.domain.satisfaction import SurveyResponse
from care.domain.story import Line
from care.domain.turn import FreeAgent, Standing, UnderWay
from cti.domain.dialling import Goal, Refusal
from cti.domain.events import CallbackChanged, RescueChanged
from cti.domain.identifiers import (
    AgentId,
    CallId,
    ChannelId,
    CustomerId,
    PbxName,
    PhoneNumber,
    QueueName,
    Tier,
)
from cti.domain.records import VisitRecord


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class CallbackPage(NamedTuple):
    items: Sequence[Callback]
    total: int


class RescuePage(NamedTuple):
    items: Sequence[Rescue]
    total: int


class CareStore(Protocol):
    """Where promises are kept. A change and its line of the story are one transaction.

    It holds, whatever dies: one number has one open callback in a queue, one open rescue in a queue, and one call at a time,
    be it for a callback or a rescue; and so has an agent.
    """

    async def add_callback(self, callback: Callback, what: Line) -> CallbackId | None:
        """None when it was added, else the open one that is there already."""

    async def replace_callback(self, callback: Callback, what: Line) -> bool:
        """Write the next revision; False, and nothing is written, when somebody was faster, or the number or the
        agent has a call already.
        """

    async def callback(self, callback: CallbackId) -> Callback | None: ...
    async def open_callbacks(self) -> Sequence[Callback]: ...
    async def callbacks(
        self,
        states: Sequence[CallbackState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> CallbackPage:
        """Due next first. Only those that are nobody's or an agent's among `visible`."""

    async def offered_before(self, call: CallId) -> bool:
        """Whether something was promised in this call, or the caller was asked."""

    async def callback_counts(self) -> Mapping[str, int]: ...
    async def add_rescue(self, rescue: Rescue, what: Line) -> RescueId | None: ...
    async def replace_rescue(self, rescue: Rescue, what: Line) -> bool: ...
    async def rescue(self, rescue: RescueId) -> Rescue | None: ...
    async def open_rescues(self) -> Sequence[Rescue]: ...
    async def rescues(
        self,
        states: Sequence[RescueState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> RescuePage: ...
    async def newest_abandonment(self) -> float | None:
        """When the newest caller who is or was to be rescued gave up."""

    async def rescue_counts(self) -> Mapping[str, int]: ...
    async def story(self, subject: str) -> Sequence[Line]:
        """In order."""

    async def under_way(self) -> Sequence[UnderWay]:
        """All calls that are being made, or may be."""

    async def untold(self, limit: int) -> Sequence[tuple[Callback | Rescue, Line]]:
        """Changes that others may not have been told, oldest first."""

    async def set_told(self, lines: Sequence[Line]) -> None: ...


class SurveyPage(NamedTuple):
    items: Sequence[SurveyResponse]
    total: int


class SurveyStore(Protocol):
    """Where it is kept what customers said of us."""

    async def add(self, responses: Sequence[SurveyResponse]) -> int:
        """How many were new: one whose id is there stays as it is. All in one transaction or none."""

    async def page(
        self,
        number: PhoneNumber | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> SurveyPage:
        """Newest first. Only those that are of no agent or of one among `visible`."""

    async def of_calls(self, calls: Collection[CallId]) -> Mapping[CallId, Sequence[SurveyResponse]]:
        """What was said of these calls; calls of which nothing was said are left out."""


class TextFiles(Protocol):
    def text(self, path: Path) -> str:
        """Raises a CtiError that names the file and the place when it cannot be read."""


class Numbering(Protocol):
    """The plan of telephone numbers."""

    def normalise(self, text: str | None) -> PhoneNumber | None: ...
    def objection(self, text: str) -> str | None:
        """Why this is no number to keep, as a sentence; None when it is one."""


class NewAttempt(NamedTuple):
    """A call to be made: the agent's telephone rings first; picked up, it is put through to the number."""

    pbx: PbxName
    agent: AgentId
    goal: Goal
    channel: ChannelId  # of the agent's leg: asking twice makes one call
    ring_seconds: float
    customer_ring_seconds: float


class Floor(Protocol):
    """The switches, as far as promises go."""

    def line(self, pbx: PbxName, queue: QueueName) -> Sequence[Standing]:
        """Who waits."""

    def free(self) -> Sequence[FreeAgent]: ...
    def queue_of(self, queue: QueueName) -> PbxName | None:
        """A switch on which agents serve this queue."""

    def waiting(self) -> Sequence["Waiting"]:
        """Everybody who waits, for offers."""

    async def progress(self, call: CallId) -> Progress | None:
        """How far a call of ours has come, or what it came to; None when nobody has heard of it."""

    async def make(self, attempt: NewAttempt) -> None:
        """Raises SwitchError. Returns before anybody answers."""

    async def withdraw(self, one: "Waiting") -> None:
        """Take a waiting caller out of the line, to be offered a callback. Raises SwitchRefused when he stays in it."""

    def logged_on(self, agent: AgentId) -> bool:
        """Whether he works on a switch, or may: one that is away says nothing."""

    def busy(self, pbx: PbxName, agent: AgentId) -> bool:
        """Whether a call is at his telephone that his state does not show yet."""

    def engaged(self, number: PhoneNumber) -> bool:
        """Whether a live call is with this number, whoever called whom."""

    def keep_place(self, call: CallId, queue: QueueName, priority: int) -> None:
        """Give a caller in line the place he had; never a worse one than he has."""


class Waiting(NamedTuple):
    """A caller in line, with what is known of him."""

    pbx: PbxName
    queue: QueueName
    call: CallId
    channel_name: str
    number: str | None
    customer: CustomerId | None
    name: str | None
    tier: Tier
    joined_at: float  # first, whatever queue that was: his place
    priority: int
    expected_at: float | None  # when he will be answered, if it goes on like this
    since: float  # in this line
    leaving: bool = False  # the server has just asked the switch to take him out of it


class History(Protocol):
    """The visits that were kept."""

    async def ended(self, since: float, until: float) -> Sequence[VisitRecord]:
        """That joined in this stretch and have ended, in order of their ends."""


class MayDial(Protocol):
    """The rules about numbers: those of click-to-dial, so that nothing is called here which is refused there."""

    def normalise(self, text: str | None) -> PhoneNumber | None: ...
    def goal(self, number: PhoneNumber) -> Goal | Refusal:
        """What is dialled for this number; asked when it is promised, and again when it is called."""


Tell = Callable[[PbxName, CallbackChanged | RescueChanged], None]
"""Tell everybody else, through the outbox; never waits."""
Flush = Callable[[], Awaitable[None]]
"""Returns when all that was told is safe."""
Identify = Callable[[PhoneNumber], Awaitable[tuple[CustomerId | None, str | None, Tier]]]
"""Whose number it is, and what he is worth."""
