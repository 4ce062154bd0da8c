"""Virtual hold on the real switch: a caller presses 1, an agent who declines rings nobody else, and the promise is kept."""

import asyncio
import time
from contextlib import closing

import pytest

from tests.live.house.installation import SUPERVISOR, House, agent, get
from tests.live.house.line import BOOK, NUMBERS, SITE, Line
from tests.live.switch import Stage
from tools.pbx import free_port
from tools.sip.phones import BUSY, Sipp

pytestmark = pytest.mark.timeout(240)

WHO = "platinum 0"
TRUNK = "127.0.0.2"


def site(port: int) -> dict[str, str]:
    """Outside numbers lead to a telephone of the test's."""
    out = f"[globals](+)\nCTI_OUT_BEFORE=PJSIP/trunk/sip:\nCTI_OUT_AFTER=@{TRUNK}:{port}\n"
    return {**SITE, "extensions.conf": SITE["extensions.conf"] + "\n" + out}


async def until(client, wanted, seconds: float = 40.0) -> dict:
    """The one callback, once it is as wanted; else what it is."""
    deadline = time.monotonic() + seconds
    while True:
        (one,) = (await asyncio.to_thread(get, client, "/callbacks"))["items"]
        if wanted(one):
            return one
        assert time.monotonic() < deadline, one
        await asyncio.sleep(0.2)


async def play(house: House, port: int) -> None:
    switch = house.pbx
    with closing(house.client(SUPERVISOR)) as client:
        async with Stage(switch) as stage:
            declines = await stage.agent("101", answers_after=BUSY)
            paused = {"Interface": "PJSIP/101", "Paused": "true", "Reason": "Break"}
            await stage.ami.action("QueuePause", **paused)
            line = Line(stage)
            await line.joins(WHO)
            start = len(stage.ami.events)
            await stage.ami.action("PlayDTMF", Channel=line.channels[WHO], Digit="1", Receive="true")
            await stage.ami.event("Hangup", 30, start, Channel=line.channels[WHO])
            owed = await until(client, lambda one: one["state"] == "waiting")
            assert (owed["number"], owed["tier"], owed["source"]) == (NUMBERS[WHO], "platinum", "key")

            start = len(stage.ami.events)
            await stage.ami.action("QueuePause", **(paused | {"Paused": "false"}))
            missed = await until(client, lambda one: one["why"] == "agent_declined")
            assert missed["attempts"] == 0
            made = [event for event in stage.ami.events[start:] if event["Event"] == "Newchannel"]
            assert made, "the agent's telephone rang"
            assert all(event["Channel"].startswith("PJSIP/101-") for event in made)

            await stage.ami.action("QueuePause", **paused)
            await declines.stop()
            await stage.agent("101", answers_after=1.0)
            words = {"name": b"customer", "ring": b"", "audio": b""}
            customer = Sipp(switch, "agent", words, ip=TRUNK, port=port, calls=0)
            await customer.start()
            try:
                await stage.ami.action("QueuePause", **(paused | {"Paused": "false"}))
                talking = await until(client, lambda one: one["state"] == "talking")
                assert talking["agent"] == "101"
                begin = time.monotonic()
                while time.monotonic() < begin + 16.5:  # a promise is kept after fifteen seconds
                    await asyncio.sleep(0.1)
                ours = f"cb-{talking['id']}-"
                legs = await asyncio.to_thread(switch.cli, "core show channels concise")
                (agents_leg,) = [
                    name.split("!")[0] for name in legs.splitlines() if name.startswith("PJSIP/101-")
                ]
                await stage.ami.action("Hangup", Channel=agents_leg)
                kept = await until(client, lambda one: one["state"] == "kept")
            finally:
                await customer.stop()
            assert kept["call"].partition(":")[2].startswith(ours)
            story = await asyncio.to_thread(get, client, f"/callbacks/{kept['id']}")
            steps = [one["step"] for one in story["story"]]
            assert (steps[:3], steps[-1]) == (["ask", "ring", "miss"], "keep")
            call = await asyncio.to_thread(get, client, f"/calls/{kept['call']}")
            assert (call["direction"], call["visits"]) == ("outbound", [])
            assert call["segments"][0]["talk_seconds"] > 15
            (visit,) = (await asyncio.to_thread(get, client, f"/calls/{kept['first_call']}"))["visits"]
            assert visit["outcome"] == "key_exit"
            lines = [text.split("|") for text in switch.queue_log.read_text("utf-8").splitlines()]
            told = [entry[4] for entry in lines if entry[1] == visit["uniqueid"]]
            assert told == ["ENTERQUEUE", "EXITWITHKEY"]


def test_the_place_is_kept_the_agent_may_decline_and_the_promise_is_kept(tmp_path) -> None:
    port = free_port()
    people = [agent("101"), SUPERVISOR]
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    with House(
        tmp_path, url, people, customers=BOOK, site=site(port), settings={"CTI_REGION": "US"}, ledger=True
    ) as house:
        house.wait_until_ready()
        asyncio.run(play(house, port))
        with closing(house.client(SUPERVISOR)) as client:
            (where,) = get(client, "/reconciliation")["switches"]
        assert not any(where["drift"].values())
        assert house.server.complaints() == []
