"""A browser agent whose tab dies is taken out, and the caller goes to the next one; results of calls reach the real queue_log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Error, expect

from tests.live.house.desks import Desks
from tests.live.house.installation import SUPERVISOR, House, agent, everything, get
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
    finally:
        await asyncio.to_thread(house.__exit__)


async def test_a_tab_that_dies_is_caught_and_the_caller_goes_on(desks: Desks) -> None:
    house = desks.house
    page = await desks.open(ANNA)
    await expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready", timeout=PATIENCE)
    async with Stage(house.pbx) as stage:
        await stage.agent("103", answers_after=0.2)
        with pytest.raises(Error):
            await page.goto("chrome://crash")
        with closing(house.client(SUPERVISOR)) as supervisor:
            [out] = await until(lambda: get(supervisor, "/work/alerts")["unreachable"], CAUGHT_SECONDS)
            assert out["agent"] == "105"
            assert out["cause"] in {"device", "silent_page"}
            caller = await stage.caller("5550101", "+12025550142", "somebody")
            connected = await stage.ami.event("AgentConnect", 60)
            assert connected["MemberName"] == "103"
            await asyncio.sleep(2)
            await caller.hang_up()
            calls = await until(lambda: everything(supervisor, "/calls"), 60)
            [call] = calls
            story = get(supervisor, f"/calls/{call['call_id']}")
            [segment] = story["segments"]
            given = supervisor.put(
                "/dispositions",
                json={
                    "call": call["call_id"], "channel": segment["channel"], "code": "solved", "note": "", "version": 0,
                },
            )  # fmt: skip
            assert given.status_code == 200, given.text
    number = call["call_id"].rpartition(":")[2]

    def written() -> list[str]:
        return [line for line in house.pbx.queue_log.read_text().splitlines() if "|DISPOSITION|" in line]

    [line] = await until(written, 30)
    assert line.split("|")[1:] == [number, call["queue"], "103", "DISPOSITION", "solved", "1"]
    lines = house.pbx.queue_log.read_text().splitlines()
    assert any("|105|PAUSE|unreachable" in one for one in lines)
