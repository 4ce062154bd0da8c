"""A call as a customer's journey: its legs, visits, offers, segments and transfers, and the record made of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from cti.domain import events
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PbxName, QueueName, Tier
from cti.domain.records import (
    BlockedRecord,
    CallRecord,
    Direction,
    SegmentRecord,
    TimelineEntry,
    TransferRecord,
    VisitRecord,
)
from cti.domain.segments import Segment
from cti.domain.visits import Offer, Visit


class CallState(StrEnum):
    """The call as a whole, as a supervisor would say it."""

    OFFERED = "offered"
    QUEUED = "queued"
    ALERTING = "alerting"
    ESTABLISHED = "established"
    HELD = "held"
    CLEARED = "cleared"


C = CallState
CALL_STEPS: Mapping[CallState, Mapping[type, CallState]] = {
    C.OFFERED: {
        events.CallQueued: C.QUEUED,
        events.CallDelivered: C.ALERTING,
        events.CallEstablished: C.ESTABLISHED,
        events.CallCleared: C.CLEARED,
    },
    C.QUEUED: {
        events.CallDelivered: C.ALERTING,
        events.CallEstablished: C.ESTABLISHED,
        events.VisitEnded: C.OFFERED,
        events.CallCleared: C.CLEARED,
    },
    C.ALERTING: {
        events.CallDiverted: C.QUEUED,
        events.CallEstablished: C.ESTABLISHED,
        events.CallQueued: C.QUEUED,
        events.VisitEnded: C.OFFERED,
        events.CallCleared: C.CLEARED,
    },
    C.ESTABLISHED: {
        events.CallHeld: C.HELD,
        events.CallQueued: C.QUEUED,
        events.CallDelivered: C.ALERTING,
        events.SegmentEnded: C.OFFERED,
        events.CallCleared: C.CLEARED,
    },
    C.HELD: {
        events.CallRetrieved: C.ESTABLISHED,
        events.CallEstablished: C.ESTABLISHED,
        events.CallQueued: C.QUEUED,
        events.SegmentEnded: C.OFFERED,
        events.CallCleared: C.CLEARED,
    },
    C.CLEARED: {},
}
"""State → event → state. Events a row does not name leave the call where it is."""


@dataclass(slots=True, eq=False)
class Connection:
    """One leg of a call. `agent` when it is a known agent's telephone."""

    channel: ChannelId
    name: str
    call: "Call"
    agent: AgentId | None = None
    queue_step: QueueName | None = None  # the queue its dialplan last entered, or tried to
    file: str | None = None  # what its sound is recorded into
    sound: float = 0.0  # seconds in that file, up to when it last left a bridge: only time in one is recorded
    bridged_at: float | None = None
    muted_at: float | None = None  # since when silence is recorded

    def recorded(self, at: float) -> float | None:
        """Seconds in the file by now; None when there is no file that we know of."""
        if self.file is None:
            return None
        return self.sound + (0.0 if self.bridged_at is None else max(0.0, at - self.bridged_at))


