"""A browser agent whose tab dies is taken out, his callers go to the next one, and he comes back when his page does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Error, expect

from tests.live.house.desks import Desks
from tests.live.house.installation import SUPERVISOR, House, agent, everything, get
from tests.live.house.observed import samples
from tests.live.switch import Stage
from tests.live.test_browser_agent import PATIENCE, until

pytestmark = pytest.mark.timeout(300)

ANNA, BERT = agent("105", sip=True), agent("103")
CAUGHT_SECONDS = 45.0
"""Twelve of silence and five of doubt are the policy's; the rest is for a loaded machine."""


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Desks]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    house = House(tmp_path, url, [ANNA, BERT, SUPERVISOR])
    await asyncio.to_thread(house.__enter__)
    try:
        async with Desks(house) as desks:
            yield desks
            assert desks.errors == []
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


def ledger(house: House, *words: str) -> list[str]:
    """Lines of queue_log that have all of these fields."""
    lines = house.pbx.queue_log.read_text().splitlines()
    return [line for line in lines if set(words) <= set(line.split("|"))]


async def ready(desks: Desks) -> None:
    page = desks.pages[ANNA.login]
    await expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready", timeout=PATIENCE)


async def test_a_tab_that_dies_is_caught_and_the_caller_goes_on(desks: Desks) -> None:
    house = desks.house
    page = await desks.open(ANNA)
    await ready(desks)
    async with Stage(house.pbx) as stage:
        await stage.agent("103", answers_after=0.2)
        with pytest.raises(Error):
            await page.goto("chrome://crash")
        with closing(house.client(SUPERVISOR)) as supervisor:
            [out] = await until(lambda: get(supervisor, "/desk/alerts")["unreachable"], CAUGHT_SECONDS)
            assert (out["agent"], out["cause"] in {"device", "silent_page"}) == ("105", True)
            await until(lambda: ledger(house, "105", "PAUSE", "unreachable"))
            told = samples((await asyncio.to_thread(supervisor.get, f"{house.server.url}/metrics")).text)
            caught = {
                tuple(its.values()): value for name, its, value in told if name == "cti_phantom_agents_total"
            }
            assert caught == {(out["cause"],): 1.0}

            start = len(stage.ami.events)
            caller = await stage.caller("5550101", "+12025550142", "somebody")
            connected = await stage.ami.event("AgentConnect", 60, start)
            assert connected["MemberName"] == "103"
            rung = {one["MemberName"] for one in stage.ami.events[start:] if one["Event"] == "AgentCalled"}
            assert "105" not in rung
            await asyncio.sleep(2)
            await caller.hang_up()

            await desks.open(ANNA)  # his page lives again, and so does the telephone in it
            await ready(desks)
            await until(lambda: ledger(house, "105", "UNPAUSE"))
            assert get(supervisor, "/desk/alerts")["unreachable"] == []


async def test_the_result_of_a_call_reaches_the_switchs_own_ledger(desks: Desks) -> None:
    house = desks.house
    async with Stage(house.pbx) as stage:
        await stage.agent("103", answers_after=0.2)
        with closing(house.client(SUPERVISOR)) as supervisor:
            caller = await stage.caller("5550101", "+12025550142", "somebody")
            await stage.ami.event("AgentConnect", 60)
            await asyncio.sleep(2)
            await caller.hang_up()
            [call] = await until(
                lambda: [one for one in everything(supervisor, "/calls") if one["ended_at"]], 60
            )
            [segment] = get(supervisor, f"/calls/{call['call_id']}")["segments"]
            given = supervisor.put(
                "/dispositions",
                json={
                    "call": call["call_id"], "channel": segment["channel"], "code": "solved", "note": "", "version": 0,
                },
            )  # fmt: skip
            assert given.status_code == 200, given.text
    [line] = await until(lambda: ledger(house, "DISPOSITION"))
    number = call["call_id"].rpartition(":")[2]
    assert line.split("|")[1:] == [number, call["queue"], "103", "DISPOSITION", "solved", "1"]
