"""Every button on a real switch: the server asks, the switch's own events, ledger and recordings say what came of it."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx
import numpy as np
import pytest

from simulator.scenario import Scenario, ScriptedAgent, ScriptedQueue
from tests.live.house.installation import House, Person, agent
from tests.live.switch import AmiRefused, SippAgent, Stage, site_for

PHONES = ("101", "102", "103", "200")
SCENE = Scenario(
    queues=(ScriptedQueue("support", ring=20.0), ScriptedQueue("sales", ring=20.0)),
    agents=(
        ScriptedAgent("101", ("support",)),
        ScriptedAgent("102", ("sales",)),
        *(ScriptedAgent(name, ()) for name in PHONES[2:]),
    ),
    calls=(),
    length=10,
)
SITE = site_for(SCENE)
# Shipped phones are desk phones here; 200 is one already.
SITE["pjsip.conf"] = "\n".join(f"[{name}](+type=endpoint,desk-phone)" for name in PHONES)
HUM = {"caller": 440, "agent": 660, "chief": 1000}
"""Hertz of the tone each telephone plays."""
CHIEF = Person("chief", "supervisor", None)
pytestmark = pytest.mark.timeout(300)


class World:
    """The installation, its telephones, and browsers of an agent and a supervisor."""

    def __init__(self, house: House, stage: Stage) -> None:
        self.house, self.stage = house, stage
        self.agent = house.client(agent("101"))
        self.chief = house.client(CHIEF)

    async def post(self, who: httpx.Client, path: str, code: int, **body: Any) -> Any:
        answer = await asyncio.to_thread(who.post, path, json=body)
        assert answer.status_code == code, (path, answer.status_code, answer.text)
        return answer.json() if answer.content and code != 204 else None

    async def own(self, state: str | None) -> None:
        """Until the agent's own call is in this state (None: there is none)."""
        async with asyncio.timeout(15):
            while True:
                items = (await asyncio.to_thread(self.agent.get, "/control/calls")).json()["items"]
                if (items[0]["state"] if items else None) == state:
                    return
                await asyncio.sleep(0.1)

    async def call(self) -> tuple[Any, str, str]:
        """A customer talks to agent 101: the caller's phone, his channel, the agent's."""
        start = len(self.stage.ami.events)
        phone = await self.stage.caller("5550100", "+15550155")
        channel = await self.stage.channel(phone.call_id, "PJSIP/trunk-")
        connect = await self.stage.ami.event("AgentConnect", 20, start, Channel=channel)
        await self.own("talking")
        return phone, channel, connect["DestChannel"]

    async def bridged(self, *channels: str) -> None:
        """Until these are together in one bridge, and nobody else with them."""
        async with asyncio.timeout(15):
            while set(self.stage.bridges.peers(channels[0])) != set(channels[1:]):
                await asyncio.sleep(0.05)

    async def leg(self, number: str, start: int) -> str:
        """The channel of the telephone that is rung from here on."""
        frame = await self.stage.ami.until(
            lambda one: one["Event"] == "Newchannel" and one["Channel"].startswith(f"PJSIP/{number}-"),
            15,
            start,
        )
        return frame["Channel"]

    async def over(self, phone: Any) -> None:
        phone.tell("bye")
        await phone.ended(10)
        await self.own(None)
        await asyncio.sleep(1.5)  # one second of after-call work


