"""Signal in, state kept, events out."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from cti.domain.agents import Agent
from cti.domain.calls import Calls
from cti.domain.correlation import SUPERVISING
from cti.domain.events import (
    CallerRecognised,
    Event,
    GapOpened,
    HearingResumed,
    SignalUnexpected,
    SwitchInService,
    SwitchOutOfService,
)
from cti.domain.gaps import GapKind
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName
from cti.domain.own_calls import OwnCall, RecordedLeg, WaitingLeg, own_calls, recorded_legs, waiting_leg
from cti.domain.records import CallRecord, Lasting, SegmentRecord, VisitRecord
from cti.domain.signals import (
    FrameSetAside,
    LinkLost,
    MessagesMissed,
    Signal,
    SnapshotTaken,
    SwitchBooted,
)
from cti.domain.standing import standing
from cti.ports import Clock, Journal

OF_THE_LINE = frozenset({SnapshotTaken, SwitchBooted, LinkLost, MessagesMissed, FrameSetAside})
"""Signals after which something may have been missed, or is known not to have been."""

DOUBT = 5.0
"""A missing or untrusted message was noticed at most so many seconds after it should have been heard."""


class CallMonitor:
    """The live truth about one switch."""

    def __init__(
        self, pbx: PbxName, publish: Callable[[Sequence[Event]], None], clock: Clock, journal: Journal
    ) -> None:
        """`publish` takes all that one signal means; `journal` is told what changes the state and is no signal."""
        self.pbx = pbx
        self._calls = Calls(pbx)
        self._publish, self._clock, self._journal = publish, clock, journal
        self.unexpected: Counter[tuple[str, str]] = Counter()
        self.gaps = 0
        self.supervising: frozenset[ChannelId] = (
            frozenset()
        )  # supervisors' legs, as the last snapshot showed them
        self._noted: CallerRecognised | None = None
        self._deaf_since: float | None = clock.now()  # until the first snapshot we have heard nothing
        self._told_at = self._seen_at = 0.0  # the newest signal, by the switch's clock
        self._seen = clock.now()  # … and when a tick saw it, by ours

    def take_up(self, calls: Calls) -> None:
        """Go on with a state that was restored."""
        self._calls = calls
        self._told_at = calls.heard_at

    def standing(self) -> Iterator[list[Event]]:
        """What there is, as if it just came: of each agent, then of each call."""
        return standing(self._calls)

    def hear(self, signal: Signal) -> None:
        """The hot path: everything the switch tells comes through here, in order."""
        before, self._told_at = self._told_at or signal.at, signal.at
        told = self._calls.hear(signal)
        if type(signal) in OF_THE_LINE:
            told += self._line_told(signal, told, before)
        if told:
            self._publish(told)

    def _line_told(self, signal: Signal, told: Sequence[Event], before: float) -> list[Event]:
        """What may have been missed; `before` is when the signal before this one was told."""
        if isinstance(signal, SnapshotTaken):
            legs = (seen.channel for seen in signal.channels)
            self.supervising = frozenset(leg for leg in legs if leg.startswith(SUPERVISING))
            if self._deaf_since is None:
                return []
            self._deaf_since = None
            return [HearingResumed(signal.at, self.pbx)]
        if isinstance(signal, SwitchBooted):
            restarted = any(isinstance(event, SwitchInService) and event.restarted for event in told)
            return [self._doubt(GapKind.SWITCH_RESTART, signal.at, before)] if restarted else []
        if isinstance(signal, LinkLost):
            lost = SwitchOutOfService(signal.at, signal.reason)
            return [lost, self._doubt(GapKind.RECONNECT, signal.at, before)]
        if isinstance(signal, MessagesMissed):
            self.gaps += 1
            since = min(before, signal.at) - DOUBT
            return [self._doubt(GapKind.MISSED, signal.at, since, signal.first, signal.last)]
        return [self._doubt(GapKind.SET_ASIDE, signal.at, min(before, signal.at) - DOUBT)]

    def _doubt(
        self, kind: GapKind, at: float, since: float, first: int | None = None, last: int | None = None
    ) -> GapOpened:
        """Something may have been missed since then; the next snapshot ends it. What lay in an earlier doubt is in it."""
        if self._deaf_since is not None:
            since = min(since, self._deaf_since)
        self._deaf_since = since
        return GapOpened(at, self.pbx, kind, since, first, last)

    def hear_all(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self.hear(signal)

    def tick(self) -> None:
        """Conclude what lingered; called about once a second. Time goes on from the switch's clock, not from ours."""
        now = self._clock.now()
        if self._told_at != self._seen_at:
            self._seen_at, self._seen = self._told_at, now
        at = self._seen_at + now - self._seen
        told = self._calls.tick(at)
        if told:
            self._journal.tick(at)
            self._publish(told)

    def recognise(self, event: CallerRecognised) -> None:
        """Reaction: remember who calls, once the switch has told that he does; what is known already is no news."""
        call = self._calls.call(event.call)
        told = event.customer, event.name, event.tier, event.source
        if call is not None and told != (call.customer, call.customer_name, call.tier, call.tier_source):
            self._journal.knowledge(event)
            self._calls.recognise(event)
            self._noted = event

    def noted(self, event: CallerRecognised) -> bool:
        """Whether this very event said something new of a call that lasts here."""
        return event is self._noted

    def count_unexpected(self, event: SignalUnexpected) -> None:
        """Reaction: a surprise is a fact."""
        self.unexpected[event.state, event.signal] += 1

    def record(self, call: CallId) -> CallRecord | None:
        """A live call as it stands."""
        live = self._calls.call(call)
        return None if live is None else live.record(self._clock.now())

    def records(self) -> list[CallRecord]:
        now = self._clock.now()
        return [call.record(now) for call in self._calls.live.values()]

    def started(self) -> Iterator[tuple[CallId, float]]:
        """The calls that last, and when each began."""
        return ((call.id, call.started_at) for call in self._calls.live.values())

    def live(self) -> tuple[list[VisitRecord], list[SegmentRecord]]:
        """Visits and segments of the calls that last, for KPIs."""
        return self._calls.live_records(self._clock.now())

    def lasting(self) -> dict[CallId, Lasting]:
        """The calls that last, for the comparison with the ledger."""
        return self._calls.lasting(self._clock.now())

    def live_calls(self) -> int:
        return len(self._calls.live)

    def own_calls(self, agent: AgentId) -> list[OwnCall]:
        """The calls at this agent's telephone, the one he talks in first."""
        return self.calls_of({agent})[agent]

    def calls_of(self, agents: Collection[AgentId]) -> dict[AgentId, list[OwnCall]]:
        """The calls at the telephones of several agents."""
        return own_calls(self._calls.live.values(), agents)

    def waiting(self, call: CallId) -> WaitingLeg | None:
        """Where the customer of this call waits, if anywhere."""
        live = self._calls.call(call)
        return None if live is None else waiting_leg(live)

    def recorded(self, call: CallId) -> list[RecordedLeg]:
        """The legs of this call that are recorded."""
        live = self._calls.call(call)
        return [] if live is None else recorded_legs(live)

    def recorded_leg(self, channel: ChannelId) -> list[RecordedLeg]:
        """A leg of this id, if it lasts and is recorded."""
        call = self._calls.call_of(channel)
        return [] if call is None else [leg for leg in recorded_legs(call) if leg.channel == channel]

    def dialled(self, call: CallId) -> str | None:
        """The number the caller of a live call dialled; None when he dialled none, or nobody heard it."""
        live = self._calls.call(call)
        return None if live is None else live.dialled

    def agent(self, agent: AgentId) -> Agent | None:
        return self._calls.roster.agents.get(agent)

    def agents(self) -> list[Agent]:
        return list(self._calls.roster.agents.values())
