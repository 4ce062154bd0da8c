"""The live floor, event by event."""

import gc
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cti.domain import events
from cti.domain.identifiers import CallId, ChannelId, CustomerId, QueueName, Tier
from cti.domain.kpi import figures
from cti.domain.records import CallRecord, Direction, OfferResult, Outcome, SegmentRecord, VisitRecord
from cti.domain.tallies import tally
from cti.domain.targets import KpiPolicy, KpiRules
from cti.service.floor_picture import PlaceInLine
from cti.service.wallboard import KNOWN_CALLERS, Wallboard
from tests.cti.kpi_records import A101, A102, PBX, SALES, SUPPORT, segment, visit
from tests.cti.test_kpi_desk import Journal

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZONE).timestamp()
NOON = MIDNIGHT + 12 * 3600


def cleared_record(call: CallId, at: float) -> CallRecord:
    return CallRecord(
        call,
        PBX,
        ChannelId(call),
        Direction.INBOUND,
        "cleared",
        None,
        None,
        None,
        None,
        at,
        at,
        (),
        (),
        (),
        (),
        (),
        (),
        (),
    )


class Floor:
    """A wallboard, and the events of plain calls."""

    def __init__(self, policy: KpiPolicy | None = None) -> None:
        self.lines: dict[QueueName, Sequence[PlaceInLine]] = {}
        self.board = Wallboard(
            PBX, policy or KpiPolicy(), ZONE, lambda queue: self.lines.get(queue, ()), {A101: "Li Lei"}.get
        )
        for agent in (A101, A102):
            self.board.agent_logged_on(events.AgentLoggedOn(NOON, agent, SUPPORT))
            self.board.agent_ready(events.AgentReady(NOON, agent))

    def recognise(self, name: str, tier: Tier, at: float = NOON) -> None:
        self.board.caller_recognised(
            events.CallerRecognised(at, CallId(name), CustomerId("c"), f"Customer {name}", tier, "customer")
        )

    def join(self, name: str, at: float, queue: QueueName = SUPPORT) -> None:
        event = events.CallQueued(
            at, CallId(name), ChannelId(name), f"PJSIP/{name}", queue, 1, "+861", f"Caller {name}"
        )
        self.board.call_queued(event)

    def end(
        self, name: str, joined: float, at: float, outcome: Outcome, queue: QueueName = SUPPORT
    ) -> VisitRecord:
        record = visit(
            joined, outcome, at - joined, uniqueid=name, call=CallId(name), queue=queue, tier=self.tier(name)
        )
        self.board.visit_ended(events.VisitEnded(at, CallId(name), record))
        return record

    def tier(self, name: str) -> Tier | None:
        return next((row["tier"] for row in self.show()["waiting"] if row["call"] == name), None)

    def answer(self, name: str, joined: float, at: float) -> VisitRecord:
        leg = ChannelId(f"leg-{name}")
        call = CallId(name)
        self.board.call_delivered(
            events.CallDelivered(at - 2, call, A101, leg, SUPPORT, 1.0, None, None, None)
        )
        record = self.end(name, joined, at, Outcome.ANSWERED)
        self.board.call_established(events.CallEstablished(at, call, A101, leg, SUPPORT, 1.0, 2.0, None))
        return record

    def finish(self, name: str, began: float, at: float, **given: Any) -> SegmentRecord:
        record = segment(began, at, call=CallId(name), channel=ChannelId(f"leg-{name}"), **given)
        self.board.segment_ended(events.SegmentEnded(at, CallId(name), record))
        return record

    def wrap_up(self, name: str, at: float, seconds: float) -> None:
        leg = ChannelId(f"leg-{name}")
        self.board.wrap_up_ended(events.WrapUpEnded(at, CallId(name), A101, leg, SUPPORT, None, seconds))

    def clear(self, name: str, at: float) -> None:
        self.board.call_cleared(events.CallCleared(at, CallId(name), cleared_record(CallId(name), at)))

    def show(self, at: float = NOON + 100) -> dict[str, Any]:
        return self.board.snapshot(at)

    def agent(self, agent: str = A101, at: float = NOON + 100) -> dict[str, Any]:
        return next(row for row in self.show(at)["agents"] if row["agent"] == agent)


