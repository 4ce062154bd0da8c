"""What the `cti` package needs from outside, on one page; who may do what, on another (`cti/ports/access.py`)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from cti.domain.access import User
from cti.domain.call_quality import CallQuality
from cti.domain.casework import Finding
from cti.domain.causes import Cause
from cti.domain.changes import Change, Published
from cti.domain.corrections import KnownCaller, SeenCall
from cti.domain.dialling import Dialled
from cti.domain.dispositions import Disposition
from cti.domain.events import CallerRecognised
from cti.domain.gaps import Gap
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.jobs import Ended, Job, JobState
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.notes import Note
from cti.domain.reachability import TakenOut
from cti.domain.reconciliation import Difference
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


class NewCall(NamedTuple):
    """A call the switch is asked to make: `endpoint` rings first, and who answers there is put through to `exten`."""

    endpoint: str  # PJSIP/101
    context: str
    exten: str
    caller_id: str  # the number `endpoint` is shown; digits and a plus sign
    channel: ChannelId  # of our own choice, so that asking twice makes one call
    seconds: float  # of ringing
    variables: Mapping[str, str] = MappingProxyType({})  # of `endpoint`'s channel alone


class Switch(Protocol):
    """What we ask of the switch. Each may raise SwitchUnreachable or SwitchRefused; none is ever sent twice."""

    async def change_priority(self, queue: QueueName, channel_name: str, priority: int) -> None: ...
    async def pause(
        self, agent_interface: str, paused: bool, reason: str, queue: QueueName | None = None
    ) -> None: ...
    async def make(self, call: NewCall) -> None:
        """Returns when the switch has taken it in hand, not when somebody answers."""

    async def hang_up(self, channel_name: str) -> None: ...
    async def send_to(self, channel_name: str, context: str, exten: str) -> None:
        """Take the channel out of whatever it does, and on to that extension."""

    async def withdraw(self, queue: QueueName, channel_name: str, info: str) -> None:
        """Take a waiting caller out of the line; its dialplan goes on, with `info` in QUEUE_WITHDRAW_INFO."""

    async def add_member(
        self, queue: QueueName, interface: str, name: str, penalty: int, *, paused: bool
    ) -> None: ...
    async def remove_member(self, queue: QueueName, interface: str) -> None: ...
    async def set_penalty(self, queue: QueueName, interface: str, penalty: int) -> None: ...
    async def write_ledger(
        self, queue: QueueName, event: str, uniqueid: ChannelId | None, interface: str, message: str
    ) -> None:
        """A line of our own in `queue_log`, for programs that read it."""

    async def snapshot(self) -> SnapshotTaken: ...
    async def ask(self, action: str, fields: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        """One action, its response and list items, for preflight questions."""


class AgentDesktop(Protocol):
    """A screen in front of an agent. Publishing never waits: the desktop queues, bounded, in order."""

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        """Show or update (same `pop["id"]`) a screen pop."""

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        """The agent's state, retained."""


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


class RefusedCall(NamedTuple):
    """One blocked attempt."""

    at: float
    call: CallId
    queue: QueueName | None
    tier: Tier | None


class CallStore(Protocol):
    """Where finished calls are found again."""

    async def call(self, call: CallId) -> Mapping[str, Any] | None: ...
    async def calls(
        self,
        limit: int,
        offset: int,
        search: Mapping[str, str],
        visible: Collection[AgentId] | None = None,
        without: Collection[CallId] = (),
    ) -> CallPage:
        """`visible`: whose calls; those in which nobody talked are everybody's. None: all. `without`: neither shown nor counted."""

    async def visits(self, start: float, end: float, pbx: PbxName | None = None) -> Sequence[VisitRecord]:
        """Visits that joined in [start, end), on one switch or on all."""

    async def segments(self, start: float, end: float, pbx: PbxName | None = None) -> Sequence[SegmentRecord]:
        """Segments that overlap [start, end)."""

    async def blocked(
        self, start: float, end: float, pbx: PbxName | None = None
    ) -> Sequence[tuple[float, QueueName | None, str | None]]:
        """Refused calls in [start, end): time, queue, tier."""

    async def refused(self, start: float, end: float) -> Sequence[RefusedCall]: ...
    async def lines(self, calls: Collection[CallId]) -> Mapping[CallId, Mapping[str, Any]]:
        """Of kept calls what a list shows of them: `direction caller_number caller_name customer source version`."""


class Reading(NamedTuple):
    """One step through a ledger. `lines` are (text, whole). `state` is a word for people."""

    lines: Sequence[tuple[str, bool]]
    place: Mapping[str, Any] | None  # hand it in again to go on behind these lines
    complete: bool  # nothing more was there when it looked
    state: str
    hole: bool  # something before these lines was gone before it was read
    behind: int  # what is known to be left, in bytes or rows


class LedgerSource(Protocol):
    """The switch's ledger, wherever it is written. A source that cannot be read says so in the state, and never raises."""

    async def read(self, place: Mapping[str, Any] | None, now: float) -> Reading: ...


