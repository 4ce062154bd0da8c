"""Signal in, state kept, events out."""

from collections import Counter
from collections.abc import Iterable

from cti.domain.agents import Agent
from cti.domain.calls import Calls
from cti.domain.events import (
    CallerRecognised,
    GapOpened,
    HearingResumed,
    SignalUnexpected,
    SwitchInService,
    SwitchOutOfService,
)
from cti.domain.gaps import GapKind
from cti.domain.identifiers import AgentId, CallId, PbxName
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.domain.signals import FrameSetAside, LinkLost, MessagesMissed, Signal, SnapshotTaken
from cti.ports import Clock, Publish

DOUBT = 5.0
"""A missing or untrusted message was noticed at most so many seconds after it should have been heard."""


class CallMonitor:
    """The live truth about one switch."""

    def __init__(self, pbx: PbxName, publish: Publish, clock: Clock) -> None:
        self.pbx = pbx
        self._calls = Calls(pbx)
        self._publish, self._clock = publish, clock
        self.unexpected: Counter[tuple[str, str]] = Counter()
        self.gaps = 0
        self._deaf_since: float | None = clock.now()  # until the first snapshot we have heard nothing
        self._told_at = self._seen_at = 0.0  # the newest signal, by the switch's clock
        self._seen = clock.now()  # … and when a tick saw it, by ours

    def hear(self, signal: Signal) -> None:
        """The hot path: everything the switch tells comes through here, in order."""
        before, self._told_at = self._told_at or signal.at, signal.at
        for event in self._calls.hear(signal):
            self._publish(event)
            if isinstance(event, SwitchInService) and event.restarted:
                self._doubt(GapKind.SWITCH_RESTART, signal.at, before)
        if isinstance(signal, SnapshotTaken):
            if self._deaf_since is not None:
                self._deaf_since = None
                self._publish(HearingResumed(signal.at, self.pbx))
        elif isinstance(signal, LinkLost):
            self._publish(SwitchOutOfService(signal.at, signal.reason))
            self._doubt(GapKind.RECONNECT, signal.at, before)
        elif isinstance(signal, MessagesMissed):
            self.gaps += 1
            since = min(before, signal.at) - DOUBT
            self._doubt(GapKind.MISSED, signal.at, since, signal.first, signal.last)
        elif isinstance(signal, FrameSetAside):
            self._doubt(GapKind.SET_ASIDE, signal.at, min(before, signal.at) - DOUBT)

    def _doubt(
        self, kind: GapKind, at: float, since: float, first: int | None = None, last: int | None = None
    ) -> None:
        """Something may have been missed since then; the next snapshot ends it. What lay in an earlier doubt is in it."""
        if self._deaf_since is not None:
            since = min(since, self._deaf_since)
        self._deaf_since = since
        self._publish(GapOpened(at, self.pbx, kind, since, first, last))

    def hear_all(self, signals: Iterable[Signal]) -> None:
        for signal in signals:
            self.hear(signal)

    def tick(self) -> None:
        """Conclude what lingered; called about once a second. Time goes on from the switch's clock, not from ours."""
        now = self._clock.now()
        if self._told_at != self._seen_at:
            self._seen_at, self._seen = self._told_at, now
        for event in self._calls.tick(self._seen_at + now - self._seen):
            self._publish(event)

    def recognise(self, event: CallerRecognised) -> None:
        """Reaction: remember who calls."""
        self._calls.recognise(event.call, event.customer, event.tier)

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

    def live_ids(self) -> list[CallId]:
        return list(self._calls.live)

    def live_calls(self) -> int:
        return len(self._calls.live)

    def agent(self, agent: AgentId) -> Agent | None:
        return self._calls.roster.agents.get(agent)

    def agents(self) -> list[Agent]:
        return list(self._calls.roster.agents.values())
