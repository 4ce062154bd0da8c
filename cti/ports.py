"""What the `cti` package needs from outside, on one page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cti.domain.access import Role, User
from cti.domain.changes import Change, Published
from cti.domain.events import CallerRecognised
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.domain.signals import Signal, SnapshotTaken
from cti.domain.webhooks import Answer, Webhook


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Journal(Protocol):
    """All that the call model is told, in order, to be told again after a restart. Keeping never waits and never fails."""

    position: int
    """Of what was told last: 1, 2 …"""

    def message(self, frame: bytes, at: float) -> None: ...
    def held(self) -> None: ...
    def released(self) -> None: ...
    def signal(self, signal: Signal) -> None: ...
    def knowledge(self, event: CallerRecognised) -> None: ...
    def tick(self, at: float) -> None: ...


class Switch(Protocol):
    """What we ask of the switch. Each may raise SwitchUnreachable or SwitchRefused; none is ever sent twice."""

    async def change_priority(self, queue: QueueName, channel_name: str, priority: int) -> None: ...
    async def pause(
        self, agent_interface: str, paused: bool, reason: str, queue: QueueName | None = None
    ) -> None: ...
    async def snapshot(self) -> SnapshotTaken: ...
    async def ask(self, action: str, fields: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        """One action, its response and list items, for preflight questions."""


class AgentDesktop(Protocol):
    """A screen in front of an agent. Publishing never waits: the desktop queues, bounded, in order."""

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        """Show or update (same `pop["id"]`) a screen pop."""

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        """The agent's state, retained."""


class FloorDisplay(Protocol):
    """Whoever watches the floor live: wallboards, brokers."""

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None: ...
    def floor(self, snapshot: Mapping[str, Any]) -> None: ...


class CallPage(NamedTuple):
    items: Sequence[Mapping[str, Any]]
    total: int


class WrapUpRow(NamedTuple):
    """After-call work of one segment, in seconds."""

    call: CallId
    channel: ChannelId
    seconds: float


class AgentStateRow(NamedTuple):
    """An agent entered a state."""

    pbx: PbxName
    at: float
    agent: AgentId
    state: str
    reason: str


Entered = CallRecord | WrapUpRow | AgentStateRow | Change


class Books(Protocol):
    """Where all that happened is entered, in one order and together with the place in the journal it comes from."""

    def put(self, pbx: PbxName, position: int, what: Entered) -> None:
        """Enter it soon; never waits."""


class Changes(Protocol):
    """The outbox, as those who are told see it: changes in one order, numbered without holes."""

    @property
    def last(self) -> int:
        """The newest."""

    def follow(self, after: int) -> AsyncIterator[Sequence[Published]]:
        """All changes behind a number, in order, as they come; never ends."""

    async def after(self, sequence: int) -> Sequence[Published]:
        """The next changes behind a number, some at a time; none when there are none, or none are kept."""

    async def cursor(self, reader: str) -> int | None:
        """The last change this reader was told."""

    async def advance(self, reader: str, sequence: int) -> None: ...
    async def forget(self, reader: str) -> None: ...


class PutAside(NamedTuple):
    """A change that a webhook's receiver did not take."""

    webhook: str
    sequence: int
    at: float
    attempts: int
    problem: str
    change: str  # JSON


class PutAsidePage(NamedTuple):
    items: Sequence[PutAside]
    total: int


class Webhooks(Protocol):
    """Where receivers are kept, and what they did not take."""

    async def all(self) -> Sequence[Webhook]: ...
    async def save(self, webhook: Webhook) -> None: ...
    async def remove(self, webhook: str) -> None: ...
    async def deactivate(self, webhook: str) -> None: ...
    async def put_aside(self, given: PutAside) -> None: ...
    async def all_put_aside(self, webhook: str, limit: int, offset: int) -> PutAsidePage: ...


class Messenger(Protocol):
    """Carries a change to a receiver."""

    async def deliver(self, webhook: Webhook, change: Published, at: int) -> tuple[Answer, str]:
        """What became of it, and the problem in words; `at` in seconds since 1970."""


class CallStore(Protocol):
    """Where finished calls are found again."""

    async def call(self, call: CallId) -> Mapping[str, Any] | None: ...
    async def calls(self, limit: int, offset: int, search: Mapping[str, str]) -> CallPage: ...
    async def visits(self, start: float, end: float) -> Sequence[VisitRecord]:
        """Visits that joined in [start, end)."""

    async def segments(self, start: float, end: float) -> Sequence[SegmentRecord]:
        """Segments that overlap [start, end)."""

    async def blocked(self, start: float, end: float) -> Sequence[tuple[float, QueueName | None, str | None]]:
        """Refused calls in [start, end): time, queue, tier."""


class Accounts(Protocol):
    """Who may sign in."""

    async def verify(self, login: str, password: str) -> User | None: ...
    async def open_session(self, user: User, at: float) -> str:
        """A new session's secret token."""

    async def session(self, token: str, at: float) -> User | None: ...
    async def close_session(self, token: str) -> None: ...
    async def add(
        self, login: str, password: str, name: str, role: Role, agent: AgentId | None, language: str
    ) -> User: ...
    async def phone(self, user: User) -> Mapping[str, str] | None:
        """Browser phone credentials of an agent, or None."""


Reaction = Callable[[Any], None]
"""What we do when an event happened. Must not wait: whatever waits stands behind its own bounded, ordered queue."""

Publish = Callable[[Any], None]
AsyncWork = Callable[[], Awaitable[None]]