class LedgerCursor(NamedTuple):
    """How far a ledger was read: the place and the reader's memento belong together."""

    place: Mapping[str, Any] | None
    memento: Mapping[str, Any] | None
    steps: int  # counts every move: two readers of one ledger notice each other
    began_at: float  # when this installation began to read it


class LedgerShelf(Protocol):
    """Where the ledger's visits are kept, with how far it was read."""

    async def cursor(self, now: float) -> LedgerCursor: ...
    async def advance(
        self,
        cursor: LedgerCursor,
        place: Mapping[str, Any],
        memento: Mapping[str, Any],
        entries: Sequence[LedgerEntry],
    ) -> LedgerCursor | None:
        """All of it in one transaction; None, and nothing is written, when somebody else moved the cursor."""

    async def add(self, entries: Sequence[LedgerEntry]) -> int:
        """Visits of an imported file; how many were new or changed."""


class ReconciliationNumbers(NamedTuple):
    """Where the comparison stands."""

    drift: Mapping[str, int]  # by kind
    waiting_since: float | None  # the oldest moment a visit ended that is not compared yet
    drifting_since: float | None  # … that was compared and still differs


class Meant(NamedTuple):
    """Whom some of the ledger's visits may mean."""

    calls: dict[CallId, CallRecord]
    taken: set[tuple[CallId, int]]  # our visits that other entries match already
    known_ids: set[str]  # callids the ledger knows visits of
    stale: set[CallId]  # repaired once, and overwritten from the live stream since: to be written anew
    stays: dict[
        tuple[str, str], set[float]
    ]  # when which channel joined which queue (in small letters), by the ledger


class NamedLegs(NamedTuple):
    """Legs of agents and callers that the ledger names for visits of some stretch."""

    all: frozenset[ChannelId] = frozenset()
    open: frozenset[ChannelId] = frozenset()  # those of visits that were not compared yet


class CaseBook(Protocol):
    """Our kept calls beside the ledger's visits, and what the comparison came to."""

    async def due(
        self, settled_before: float, now: float, limit: int, span: tuple[float, float] | None = None
    ) -> Sequence[LedgerEntry]:
        """Settled visits not compared yet, in order of joining; `span` of joining when only some are wanted."""

    async def calls_for(self, entries: Sequence[LedgerEntry]) -> Meant: ...
    async def legs(self, since: float, until: float) -> NamedLegs:
        """Of visits that joined then."""

    async def strangers(
        self, since: float, until: float, limit: int
    ) -> tuple[dict[CallId, CallRecord], Sequence[VisitRecord]]:
        """Kept visits of calls that ended in [since, until) which no ledger visit matches, and their calls."""

    async def keep(
        self,
        at: float,
        findings: Sequence[Finding],
        extras: Sequence[tuple[VisitRecord, Difference]],
        corrected: Sequence[tuple[CallRecord, Cause]],
        retry_at: float,
    ) -> bool:
        """One transaction: calls written anew with the version before beside them, findings, differences.

        False, and nothing is written, when somebody else has judged one of these visits meanwhile.
        """

    async def unqueued(
        self, since: float, until: float, limit: int, after: CallId
    ) -> dict[CallId, CallRecord]:
        """Calls without a visit, with a conversation that touches a stretch; the next behind an id."""

    async def overwritten(self, since: float) -> int:
        """Repaired calls that were written again from the live stream since: their visits are compared anew."""

    async def untold(self, limit: int) -> Sequence[tuple[int, CallId, CallRecord, Cause, float]]:
        """Corrections whose event may not have been published."""

    async def told(self, corrections: Sequence[tuple[CallId, int]]) -> None: ...
    async def numbers(self) -> ReconciliationNumbers: ...
    async def around(self, since: float, until: float) -> Mapping[str, int]:
        """How many ledger visits that touch a stretch are in which state; `live` counts all that were looked at while
        their call lasted, `extra` ours that no ledger visit matches.
        """


class GapBook(Protocol):
    """Where gap records are kept, and since and until when we listened."""

    async def load(self) -> tuple[Sequence[Gap], float | None]:
        """Gaps that are not closed, and until when we last listened; None at the very first start."""

    async def between(self, since: float, until: float) -> Sequence[Gap]:
        """Gaps of any state that touch a stretch."""

    async def keep(self, gaps: Sequence[Gap]) -> None: ...
    async def listening(self, at: float) -> None: ...


Introduce = Callable[[Sequence[str]], Awaitable[Mapping[str, KnownCaller]]]
"""Whose numbers these are, by the customers' book; numbers it does not know are left out."""