@dataclass(slots=True, eq=False)
class Call:
    """What is known of one journey while it lasts."""

    id: CallId
    pbx: PbxName
    first: ChannelId
    started_at: float
    state: CallState = CallState.OFFERED
    number: str | None = None
    caller_name: str | None = None
    dialled: str | None = None  # the number its first leg asked for
    customer: CustomerId | None = None
    customer_name: str | None = None
    tier: Tier | None = None
    tier_source: str = ""
    origin_agent: AgentId | None = None  # an agent began it
    outside: bool = False  # a leg that is no agent's took part
    consults_for: "Call | None" = None
    passed_by: AgentId | None = None  # the agent who last transferred it
    clearing_since: float | None = None
    ended_at: float | None = None
    connections: tuple[Connection, ...] = ()
    links: tuple[ChannelId, ...] = ()
    visits: tuple[Visit, ...] = ()
    offers: tuple[Offer, ...] = ()
    segments: tuple[Segment, ...] = ()
    transfers: tuple[TransferRecord, ...] = ()
    blocked: tuple[BlockedRecord, ...] = ()
    recordings: tuple[str, ...] = ()

    @property
    def direction(self) -> Direction:
        if self.visits or self.origin_agent is None:
            return Direction.INBOUND
        return Direction.OUTBOUND if self.outside else Direction.INTERNAL

    @property
    def customer_call(self) -> "Call":
        """The call whose customer this one is about: itself, unless it is an agent's consultation."""
        return self.consults_for or self

    def told_of(self, agent: AgentId) -> "Call":
        """The call under which is told what this agent does here: who consults is with the customer by another leg."""
        return self if agent == self.origin_agent else self.customer_call

    def step(self, event: type) -> None:
        self.state = CALL_STEPS[self.state].get(event, self.state)

    def segment_of(self, agent: AgentId) -> Segment | None:
        """The agent's running segment."""
        return next((s for s in self.segments if s.agent == agent and s.open), None)

    def visit_of(self, queue: QueueName, agent: AgentId) -> Visit | None:
        """The last visit to `queue` this agent answered."""
        return next((v for v in reversed(self.visits) if v.agent == agent and v.queue == queue), None)

    def visit_record(self, visit: Visit, now: float | None = None) -> VisitRecord:
        talk: float | None = None
        hold: float | None = None
        if visit.segment is not None and (
            visit.segment.talk or visit.segment.hold or visit.switch_talked is None
        ):
            talk, hold = visit.segment.totals(now)
        elif visit.switch_talked is not None:
            talk, hold = visit.switch_talked, 0.0
        ended = visit.ended_at
        if visit.segment is not None and visit.segment.ended_at is not None:
            ended = visit.segment.ended_at
        waited = None if visit.outcome_at is None else max(0.0, visit.outcome_at - visit.joined_at)
        return VisitRecord(
            self.id,
            self.pbx,
            visit.uniqueid,
            visit.number_in_call,
            visit.queue,
            self.tier,
            visit.joined_at,
            visit.position,
            visit.outcome,
            visit.outcome_at,
            waited,
            visit.agent,
            talk,
            hold,
            ended,
            visit.ended_by,
            visit.number or self.number,
        )

    def segment_record(self, segment: Segment, now: float | None = None) -> SegmentRecord:
        talk, hold = segment.totals(now)
        return SegmentRecord(
            self.id,
            self.pbx,
            segment.agent,
            segment.channel,
            segment.queue,
            self.tier,
            segment.began_at,
            segment.ended_at,
            talk,
            hold,
            segment.holds,
            segment.transferred,
            segment.wrap_up,
            self.direction,
        )

    def record(self, now: float | None = None) -> CallRecord:
        """The journey so far; `now` counts running talk up to that moment."""
        visits = tuple(self.visit_record(visit, now) for visit in self.visits)
        segments = tuple(self.segment_record(segment, now) for segment in self.segments)
        return CallRecord(
            self.id,
            self.pbx,
            self.first,
            self.direction,
            self.state.value,
            self.number,
            self.caller_name,
            self.customer,
            self.tier,
            self.started_at,
            self.ended_at,
            visits,
            tuple(offer.record() for offer in self.offers),
            segments,
            self.transfers,
            self.blocked,
            self.recordings,
            tuple(sorted(self._timeline(), key=attrgetter("at"))),
        )

    def _timeline(self) -> Iterator[TimelineEntry]:
        yield TimelineEntry(self.started_at, "CallOffered", self.direction.value)
        for visit in self.visits:
            yield TimelineEntry(visit.joined_at, "CallQueued", visit.queue)
            if visit.outcome is not None and visit.outcome_at is not None and visit.agent is None:
                yield TimelineEntry(visit.outcome_at, "VisitEnded", visit.outcome.value)
        for offer in self.offers:
            yield TimelineEntry(offer.rung_at, "CallDelivered", offer.agent)
            if offer.ended_at is not None and offer.state.value != "connected":
                yield TimelineEntry(offer.ended_at, "CallDiverted", f"{offer.agent} {offer.state.value}")
        for segment in self.segments:
            yield from _told(segment)
        for transfer in self.transfers:
            yield TimelineEntry(
                transfer.at, "CallTransferred", f"{transfer.kind} {transfer.to or ''}".strip()
            )
        for blocked in self.blocked:
            yield TimelineEntry(blocked.at, "CallBlocked", blocked.reason)
        if self.ended_at is not None:
            yield TimelineEntry(self.ended_at, "CallCleared", "")


def _told(segment: Segment) -> Iterator[TimelineEntry]:
    """A segment's lines in the story."""
    yield TimelineEntry(segment.began_at, "CallEstablished", segment.agent)
    for began, ended in segment.held:
        yield TimelineEntry(began, "CallHeld", segment.agent)
        if ended != segment.ended_at:
            yield TimelineEntry(ended, "CallRetrieved", segment.agent)
    if segment.held_since is not None:
        yield TimelineEntry(segment.held_since, "CallHeld", segment.agent)
    if segment.ended_at is not None:
        yield TimelineEntry(segment.ended_at, "SegmentEnded", segment.agent)
