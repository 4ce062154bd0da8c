"""What the `routing` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, PhoneNumber, QueueName
from routing.domain.decision import CallerProfile, Question, RoutingDecision
from routing.domain.dry_run import Stay
from routing.domain.preflight import Facts
from routing.domain.priority import PriorityPolicy
from routing.domain.sentences import Names
from routing.domain.surge import Surge
from routing.domain.versions import PolicyVersion


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Recalled(Protocol):
    """The remembered answer to a lookup."""

    @property
    def customer(self) -> CallerProfile | None: ...


class Customers(Protocol):
    """Who calls. The customers' desk is one, as it stands."""

    def normalise(self, number: str | None) -> PhoneNumber | None:
        """None when nobody can be behind it."""

    def remembered(self, number: str | None) -> Recalled | None:
        """The answer without waiting, if there is one."""

    async def lookup(self, number: str | None) -> CallerProfile | None: ...


class QueueControl(Protocol):
    async def change_priority(self, queue: QueueName, channel_name: str, priority: int) -> None:
        """At once, for a caller who waits. Raises cti's SwitchError, as the others do."""

    async def withdraw(self, queue: QueueName, channel_name: str, info: str) -> None:
        """Out of the line; the dialplan goes on where `info` says."""

    async def set_penalty(self, queue: QueueName, interface: str, penalty: int) -> None: ...


class Member(NamedTuple):
    """An agent in one queue."""

    agent: AgentId
    interface: str
    penalty: int


class Team(Protocol):
    """Who is logged on to the queues of one switch, as last heard."""

    def members(self, queue: QueueName) -> Sequence[Member]: ...
    def logged_on(self, queue: QueueName) -> int | None:
        """Members whose telephones can ring, paused or not; None while the switch is not heard."""

    def at_work(self, queue: QueueName) -> int | None:
        """Members who take its calls: ready, ringing, talking or working after a call; None while the switch is not heard."""

    def free(self, agent: AgentId, soon: bool) -> bool:
        """He has a queue of his own and is ready in it; with `soon`, or works after a call."""


class DecisionPage(NamedTuple):
    items: Sequence[Mapping[str, Any]]
    total: int


class DecisionStore(Protocol):
    """Where decisions are kept, as documents with their reasons in words."""

    def keep(self, decision: RoutingDecision, names: Names) -> None:
        """Queue for writing. Keeping the same decision again replaces it."""

    async def of_call(self, call: CallId) -> Mapping[str, Any] | None:
        """The latest."""

    async def page(self, limit: int, offset: int, search: Mapping[str, str]) -> DecisionPage:
        """Latest first; `search` by queue, tier, result."""


class CallerDecisions(Protocol):
    """What the FastAGI server asks: the router."""

    def decide_at_once(self, question: Question) -> RoutingDecision | None:
        """None: it needs waiting."""

    async def decide(self, question: Question) -> RoutingDecision: ...
    def not_delivered(self, uniqueid: ChannelId) -> None:
        """The switch did not take the answer."""


class SwitchFacts(Protocol):
    async def facts(self) -> Facts:
        """What can be seen of the switch; what cannot is None. Raises cti's SwitchError."""


class PolicyShelf(Protocol):
    """Where versions of the policy are kept."""

    async def all(self) -> Sequence[PolicyVersion]:
        """Newest first."""

    async def add(self, at: float, author: str, note: str, text: str) -> PolicyVersion:
        """Under the next number."""

    async def make_live(self, number: int, at: float) -> None:
        """Raises UnknownVersion."""


class SurgeStore(Protocol):
    """Which queues of a switch are in a surge, so that a restart finds them there."""

    async def all(self, pbx: PbxName) -> Mapping[QueueName, Surge]: ...
    def keep(self, pbx: PbxName, queue: QueueName, surge: Surge | None) -> None:
        """Queue for writing; None: it is over."""


ReadPolicy = Callable[[str], PriorityPolicy]
"""Raises PolicyRefused, with a line for each mistake."""
PastStays = Callable[[float, float], Awaitable[Sequence[Stay]]]
"""Visits that joined in [start, end) and are over."""
Publish = Callable[[Any], None]
Spawn = Callable[[Coroutine[Any, Any, None]], object]
"""Runs work on the side; `create_task` of the application's TaskGroup."""
Observe = Callable[[float, str], None]
"""Told after each FastAGI request: seconds from request to answer, and the result."""
Promise = Callable[[Question], Awaitable[bool]]
"""Whether a caller who asks to be called back will be; it is written down when this returns."""
Ask = Callable[[str, Mapping[str, str]], Awaitable[Sequence[Mapping[str, str]]]]
"""One action and its fields to the switch: its response, then the items of its list. Raises cti's SwitchError."""
