"""Recorded traces of the real switch, heard frame by frame without a socket, and what its own ledgers say."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from cti.adapters.ami.framing import Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import translate
from cti.domain.calls import Calls
from cti.domain.events import CallCleared, Event, SignalUnexpected
from cti.domain.identifiers import PbxName
from cti.domain.records import CallRecord
from cti.domain.signals import Signal

TRACES = Path(__file__).parents[1] / "traces"
TRANSFERS = (
    "attended_to_agent",
    "attended_to_queue_varset",
    "attended_to_queue_waiting",
    "blind_by_keys",
    "blind_by_server",
    "blind_to_agent",
    "blind_to_queue_varset",
)
"""Traces in which an agent passed the customer on."""
SCENARIOS = sorted(path.parent.name for path in TRACES.glob("*/ami.raw"))
LIST_ITEMS = {"QueueParams", "QueueMember", "QueueEntry", "CoreShowChannel"}


def raw(scenario: str) -> bytes:
    return (TRACES / scenario / "ami.raw").read_bytes()


def signals_of(stream: bytes) -> list[list[Signal]]:
    """The signals of each event frame of a stream, in order."""
    last = 0.0
    heard = []
    for frame in Framer().feed(stream):
        message = Message.of(frame)
        if message is None or not message.name or message.name in LIST_ITEMS:
            continue
        last = message.at or last
        heard.append(list(translate(message, last)))
    return heard


@dataclass
class Heard:
    records: list[CallRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    unexpected: list[SignalUnexpected] = field(default_factory=list)
    live: int = 0

    def by_call(self) -> dict[str, list[Event]]:
        told = defaultdict(list)
        for event in self.events:
            if hasattr(event, "call"):
                told[event.call].append(event)
        return dict(told)


def hear(frames: list[list[Signal]]) -> Heard:
    calls, heard, last = Calls(PbxName("pbx1")), Heard(), 0.0
    for signals in frames:
        for signal in signals:
            last = max(last, signal.at)
            heard.events += calls.hear(signal)
    heard.events += calls.finish(last)
    heard.records = [event.record for event in heard.events if isinstance(event, CallCleared)]
    heard.unexpected = [event for event in heard.events if isinstance(event, SignalUnexpected)]
    heard.live = len(calls.live)
    return heard


def truth(scenario: str) -> list[dict]:
    """Visits by the switch's queue_log alone, computed by code that shares nothing with the product."""
    return json.loads((TRACES / scenario / "truth.json").read_text())


def bridged(scenario: str) -> dict[str, float]:
    """Seconds each leg spent in bridges, by the switch's CEL."""
    total: dict[str, float] = defaultdict(float)
    since: dict[tuple[str, str], float] = {}
    with (TRACES / scenario / "cel.csv").open(encoding="utf-8", errors="replace") as rows:
        for row in csv.reader(rows):
            kind, at, leg, extra = row[0], float(row[1]), row[10], row[13]
            if kind == "BRIDGE_ENTER":
                since[leg, json.loads(extra)["bridge_id"]] = at
            elif kind == "BRIDGE_EXIT":
                began = since.pop((leg, json.loads(extra)["bridge_id"]), None)
                if began is not None:
                    total[leg] += at - began
    return dict(total)
