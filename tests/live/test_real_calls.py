"""Forty-five real calls, end to end: our records of them, and the order they were served in, are the switch's own.

Nothing is compared with our own echo: queue_log, CEL, CDR and the switch's events on a line of the harness' own bear witness.
"""

from collections import Counter

import pytest

from tests.live.house import day as script
from tests.live.house.fairness import HEAD_START, Line
from tests.live.house.installation import PBX
from tests.live.house.observed import Day

pytestmark = pytest.mark.timeout(420)

SECOND = pytest.approx  # queue_log counts whole seconds
LONGEST_WAIT = {queue.name: queue.timeout for queue in script.QUEUES if queue.timeout is not None}


def visit_key(visit: dict) -> tuple[str, str]:
    return visit["uniqueid"], visit["queue"]


def ours(day: Day) -> dict[tuple[str, str], dict]:
    return {visit_key(visit): visit for call in day.calls.values() for visit in call["visits"]}


def theirs(day: Day) -> dict[tuple[str, str], dict]:
    return {(visit["callid"], visit["queue"]): visit for visit in day.switch.visits}


# --- the day was what it should have been, so that the rest says something -----------------------------------


def test_the_day_had_everything(day: Day) -> None:
    outcomes = Counter(visit["outcome"] for visit in day.switch.visits)
    assert len(day.switch.trunk_channels) == len(day.plan) >= 40
    assert outcomes["answered"] >= 20
    assert outcomes["timeout"] >= 1
    rang = {offer.caller for offer in day.switch.offers if offer.result == "cancelled"}
    gone = {visit["callid"] for visit in day.switch.visits if visit["outcome"] == "abandoned"}
    assert len(gone & rang) >= 1  # while a phone rang
    assert len(gone - rang) >= 2  # while waiting
    assert len(day.switch.trunk_channels) - len({visit["callid"] for visit in day.switch.visits}) >= 1  # full
    passed = [
        visit for visit in day.switch.visits if visit["ringnoanswer"] and visit["outcome"] == "answered"
    ]
    assert passed  # one let it ring, another answered
    assert all(visit["agent"] not in {name for name, _ in visit["ringnoanswer"]} for visit in passed)
    closings = Counter(visit.get("closing_event") for visit in day.switch.visits)
    assert closings["BLINDTRANSFER"] >= 2
    assert closings["ATTENDEDTRANSFER"] == 1
    assert {"COMPLETECALLER", "COMPLETEAGENT"} <= set(closings)
    assert len(day.switch.holds) >= 3


def test_nothing_complained(day: Day) -> None:
    assert day.complaints == []
    assert day.page_errors == []
    assert day.metric("cti_ami_gaps_total") == day.metric("cti_unexpected_signals_total") == 0


# --- records -------------------------------------------------------------------------------------------------


def test_every_visit_of_the_ledger_has_exactly_one_record(day: Day) -> None:
    records = Counter(visit_key(visit) for call in day.calls.values() for visit in call["visits"])
    assert records == Counter((visit["callid"], visit["queue"]) for visit in day.switch.visits)


def test_outcomes_agents_and_waits_are_the_ledgers(day: Day) -> None:
    ledger = theirs(day)
    for key, visit in ours(day).items():
        there = ledger[key]
        assert (visit["outcome"], visit["agent"]) == (there["outcome"], there.get("agent")), there
        waited = there["hold"] if there["outcome"] == "answered" else there["wait"]
        assert visit["wait_seconds"] == SECOND(waited, abs=1.0), there
        assert visit["joined_at"] == SECOND(there["entered"], abs=1.1), there
        assert visit["ended_by"] == there.get("ended_by"), there


def test_the_time_with_the_agent_is_the_bridges(day: Day) -> None:
    ledger = theirs(day)
    for key, visit in ours(day).items():
        if visit["outcome"] == "answered":
            bridged = day.switch.bridge_seconds(ledger[key]["agent_channel"])
            assert visit["talk_seconds"] + visit["hold_seconds"] == SECOND(bridged, abs=1.0), ledger[key]


def test_each_agents_own_time_ends_when_that_agent_leaves(day: Day) -> None:
    """Transfers included: the back office's two conversations belong to no queue, and are there."""
    segments = [segment for call in day.calls.values() for segment in call["segments"]]
    for segment in segments:
        bridged = day.switch.bridge_seconds(segment["channel"])
        assert segment["talk_seconds"] + segment["hold_seconds"] == SECOND(bridged, abs=1.0), segment
    answered = [visit for visit in day.switch.visits if visit["outcome"] == "answered"]
    assert {segment["channel"] for segment in segments if segment["queue"]} == {
        visit["agent_channel"] for visit in answered
    }
    assert [segment["agent"] for segment in segments if not segment["queue"]] == [script.BACK_OFFICE] * 2


def test_each_ringing_phone_is_an_offer_with_its_end(day: Day) -> None:
    told = [
        (offer["rung_at"], offer["agent"], offer["queue"], offer["result"], offer["ring_seconds"])
        for call in day.calls.values()
        for offer in call["offers"]
    ]
    seen = [(o.rung_at, o.agent, o.queue, o.result, o.ended_at - o.rung_at) for o in day.switch.offers]
    for lines in (told, seen):  # telephone by telephone: two may begin to ring at once
        lines.sort(key=lambda line: (line[1], line[0]))
    assert [line[1:4] for line in told] == [line[1:4] for line in seen]
    for ours_, theirs_ in zip(told, seen, strict=True):
        assert (ours_[0], ours_[4]) == SECOND((theirs_[0], theirs_[4]), abs=0.5)


