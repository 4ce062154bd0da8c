"""Golden traces reconciled without a database: what AMI told, or part of it, held against the queue_log beside it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cti.adapters.ami.connection import GAP_WATCH
from cti.adapters.ami.framing import Framer
from cti.adapters.ami.protocol import AmiProtocol
from cti.adapters.ami.translation import TRANSLATIONS, translate
from cti.domain.calls import Calls
from cti.domain.casework import Case
from cti.domain.events import CallCleared
from cti.domain.identifiers import PbxName
from cti.domain.ledger_reader import read_ledger
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import CallRecord
from cti.domain.signals import Signal, SnapshotTaken
from cti.service.call_monitor import DOUBT
from tests.cti.replaying import TRACES, raw, truth

PBX = PbxName("pbx1")
TIME = re.compile(rb"\r\nTimestamp: ([\d.]+)")
NUMBER = re.compile(rb"\r\nSequenceNumber: (\d+)")


def entries(scenario: str) -> list[LedgerEntry]:
    """What the ledger of a trace tells, as one reader takes it."""
    text = (TRACES / scenario / "queue_log").read_text(encoding="utf-8", errors="replace")
    return read_ledger(text.splitlines(keepends=True), PBX).take()


def judged(
    records: Iterable[CallRecord],
    told: Iterable[LedgerEntry],
    gaps: Iterable[tuple[float, float | None]] = (),
    **given,
) -> Case:
    """As the reconciler does it: the ledger's visits first, then those of ours that none of them matched."""
    case = Case({record.call: record for record in records}, list(gaps), 0.0, **given)
    case.judge([entry for entry in told if entry.settled_at is not None])
    case.judge_extras(
        [
            visit
            for call in list(case.calls.values())
            for visit in call.visits
            if (call.call, visit.number_in_call) not in case.taken
        ]
    )
    return case


def frames(scenario: str) -> list[bytes]:
    """A trace's frames as they came, each with its end."""
    return [bytes(frame) + b"\r\n\r\n" for frame in Framer().feed(raw(scenario))]


def following(scenario: str) -> int:
    return 1 + max(int(number) for number in NUMBER.findall(raw(scenario)))


def kind(frame: bytes) -> str | None:
    """An event that we listen to."""
    name = frame[7:].partition(b"\r\n")[0].decode("ascii", "replace") if frame.startswith(b"Event: ") else ""
    return name if name in TRANSLATIONS and NUMBER.search(frame) else None


@dataclass
class Heard:
    records: list[CallRecord] = field(default_factory=list)
    gaps: list[tuple[float, float | None]] = field(default_factory=list)


def hear(stream: Iterable[bytes], following: int) -> Heard:
    """Through the real protocol class; a doubt opens a gap, and a snapshot (of nobody) ends it, as the link does it.

    `following` is the number the switch's next event has.
    """
    calls, heard, now = Calls(PBX), Heard(), 0.0
    doubts: list[float] = []

    def take(told) -> None:
        heard.records += [event.record for event in told if isinstance(event, CallCleared)]

    def listen(message) -> None:
        nonlocal now
        now = max(now, message.at or 0.0)
        signal: Signal
        for signal in translate(message, now):
            take(calls.hear(signal))

    def doubt(*_) -> None:
        doubts.append(now)

    protocol = AmiProtocol(TRANSLATIONS, listen, lambda: now, on_doubt=doubt, on_gap=doubt)
    for frame in stream:
        told_at = TIME.search(frame)
        while told_at and 0 < now < float(told_at[1]) - GAP_WATCH:  # the link looks however quiet it is
            now += GAP_WATCH
            protocol.look_for_gaps()
        protocol.data_received(frame)
        protocol.look_for_gaps()
    # the switch goes on: whatever is missing before this shows
    protocol.data_received(b"Event: Later\r\nPrivilege: call,all\r\nSequenceNumber: %d\r\n\r\n" % following)
    protocol.look_for_gaps(at_once=True)
    take(calls.finish(now))
    take(calls.hear(SnapshotTaken(now + 2, (), (), ())))
    take(calls.finish(now + 2))
    if doubts:
        heard.gaps = [(min(doubts) - DOUBT, now + 2)]
    return heard


def wanted(scenario: str) -> dict[tuple[str, int], dict]:
    """The truth by callid and second of joining."""
    return {(visit["callid"], visit["entered"]): visit for visit in truth(scenario)}
