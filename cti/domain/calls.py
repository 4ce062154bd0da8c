"""The life of calls: one signal in, the events it means out.

Theory of operation. Entities change state only by their tables (`visits.py`, `segments.py`, `journeys.py`); the
functions of `queue_side.py` and `line_side.py` find the entity a signal speaks of, with the help of `correlation.py`;
`snapshot_side.py` hears all that exists at once. Attaching in the middle of a call is normal, so a signal about
something unknown builds what it proves and no more. Facts may come late: a call is concluded when its last leg is gone
and nothing more is expected of it, or `LINGER` seconds later. What the tables do not foresee is told as
`SignalUnexpected`, never raised.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cti.domain import events, line_side, queue_side, snapshot_side
from cti.domain.agents import Roster
from cti.domain.correlation import Correlation
from cti.domain.events import CallerRecognised, Event
from cti.domain.identifiers import CallId, ChannelId, PbxName
from cti.domain.journeys import Call
from cti.domain.records import Lasting, Outcome, SegmentRecord, VisitRecord
from cti.domain.retelling import Hole, TimePassed, What
from cti.domain.signals import (
    AgentAnswered,
    AgentDidNotAnswer,
    AgentDumped,
    AgentFinished,
    AgentRung,
    AttendedTransferred,
    BlindTransferred,
    BridgeJoined,
    BridgeLeft,
    CallerGaveUp,
    CallerIdentified,
    ChannelClosed,
    ChannelHeld,
    ChannelOpened,
    ChannelRetrieved,
    DialplanContinued,
    LinkLost,
    MemberRemoved,
    MemberSeen,
    PartyRung,
    PauseAsked,
    QueueJoined,
    QueueLeft,
    QueueReturned,
    RecordingMuted,
    RecordingNamed,
    RingEnded,
    Signal,
    SnapshotTaken,
    SpyingStarted,
    SpyingStopped,
    SwitchBooted,
)
from cti.domain.visits import VisitState

LINGER = 1.0
"""Seconds a call without legs waits for late facts."""
SAME_BOOT = 5.0
"""Two readings of the switch's start that differ by less, in seconds, are one start."""

HEARERS: Mapping[type, Callable[[Correlation, Any], None]] = {
    ChannelOpened: line_side.opened,
    CallerIdentified: line_side.identified,
    ChannelClosed: line_side.closed,
    ChannelHeld: line_side.held,
    ChannelRetrieved: line_side.held,
    BridgeJoined: line_side.bridge_joined,
    BridgeLeft: line_side.bridge_left,
    PartyRung: line_side.party_rung,
    RingEnded: line_side.ring_ended,
    BlindTransferred: line_side.blind_transferred,
    AttendedTransferred: line_side.attended_transferred,
    RecordingNamed: line_side.recording_named,
    RecordingMuted: line_side.recording_muted,
    PauseAsked: line_side.pause_asked,
    SpyingStarted: line_side.spying,
    SpyingStopped: line_side.spying,
    QueueJoined: queue_side.joined,
    QueueLeft: queue_side.left,
    QueueReturned: queue_side.returned,
    CallerGaveUp: queue_side.gave_up,
    DialplanContinued: queue_side.continued,
    AgentRung: queue_side.rung,
    AgentDidNotAnswer: queue_side.not_answered,
    AgentDumped: queue_side.not_answered,
    AgentAnswered: queue_side.answered,
    AgentFinished: queue_side.finished,
}