class Witnesses(Protocol):
    """The switch's CDR and CEL, where they can be read."""

    async def refresh(self) -> None: ...
    def bridged(self, entry: LedgerEntry) -> float | None:
        """Seconds the agent's leg was in bridges during the visit; None when nothing tells."""

    def leg(self, channel: ChannelId) -> tuple[float, float] | None:
        """Seconds this leg was in bridges, and when it left the last; None when nothing tells."""

    def in_bridge(self, channel: ChannelId) -> bool:
        """Whether this leg is in a bridge still, as far as is known."""

    def seen(self, uniqueid: str) -> SeenCall | None: ...


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

    async def due(self, kinds: tuple[str, ...], now: float) -> Collection[str]:
        """Of these kinds, those of which something can be claimed."""

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


class TakenOutBook(Protocol):
    """Agents the server took out, kept over a restart."""

    async def all(self) -> Sequence[TakenOut]: ...
    async def keep(self, one: TakenOut) -> None: ...
    async def forget(self, agent: AgentId) -> None: ...


class CallControl(Switch, Protocol):
    """What is asked of the switch for a telephone in a call. All of it works for any telephone."""

    async def transfer(self, channel_name: str, context: str, exten: str) -> None:
        """Pass whoever this leg talks to on at once."""

    async def consult(self, channel_name: str, context: str, exten: str) -> None:
        """Call somebody while the other party hears music. Hanging the leg up then puts the two through."""

    async def end_consultation(self, channel_name: str) -> None:
        """Back to the other party."""

    async def press(self, channel_name: str, keys: str) -> None:
        """As if the telephone's user had pressed these keys."""

    async def mute_recording(self, channel_name: str, muted: bool) -> None:
        """Record silence of this leg from here on, or sound again; returns when the switch does."""

    async def variable(self, channel_name: str, name: str) -> str:
        """A variable of the leg; empty when it is not set."""

    async def set_variable(self, channel_name: str, name: str, value: str) -> None:
        """Of the leg; a name that begins with `_` is of what it calls as well."""


class RecordingPauses(Protocol):
    """Whoever pauses the recording of an agent's own call."""

    async def pause(self, user: User, why: str) -> float:
        """Since when the switch records silence, in seconds since 1970."""

    async def resume(self, user: User) -> None: ...


class DiallingPlan(Protocol):
    """The numbering plans of the world."""

    def explain(self, written: str) -> Dialled | None: ...


class Router(Protocol):
    """What the router of a switch does for a supervisor; the reason stands in the decision's trace."""

    def put_first(self, call: CallId, by: str, reason: str) -> bool:
        """Move a waiting caller before all others of his queue; False when routing does not know him."""

    def will_move(self, call: CallId, queue: QueueName, by: str, reason: str) -> None:
        """He is about to be moved to this queue: say why in the decision to come."""

    def taken(self, call: CallId, agent: AgentId, by: str, reason: str) -> None:
        """He is about to be put through to this agent: say why in his decision."""


class Notes(Protocol):
    """Where messages to agents are kept until they are read."""

    async def keep(self, notes: Sequence[Note]) -> None: ...
    async def unread(self, agent: AgentId) -> Sequence[Note]:
        """Oldest first."""

    async def read(self, note: str, agent: AgentId, at: float) -> bool:
        """False when this agent has no such message."""


Reaction = Callable[[Any], None]
"""What we do when an event happened. Must not wait: whatever waits stands behind its own bounded, ordered queue."""

Publish = Callable[[Any], None]
AsyncWork = Callable[[], Awaitable[None]]


class StateHistory(Protocol):
    """What agents did, as it was kept."""

    async def changes(self, start: float, end: float) -> Sequence[AgentStateRow]:
        """In order: all in [start, end), and each agent's last one before."""


class Dispositions(Protocol):
    """Where it is kept how conversations ended. Notes are personal data."""

    async def newest(self, call: CallId, channel: ChannelId) -> Disposition | None: ...
    async def add(self, given: Disposition) -> bool:
        """Keep a version; False, and nothing is written, when there is one of this number already."""

    async def of_call(self, call: CallId) -> Sequence[Disposition]:
        """All versions, the oldest first."""

    async def of_agent(self, agent: AgentId, since: float, code: str | None = None) -> Sequence[Disposition]:
        """The newest versions of conversations that ended since then, the last first; with this code only."""

    async def segment(self, call: CallId, channel: ChannelId) -> SegmentRecord | None:
        """A kept conversation."""

    async def untold(self, pbx: PbxName, limit: int) -> Sequence[Disposition]:
        """What the switch's ledger does not have yet, as far as we know."""

    async def told(self, given: Disposition) -> None: ...


class QueuePlace(NamedTuple):
    """An agent's place in a queue as it was when he logged off."""

    pbx: PbxName
    agent: AgentId
    queue: QueueName
    interface: str
    penalty: int


class QueuePlaces(Protocol):
    """Where places are remembered, so that logging on again gives the same one."""

    async def of(self, agent: AgentId) -> Sequence[QueuePlace]: ...
    async def keep(self, place: QueuePlace) -> None: ...


class QualityBook(Protocol):
    """Where it is kept how calls sounded."""

    async def keep(self, quality: CallQuality) -> bool:
        """The last word of an agent about a call stays; True for the first."""

    async def of(self, call: CallId) -> Sequence[CallQuality]: ...
