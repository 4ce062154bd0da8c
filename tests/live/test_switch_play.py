"""Scripted scenarios played on the real switch come out as written, by the switch's own queue_log and bridges."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from simulator.scenario import (
    EndedBy,
    Scenario,
    ScriptedAgent,
    ScriptedCall,
    ScriptedQueue,
    ScriptedTransfer,
)
from tests.live.switch import play, site_for
from tools.ledger_truth import truth

SUPPORT = ScriptedQueue("support", ring=4.0)


def bridged(cel: Path) -> dict[str, float]:
    """Agent -> seconds in bridges, by CEL."""
    seconds: dict[str, float] = defaultdict(float)
    since: dict[tuple[str, str], float] = {}
    for event, at, *_rest in csv.reader(cel.read_text(encoding="latin-1").splitlines()):
        channel, extra = _rest[5], _rest[11]
        key = (channel, extra)
        if event == "BRIDGE_ENTER":
            since[key] = float(at)
        elif event == "BRIDGE_EXIT" and key in since:
            seconds[channel.removeprefix("PJSIP/").rpartition("-")[0]] += float(at) - since.pop(key)
    return seconds


def _first_agent(heard: list[dict[str, str]], number: str) -> str:
    connects = (
        event for event in heard if event["Event"] == "AgentConnect" and event["CallerIDNum"] == number
    )
    return next(connects)["DestChannel"]


async def test_endings_and_waits(start_pbx):
    """Caller ends, agent ends, no answer then the next, abandon, refused when full, time-out in another queue."""
    script = Scenario(
        queues=(SUPPORT, ScriptedQueue("billing", ring=10.0, timeout=4.0, max_length=1)),
        agents=(
            ScriptedAgent("101", ("support",), answers_after=None),
            ScriptedAgent("102", ("support",)),
            ScriptedAgent("bo", ("billing",), answers_after=None),
        ),
        calls=(
            ScriptedCall(at=0, number="+15550150", queue="support", talk=3, name="王小明"),
            ScriptedCall(at=0, number="+15550151", queue="billing", patience=20),
            ScriptedCall(
                at=1, number="+15550152", queue="billing", patience=20, name="José".encode("latin-1")
            ),
            ScriptedCall(at=6.3, number="+15550153", queue="support", patience=2.5),
            ScriptedCall(at=10, number="+15550154", queue="support", talk=2, ended_by=EndedBy.AGENT),
        ),
        length=40,
    )
    pbx = start_pbx(site=site_for(script))
    await play(script, pbx)
    found = {visit["number"]: visit for visit in truth(pbx.queue_log.read_text())}
    assert set(found) == {"+15550150", "+15550151", "+15550153", "+15550154"}  # the full queue left no trace
    first = found["+15550150"]
    assert first["ringnoanswer"] == [["101", 4000]]
    assert (first["outcome"], first["agent"], first["ended_by"]) == ("answered", "102", "caller")
    assert first["talk"] == pytest.approx(3, abs=1)
    assert found["+15550151"]["outcome"] == "timeout"
    assert found["+15550151"]["wait"] == 4
    assert (found["+15550153"]["outcome"], found["+15550153"]["wait"]) == (
        "abandoned",
        pytest.approx(3, abs=1),
    )
    last = found["+15550154"]
    assert (last["outcome"], last["agent"], last["ended_by"]) == ("answered", "102", "agent")
    assert last["talk"] == pytest.approx(2, abs=1)
    assert bridged(pbx.cel)["102"] == pytest.approx(5, abs=0.6)


async def test_hold_and_transfers(start_pbx):
    """Hold by re-INVITE, a blind and an attended transfer by REFER: to a colleague, and into a queue."""
    script = Scenario(
        queues=(SUPPORT, ScriptedQueue("sales", ring=10.0)),
        agents=(
            ScriptedAgent("101", ("support",), answers_after=0.5),
            ScriptedAgent("102", ("support",), answers_after=0.5),
            ScriptedAgent("103", ("sales",), answers_after=0.5),
            ScriptedAgent("105", (), answers_after=0.5),
        ),
        calls=(
            ScriptedCall(at=0, number="+15550150", queue="support", talk=5, hold=(1.0, 2.0)),
            ScriptedCall(
                at=0.5,
                number="+15550151",
                queue="support",
                talk=8,
                ended_by=EndedBy.AGENT,
                transfer=ScriptedTransfer("attended", "105", 2.0, 2.0),
            ),
            ScriptedCall(
                at=12,
                number="+15550152",
                queue="support",
                talk=6,
                transfer=ScriptedTransfer("blind", "sales", 2.0),
            ),
        ),
        length=40,
    )
    pbx = start_pbx(site=site_for(script))
    heard = await play(script, pbx)
    holds = [
        (e["Event"], e["Channel"], float(e["Timestamp"])) for e in heard if e["Event"] in {"Hold", "Unhold"}
    ]
    assert [kind for kind, *_ in holds].count("Hold") == 2  # transfers bring an Unhold or two without a Hold
    mine = [(kind, at) for kind, channel, at in holds if channel == _first_agent(heard, "+15550150")]
    assert [kind for kind, _ in mine[:2]] == ["Hold", "Unhold"]
    assert mine[1][1] - mine[0][1] == pytest.approx(2, abs=0.3)
    found = truth(pbx.queue_log.read_text())
    assert [(visit["number"], visit["queue"], visit["closing_event"]) for visit in found] == [
        ("+15550150", "support", "COMPLETECALLER"),
        ("+15550151", "support", "ATTENDEDTRANSFER"),
        ("+15550152", "support", "BLINDTRANSFER"),
        ("+15550152", "sales", "COMPLETECALLER"),
    ]
    assert [visit["talk"] for visit in found] == pytest.approx([5, 4, 2, 3.5], abs=1.01)
    [joined] = [event for event in heard if event["Event"] == "AttendedTransfer"]
    assert joined["Result"] == "Success"
    # 105: two seconds of consultation, then the caller until eight seconds after the first answer
    assert bridged(pbx.cel)["105"] == pytest.approx(2 + 3.5, abs=1.2)


async def test_a_scenario_needs_no_start_of_its_own(pbx):
    """A running switch takes in what a reload can change."""
    script = Scenario(
        queues=(ScriptedQueue("support", strategy="rrmemory", join_empty=False),),
        agents=(ScriptedAgent("ida", ("support",), answers_after=0.2),),
        calls=(ScriptedCall(at=0, number="+15550150", queue="support", talk=1.5),),
        length=15,
    )
    await play(script, pbx)
    [visit] = truth(pbx.queue_log.read_text())
    assert (visit["outcome"], visit["agent"]) == ("answered", "ida")