def test_an_empty_floor_has_every_field_and_no_rates() -> None:
    shown = Wallboard(PBX, KpiPolicy(), ZONE, lambda _: ()).snapshot(NOON)
    assert shown == {
        "at": NOON,
        "pbx": {"hub": {"up": False, "since": 0.0, "reason": ""}},
        "tiles": {
            "offered": 0,
            "answered": 0,
            "abandoned": 0,
            "blocked": 0,
            "waiting": 0,
            "longest_wait_seconds": 0.0,
            "answer_rate": None,
            "abandon_rate": None,
            "service_level": None,
            "service_level_formula": "strict",
            "service_level_target_seconds": 20.0,
            "asa_seconds": None,
            "aht_seconds": None,
            "talking": 0,
            "agents_ready": 0,
            "agents_on": 0,
        },
        "queues": [],
        "waiting": [],
        "agents": [],
        "ledger": False,
        "switches": [],
        "verified_until": None,
        "gap_since": None,
    }


def test_one_call_from_the_line_to_the_next_ready() -> None:
    floor = Floor()
    floor.recognise("a", Tier.GOLD)
    floor.join("a", NOON + 10)
    shown = floor.show(NOON + 25)
    assert shown["waiting"] == [
        {
            "call": "a",
            "pbx": "hub",
            "queue": "support",
            "position": 1,
            "tier": "gold",
            "name": "Customer a",
            "number": "+861",
            "joined_at": NOON + 10,
            "credit_seconds": 0.0,
            "promised_at": None,
            "why": {},
        }
    ]
    assert (shown["tiles"]["offered"], shown["tiles"]["longest_wait_seconds"]) == (1, 15.0)
    assert shown["queues"][0]["tiers"]["gold"] == {
        "waiting": 1,
        "offered": 1,
        "answered": 0,
        "service_level": None,
    }

    floor.board.call_delivered(
        events.CallDelivered(
            NOON + 26, CallId("a"), A101, ChannelId("leg-a"), SUPPORT, 16.0, None, None, None
        )
    )
    ringing = floor.agent()
    assert (ringing["state"], ringing["since"], ringing["call"]) == ("ringing", NOON + 26, "a")
    assert (ringing["customer"], ringing["tier"], ringing["name"]) == ("Customer a", "gold", "Li Lei")

    floor.answer("a", NOON + 10, NOON + 30)
    shown = floor.show(NOON + 31)
    assert (shown["waiting"], shown["tiles"]["waiting"], shown["tiles"]["talking"]) == ([], 0, 1)
    assert shown["queues"][0]["tiers"]["gold"] == {
        "waiting": 0,
        "offered": 1,
        "answered": 1,
        "service_level": 1.0,
    }
    assert floor.agent()["state"] == "busy"
    assert (shown["tiles"]["agents_ready"], shown["tiles"]["agents_on"]) == (1, 2)

    floor.finish("a", NOON + 30, NOON + 90, hold_seconds=10.0)
    floor.board.agent_working_after_call(events.AgentWorkingAfterCall(NOON + 90, A101))
    floor.clear("a", NOON + 91)
    after = floor.agent()
    assert (after["state"], after["call"], after["paused"], after["handled"]) == (
        "working_after_call",
        None,
        True,
        1,
    )
    floor.wrap_up("a", NOON + 100, 10.0)
    floor.board.agent_ready(events.AgentReady(NOON + 100, A101))
    after = floor.agent(at=NOON + 101)
    assert (after["state"], after["paused"], after["aht_seconds"]) == ("ready", False, 70.0)
    assert floor.show()["tiles"]["aht_seconds"] == 70.0
    json.dumps(floor.show())


