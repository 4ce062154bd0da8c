"""Pauses on the real switch: the button, a transfer into another queue, the payment step; the files are silent where they should be."""

import asyncio
import io
import time

import numpy as np
import pytest
import soundfile

from tests.live.test_control import World, world  # noqa: F401  a fixture

pytestmark = pytest.mark.timeout(300)


async def detail(of: World, call: str, seconds: float = 60.0):
    """The stored recordings of a call, once all their pauses are judged."""
    async with asyncio.timeout(seconds):
        while True:
            page = (await asyncio.to_thread(of.chief.get, "/recordings", params={"call": call})).json()[
                "items"
            ]
            shown = [
                (await asyncio.to_thread(of.chief.get, f"/recordings/{one['id']}")).json() for one in page
            ]
            judged = [pause["silence"] for one in shown for pause in one["pauses"]]
            if judged and "unchecked" not in judged and all(one["state"] == "stored" for one in shown):
                return shown
            await asyncio.sleep(0.5)


def lanes(of: World, recording: str) -> tuple[np.ndarray, int]:
    answer = of.chief.get(f"/recordings/{recording}/audio")
    assert answer.status_code == 200
    sound, rate = soundfile.read(io.BytesIO(answer.content), dtype="float32", always_2d=True)
    return sound, rate


async def test_the_button_makes_both_lanes_silent(world):  # noqa: F811  the fixture, not the import
    phone, customer, _ = await world.call()
    await asyncio.sleep(2.0)
    begun = time.monotonic()
    since = (await world.post(world.agent, "/control/pause-recording", 200, why="card_data"))["since"]
    assert time.monotonic() - begun < 1.0  # confirmed by the switch
    own = (await asyncio.to_thread(world.agent.get, "/control/calls")).json()["items"][0]
    assert (own["recorded"], own["paused_since"]) == (True, pytest.approx(since, abs=0.01))
    floor = (await asyncio.to_thread(world.chief.get, "/floor")).json()
    (seen,) = [one for one in floor["agents"] if one["agent"] == "101"]
    assert seen["recording_paused_since"] == pytest.approx(since, abs=0.01)
    await asyncio.sleep(3.0)
    begun = time.monotonic()
    await world.post(world.agent, "/control/resume-recording", 204)
    assert time.monotonic() - begun < 1.0
    await world.post(world.agent, "/control/resume-recording", 409)
    await asyncio.sleep(2.0)
    call = own["call"]
    await world.over(phone)
    (row,) = await detail(world, call)
    (pause,) = row["pauses"]
    assert (pause["why"], pause["state"], pause["silence"]) == ("card_data", "resumed", "silent")
    assert pause["stop"] - pause["start"] == pytest.approx(3.0, abs=0.5)
    sound, rate = await asyncio.to_thread(lanes, world, row["id"])
    loud = np.abs(sound).reshape(len(sound), -1)
    inside = loud[int((pause["start"] + 0.1) * rate) : int((pause["stop"] - 0.1) * rate)]
    assert inside.max() == 0
    before = loud[int(0.5 * rate) : int((pause["start"] - 0.1) * rate)]
    after = loud[int((pause["stop"] + 0.1) * rate) : -int(0.3 * rate)]
    assert min(before.max(), after.max()) > 0.1
    # the clock of the file is the time in the bridge: where sound ends and begins again lies where we say
    heard = loud.max(axis=1)[: len(loud) // 80 * 80].reshape(-1, 80).max(axis=1) > 0.01
    edges = (np.flatnonzero(np.diff(heard.astype(int))) + 1) / 100
    assert np.abs(edges - pause["start"]).min() < 0.1
    assert np.abs(edges - pause["stop"]).min() < 0.1
    assert customer


async def test_a_pause_survives_a_transfer_and_another_file(world):  # noqa: F811  the fixture, not the import
    """Passed on into another queue while paused: the switch begins another file, which is paused before anybody talks."""
    phone, customer, own = await world.call()
    call = (await asyncio.to_thread(world.agent.get, "/control/calls")).json()["items"][0]["call"]
    await asyncio.sleep(2.5)
    await world.post(world.agent, "/control/pause-recording", 200)
    await asyncio.sleep(1.5)
    start = len(world.stage.ami.events)
    await world.post(world.agent, "/control/transfer", 204, number="801")
    connect = await world.stage.ami.event("AgentConnect", 20, start, Channel=customer)
    await world.bridged(customer, connect["DestChannel"])
    await asyncio.sleep(4.0)  # shorter ones are not kept
    phone.tell("bye")
    await phone.ended(10)
    shown = await detail(world, call)
    assert len(shown) == 2
    for one in shown:
        (pause,) = one["pauses"]
        assert (pause["state"], pause["silence"], pause["by"]) == ("ended", "silent", "agent-101")
    sound, rate = await asyncio.to_thread(lanes, world, max(shown, key=lambda one: one["started_at"])["id"])
    assert len(sound) > rate
    assert np.abs(sound).max() == 0  # not one word of the second conversation
    assert own


async def test_a_payment_step_of_the_dialplan(world):  # noqa: F811  the fixture, not the import
    """Run on the customer's channel while he talks: paused by the dialplan's word, ended by it."""
    phone, customer, _ = await world.call()
    call = (await asyncio.to_thread(world.agent.get, "/control/calls")).json()["items"][0]["call"]
    unique = await world.stage.ami.variable(customer, "UNIQUEID")
    await asyncio.sleep(1.5)
    for paused in ("1", "0"):
        start = len(world.stage.ami.events)
        await world.stage.ami.action(
            "UserEvent", UserEvent="CtiRecordingPause", Uniqueid=unique, Paused=paused
        )
        await world.stage.ami.event("MixMonitorMute", 5, start, Channel=customer, State=paused)
        await asyncio.sleep(1.5)
    await world.over(phone)
    (row,) = await detail(world, call)
    (pause,) = row["pauses"]
    assert (pause["by"], pause["why"], pause["silence"]) == ("dialplan", "payment_step", "silent")