class Calls:
    """All calls of one switch, and its agents."""

    def __init__(self, pbx: PbxName) -> None:
        self.roster = Roster()
        self._state = Correlation(pbx, self.roster)
        self._booted_at: float | None = None
        self.heard_at = 0.0  # the newest signal
        self._evidence_at = 0.0  # until then at least, the switch ran and all was as we know it

    def learn(self, what: What) -> list[Event]:
        """Anything the model can be told, live or from the journal; the events it means, in order."""
        if isinstance(what, CallerRecognised):
            self.recognise(what)
            return [what]
        if isinstance(what, TimePassed):
            return self.tick(what.at)
        return [] if isinstance(what, Hole) else self.hear(what)

    def hear(self, signal: Signal) -> list[Event]:
        """What this signal means, in order."""
        state = self._state
        self.heard_at = signal.at
        hearer = HEARERS.get(type(signal))
        if hearer is not None:
            hearer(state, signal)
        elif isinstance(signal, (MemberSeen, MemberRemoved)):
            state.note_agents(self.roster.hear(signal))
            return state.told()
        elif isinstance(signal, SnapshotTaken):
            state.note_agents(self.roster.hear(signal))
            snapshot_side.compared(state, signal)
        elif isinstance(signal, SwitchBooted):
            self._booted(signal)
        elif isinstance(signal, LinkLost):
            self._evidence_at = signal.heard_at
        if state.clearing:
            self._conclude(signal.at)
        return self._agents_hear()

    def tick(self, at: float) -> list[Event]:
        """Conclude calls that lingered long enough; to be called about once a second."""
        self._conclude(at)
        return self._agents_hear()

    def finish(self, at: float) -> list[Event]:
        """The input is over: conclude every call whose legs are gone."""
        return self.tick(at + 2 * LINGER)

    def recognise(self, known: CallerRecognised) -> None:
        call = self._state.calls.get(known.call)
        if call is not None:
            call.customer, call.customer_name = known.customer, known.name
            call.tier, call.tier_source = known.tier, known.source

    def call(self, call_id: CallId) -> Call | None:
        return self._state.calls.get(call_id)

    def call_of(self, channel: ChannelId) -> Call | None:
        """The call a leg that lasts is part of."""
        leg = self._state.connections.get(channel)
        return None if leg is None else leg.call

    @property
    def live(self) -> Mapping[CallId, Call]:
        """The calls that last."""
        return self._state.calls

    def live_records(self, now: float) -> tuple[list[VisitRecord], list[SegmentRecord]]:
        """Visits and segments of calls that last, counted up to now."""
        visits, segments = [], []
        for call in self._state.calls.values():
            visits += [call.visit_record(visit, now) for visit in call.visits]
            segments += [call.segment_record(segment, now) for segment in call.segments]
        return visits, segments

    def lasting(self, now: float) -> dict[CallId, Lasting]:
        return {
            call.id: Lasting(
                [call.visit_record(visit, now) for visit in call.visits],
                [segment.channel for segment in call.segments],
            )
            for call in self._state.calls.values()
        }

    def _agents_hear(self) -> list[Event]:
        """All that was noted, and behind it what it means for the agents."""
        state = self._state
        told = state.told()
        for event in told:
            if type(event) is events.SegmentEnded:
                state.note_agents(self.roster.segment_ended(event.at, event.segment))
            elif type(event) is events.CallEstablished:
                self.roster.established(event.agent)
        return told + state.told() if told else told

    def _conclude(self, at: float) -> None:
        for call in tuple(self._state.clearing.values()):
            since = call.clearing_since
            if since is None:
                continue
            expected = any(visit.state is VisitState.ANSWERED for visit in call.visits)
            if not expected or at >= since + LINGER:
                self._state.conclude(max(at, since), call, Outcome.LOST)

    def _booted(self, signal: SwitchBooted) -> None:
        booted_at = signal.at - signal.uptime
        known, self._booted_at = self._booted_at, booted_at
        restarted = known is not None and abs(booted_at - known) > SAME_BOOT
        if restarted:
            self._lose_all(min(self._evidence_at, booted_at) or booted_at)
        self._state.note(events.SwitchInService(signal.at, restarted))

    def _lose_all(self, at: float) -> None:
        """The switch restarted: nothing that was, is. It ended when we last knew of it."""
        for call in tuple(self._state.calls.values()):
            self._state.conclude(max(at, call.started_at), call, Outcome.LOST)
