"""The live floor, event by event."""

import json
from typing import Any

import pytest

from cti.domain import events
from cti.domain.floor_changes import changes
from cti.domain.identifiers import CallId, ChannelId, PbxName, Tier
from cti.domain.kpi import figures
from cti.domain.records import Direction, OfferResult, Outcome
from cti.domain.tallies import tally
from cti.domain.targets import KpiPolicy, KpiRules
from cti.service.floor_picture import PlaceInLine, picture
from cti.service.wallboard import Wallboard
from tests.cti.floors import NOON, ZONE, Floor
from tests.cti.kpi_records import A101, A102, PBX, SALES, SUPPORT, visit


def test_an_empty_floor_has_every_field_and_no_rates() -> None:
    shown = picture([Wallboard(PBX, KpiPolicy(), ZONE, lambda _: ()).floor(NOON)])
    assert shown == {
        "at": NOON,
        "pbx": {"hub": {"up": False, "since": 0.0, "reason": ""}},
        "tiles": {
            "offered": 0,
            "answered": 0,
            "answered_in_target": 0,
            "abandoned": 0,
            "flowed_out": 0,
            "blocked": 0,
            "waiting": 0,
            "longest_wait_seconds": 0.0,
            "longest_since": None,
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
        "trend": [],
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
            "uniqueid": "a",
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
        "longest_wait_seconds": 15.0,
        "longest_since": NOON + 10,
        "offered": 1,
        "answered": 0,
        "answered_in_target": 0,
        "abandoned": 0,
        "flowed_out": 0,
        "blocked": 0,
        "answer_rate": None,
        "service_level": None,
        "target_seconds": 20.0,
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
    gold = shown["queues"][0]["tiers"]["gold"]
    assert (gold["waiting"], gold["longest_since"], gold["offered"]) == (0, None, 1)
    assert (gold["answered"], gold["answered_in_target"], gold["service_level"]) == (1, 1, 1.0)
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


def test_a_surge_stands_on_the_card_of_its_queue_by_the_earliest_switch_and_is_told_as_a_change() -> None:
    floor, surges = Floor(), [{}, {}]
    boards = [
        Wallboard(PbxName(name), KpiPolicy(), ZONE, lambda _: (), surges=lambda of=of: surges[of])
        for of, name in enumerate(("hub", "annex"))
    ]
    for board in boards:
        board.agent_logged_on(events.AgentLoggedOn(NOON, A101, SUPPORT))
    calm = picture([board.floor(NOON) for board in boards])
    surges[:] = [{SUPPORT: NOON - 60}, {SUPPORT: NOON - 90}]
    surging = picture([board.floor(NOON) for board in boards])
    assert [card["surge_since"] for card in calm["queues"] + surging["queues"]] == [None, NOON - 90]
    assert changes(calm, surging) == {"queues": {"set": {"support": {"surge_since": NOON - 90}}}}
    assert boards[0].queues(NOON)[0]["surge_since"] == NOON - 60
    assert floor.show(NOON)["queues"][0]["surge_since"] is None
