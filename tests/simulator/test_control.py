"""What a server asks of calls, on the simulated switch: the same events as on the real one (docs/asterisk.md)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.scenario import ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import ACTIONS, Tap


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[SimulatedSwitch]:
    async with SimulatedSwitch(tmp_path, speed=20) as switch:
        switch.add_queue(ScriptedQueue("support", ring=4.0))
        switch.add_queue(ScriptedQueue("sales", ring=4.0))
        switch.add_agent(ScriptedAgent("101", ("support",), 0.5))
        yield switch


def caller() -> ScriptedCall:
    return ScriptedCall(at=0.0, number="+12025550101", queue="support", name="Ada", talk=300.0)


async def test_hold_by_key_and_back(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as ears, Tap(switch.ami_port, ACTIONS) as mouth:
        switch.call(caller())
        leg = (await ears.wait("AgentConnect"))["DestChannel"]
        customer = (await mouth.action("Getvar", Channel=leg, Variable="BRIDGEPEER"))["Value"]
        assert customer.startswith("PJSIP/trunk-")
        assert (await mouth.action("Getvar", Channel=leg, Variable="DYNAMIC_FEATURES"))["Value"] == "cti-hold"
        assert (await mouth.action("Getvar", Channel=customer, Variable="DYNAMIC_FEATURES"))["Value"] == ""
        for key in "*5":
            await mouth.action("PlayDTMF", Channel=leg, Digit=key, Receive="true")
        assert (await ears.wait("Hold"))["Channel"] == leg
        assert (await mouth.action("Getvar", Channel=leg, Variable="CTI_HOLDS"))["Value"] == "yes"
        await mouth.action("PlayDTMF", Channel=leg, Digit="1", Receive="true")
        assert (await ears.wait("Unhold"))["Channel"] == leg
        assert (await mouth.action("Getvar", Channel=leg, Variable="CTI_HOLDS"))["Value"] == ""


async def test_a_supervisor_hears_the_call_until_it_ends(switch: SimulatedSwitch) -> None:
    async with Tap(switch.ami_port) as ears, Tap(switch.ami_port, ACTIONS) as mouth:
        switch.call(caller())
        leg = (await ears.wait("AgentConnect"))["DestChannel"]
        asked = {
            "Channel": "PJSIP/200", "Context": "cti-supervise", "Exten": "whisper", "Priority": "1",
            "Async": "true", "ChannelId": "cti-spy-1", "Variable": f"CTI_SPIED={leg}", "Timeout": "20000",
        }  # fmt: skip
        assert (await mouth.action("Originate", **asked))["Response"] == "Success"
        assert (await mouth.action("Originate", **asked))["Response"] == "Error"  # the id is taken
        started = await ears.wait("ChanSpyStart")
        assert (started["SpyerUniqueid"], started["SpyeeChannel"]) == ("cti-spy-1", leg)
        await mouth.action("Hangup", Channel=leg)
        assert (await ears.wait("ChanSpyStop"))["SpyerUniqueid"] == "cti-spy-1"
        async with asyncio.timeout(5):
            while switch.exchange.channels:
                await asyncio.sleep(0.01)


async def test_a_caller_nobody_takes_goes_back_into_his_queue(switch: SimulatedSwitch) -> None:
    switch.pause("101", "break")
    switch.exchange.phone("200").person = None  # nobody sits there
    async with Tap(switch.ami_port) as ears, Tap(switch.ami_port, ACTIONS) as mouth:
        switch.call(caller())
        waiting = (await ears.wait("QueueCallerJoin"))["Channel"]
        joined = (await mouth.action("Getvar", Channel=waiting, Variable="CTI_JOINED"))["Value"]
        await mouth.action("Redirect", Channel=waiting, Context="cti-take", Exten="200", Priority="1")
        assert (await ears.wait("DialEnd"))["DialStatus"] == "NOANSWER"
        async with asyncio.timeout(5):
            while ears.raw.count(b"Event: QueueCallerJoin") < 2:
                await asyncio.sleep(0.01)
        assert (await mouth.action("Getvar", Channel=waiting, Variable="CTI_JOINED"))["Value"] == joined
