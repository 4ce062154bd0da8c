"""The AMI port as a client meets it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.scenario import EndedBy, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import ACTIONS, Tap, events, ledger


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[SimulatedSwitch]:
    async with SimulatedSwitch(tmp_path, speed=50) as switch:
        switch.add_queue(ScriptedQueue("support", ring=4.0))
        switch.add_queue(ScriptedQueue("sales", ring=4.0))
        switch.add_agent(ScriptedAgent("101", ("support", "sales"), 1.0))
        switch.add_agent(ScriptedAgent("102", ("sales",), 1.0))
        yield switch


def caller(number: str = "+12025550101", queue: str = "support", **more) -> ScriptedCall:
    return ScriptedCall(at=0.0, number=number, queue=queue, name="Ada", **more)


async def test_login_and_fully_booted(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap:
        assert tap.raw.startswith(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: tap-1\r\n")
        assert tap.greeting["Message"] == "Authentication accepted"
        booted = await tap.wait("FullyBooted")
        assert booted["Status"] == "Fully Booted"
        assert int(booted["Uptime"]) >= 0
        assert "SequenceNumber" not in booted
        assert (await tap.action("Logoff"))["Response"] == "Goodbye"
        await asyncio.wait_for(tap.closed.wait(), 10)


@pytest.mark.parametrize("account", [("cti-events", "guessed"), ("nobody", "tierline-events")])
async def test_wrong_secret_is_told_and_shown_the_door(
    switch: SimulatedSwitch, account: tuple[str, str]
) -> None:
    async with Tap(switch.ami_port, account) as tap:
        assert tap.greeting == {"Response": "Error", "ActionID": "tap-1", "Message": "Authentication failed"}
        await asyncio.wait_for(tap.closed.wait(), 10)


async def test_who_may_ask_what(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as reader, Tap(switch.ami_port, ACTIONS) as asker:
        for action in ("Hangup", "QueuePause", "Originate", "CoreShowChannels", "GetConfig"):
            assert (await reader.action(action))["Message"] == "Permission denied"
        assert (await reader.action("Ping"))["Ping"] == "Pong"
        assert (await asker.action("GetConfig", Filename="queues.conf"))["Message"] == "Permission denied"
        strange = await asker.action("Frobnicate")
        assert strange["Response"] == "Error"
        assert strange["Message"].startswith("Invalid/unknown command: Frobnicate.")
        switch.call(caller())
        await reader.wait("QueueCallerJoin")
        assert events(asker.raw) == []


async def test_nothing_before_the_login(switch: SimulatedSwitch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", switch.ami_port)
    writer.write(b"Action: QueueStatus\r\n\r\n")
    await reader.readline()
    assert await reader.readuntil(b"\r\n\r\n") == b"Response: Error\r\nMessage: Permission denied\r\n\r\n"
    writer.close()


async def test_numbers_have_no_holes_and_stamps_go_forward(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap:
        for _ in range(3):
            switch.call(caller(talk=2.0))
        await tap.wait("AgentComplete", 3)
        heard = events(tap.raw)
        assert [int(event["SequenceNumber"]) for event in heard] == list(range(len(heard)))
        stamps = [float(event["Timestamp"]) for event in heard]
        assert stamps == sorted(stamps)
        assert len(set(stamps)) == len(stamps)
        assert {event["SystemName"] for event in heard} == {"sim"}


async def test_events_can_be_turned_off(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap:
        assert (await tap.action("Events", EventMask="off"))["Events"] == "Off"
        switch.call(caller())
        await switch.clock.sleep(3)
        assert events(tap.raw) == []
        assert (await tap.action("Events", EventMask="on"))["Events"] == "On"
        switch.call(caller())
        await tap.wait("Newchannel")


async def test_snapshots_agree_with_the_floor(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        switch.call(caller(queue="sales", talk=60.0))
        await tap.wait("BridgeEnter", 2)
        second = switch.call(caller("+12025550102", talk=60.0))
        await tap.wait("QueueCallerJoin", 2)
        channels = await asker.listing("CoreShowChannels")
        assert sorted(each["Channel"].rpartition("-")[0] for each in channels) == [
            "PJSIP/101",
            "PJSIP/trunk",
            "PJSIP/trunk",
        ]
        assert {each["Application"] for each in channels} == {"Queue", "AppQueue"}
        status = await tap.listing("QueueStatus", Queue="support")
        assert [each["Event"] for each in status] == ["QueueParams", "QueueMember", "QueueEntry"]
        params, member, entry = status
        assert (params["Strategy"], params["Calls"], params["Max"]) == ("linear", "1", "0")
        assert (member["Name"], member["Location"], member["Status"]) == ("101", "PJSIP/101", "2")
        assert entry["CallerIDNum"] == "+12025550102"
        first_came = int(second.channel.variables["CTI_JOINED"])
        assert int(entry["Priority"]) == 2_000_000_000 - first_came + 1_767_225_600
        (summary,) = await tap.listing("QueueSummary", Queue="sales")
        assert (summary["LoggedIn"], summary["Available"], summary["Callers"]) == ("2", "1", "0")
        core = await asker.action("CoreStatus")
        assert (core["CoreCurrentCalls"], core["CoreProcessedCalls"]) == ("3", "2")
        settings = await asker.action("CoreSettings")
        assert (settings["SystemName"], settings["AsteriskVersion"]) == ("sim", "22.10.1")


async def test_members_come_go_and_log(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        new = {"Queue": "support", "Interface": "PJSIP/107"}
        assert (await asker.action("QueueAdd", **new, MemberName="107", Penalty="3"))["Response"] == "Success"
        assert (await asker.action("QueueAdd", **new))["Message"] == "Unable to add interface: Already there"
        added = await tap.wait("QueueMemberAdded")
        assert (added["MemberName"], added["Penalty"], added["Membership"]) == ("107", "3", "dynamic")
        assert (await asker.action("QueuePause", Interface="PJSIP/999", Paused="true"))[
            "Message"
        ] == "Interface not found"
        assert (await asker.action("QueueRemove", **new))["Message"] == "Removed interface from queue"
        assert (await asker.action("QueueRemove", **new))[
            "Message"
        ] == "Unable to remove interface: Not there"
        static = await asker.action("QueueRemove", Queue="support", Interface="PJSIP/101")
        assert static["Message"] == "Member not dynamic"
        mine = {
            "Queue": "support",
            "Event": "ACW",
            "Uniqueid": "x-1.2",
            "Interface": "101",
            "Message": "sold|30",
        }
        assert (await asker.action("QueueLog", **mine))["Message"] == "Event added successfully"
    assert ledger(switch.queue_log.read_text()) == [
        "MANAGER|support|107|ADDMEMBER|",
        "MANAGER|support|107|REMOVEMEMBER|",
        "x-1.2|support|101|ACW|sold|30",
    ]


async def test_refusals_name_their_reason(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port, ACTIONS) as asker:
        for name, headers, message in (
            ("Hangup", {"Channel": "PJSIP/none"}, "No such channel"),
            ("BlindTransfer", {"Channel": "PJSIP/none", "Exten": "102"}, "Channel specified does not exist"),
            ("Redirect", {"Channel": "PJSIP/none"}, "Channel does not exist: PJSIP/none"),
            ("QueueWithdrawCaller", {"Queue": "x", "Caller": "y"}, "Unable to request withdraw from queue: No such queue"),
            ("QueueChangePriorityCaller", {"Queue": "support", "Caller": "y", "Priority": "1"},
             "Unable to change priority caller on queue: No such caller"),
        ):  # fmt: skip
            assert (await asker.action(name, **headers))["Message"] == message


async def test_hangup_and_blind_transfer_by_request(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        switch.call(caller(talk=600.0))
        agent = (await tap.wait("AgentConnect"))["DestChannel"]
        assert (await asker.action("BlindTransfer", Channel=agent, Exten="102"))[
            "Message"
        ] == "Transfer succeeded"
        second = await tap.wait("BridgeEnter", 3)
        assert second["Channel"].startswith("PJSIP/102-")
        assert (await asker.action("Hangup", Channel=second["Channel"]))["Message"] == "Channel Hungup"
        assert (await tap.wait("SoftHangupRequest", Channel=second["Channel"]))["Cause"] == "16"
        await tap.wait("Hangup", 3)
    assert [line.split("|")[3] for line in ledger(switch.queue_log.read_text())][-1] == "BLINDTRANSFER"


async def test_click_to_dial(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        asked = await asker.action("Originate", Channel="PJSIP/101", Context="from-agents", Exten="+12025550199", Priority="1",
                                   Async="true", ChannelId="click-1", CallerID="Ada <+12025550199>", Timeout="20000")  # fmt: skip
        assert asked["Message"] == "Originate successfully queued"
        outcome = await tap.wait("OriginateResponse", ActionID=asked["ActionID"])
        assert (outcome["Response"], outcome["Uniqueid"], outcome["Reason"]) == ("Success", "click-1", "4")
        await tap.wait("BridgeEnter", 2, Linkedid="click-1")
        switch.hang_up("101")
        await tap.wait("Hangup", 2)
        assert switch.exchange.channels == {}


async def test_click_to_dial_nobody_answers(switch: SimulatedSwitch) -> None:
    switch.add_agent(ScriptedAgent("101", (), None))
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        await asker.action(
            "Originate", Channel="PJSIP/101", Context="from-agents", Exten="102", Timeout="3000"
        )
        assert (await tap.wait("OriginateResponse"))["Reason"] == "3"
        assert (await tap.wait("DialEnd"))["DialStatus"] == "NOANSWER"


async def test_a_cut_leaves_the_calls_alone(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap:
        switch.call(caller(talk=20.0, ended_by=EndedBy.AGENT))
        await tap.wait("AgentConnect")
        last = int(events(tap.raw)[-1]["SequenceNumber"])
        switch.cut_ami()
        await asyncio.wait_for(tap.closed.wait(), 10)
        await switch.clock.sleep(10)
        async with Tap(switch.ami_port) as again:
            await again.wait("AgentComplete")
            assert int(events(again.raw)[0]["SequenceNumber"]) > last
            assert (await again.wait("FullyBooted"))["Uptime"] != "0"


async def test_a_restart_forgets_all_and_starts_counting_anew(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as tap:
        switch.call(caller(talk=600.0))
        await tap.wait("AgentConnect")
        await switch.restart(down=2.0)
        await asyncio.wait_for(tap.closed.wait(), 10)
    async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as asker:
        assert await asker.listing("CoreShowChannels") == []
        assert int((await tap.wait("FullyBooted"))["Uptime"]) <= 1
        switch.call(caller(talk=2.0))
        first = await tap.wait("Newchannel")
        assert (first["SequenceNumber"], first["Channel"]) == ("0", "PJSIP/trunk-00000000")
        await tap.wait("AgentComplete")
    lines = [line.split("|")[4] for line in switch.queue_log.read_text().splitlines()]
    assert lines[:4] == ["QUEUESTART", "ENTERQUEUE", "CONNECT", "QUEUESTART"]
    assert lines[-1] == "COMPLETECALLER"


async def test_garbage_does_not_stop_the_port(switch: SimulatedSwitch) -> None:
    for junk in (
        b"\x00\xff" * 1000,
        b"GET / HTTP/1.1\r\n\r\n",
        b"Action: Login\r\nUsername: \xe9\r\n\r\n",
        b"x" * 300_000,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", switch.ami_port)
        writer.write(junk)
        writer.close()
    async with Tap(switch.ami_port) as tap:
        assert tap.greeting["Response"] == "Success"


async def test_a_refused_offer_and_a_transfer_of_no_kind(switch: SimulatedSwitch) -> None:
    switch.add_agent(ScriptedAgent("101", (), None))
    async with Tap(switch.ami_port) as tap:
        caller_there = switch.call(caller())
        await tap.wait("DialState")
        switch.hang_up("101")
        assert (await tap.wait("AgentRingNoAnswer"))["RingTime"] == "0"
        caller_there.hang_up()
        await tap.wait("QueueCallerAbandon")
    from simulator.scenario import Scenario

    wrong = ScriptedCall(0.0, "1", "support", transfer=ScriptedTransfer("sideways", "102", 1.0))
    with pytest.raises(ValueError, match="blind or attended, not 'sideways'"):
        await switch.play(Scenario((), (), (wrong,), 1.0))