def test_the_line_stands_in_the_order_it_will_be_served() -> None:
    floor = Floor()
    for name, at in (("a", 0), ("b", 1), ("c", 2), ("d", 3)):
        floor.join(name, NOON + at)
    floor.lines[SUPPORT] = [
        PlaceInLine(CallId("c"), 600.0, NOON + 60, "platinum, head start 600 s"),
        PlaceInLine(CallId("a"), 0.0, NOON + 90, "first of the others"),
        PlaceInLine(CallId("gone"), 0.0, None, ""),
    ]
    rows = floor.show()["waiting"]
    assert [(row["call"], row["position"], row["credit_seconds"], row["promised_at"]) for row in rows] == [
        ("c", 1, 600.0, NOON + 60),
        ("a", 2, 0.0, NOON + 90),
        ("b", 3, 0.0, None),
        ("d", 4, 0.0, None),
    ]


def test_a_caller_recognised_late_gets_tier_and_name_where_they_stand() -> None:
    floor = Floor()
    floor.join("a", NOON)
    assert floor.show()["waiting"][0]["tier"] is None
    floor.recognise("a", Tier.PLATINUM, NOON + 2)
    row = floor.show()["waiting"][0]
    assert (row["tier"], row["name"]) == ("platinum", "Customer a")
    bare = visit(NOON, uniqueid="a", call=CallId("a"))
    floor.board.visit_ended(events.VisitEnded(NOON + 5, CallId("a"), bare))
    assert floor.show()["queues"][0]["tiers"]["platinum"]["answered"] == 1
    assert floor.board.numbers(NOON).visits[SUPPORT, "platinum", "answered"] == 1


def test_tiles_are_the_figures_of_the_same_records() -> None:
    floor = Floor()
    visits, segments = [], []
    for number in range(12):
        name, joined = f"n{number}", NOON + number * 50
        floor.join(name, joined)
        if number % 3 == 0:
            visits.append(floor.end(name, joined, joined + number, Outcome.ABANDONED))
        else:
            visits.append(floor.answer(name, joined, joined + 15 + number))
            segments.append(floor.finish(name, joined + 15 + number, joined + 40, wrap_up_seconds=None))
        floor.clear(name, joined + 41)
    floor.board.call_blocked(events.CallBlocked(NOON + 7, CallId("full"), SUPPORT, "FULL"))
    expected = figures(tally(visits, segments, [(NOON, SUPPORT, None)]))
    tiles = floor.show(NOON + 700)["tiles"]
    same = [
        "offered",
        "answered",
        "abandoned",
        "blocked",
        "answer_rate",
        "abandon_rate",
        "asa_seconds",
        "aht_seconds",
    ]
    assert {name: tiles[name] for name in same} == {name: expected[name] for name in same}
    assert tiles["service_level"] == expected["service_level"]["value"]


def test_ringing_ends_without_an_answer() -> None:
    floor = Floor()
    floor.join("a", NOON)
    ring = events.CallDelivered(NOON + 1, CallId("a"), A101, ChannelId("l"), SUPPORT, 1.0, None, None, None)
    floor.board.call_delivered(ring)
    floor.board.agent_busy(events.AgentBusy(NOON + 1, A101))  # the telephone is in use: it rings
    assert floor.agent()["state"] == "ringing"
    floor.board.call_diverted(
        events.CallDiverted(
            NOON + 9, CallId("a"), A101, ChannelId("l"), SUPPORT, OfferResult.RING_NO_ANSWER, 8.0
        )
    )
    floor.board.agent_ready(events.AgentReady(NOON + 9, A101))
    assert (floor.agent()["state"], floor.agent()["since"], floor.agent()["call"]) == (
        "ready",
        NOON + 9,
        None,
    )
    assert len(floor.show()["waiting"]) == 1


def test_a_consultation_does_not_end_the_conversation() -> None:
    floor = Floor()
    floor.join("a", NOON)
    floor.answer("a", NOON, NOON + 5)
    consult = CallId("consult")
    floor.board.call_established(
        events.CallEstablished(NOON + 20, consult, A101, None, None, None, None, None)
    )
    floor.board.call_established(
        events.CallEstablished(NOON + 20, consult, A102, None, None, None, None, None)
    )
    assert floor.agent()["call"] == "consult"
    floor.board.calls_merged(events.CallsMerged(NOON + 40, CallId("a"), consult))
    assert (floor.agent(A102)["call"], floor.agent(A102)["state"]) == ("a", "busy")
    floor.finish("a", NOON + 5, NOON + 40)
    floor.finish("a", NOON + 20, NOON + 40)
    assert floor.agent(A101)["state"] == "ready"
    assert floor.agent(A102)["state"] == "busy"
    floor.clear("a", NOON + 60)  # whatever was missed: a call that is over is at no telephone
    assert floor.agent(A102)["state"] == "ready"