def test_holds_are_the_switchs(day: Day) -> None:
    told = {
        segment["channel"]: segment["hold_seconds"]
        for call in day.calls.values()
        for segment in call["segments"]
        if segment["hold_seconds"]
    }
    seen: dict[str, float] = {}
    for hold in day.switch.holds:
        seen[hold.channel] = seen.get(hold.channel, 0.0) + hold.until - hold.since
    assert told == SECOND(seen, abs=1.0)


def test_nothing_extra(day: Day) -> None:
    """One call of ours for each caller from outside, and no other; CDR knows them all."""
    callers = [f"{PBX}:{channel}" for channel in day.switch.trunk_channels]
    assert sorted(day.calls) == sorted(callers)
    assert set(day.switch.trunk_channels) <= day.switch.cdr_channels
    assert {call["state"] for call in day.calls.values()} == {"cleared"}


def test_refused_callers_are_blocked_and_no_visits(day: Day) -> None:
    queued = {visit["callid"] for visit in day.switch.visits}
    refused = {f"{PBX}:{channel}" for channel in day.switch.trunk_channels if channel not in queued}
    blocked = {id_: call["blocked"] for id_, call in day.calls.items() if call["blocked"]}
    assert set(blocked) == refused
    assert {(one["queue"], one["reason"]) for told in blocked.values() for one in told} == {("sales", "FULL")}
    assert all(len(told) == 1 for told in blocked.values())
    shown = {
        (line["call_id"], line["queue"], line["outcome"]) for line in day.lines if line["call_id"] in refused
    }
    assert shown == {(id_, "sales", "blocked") for id_ in refused}


def test_transfers_say_who_passed_whom_on(day: Day) -> None:
    told = Counter(
        (transfer["kind"], transfer["to"], transfer["result"])
        for call in day.calls.values()
        for transfer in call["transfers"]
    )
    assert told == {
        ("blind", "106", "success"): 1,
        ("attended", "106", "success"): 1,
        ("blind", "sales", "success"): 1,
    }


def test_names_and_tiers(day: Day) -> None:
    by_number = {call["caller_number"]: call for call in day.calls.values()}
    assert by_number[script.number(4)]["caller_name"] == "王小明"
    assert (
        by_number[script.number(0)]["caller_name"]
        == "Jos\N{REPLACEMENT CHARACTER} Mu\N{REPLACEMENT CHARACTER}oz"
    )
    assert "anonymous" in by_number
    for number, call in by_number.items():
        assert call["tier"] == day.tiers.get(number, "iron")  # unknown_tier of the policy
        assert (call["customer"] is not None) == (number in day.tiers)


# --- the order -----------------------------------------------------------------------------------------------


def test_agents_were_rung_for_whoever_stood_first(day: Day) -> None:
    line = Line(day.switch, day.tiers, HEAD_START, LONGEST_WAIT)
    assert line.passed_over() == []
    assert line.overtakings() >= 5
    first_come = Line(day.switch, day.tiers, dict.fromkeys(HEAD_START, 0), LONGEST_WAIT)
    assert first_come.passed_over()  # the same eyes see that this day was not served in order of arrival


def test_each_caller_had_the_head_start_of_the_tier_from_the_first_moment(day: Day) -> None:
    came: dict[str, int] = {}
    for visit in day.switch.visits:
        came.setdefault(f"{PBX}:{visit['callid']}", visit["entered"])
    for id_, decision in day.decisions.items():
        number = day.calls[id_]["caller_number"]
        assert decision["credit_seconds"] == HEAD_START[day.tiers.get(number)], id_
        if decision["result"] != "answered_in_time":  # a machine that stood still: put right at once
            assert decision["result"] == "late", id_
            assert bool(decision["corrections"]) == bool(decision["credit_seconds"]), id_
        if id_ in came:
            assert decision["joined_at"] == SECOND(came[id_], abs=1.0), id_
    in_time = [decision for decision in day.decisions.values() if decision["result"] == "answered_in_time"]
    assert len(in_time) >= 0.9 * len(day.decisions)


# --- recordings ----------------------------------------------------------------------------------------------


def test_each_answered_visit_has_its_recording(day: Day) -> None:
    kept = {(one["visit_uniqueid"], one["queue"]): one for one in day.recordings}
    answered = [visit for visit in day.switch.visits if visit["outcome"] == "answered"]
    assert Counter(kept.keys()) == Counter((visit["callid"], visit["queue"]) for visit in answered)
    assert len(kept) == len(day.recordings)
    for visit in answered:
        recording = kept[visit["callid"], visit["queue"]]
        assert (recording["state"], recording["agent"]) == ("stored", visit["agent"]), recording
        later = [one["entered"] for one in day.switch.visits if one["callid"] == visit["callid"]]
        until = min((at for at in later if at > visit["entered"]), default=float("inf"))
        bridged = day.switch.bridge_seconds(visit["callid"], visit["entered"], until)
        # a telephone that does not get to run sends no sound meanwhile
        assert bridged - 1.0 - day.stalled <= recording["duration_seconds"] <= bridged + 1.0, recording
        sound = (
            recording["size_bytes"] - 44
        ) / 32_000  # 8,000 times a second, a sample of two bytes of each voice
        assert recording["duration_seconds"] == SECOND(sound, abs=0.01), recording
    assert day.metric("cti_recordings", state="stored") == len(answered)


def test_recordings_can_be_heard_in_parts(day: Day) -> None:
    sizes = {one["id"]: one["size_bytes"] for one in day.recordings}
    for id_, answer in day.sounds.items():
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes 0-99/{sizes[id_]}"
        assert answer.content[:4] + answer.content[8:12] == b"RIFFWAVE"
        assert len(answer.content) == 100
