"""Replays a raw AMI byte stream through the real protocol class, translation and call model."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from cti.adapters.ami.message import Message
from cti.adapters.ami.protocol import AmiProtocol
from cti.adapters.ami.translation import TRANSLATIONS, translate
from cti.domain.calls import Calls
from cti.domain.events import CallCleared, Event, SignalUnexpected, WrapUpEnded
from cti.domain.identifiers import PbxName
from cti.domain.kpi import figures
from cti.domain.records import CallRecord, Outcome
from cti.domain.signals import Signal
from cti.domain.tallies import tally
from cti.domain.targets import KpiRules


class Replay:
    """One stream from its first byte to its last; the stream's own timestamps are the only clock."""

    def __init__(self, pbx: PbxName, fallback: str = "latin-1") -> None:
        self._calls = Calls(pbx)
        self._now = 0.0
        self._protocol = AmiProtocol(TRANSLATIONS, self._hear, lambda: self._now, fallback=fallback)
        self._records: list[CallRecord] = []
        self._wrap_ups: dict[tuple[str, str], float] = {}
        self._unexpected: Counter[str] = Counter()

    def feed(self, data: bytes) -> None:
        self._protocol.data_received(data)

    def _hear(self, message: Message) -> None:
        self._now = max(self._now, message.at or 0.0)
        for signal in translate(message, self._now):
            self._signal(signal)

    def _signal(self, signal: Signal) -> None:
        self._take(self._calls.hear(signal))

    def _take(self, told: Iterable[Event]) -> None:
        for event in told:
            if isinstance(event, CallCleared):
                self._records.append(event.record)
            elif isinstance(event, WrapUpEnded):
                self._wrap_ups[event.call, event.channel] = event.seconds
            elif isinstance(event, SignalUnexpected):
                self._unexpected[f"{event.state} {event.signal}"] += 1

    def finish(self, target_seconds: float = 20.0) -> tuple[list[CallRecord], dict[str, Any]]:
        """Every call in order of its start, those still open as they stand, and the summary."""
        self._protocol.look_for_gaps(at_once=True)
        self._take(self._calls.finish(self._now))
        open_calls = [call.record(self._now) for call in self._calls.live.values()]
        records = sorted(
            map(self._wrapped_up, [*self._records, *open_calls]), key=lambda record: record.started_at
        )
        return records, self._summary(records, target_seconds)

    def _wrapped_up(self, record: CallRecord) -> CallRecord:
        segments = tuple(
            segment._replace(wrap_up_seconds=self._wrap_ups.get((record.call, segment.channel)))
            for segment in record.segments
        )
        return record._replace(segments=segments)

    def _summary(self, records: list[CallRecord], target_seconds: float) -> dict[str, Any]:
        visits = [visit for record in records for visit in record.visits]
        outcomes = Counter(visit.outcome for visit in visits if visit.outcome is not None)
        traffic = self._protocol.traffic
        counted = tally(
            visits,
            [segment for record in records for segment in record.segments],
            [(blocked.at, blocked.queue, record.tier) for record in records for blocked in record.blocked],
            [offer for record in records for offer in record.offers],
            KpiRules(target_seconds=target_seconds),
        )
        return {
            "messages": traffic.messages,
            "malformed": traffic.malformed + traffic.oversized + traffic.quarantined,
            "quarantined": traffic.quarantined,
            "unknown_events": traffic.unexpected,
            "missed": traffic.missed,
            "unexpected_signals": self._unexpected.total(),
            "calls": len(records),
            "visits": len(visits),
            "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome if outcomes[outcome]},
            "kpi": figures(counted),
        }
