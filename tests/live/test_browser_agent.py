"""An agent who has nothing but a browser: rung, answered, recorded, hung up and after-call work in the page; then the review."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, expect

from tests.live.house.desks import Desks
from tests.live.house.installation import REVIEWER, SUPERVISOR, House, agent, everything, get
from tests.live.house.ledgers import witness
from tests.live.switch import Stage

pytestmark = pytest.mark.timeout(300)

ANNA = agent("105", sip=True)
CALLER = "+12025550142"
BOOK = f"name,tier,numbers,company\n林晓峰,platinum,{CALLER},远山半导体\n"
TALK = 6.0
PATIENCE = 60_000  # ms, for what a loaded machine does late


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Desks]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    settings = {"CTI_AFTER_CALL_WORK_SECONDS": "600"}
    house = House(tmp_path, url, [ANNA, REVIEWER, SUPERVISOR], customers=BOOK, settings=settings)
    await asyncio.to_thread(house.__enter__)
    try:
        async with Desks(house) as desks:
            yield desks
            assert desks.errors == []
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


def loudness(file: Path) -> list[float]:
    """Root mean square of all samples, of 32767; the customer's and the agent's."""
    with wave.open(str(file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    return [float(level) for level in np.sqrt(np.mean(samples.reshape(-1, 2) ** 2, axis=0))]


async def until(condition: Any, seconds: float = 30.0) -> Any:
    """What the condition gives, once it gives something."""
    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(condition)):
            await asyncio.sleep(0.1)
        return found


async def test_a_call_in_the_browser_and_its_review(desks: Desks) -> None:
    house = desks.house
    page = await desks.open(ANNA)
    await expect(page.get_by_test_id("phone-registration")).to_have_attribute(
        "data-registration", "registered", timeout=PATIENCE
    )
    async with Stage(house.pbx) as stage:
        await until(lambda: "Avail" in house.pbx.cli("pjsip show aor 105"))
        await expect(page.get_by_test_id("own-state")).to_have_attribute(
            "data-state", "ready", timeout=PATIENCE
        )
        caller = await stage.caller("5550101", CALLER, "whatever the phone says")
        await _rings_and_is_answered(page)
        connected = await stage.ami.event("AgentConnect", 30)
        assert connected["MemberName"] == "105"
        await asyncio.sleep(TALK)
        await expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "answered")
        await page.get_by_test_id("phone-hangup").click()
        assert await caller.ended(30) == 0  # the caller was hung up on
        await _finishes_the_after_call_work(page)
        await stage.ami.event("QueueMemberPause", 30, PausedReason="ACW", Paused="1")
        await stage.ami.event("QueueMemberPause", 30, Paused="0")
        truth = await asyncio.to_thread(witness, house.pbx, stage.ami.events)

    [visit] = truth.visits
    assert (visit["outcome"], visit["agent"], visit["ended_by"]) == ("answered", "105", "agent")
    [offer] = truth.offers
    ringing = [entry for entry in await desks.diary(ANNA) if entry.state == "ringing"]
    assert [(entry.pop.rpartition("/")[2], entry.name, entry.tier) for entry in ringing] == [
        ("105", "林晓峰", "platinum")
    ]
    assert offer.rung_at <= ringing[0].stood <= (ringing[0].painted or 0) < float(connected["Timestamp"])
    assert truth.bridge_seconds(visit["agent_channel"]) > TALK - 1

    with closing(house.client(SUPERVISOR)) as supervisor:
        [recording] = await until(lambda: everything(supervisor, "/recordings", state="stored"))
        bridged = truth.bridge_seconds(visit["callid"])
        assert recording["duration_seconds"] == pytest.approx(bridged, abs=1.0)
        sound = supervisor.get(f"/recordings/{recording['id']}/audio").content
        [call] = everything(supervisor, "/calls")
        story = get(supervisor, f"/calls/{call['call_id']}")
        [segment] = story["segments"]
        assert segment["talk_seconds"] == pytest.approx(truth.bridge_seconds(visit["agent_channel"]), abs=1.0)
        heard = house.folder / "heard.wav"
        heard.write_bytes(sound)
        assert min(loudness(heard)) > 100
        review = await until(lambda: get(supervisor, f"/recordings/{recording['id']}")["review"])
        await _review_in_the_page(desks, review)
        with closing(house.client(REVIEWER)) as reviewer:
            scored = get(reviewer, f"/reviews/{review}")
        card = get(supervisor, f"/scorecards/{scored['scorecard']}")
    assert (scored["state"], scored["reviewer"], scored["recording"]) == (
        "scored",
        "reviewer",
        recording["id"],
    )
    assert scored["comment"] == "沟通清楚"
    assert scored["score"] == pytest.approx(by_hand(card, scored["answers"]))
    assert scored["result"] == "pass"


async def _rings_and_is_answered(page: Page) -> None:
    """The pop first, then the button: nothing in between but a look."""
    await expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "ringing", timeout=PATIENCE)
    await expect(page.get_by_test_id("pop-name")).to_have_text("林晓峰")
    await expect(page.get_by_test_id("phone-answer")).to_be_visible(timeout=PATIENCE)
    await page.get_by_test_id("phone-answer").click()
    await expect(page.get_by_test_id("phone-call")).to_have_attribute(
        "data-phase", "talking", timeout=PATIENCE
    )


async def _finishes_the_after_call_work(page: Page) -> None:
    state = page.get_by_test_id("own-state")
    await expect(state).to_have_attribute("data-state", "working_after_call", timeout=PATIENCE)
    await page.get_by_test_id("finish-wrap-up").click()
    await expect(state).to_have_attribute("data-state", "ready", timeout=PATIENCE)


async def _review_in_the_page(desks: Desks, review: str) -> None:
    """Everything well done but one farewell, one thing that did not apply, and half a point in listening."""
    page = await desks.open(REVIEWER, f"/reviews/{review}")  # drawn or not: whoever wants to may review it
    await page.get_by_test_id("review-claim").click()
    await expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "claimed", timeout=PATIENCE)
    items, answered = page.get_by_test_id("score-item"), 0
    while answered < await items.count():  # an answer may ask one question more, behind its own
        item = items.nth(answered)
        name = await item.get_attribute("data-item")
        value = {"farewell": "no", "required_wording": "na", "listening": "2"}.get(name or "")
        if value is None:
            value = "yes" if await item.get_by_test_id("answer-yes").count() else "4"
        await item.get_by_test_id(f"answer-{value}").check(force=True)
        answered += 1
    assert answered >= 10
    await page.get_by_test_id("score-comment").fill("沟通清楚")
    await page.get_by_test_id("score-save").click()
    await expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "scored", timeout=PATIENCE)


def by_hand(card: dict[str, Any], answers: dict[str, dict[str, Any]]) -> float:
    """Points of each section in proportion to its weight; what does not apply leaves; critical items have no weight."""
    reached = possible = 0.0
    for section in card["sections"]:
        got = of = 0.0
        for item in section["items"]:
            value = answers[item["id"]]["value"] if item["id"] in answers else "na"
            if item["critical"] or value == "na":
                continue
            of += item["weight"]
            got += item["weight"] * (
                {"yes": 1.0, "no": 0.0}[value] if item["kind"] == "yes_no" else value / 4
            )
        if of:
            reached += section["weight"] * got / of
            possible += section["weight"]
    return 100 * reached / possible
