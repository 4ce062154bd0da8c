"""Two agents who have nothing but browsers: a page loaded again in a call, a consultation, three who talk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.live.house.desks import Desks
from tests.live.house.installation import SUPERVISOR, House, agent, everything, get
from tests.live.house.ledgers import witness
from tests.live.switch import SippCaller, Stage
from tests.live.test_browser_agent import PATIENCE, until

pytestmark = pytest.mark.timeout(300)

ANNA, BEN = agent("105", sip=True), agent("106", sip=True)
CALLER = "+12025550142"
BOOK = f"name,tier,numbers,company\n林晓峰,platinum,{CALLER},远山半导体\n"


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Desks]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    house = House(tmp_path, url, [ANNA, BEN, SUPERVISOR], customers=BOOK)
    await asyncio.to_thread(house.__enter__)
    try:
        async with Desks(house) as desks:
            yield desks
            assert desks.errors == []
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


async def _registered(desks: Desks, page: Page, name: str) -> None:
    await expect(page.get_by_test_id("phone-registration")).to_have_attribute(
        "data-registration", "registered", timeout=PATIENCE
    )
    await until(lambda: "Avail" in desks.house.pbx.cli(f"pjsip show aor {name}"))


async def _talking(desks: Desks, stage: Stage) -> tuple[Page, SippCaller]:
    """Anna's page, through to a customer."""
    page = await desks.open(ANNA)
    await _registered(desks, page, "105")
    await expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready", timeout=PATIENCE)
    caller = await stage.caller("5550101", CALLER)
    await page.get_by_test_id("phone-answer").click(timeout=PATIENCE)
    await expect(page.get_by_test_id("phone-call")).to_have_attribute(
        "data-phase", "talking", timeout=PATIENCE
    )
    return page, caller


async def test_a_page_loaded_again_in_a_call(desks: Desks) -> None:
    house = desks.house
    async with Stage(house.pbx) as stage:
        page, caller = await _talking(desks, stage)
        await asyncio.sleep(4)
        await page.reload()
        await expect(page.get_by_test_id("phone-call")).to_have_attribute(
            "data-phase", "talking", timeout=PATIENCE
        )
        await expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "answered")
        await expect(page.get_by_test_id("pop-name")).to_have_text("林晓峰")
        await asyncio.sleep(6)
        assert caller.running
        await expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "busy")
        await expect(page.get_by_test_id("phone-quality")).to_be_visible(timeout=PATIENCE)
        await page.get_by_test_id("phone-hangup").click()
        assert await caller.ended(30) == 0
        truth = await asyncio.to_thread(witness, house.pbx, stage.ami.events)

    [customer] = truth.trunk_channels
    through = [one for one in truth.bridged if one.channel == customer]
    assert len(through) == 1  # never out of the bridge
    talked = through[0].until - through[0].since
    with closing(house.client(SUPERVISOR)) as supervisor:
        [call] = await until(lambda: [c for c in everything(supervisor, "/calls") if c["state"] == "cleared"])
        story = get(supervisor, f"/calls/{call['call_id']}")
    [segment] = story["segments"]
    assert segment["agent"] == "105"
    assert segment["talk_seconds"] == pytest.approx(talked, abs=1.0)
    [visit] = story["visits"]
    [ledger] = truth.visits
    assert (visit["outcome"], visit["agent"]) == (ledger["outcome"], ledger["agent"]) == ("answered", "105")
    assert visit["talk_seconds"] == pytest.approx(ledger["talk"], abs=1.5)  # whole seconds there


async def test_a_colleague_is_asked_joined_and_put_through(desks: Desks) -> None:
    house = desks.house
    async with Stage(house.pbx) as stage:
        ben = await desks.open(BEN)
        await _registered(desks, ben, "106")
        await expect(ben.get_by_test_id("own-state")).to_have_attribute(
            "data-state", "ready", timeout=PATIENCE
        )
        await ben.get_by_test_id("not-ready").click()
        await ben.get_by_test_id("not-ready-break").click()
        await stage.ami.event("QueueMemberPause", 30, MemberName="106", Paused="1")
        anna, caller = await _talking(desks, stage)
        await anna.get_by_test_id("phone-transfer").click()
        await (
            anna.locator("[data-testid=directory-agent][data-agent='106']")
            .get_by_test_id("directory-consult")
            .click(timeout=PATIENCE)
        )
        await stage.ami.event("Hold", 30)
        await ben.get_by_test_id("phone-answer").click(timeout=PATIENCE)
        await anna.get_by_test_id("phone-join").click(timeout=PATIENCE)
        await expect(anna.get_by_test_id("phone-call")).to_have_attribute(
            "data-conference", "true", timeout=PATIENCE
        )
        await asyncio.sleep(4)
        await anna.get_by_test_id("phone-complete").click()
        await expect(anna.get_by_test_id("phone-call")).to_have_count(0, timeout=PATIENCE)
        await asyncio.sleep(3)
        assert caller.running
        await ben.get_by_test_id("phone-hangup").click()
        assert await caller.ended(30) == 0
    with closing(house.client(SUPERVISOR)) as supervisor:
        [call] = await until(lambda: [c for c in everything(supervisor, "/calls") if c["state"] == "cleared"])
        story = get(supervisor, f"/calls/{call['call_id']}")
    assert [segment["agent"] for segment in story["segments"]] == ["105", "106"]
    assert [(one["kind"], one["from"], one["to"], one["result"]) for one in story["transfers"]] == [
        ("attended", "105", "106", "success")
    ]