def test_a_customer_transferred_into_a_waiting_consultation_takes_its_place_in_line() -> None:
    floor = Floor()
    floor.recognise("a", Tier.GOLD)
    floor.join("consult", NOON + 10)
    floor.board.calls_merged(events.CallsMerged(NOON + 20, CallId("a"), CallId("consult")))
    row = floor.show()["waiting"][0]
    assert (row["call"], row["tier"], row["name"], row["joined_at"]) == ("a", "gold", "Customer a", NOON + 10)
    floor.end("consult", NOON + 10, NOON + 30, Outcome.ANSWERED)
    assert floor.show()["waiting"] == []


@pytest.mark.parametrize(
    ("event", "state", "paused", "reason"),
    [
        (events.AgentNotReady(NOON + 1, A101, "lunch"), "not_ready", True, "lunch"),
        (events.AgentBusy(NOON + 1, A101), "busy", False, ""),
        (events.AgentWorkingAfterCall(NOON + 1, A101), "working_after_call", True, ""),
        (events.AgentUnreachable(NOON + 1, A101), "unreachable", False, ""),
        (events.AgentLoggedOff(NOON + 1, A101, SUPPORT), "logged_off", False, ""),
    ],
)
def test_agents_states(event: Any, state: str, paused: bool, reason: str) -> None:
    floor = Floor()
    name = "".join("_" + c.lower() if c.isupper() else c for c in type(event).__name__).lstrip("_")
    getattr(floor.board, name)(event)
    row = floor.agent()
    assert (row["state"], row["paused"], row["reason"], row["since"]) == (state, paused, reason, NOON + 1)
    assert floor.board.numbers(NOON).agents.get((SUPPORT, "ready")) == 1


def test_an_agent_of_two_queues_is_one_person() -> None:
    floor = Floor()
    floor.board.agent_logged_on(events.AgentLoggedOn(NOON, A101, SALES))
    shown = floor.show()
    assert [(row["queue"], row["agents_ready"]) for row in shown["queues"]] == [("support", 2), ("sales", 1)]
    assert shown["tiles"]["agents_ready"] == 2
    floor.board.agent_logged_off(events.AgentLoggedOff(NOON, A101, SUPPORT))
    assert (floor.agent()["state"], floor.agent()["queues"]) == ("ready", ["sales"])


def test_the_switch_out_and_back() -> None:
    floor = Floor()
    floor.board.switch_in_service(events.SwitchInService(NOON, restarted=False))
    floor.board.switch_out_of_service(events.SwitchOutOfService(NOON + 5, "unreachable"))
    assert floor.show()["pbx"] == {"hub": {"up": False, "since": NOON + 5, "reason": "unreachable"}}


def test_midnight_begins_a_new_day_for_those_who_arrive_after_it() -> None:
    floor = Floor()
    eve = MIDNIGHT + 86_400
    floor.join("old", eve - 30)
    floor.join("new", eve + 1)
    floor.end("old", eve - 30, eve + 5, Outcome.ABANDONED)
    floor.answer("new", eve + 1, eve + 5)
    floor.finish("talked", eve - 60, eve + 6)  # began yesterday
    shown = floor.show(eve + 10)
    assert (shown["tiles"]["offered"], shown["tiles"]["abandoned"], shown["tiles"]["answered"]) == (1, 0, 1)
    assert floor.agent(at=eve + 10)["handled"] == 0
    numbers = floor.board.numbers(eve + 10)
    assert (
        numbers.visits[SUPPORT, "unknown", "abandoned"],
        numbers.visits[SUPPORT, "unknown", "answered"],
    ) == (1, 1)


