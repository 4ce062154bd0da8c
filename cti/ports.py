"""What the `cti` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cti.domain.access import Role, User
from cti.domain.identifiers import AgentId, CallId, QueueName
from cti.domain.jobs import Ended, Job, JobState
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.domain.signals import SnapshotTaken


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


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
    def call_event(self, call: CallId, event: Mapping[str, Any]) -> None: ...
    def floor(self, snapshot: Mapping[str, Any]) -> None: ...


class CallPage(NamedTuple):
    items: Sequence[Mapping[str, Any]]
    total: int


class CallStore(Protocol):
    """Where finished calls are kept."""

    def keep(self, record: CallRecord) -> None:
        """Queue a finished call for writing. Keeping the same call again replaces it."""

    def keep_wrap_up(self, call: CallId, channel: str, seconds: float) -> None: ...
    def keep_agent_state(self, at: float, agent: AgentId, state: str, reason: str) -> None: ...
    async def flush(self) -> None:
        """Return when all that was kept is written."""

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


class Jobs(Protocol):
    """Where work is handed in that must be done whatever dies. Neither call waits, so reactions may use both."""

    def ask(
        self,
        kind: str,
        subject: str,
        payload: Mapping[str, str] | None = None,
        *,
        at: float | None = None,
        every_seconds: float | None = None,
    ) -> None:
        """Have this done at that time, at once without one. What is already asked for stays as it is."""

    def drop(self, kind: str, subject: str) -> None:
        """It is no longer wanted."""


class JobPage(NamedTuple):
    items: Sequence[Job]
    total: int


class JobStore(Protocol):
    """Where jobs outlive the server."""

    def keep(self, job: Job) -> None:
        """Queue a job for writing; one with its id that is there already stays as it is."""

    def drop(self, job: str) -> None:
        """Queue its removal."""

    def listen(self, written: Callable[[], None]) -> None:
        """Whom to tell each time something was written."""

    async def claim(self, kind: str, now: float, owner: str, until: float, limit: int) -> Sequence[Job]:
        """Take in hand, until then, what is due: waiting ones, and running ones whose owner is gone.

        One attempt more is counted for each. No two owners get the same job.
        """

    async def hold(self, jobs: Collection[str], owner: str, until: float) -> None:
        """Keep them in hand until then."""

    async def settle(self, ended: Sequence[Ended], owner: str) -> None:
        """Write how attempts ended; one that is no longer the owner's changes nothing."""

    async def revive(self, job: str, now: float) -> bool | None:
        """Have a dead one tried again from the beginning. False when it is not dead, None when there is none."""

    async def subjects(self, kind: str) -> Sequence[str]:
        """Of all jobs of this kind, dead ones included."""

    async def page(self, state: JobState | None, limit: int, offset: int) -> JobPage:
        """Dead ones first, then by the time they are due."""

    async def counts(self) -> Mapping[tuple[str, JobState], int]: ...


Reaction = Callable[[Any], None]
"""What we do when an event happened. Must not wait: whatever waits stands behind its own bounded, ordered queue."""

Publish = Callable[[Any], None]
AsyncWork = Callable[[], Awaitable[None]]