@pytest.fixture
async def world(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    with House(tmp_path, url, [agent("101"), agent("102")], site=SITE, ledger=True) as house:
        house.server.cti(
            "user", "add", "chief", "--role", "supervisor", "--language", "en", "--sip-user", "200",
            said=f"{CHIEF.password}\ntierline-200\n",
        )  # fmt: skip
        async with AsyncExitStack() as stack, Stage(house.pbx) as stage:
            for name in PHONES:
                phone = SippAgent(
                    house.pbx, name, answers_after=0.3, sound=HUM["chief" if name == "200" else "agent"]
                )
                stack.push_async_callback(phone.stop)
                await phone.start()
            await asyncio.to_thread(house.wait_until_ready)
            await asyncio.sleep(3)  # telephones are there once they have answered an OPTIONS
            world = World(house, stage)
            stack.callback(world.agent.close)
            stack.callback(world.chief.close)
            yield world


async def test_the_buttons_of_an_agent(world):
    """One after the other, as on a working day: each proven by what the switch itself says."""
    stage, ledger = world.stage, world.house.pbx.queue_log
    # click-to-dial: the agent's telephone, then the colleague's, and one call for a double click
    start = len(stage.ami.events)
    body = {"json": {"number": "102"}, "headers": {"Idempotency-Key": "a-click-of-the-mouse"}}
    asked = [asyncio.to_thread(world.agent.post, "/control/make", **body) for _ in range(2)]
    assert len({answer.json()["call"] for answer in await asyncio.gather(*asked)}) == 1
    own, far = await world.leg("101", start), await world.leg("102", start)
    await world.bridged(own, far)
    opened = [frame["Channel"] for frame in stage.ami.events[start:] if frame["Event"] == "Newchannel"]
    assert sorted(opened) == sorted([own, far])
    await world.own("talking")
    await world.post(world.agent, "/control/clear", 204)
    await world.own(None)

    # hold and retrieve, for a desk phone that knows nothing of it
    phone, customer, own = await world.call()
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/retrieve", 409)
    await world.post(world.agent, "/control/hold", 204)
    await stage.ami.event("Hold", 10, start, Channel=own)
    await world.own("held")
    await world.post(world.agent, "/control/retrieve", 204)
    await stage.ami.event("Unhold", 10, start, Channel=own)
    await world.own("talking")
    await world.bridged(customer, own)

    # consult and come back
    await world.post(world.agent, "/control/conference", 409)
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/consult", 204, number="103")
    colleague = await world.leg("103", start)
    await stage.ami.event("BridgeEnter", 15, start, Channel=colleague)
    await world.post(world.agent, "/control/clear", 409)  # would put the two through
    await world.post(world.agent, "/control/retrieve", 204)
    await world.bridged(customer, own)
    await stage.ami.event("Hangup", 10, start, Channel=colleague)
    await asyncio.sleep(2)  # nobody consults twice within a second: the switch still plays its tone

    # consult, all three, and the agent leaves
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/consult", 204, number="103")
    colleague = await world.leg("103", start)
    await stage.ami.event("BridgeEnter", 15, start, Channel=colleague)
    await world.post(world.agent, "/control/conference", 204)
    await world.bridged(customer, own, colleague)
    await world.post(world.agent, "/control/clear", 204)
    await world.bridged(customer, colleague)
    await world.over(phone)

    # consult and put through
    phone, customer, own = await world.call()
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/consult", 204, number="103")
    colleague = await world.leg("103", start)
    await stage.ami.event("BridgeEnter", 15, start, Channel=colleague)
    await world.post(world.agent, "/control/transfer", 204)
    await world.bridged(customer, colleague)
    assert "ATTENDEDTRANSFER" in ledger.read_text()
    await world.over(phone)

    # pass on at once
    phone, customer, own = await world.call()
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/transfer", 204, number="103")
    await world.bridged(customer, await world.leg("103", start))
    assert "BLINDTRANSFER|103|cti-transfer" in ledger.read_text()
    await world.over(phone)

    # and what never happens
    start = len(stage.ami.events)
    for number in ("110", "+881612345678", "16812345", "107", "102&PJSIP/103", "Local/102@cti-dial", "${X}"):
        await world.post(world.agent, "/control/make", 422, number=number)
    await asyncio.sleep(1)
    assert not [frame for frame in stage.ami.events[start:] if frame["Event"] == "Newchannel"]
    assert world.house.server.complaints() == []


async def test_no_telephone_dials_outside_by_its_own_keys(world):
    """From a call that was made, and from a customer after a consultation: keys lead to colleagues, never to the trunk."""
    stage = world.stage
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/make", 202, number="102")
    own, far = await world.leg("101", start), await world.leg("102", start)
    await world.bridged(own, far)
    await press(stage, own, "##8613800138000#")
    await asyncio.sleep(6)  # the switch waits three seconds for digits that may follow
    assert dialled_outside(stage, start) == []
    for leg in (own, far):
        with contextlib.suppress(AmiRefused):  # gone already
            await stage.ami.action("Hangup", Channel=leg)
    await world.own(None)

    phone, customer, own = await world.call()
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/consult", 204, number="103")
    colleague = await world.leg("103", start)
    await stage.ami.event("BridgeEnter", 15, start, Channel=colleague)
    await world.post(world.agent, "/control/retrieve", 204)
    await world.bridged(customer, own)
    assert await stage.ami.variable(own, "TRANSFER_CONTEXT") == "cti-transfer"  # it stays there
    await asyncio.sleep(2)
    await press(stage, own, "##8613800138000#")
    await asyncio.sleep(6)
    assert dialled_outside(stage, start) == []
    phone.tell("bye")

    # what the server lets through is dialled, once
    await world.own(None)
    await asyncio.sleep(1.5)
    start = len(stage.ami.events)
    await world.post(world.agent, "/control/make", 202, number="13800138000")
    await world.leg("101", start)
    await stage.ami.until(
        lambda one: one["Event"] == "Newchannel" and one["Channel"].startswith("PJSIP/trunk-"), 15, start
    )


async def press(stage: Stage, channel: str, keys: str) -> None:
    """Until the telephone is hung up on: the switch gives up whoever transfers to what is nowhere."""
    with contextlib.suppress(AmiRefused):
        for key in keys:
            await stage.ami.action("PlayDTMF", Channel=channel, Digit=key, Receive="true")
            await asyncio.sleep(0.2)


def dialled_outside(stage: Stage, start: int) -> list[str]:
    opened = (one["Channel"] for one in stage.ami.events[start:] if one["Event"] == "Newchannel")
    return [channel for channel in opened if channel.startswith("PJSIP/trunk-")]


async def test_a_whisper_reaches_the_agent_alone(world):
    """Each telephone hums a tone of its own, and the wire says what was sent to whom."""
    stage = world.stage
    await world.post(world.chief, "/control/spy", 409, agent="101", mode="whisper")
    phone, customer, own = await world.call()
    start = len(stage.ami.events)
    await world.post(world.chief, "/control/spy", 204, agent="101", mode="whisper")
    spy = await stage.ami.event("ChanSpyStart", 15, start)
    assert (spy["SpyeeChannel"], spy["SpyerChannel"].startswith("PJSIP/200-")) == (own, True)
    await world.post(world.chief, "/control/spy", 409, agent="101", mode="listen")  # one at a time
    heard = await asyncio.to_thread(listen, await ports(stage, own, customer), 3.0)
    answer = await asyncio.to_thread(world.chief.delete, "/control/spy/101")
    assert answer.status_code == 204
    await stage.ami.event("ChanSpyStop", 10, start)
    await world.bridged(customer, own)
    phone.tell("bye")
    await phone.ended(10)
    await asyncio.sleep(1)
    agent_heard, caller_heard = heard
    assert loudness(agent_heard, HUM["caller"]) > 20 * loudness(caller_heard, HUM["caller"])
    assert loudness(caller_heard, HUM["agent"]) > 20 * loudness(agent_heard, HUM["agent"])
    assert loudness(agent_heard, HUM["chief"]) > 20 * loudness(caller_heard, HUM["chief"])
    # The supervisor's leg is nobody's call.
    calls = (await asyncio.to_thread(world.chief.get, "/calls")).json()["items"]
    assert [call["caller_number"] for call in calls] == ["+15550155"]


async def test_waiting_callers_are_moved(world):
    stage = world.stage
    for name in ("101", "102", "103"):  # all who serve these queues
        await world.post(world.chief, f"/agents/{name}/not-ready", 204, reason="break")
    phones, channels = [], []
    for number in ("+15550161", "+15550162", "+15550163"):
        phone = await stage.caller("5550100", number)
        channels.append(await stage.channel(phone.call_id, "PJSIP/trunk-"))
        phones.append(phone)
        await asyncio.sleep(1.2)  # joined in this order, by whole seconds
    line = await waiting(world, 3)
    third = next(row["call"] for row in line if row["number"].endswith("163"))
    second = next(row["call"] for row in line if row["number"].endswith("162"))

    await world.post(world.chief, f"/waiting/{third}/first", 422, reason="")
    await world.post(world.chief, f"/waiting/{third}/first", 204, reason="complained twice")
    async with asyncio.timeout(10):
        while (await standing(stage, "support"))[0] != channels[2]:
            await asyncio.sleep(0.2)
    assert await standing(stage, "support") == [channels[2], channels[0], channels[1]]
    decision = (await asyncio.to_thread(world.chief.get, f"/calls/{third}/decision")).json()
    assert any("complained twice" in reason for reason in decision["reasons"])

    joined = await stage.ami.variable(channels[1], "CTI_JOINED")
    await world.post(world.chief, f"/waiting/{second}/move", 204, queue="sales", reason="knows the product")
    async with asyncio.timeout(10):
        while await standing(stage, "sales") != [channels[1]]:
            await asyncio.sleep(0.2)
    assert await stage.ami.variable(channels[1], "CTI_JOINED") == joined

    await world.post(world.chief, f"/waiting/{third}/take", 204, reason="I know him")
    await world.bridged(channels[2], await world.leg("200", 0))
    decision = (await asyncio.to_thread(world.chief.get, f"/calls/{second}/decision")).json()
    assert any("knows the product" in reason for reason in decision["reasons"])

    # who stands in queues.conf stays; who logged on by himself goes
    await world.post(world.chief, "/agents/102/force-logoff", 409, reason="left without a word")
    await stage.ami.action("QueueAdd", Queue="support", Interface="PJSIP/200", MemberName="200")
    async with asyncio.timeout(10):
        while "200" not in (await asyncio.to_thread(world.chief.get, "/agents")).text:
            await asyncio.sleep(0.2)
    await world.post(world.chief, "/agents/200/force-logoff", 204, reason="left without a word")
    assert "PJSIP/200" not in world.house.pbx.cli("queue show support")
    for phone in phones:
        phone.tell("bye")
    assert world.house.server.complaints() == []


async def waiting(world: World, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(15):
        while len(line := (await asyncio.to_thread(world.chief.get, "/floor")).json()["waiting"]) < count:
            await asyncio.sleep(0.2)
    return line


async def standing(stage: Stage, queue: str) -> list[str]:
    """Who stands in line, by the switch's own QueueStatus."""
    start = len(stage.ami.events)
    await stage.ami.action("QueueStatus", Queue=queue)
    await stage.ami.event("QueueStatusComplete", 10, start)
    rows = [frame for frame in stage.ami.events[start:] if frame["Event"] == "QueueEntry"]
    return [row["Channel"] for row in sorted(rows, key=lambda row: int(row["Position"]))]


async def ports(stage: Stage, *channels: str) -> list[int]:
    """Where the switch sends each leg its sound."""
    return [int((await stage.ami.variable(leg, "CHANNEL(rtp,dest)")).rpartition(":")[2]) for leg in channels]


def listen(targets: Sequence[int], seconds: float) -> list[np.ndarray]:
    """What is sent to each of these RTP ports, off the wire: the only place where a whisper shows."""
    heard: dict[int, list[bytes]] = {port: [] for port in targets}
    until = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as ear:
        ear.bind(("lo", 0x0800))
        ear.settimeout(0.5)
        while time.monotonic() < until:
            packet, (_, _, kind, *_) = ear.recvfrom(2048)
            if kind == socket.PACKET_OUTGOING or packet[9] != socket.IPPROTO_UDP:
                continue  # loopback shows each packet twice
            udp = packet[(packet[0] & 15) * 4 :]
            port, rtp = struct.unpack("!H", udp[2:4])[0], udp[8:]
            if port in heard and len(rtp) > 12 and rtp[1] & 127 == 8:
                heard[port].append(rtp[12:])
    return [_linear(b"".join(heard[port])) for port in targets]


def _linear(alaw: bytes) -> np.ndarray:
    """G.711 A-law as samples."""
    code = np.frombuffer(alaw, np.uint8).astype(int) ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    size = np.where(exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent - 1, 0))
    return np.where(code & 128, size, -size).astype(float)


def loudness(sound: np.ndarray, hertz: float) -> float:
    """Of one tone in it."""
    assert len(sound) > 8000, "nothing was heard"
    spectrum = np.abs(np.fft.rfft(sound)) / len(sound)
    place = round(hertz * len(sound) / 8000)
    return float(spectrum[max(0, place - 8) : place + 9].max())