def test_a_quiet_floor_turns_at_midnight_too() -> None:
    floor = Floor()
    floor.end("a", NOON, NOON + 5, Outcome.ABANDONED)
    assert floor.show(NOON)["tiles"]["abandoned"] == 1
    assert floor.show(MIDNIGHT + 86_400)["tiles"]["abandoned"] == 0


async def test_a_restart_takes_up_today_from_the_journal() -> None:
    floor = Floor()
    journal: Any = Journal(
        [visit(MIDNIGHT - 5), visit(MIDNIGHT + 5, tier=Tier.IRON), visit(NOON - 9, Outcome.ABANDONED)],
        [
            segment(MIDNIGHT - 50, MIDNIGHT + 50),
            segment(NOON - 100, NOON - 40, wrap_up_seconds=20.0),
        ],
        [(NOON - 1, None, None), (NOON - 1, SUPPORT, "gold")],
    )
    await floor.board.load(journal, NOON)
    tiles = floor.show()["tiles"]
    assert (tiles["offered"], tiles["answered"], tiles["abandoned"], tiles["blocked"]) == (2, 1, 1, 2)
    assert (tiles["aht_seconds"], floor.agent()["handled"]) == (80.0, 1)
    assert floor.show()["queues"][0]["tiers"]["iron"]["offered"] == 1
    assert sum(floor.board.numbers(NOON).visits.values()) == 0  # counters count what happened since the start


def test_a_target_all_calls_share_is_the_one_shown() -> None:
    rules = KpiRules(exact_targets={(SUPPORT, None): 30.0, (SALES, None): 10.0})
    floor = Floor(KpiPolicy((rules,)))
    floor.end("a", NOON, NOON + 25, Outcome.ANSWERED)
    tiles = floor.show()["tiles"]
    assert (tiles["service_level"], tiles["service_level_target_seconds"]) == (1.0, 30.0)
    floor.end("b", NOON, NOON + 25, Outcome.ANSWERED, SALES)
    tiles = floor.show()["tiles"]
    assert (tiles["service_level"], tiles["service_level_target_seconds"]) == (0.5, 20.0)


def test_numbers_for_monitoring() -> None:
    floor = Floor()
    floor.recognise("a", Tier.GOLD)
    floor.join("a", NOON)
    floor.join("a", NOON)  # told twice, as after a snapshot
    floor.join("b", NOON + 3)
    floor.answer("a", NOON, NOON + 20)
    floor.finish("a", NOON + 20, NOON + 80, hold_seconds=15.0, tier=Tier.GOLD)
    numbers = floor.board.numbers(NOON + 100)
    assert (numbers.offered[SUPPORT, "gold"], numbers.offered[SUPPORT, "unknown"]) == (1, 0)
    floor.recognise("b", Tier.LEAD)  # its tier is a label for good, so it is counted when it is known
    assert floor.board.numbers(NOON + 100).offered[SUPPORT, "lead"] == 1
    assert numbers.answered_within_target[SUPPORT, "gold"] == 1
    assert numbers.waiting[SUPPORT, "unknown"] == 1
    assert numbers.longest_wait_seconds[SUPPORT] == 97.0
    assert numbers.talks[SUPPORT, "gold"].total == 45.0
    assert numbers.holds[SUPPORT, "gold"].total == 15.0
    assert numbers.handles == {}  # after-call work may come
    floor.wrap_up("a", NOON + 90, 10.0)
    floor.wrap_up("a", NOON + 90, 10.0)
    assert numbers.handles == {}  # a copy changes no more
    handled = floor.board.numbers(NOON + 100).handles[SUPPORT, "gold"]
    assert (handled.total, sum(handled.counts)) == (70.0, 1)


def test_handle_time_without_after_call_work_is_known_at_the_next_call() -> None:
    floor = Floor()
    floor.answer("a", NOON, NOON + 5)
    floor.finish("a", NOON + 5, NOON + 65)
    floor.answer("b", NOON, NOON + 70)
    assert floor.board.numbers(NOON).handles[SUPPORT, "unknown"].total == 60.0
    floor.wrap_up("a", NOON + 90, 10.0)  # too late: it would count the call twice
    assert sum(floor.board.numbers(NOON).handles[SUPPORT, "unknown"].counts) == 1


