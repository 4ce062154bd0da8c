"""The live floor: who waits, who serves, and how today goes, kept up to date by a few additions an event."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any, NamedTuple

from cti.domain import events
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.metering import FloorNumbers
from cti.domain.records import Direction, SegmentRecord, VisitRecord
from cti.domain.tallies import milliseconds
from cti.domain.targets import KpiPolicy
from cti.domain.verification import Verification
from cti.ports import CallStore
from cti.service.floor_agents import AFTER_CALL, BUSY, NOT_READY, READY, UNREACHABLE, FloorAgents
from cti.service.floor_meter import NO_QUEUE, FloorMeter
from cti.service.floor_picture import Caller, Floor, PlaceInLine, SwitchSeen, Waiting, queue_cards
from cti.service.floor_today import Today

KNOWN_CALLERS = 50_000
"""Recognised callers remembered; beyond it the oldest are forgotten (calls we never heard of again)."""


class AfterCall(NamedTuple):
    """The conversation an agent's after-call work belongs to."""

    channel: ChannelId
    queue: QueueName
    tier: Tier | None
    began_at: float
    direction: Direction


class Wallboard:
    """One method an event. `version` grows with each, so a display knows when to look again."""

    def __init__(
        self,
        pbx: PbxName,
        policy: KpiPolicy,
        zone: tzinfo,
        line: Callable[[QueueName], Sequence[PlaceInLine]],
        agent_name: Callable[[AgentId], str] = str,
        proof: Callable[[], Sequence[Verification]] = tuple,
        surges: Callable[[], Mapping[QueueName, float]] = dict,
    ) -> None:
        """`line` tells a queue's callers in the order they will be served; callers it leaves out stand last.

        `proof` tells how far each switch's records are proven by its ledger, `surges` which queues are in one since when.
        """
        self._policy, self._line, self._agent_name = policy, line, agent_name
        self._zone, self._proof, self._surges = zone, proof, surges
        self.version = 0
        self._meter = FloorMeter(pbx)
        self._today = Today(policy, zone)
        self._agents = FloorAgents()
        self._waiting: dict[ChannelId, Waiting] = {}
        self._line_of: dict[CallId, ChannelId] = {}
        self._callers: dict[CallId, Caller] = {}
        self._after: dict[AgentId, AfterCall] = {}
        self._silent: dict[CallId, float] = {}  # their recording is paused
        self._queues: dict[QueueName, None] = {}
        self._switch = SwitchSeen(up=False, since=0.0, reason="")
        self._pbx = pbx

    async def load(self, calls: CallStore, at: float) -> None:
        """Take up what today's finished calls came to, before the first event."""
        self._turn(at)
        begin = self.day_begins_at
        self.recount(
            at,
            await calls.visits(begin, at, self._pbx),
            await calls.blocked(begin, at, self._pbx),
            await calls.segments(begin, at, self._pbx),
        )

    @property
    def day_begins_at(self) -> float:
        return self._today.begins_at

    def recount(
        self,
        at: float,
        visits: Iterable[VisitRecord],
        blocked: Iterable[tuple[float, QueueName | None, str | None]],
        segments: Iterable[SegmentRecord],
    ) -> None:
        """Today's sums anew, from all that is known of today. Callers who still wait are not among the visits."""
        self._today = Today(self._policy, self._zone)
        self._today.turn(at)
        self._agents.new_day()
        for visit in visits:
            self._know(visit.queue)
            self._today.visit(visit)
        for when, queue, tier in blocked:
            self._today.blocked(when, queue or NO_QUEUE, Tier(tier) if tier else None)
        for segment in segments:
            if segment.ended_at is None or not self._today.holds(segment.began_at):
                continue
            self._today.tally(segment.queue or NO_QUEUE, segment.tier).add_segment(segment)
            self._agents.agent(segment.agent, at).today.add_segment(segment)
        self.version += 1

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """What is taken up meanwhile was counted by the process before this one."""
        self._meter.counting = False
        try:
            yield
        finally:
            self._meter.counting = True

    def _turn(self, at: float) -> None:
        self.version += 1
        if self._today.turn(at):
            self._agents.new_day()

    def _know(self, queue: QueueName) -> None:
        if queue not in self._queues:
            self._queues[queue] = None
            self._meter.know(queue)

    def queues(self, at: float) -> list[dict[str, Any]]:
        """Each queue in numbers."""
        return queue_cards(self.floor(at))

    def floor(self, at: float) -> Floor:
        """What a picture is drawn from, alone or together with other switches."""
        if self._today.turn(at):
            self._agents.new_day()
        return Floor(
            at=at,
            pbx=self._pbx,
            switch=self._switch,
            queues=list(self._queues),
            waiting=self._waiting,
            line=self._line,
            agents=list(self._agents),
            agent_name=self._agent_name,
            callers=self._callers,
            today=self._today,
            rules=self._policy.at(at),
            proof=self._proof(),
            surges=self._surges(),
            silent=self._silent,
        )

    def numbers(self, at: float) -> FloorNumbers:
        """What a monitoring system reads: a copy, cheap to make, safe to hand to another thread."""
        line = [(waiting.queue, waiting.tier, waiting.joined_at) for waiting in self._waiting.values()]
        return self._meter.numbers(line, self._agents.count(), at)

    # Callers

    def caller_recognised(self, event: events.CallerRecognised) -> None:
        self._turn(event.at)
        self._callers.pop(event.call, None)
        self._callers[event.call] = Caller(event.tier, event.name)
        if len(self._callers) > KNOWN_CALLERS:
            del self._callers[next(iter(self._callers))]
        waiting = self._waiting.get(self._line_of.get(event.call, ChannelId("")))
        if waiting is not None:
            waiting.tier, waiting.name = event.tier, event.name or waiting.name
            self._count_offered(waiting)

    def call_queued(self, event: events.CallQueued) -> None:
        self._turn(event.at)
        self._know(event.queue)
        caller = self._callers.get(event.call)
        tier = caller.tier if caller else None
        known = self._waiting.get(event.channel)
        name = (caller.name if caller else None) or event.caller_name
        waiting = Waiting(event.call, event.channel, event.queue, event.at, event.number, tier, name)
        waiting.counted = known is not None and known.counted and known.queue == event.queue
        self._waiting[event.channel] = waiting
        self._line_of[event.call] = event.channel
        if caller is not None:
            self._count_offered(waiting)

    def _count_offered(self, waiting: Waiting) -> None:
        """Once a visit, as soon as its tier is known, at the latest when it ends: a tier is a label for good."""
        if not waiting.counted:
            waiting.counted = True
            self._meter.offered(waiting.queue, waiting.tier)

    def visit_ended(self, event: events.VisitEnded) -> None:
        self._turn(event.at)
        visit = event.visit
        self._know(visit.queue)
        known = self._waiting.get(visit.uniqueid)
        if known is not None:
            self._count_offered(known)
        self._forget_line(visit.uniqueid)
        if visit.tier is None and event.call in self._callers:
            visit = visit._replace(tier=self._callers[event.call].tier)
        self._meter.visit(visit, self._today.target_ms(visit))
        self._today.visit(visit)

    def _forget_line(self, channel: ChannelId) -> None:
        waiting = self._waiting.pop(channel, None)
        if waiting is not None and self._line_of.get(waiting.call) == channel:
            del self._line_of[waiting.call]

    def call_blocked(self, event: events.CallBlocked) -> None:
        self._turn(event.at)
        caller = self._callers.get(event.call)
        queue, tier = event.queue or NO_QUEUE, caller.tier if caller else None
        if event.queue is not None:
            self._know(event.queue)
        self._meter.blocked(queue, tier)
        self._today.blocked(event.at, queue, tier)

    def calls_merged(self, event: events.CallsMerged) -> None:
        self._turn(event.at)
        if (silent := self._silent.pop(event.absorbed, None)) is not None:
            self._silent[event.call] = silent
        caller = self._callers.pop(event.absorbed, None)
        if caller is not None:
            self._callers.setdefault(event.call, caller)
        channel = self._line_of.pop(event.absorbed, None)
        if channel is not None and channel in self._waiting:
            waiting = self._waiting[channel]
            waiting.call = event.call
            customer = self._callers.get(event.call)
            if customer is not None:
                waiting.tier, waiting.name = customer.tier, customer.name or waiting.name
            self._line_of[event.call] = channel
        self._agents.merge(event.call, event.absorbed, event.at)

    def recording_paused(self, event: events.RecordingPaused) -> None:
        self._turn(event.at)
        self._silent[event.call] = event.at

    def recording_resumed(self, event: events.RecordingResumed) -> None:
        self._turn(event.at)
        self._silent.pop(event.call, None)

    def call_cleared(self, event: events.CallCleared) -> None:
        self._turn(event.at)
        self._silent.pop(event.call, None)
        self._callers.pop(event.call, None)
        self._agents.clear(event.call, event.at)
        channel = self._line_of.get(event.call)
        if channel is not None:
            self._forget_line(channel)

    # Agents

    def call_delivered(self, event: events.CallDelivered) -> None:
        self._turn(event.at)
        self._agents.ring(event.agent, event.call, event.at)

    def call_diverted(self, event: events.CallDiverted) -> None:
        self._turn(event.at)
        self._agents.stop_ringing(event.agent, event.call, event.at)

    def call_established(self, event: events.CallEstablished) -> None:
        self._turn(event.at)
        self._meter.no_wrap_up(event.agent)
        self._agents.converse(event.agent, event.call, event.at)

    def segment_ended(self, event: events.SegmentEnded) -> None:
        self._turn(event.at)
        segment = event.segment
        self._agents.part(segment.agent, event.call, event.at)
        queue = segment.queue or NO_QUEUE
        if segment.direction is Direction.INBOUND:
            self._meter.conversation(segment)
        if self._today.holds(segment.began_at):
            self._today.tally(queue, segment.tier).add_conversation(segment)
            self._agents.agent(segment.agent, event.at).today.add_conversation(segment)
        self._after[segment.agent] = AfterCall(
            segment.channel, queue, segment.tier, segment.began_at, segment.direction
        )

    def wrap_up_ended(self, event: events.WrapUpEnded) -> None:
        self._turn(event.at)
        self._meter.wrap_up(event.agent, event.channel, event.seconds)
        after = self._after.get(event.agent)
        if after is None or after.channel != event.channel:
            return
        del self._after[event.agent]
        if self._today.holds(after.began_at):
            ms = milliseconds(event.seconds)
            self._today.tally(after.queue, after.tier).add_wrap_up(ms, after.direction)
            self._agents.agent(event.agent, event.at).today.add_wrap_up(ms, after.direction)

    def agent_logged_on(self, event: events.AgentLoggedOn) -> None:
        self._turn(event.at)
        self._know(event.queue)
        self._agents.log_on(event.agent, event.queue, event.at)

    def agent_logged_off(self, event: events.AgentLoggedOff) -> None:
        self._turn(event.at)
        if self._agents.log_off(event.agent, event.queue, event.at):
            self._meter.no_wrap_up(event.agent)
            self._after.pop(event.agent, None)

    def agent_ready(self, event: events.AgentReady) -> None:
        self._become(event.agent, READY, "", event.at)

    def agent_not_ready(self, event: events.AgentNotReady) -> None:
        self._become(event.agent, NOT_READY, event.reason, event.at)

    def agent_busy(self, event: events.AgentBusy) -> None:
        self._become(event.agent, BUSY, "", event.at)

    def agent_working_after_call(self, event: events.AgentWorkingAfterCall) -> None:
        self._become(event.agent, AFTER_CALL, "", event.at)

    def agent_unreachable(self, event: events.AgentUnreachable) -> None:
        self._become(event.agent, UNREACHABLE, "", event.at)

    def _become(self, agent: AgentId, state: str, reason: str, at: float) -> None:
        self._turn(at)
        self._agents.agent(agent, at).become(state, reason, at)

    # The switch

    def switch_in_service(self, event: events.SwitchInService) -> None:
        self._turn(event.at)
        self._switch = SwitchSeen(up=True, since=event.at, reason="")

    def switch_out_of_service(self, event: events.SwitchOutOfService) -> None:
        self._turn(event.at)
        self._switch = SwitchSeen(up=False, since=event.at, reason=event.reason)

    def signal_unexpected(self, event: events.SignalUnexpected) -> None:
        self._meter.unexpected(event.state, event.signal)
