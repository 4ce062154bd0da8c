"""The call model against the real switch's own ledgers: golden tables, queue_log, CEL bridges, suffixes, interleavings."""

import random
from itertools import combinations
from pathlib import Path

import pytest

from cti.domain.events import CallCleared, CallHeld, CallRetrieved, Event, SegmentEnded, VisitEnded
from cti.domain.records import CallRecord
from tests.cti.replaying import SCENARIOS, TRACES, bridged, hear, raw, signals_of, truth

BRIDGES_KNOW_BETTER = {
    "redirect_talking_varset": "the ledger lets the first agent talk until the redirected caller hangs up",
    "attended_to_queue_varset": "the ledger counts the second agent only up to the transfer",
}
"""Where queue_log's talk time is wrong, by ASTERISK's own CEL; the bridge times are compared instead."""


def test_there_are_traces():
    assert len(SCENARIOS) >= 25


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_visits_are_those_of_the_ledger(scenario):
    heard = hear(signals_of(raw(scenario)))
    visits = {(visit.uniqueid, visit.queue): visit for record in heard.records for visit in record.visits}
    expected = {(line["callid"], line["queue"]): line for line in truth(scenario)}
    assert visits.keys() == expected.keys()
    for key, line in expected.items():
        visit = visits[key]
        waited = line.get("wait", line.get("hold"))
        assert visit.outcome == line["outcome"] or (
            scenario == "redirect_waiting"
            and (visit.outcome, line["outcome"]) == ("transferred_out", "abandoned")
        )
        assert visit.agent == line.get("agent")
        assert visit.wait_seconds == pytest.approx(waited, abs=1.0)
        assert visit.joined_at == pytest.approx(line["entered"], abs=1.01)
        if "ended_by" in line:
            assert visit.ended_by == line["ended_by"]
        if "talk" in line and scenario not in BRIDGES_KNOW_BETTER:
            assert visit.talk_seconds + visit.hold_seconds == pytest.approx(line["talk"], abs=1.01)
    assert heard.unexpected == []
    assert heard.live == 0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_talk_and_hold_are_the_time_in_bridges(scenario):
    legs = bridged(scenario)
    for record in hear(signals_of(raw(scenario))).records:
        for segment in record.segments:
            assert segment.talk_seconds + segment.hold_seconds == pytest.approx(
                legs[segment.channel], abs=0.05
            )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_golden_table(scenario, update_golden):
    """The events of a trace as a table a person can read; `make golden` writes it, a person reviews the difference."""
    seen = table(hear(signals_of(raw(scenario))).events)
    golden = Path(TRACES / scenario / "events.txt")
    if update_golden:
        golden.write_text(seen)
    assert seen == golden.read_text()


def table(events: list[Event]) -> str:
    start = min(event.at for event in events)
    calls: dict[str, str] = {}
    lines = []
    for event in events:
        call = calls.setdefault(event.call, f"call {len(calls) + 1}") if hasattr(event, "call") else ""
        lines.append(
            f"{event.at - start:8.3f}  {call:8}  {type(event).__name__:22}  {summary(event)}".rstrip()
        )
    return "\n".join(lines) + "\n"


def summary(event: Event) -> str:
    if isinstance(event, VisitEnded):
        visit = event.visit
        return f"{visit.queue} {visit.outcome} after {visit.wait_seconds:.1f} s {visit.agent or ''}".strip()
    if isinstance(event, SegmentEnded):
        segment = event.segment
        return f"{segment.agent} talked {segment.talk_seconds:.1f} s, held {segment.hold_seconds:.1f} s"
    if isinstance(event, CallCleared):
        record = event.record
        return f"{record.direction} {len(record.visits)} visits {len(record.segments)} segments"
    told = {
        name: value for name, value in event._asdict().items() if name not in PRIVATE and value is not None
    }
    return " ".join(f"{value:.1f}" if isinstance(value, float) else str(value) for value in told.values())


PRIVATE = {"at", "call", "channel", "channel_name", "agent_channel", "file", "absorbed", "since"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_suffix_holds(scenario):
    """Attached at any moment of a running switch, nothing is invented and nothing gets stuck."""
    frames = signals_of(raw(scenario))
    whole = {(v.uniqueid, v.queue): v for record in hear(frames).records for v in record.visits}
    renamed = (
        scenario == "attended_to_queue_waiting"
    )  # which leg the ledger names was told before we listened
    for start in range(1, len(frames)):
        heard = hear(frames[start:])
        assert heard.unexpected == []
        assert heard.live == 0
        for record in heard.records:
            assert_sound(record)
            for visit in record.visits:
                known = whole.get((visit.uniqueid, visit.queue))
                assert known is not None or renamed
                if known is not None and not renamed:
                    assert (visit.outcome, visit.agent) == (known.outcome, known.agent)
                    assert visit.wait_seconds == pytest.approx(known.wait_seconds, abs=1.01)


def assert_sound(record: CallRecord) -> None:
    """What holds of every finished call, however little was heard of it."""
    assert record.ended_at is not None
    for visit in record.visits:
        assert visit.outcome is not None
        assert visit.wait_seconds >= 0
        assert (visit.agent is not None) == (visit.outcome == "answered")
    for segment in record.segments:
        assert segment.ended_at is not None
        assert segment.talk_seconds >= 0
        assert segment.hold_seconds >= 0
    for offer in record.offers:
        assert offer.result is not None


def renamed(stream: bytes) -> bytes:
    """The same trace with other agents: one person never serves two callers at once."""
    return (
        stream.replace(b"PJSIP/10", b"PJSIP/20")
        .replace(b"MemberName: 10", b"MemberName: 20")
        .replace(b"Local/10", b"Local/20")
    )


@pytest.mark.parametrize(("first", "second"), list(combinations(SCENARIOS, 2))[::3])
def test_interleaved_traces_do_not_touch_each_other(first, second):
    frames = signals_of(raw(first)), signals_of(renamed(raw(second)))
    alone = {**hear(frames[0]).by_call(), **hear(frames[1]).by_call()}
    shuffled = random.Random(f"{first}/{second}")
    for _ in range(3):
        rest = [list(trace) for trace in frames]
        mixed = []
        while rest[0] or rest[1]:
            source = shuffled.choice([trace for trace in rest if trace])
            mixed += [source.pop(0) for _ in range(min(len(source), shuffled.randint(1, 9)))]
        together = hear(mixed)
        assert together.unexpected == []
        assert {call: list(map(essence, told)) for call, told in together.by_call().items()} == {
            call: list(map(essence, told)) for call, told in alone.items()
        }


def essence(event: Event) -> tuple:
    """An event without the moment a call was found to be over, which depends on who else talks."""
    if isinstance(event, CallCleared):
        return ("CallCleared", event.record)
    return (type(event).__name__, *event)


def test_the_story_tells_of_holds_when_they_were():
    """As the switch told them live, on every trace of it."""
    seen = 0
    for scenario in SCENARIOS:
        heard = hear(signals_of(raw(scenario)))
        for record in heard.records:
            live = [
                (event.at, type(event).__name__, event.agent)
                for event in heard.by_call().get(record.call, [])
                if isinstance(event, (CallHeld, CallRetrieved))
            ]
            told = [entry for entry in record.timeline if entry.what in ("CallHeld", "CallRetrieved")]
            assert [*map(tuple, told)] == live, scenario
            seen += len(live)
    assert seen >= 4