def test_two_conversations_in_a_row_are_two_handle_times() -> None:
    floor = Floor()
    floor.finish("a", NOON, NOON + 60)
    floor.finish("b", NOON + 60, NOON + 90)
    floor.board.agent_logged_off(events.AgentLoggedOff(NOON + 91, A101, SUPPORT))
    handled = floor.board.numbers(NOON).handles[SUPPORT, "unknown"]
    assert (sum(handled.counts), handled.total) == (2, 90.0)


def test_outbound_and_internal_talk_is_not_inbound_handle_time() -> None:
    floor = Floor()
    floor.finish("a", NOON, NOON + 60, direction=Direction.OUTBOUND, queue=None)
    floor.finish("b", NOON, NOON + 60, direction=Direction.INTERNAL, queue=None)
    assert floor.board.numbers(NOON).talks == {}
    assert floor.show()["tiles"]["aht_seconds"] is None


def test_a_known_queue_begins_at_zero() -> None:
    numbers = Floor().board.numbers(NOON)
    assert numbers.offered[SUPPORT, "platinum"] == 0
    assert numbers.visits[SUPPORT, "gold", "timeout"] == 0
    assert numbers.longest_wait_seconds == {SUPPORT: 0.0}


def test_signals_unforeseen() -> None:
    floor = Floor()
    for _ in range(3):
        floor.board.signal_unexpected(events.SignalUnexpected(NOON, "waiting", "AgentFinished"))
    assert floor.board.numbers(NOON).unexpected == {("waiting", "AgentFinished"): 3}


def test_a_display_knows_when_to_look_again() -> None:
    floor = Floor()
    before = floor.board.version
    floor.show()
    assert floor.board.version == before
    floor.join("a", NOON)
    assert floor.board.version > before


def run_calls(floor: Floor, first: int, last: int) -> None:
    for number in range(first, last):
        name, at = f"c{number}", NOON + number / 100
        floor.recognise(name, Tier.GOLD, at)
        floor.join(name, at)
        if number % 4:
            record = visit(at, wait=1.0, uniqueid=name, call=CallId(name), tier=Tier.GOLD)
            floor.board.call_delivered(
                events.CallDelivered(at, CallId(name), A101, ChannelId("l"), SUPPORT, 0.5, None, None, None)
            )
            floor.board.visit_ended(events.VisitEnded(at + 1, CallId(name), record))
            floor.board.call_established(
                events.CallEstablished(at + 1, CallId(name), A101, None, SUPPORT, 1.0, 1.0, None)
            )
            floor.finish(name, at + 1, at + 2)
            floor.wrap_up(name, at + 3, 1.0)
        else:
            record = visit(at, Outcome.ABANDONED, 1.0, uniqueid=name, call=CallId(name), tier=Tier.GOLD)
            floor.board.visit_ended(events.VisitEnded(at + 1, CallId(name), record))
        floor.clear(name, at + 3)


def test_memory_is_flat_after_a_hundred_thousand_calls() -> None:
    floor = Floor()
    run_calls(floor, 0, 2_000)
    gc.collect()
    before = len(gc.get_objects())
    run_calls(floor, 2_000, 100_000)
    gc.collect()
    after = len(gc.get_objects())
    assert floor.show()["tiles"]["offered"] == 100_000
    assert after < before + 100
    board = floor.board
    held = (
        board._waiting,
        board._line_of,
        board._callers,
        board._after,
        board._agents._at_call,
        board._meter._after,
    )
    assert [len(kept) for kept in held] == [0] * 6


def test_callers_never_heard_of_again_are_forgotten() -> None:
    floor = Floor()
    for number in range(KNOWN_CALLERS + 10):
        floor.recognise(f"ghost{number}", Tier.LEAD)
    assert len(floor.board._callers) == KNOWN_CALLERS
