"""Signal in, state kept, events out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from cti.domain.agents import Agent
from cti.domain.calls import Calls
from cti.domain.events import CallerRecognised, Event, SignalUnexpected, SwitchOutOfService
from cti.domain.identifiers import AgentId, CallId, PbxName
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.domain.signals import LinkLost, MessagesMissed, Signal
from cti.ports import Clock, Journal


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
        self._told_at = self._seen_at = 0.0  # the newest signal, by the switch's clock
        self._seen = clock.now()  # … and when a tick saw it, by ours

    def take_up(self, calls: Calls) -> None:
        """Go on with a state that was restored."""
        self._calls = calls
        self._told_at = calls.heard_at

    def hear(self, signal: Signal) -> None:
        """The hot path: everything the switch tells comes through here, in order."""
        self._told_at = signal.at
        told = self._calls.hear(signal)
        if isinstance(signal, LinkLost):
            told.append(SwitchOutOfService(signal.at, signal.reason))
        elif isinstance(signal, MessagesMissed):
            self.gaps += 1
        if told:
            self._publish(told)

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
        """Reaction: remember who calls."""
        self._journal.knowledge(event)
        self._calls.recognise(event)

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

    def live(self) -> tuple[list[VisitRecord], list[SegmentRecord]]:
        """Visits and segments of the calls that last, for KPIs."""
        return self._calls.live_records(self._clock.now())

    def live_calls(self) -> int:
        return len(self._calls.live)

    def agent(self, agent: AgentId) -> Agent | None:
        return self._calls.roster.agents.get(agent)

    def agents(self) -> list[Agent]:
        return list(self._calls.roster.agents.values())
