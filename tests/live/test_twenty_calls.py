"""Twenty calls with every button: two agents with nothing but browsers, one with a desk phone, a supervisor, on a real switch.

Each pop must stand on the page before the answer, each call must end in the books as the switch's own ledger has it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Error, expect

from tests.live.house.desks import Desks
from tests.live.house.installation import House, everything, get
from tests.live.house.ledgers import witness
from tests.live.house.shift import ANNA, BEN, BOOK, CALLS, CARL, CHIEF, PATIENCE, SALES, SUPPORT, Floor
from tests.live.switch import SippAgent, Stage
from tests.live.test_browser_agent import until
from tests.live.test_callbacks import TRUNK
from tools.pbx import free_port
from tools.sip.phones import Sipp

pytestmark = pytest.mark.timeout(560)

CAUGHT_SECONDS = 60.0
"""Twelve of silence and five of doubt are the policy's; the rest is for a loaded machine."""


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[tuple[Floor, int]]:
    port = free_port()
    site = {
        "pjsip.conf": "[101](+type=endpoint,desk-phone)\n",
        "extensions.conf": f"[globals](+)\nCTI_OUT_BEFORE=PJSIP/trunk/sip:\nCTI_OUT_AFTER=@{TRUNK}:{port}\n",
    }
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    house = House(
        tmp_path, url, [ANNA, BEN, CARL], customers=BOOK, site=site, ledger=True,
        settings={"CTI_AFTER_CALL_WORK_SECONDS": "600", "CTI_REGION": "US"},
    )  # fmt: skip
    await asyncio.to_thread(house.__enter__)
    try:
        await asyncio.to_thread(
            house.server.cti, "user", "add", CHIEF.login, "--role", CHIEF.role, "--language", "en", "--sip-user", "200",
            said=f"{CHIEF.password}\ntierline-200\n",
        )  # fmt: skip
        async with AsyncExitStack() as stack:
            chief = stack.enter_context(closing(house.client(CHIEF)))
            carl = stack.enter_context(closing(house.client(CARL)))
            desks = await stack.enter_async_context(Desks(house))
            stage = await stack.enter_async_context(Stage(house.pbx))
            for name in ("101", "200"):
                phone = SippAgent(house.pbx, name, answers_after=1.0)
                stack.push_async_callback(phone.stop)
                await phone.start()
            floor = Floor(desks, stage, chief, carl)
            for person in (ANNA, BEN):
                floor.pages[person] = page = await desks.open(person)
                await expect(page.get_by_test_id("phone-registration")).to_have_attribute(
                    "data-registration", "registered", timeout=PATIENCE
                )
                await until(lambda who=person: "Avail" in house.pbx.cli(f"pjsip show aor {who.agent}"))
                await floor.state(person, "ready")
            yield floor, port
            assert desks.errors == []
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


async def test_a_day_of_twenty_calls(floor: tuple[Floor, int]) -> None:
    day, port = floor
    await day.on_break(BEN)
    await annas_calls(day)
    await day.on_break(ANNA)
    await day.ready(BEN)
    await bens_calls(day)
    await carls_calls(day)
    await a_callback_is_kept(day, port)
    await a_tab_dies(day)
    while day.called < CALLS:
        await day.is_hung_up_on(BEN, await day.talks(BEN))
    await day.note(BEN)
    truth = await asyncio.to_thread(witness, day.house.pbx, day.stage.ami.events)

    answered = [visit for visit in truth.visits if visit["outcome"] == "answered"]
    assert len(truth.visits) >= CALLS
    cleared = await until(
        lambda: (
            found
            if len(found := everything(day.chief, "/calls", state="cleared", direction="inbound")) >= CALLS
            else None
        ),
        60,
    )
    stories = [await asyncio.to_thread(get, day.chief, f"/calls/{call['call_id']}") for call in cleared]
    ours = {visit["uniqueid"]: visit for story in stories for visit in story["visits"]}
    assert {key: (one["outcome"], one["agent"]) for key, one in ours.items()} == {
        one["callid"]: (one["outcome"], one.get("agent")) for one in truth.visits
    }
    for visit in answered:
        mine = ours[visit["callid"]]
        assert mine["wait_seconds"] == pytest.approx(visit["hold"], abs=1.5)  # whole seconds there

    connected, late = day.pops()
    assert (connected >= 12, late) == (True, {}), "a pop was not on the page before the answer"

    def settled() -> bool:
        [switch] = get(day.chief, "/reconciliation")["switches"]
        return not switch["ledger_behind"] and not any(switch["drift"].values())

    await until(settled, 60)


async def annas_calls(day: Floor) -> None:
    page, stage = day.pages[ANNA], day.stage
    # mute, hold, a key, and what came of it
    caller = await day.talks(ANNA)
    start = len(stage.ami.events)
    mute = page.get_by_test_id("phone-mute")
    for pressed in ("true", "false"):
        await mute.click()
        await expect(mute).to_have_attribute("aria-pressed", pressed)
    hold = page.get_by_test_id("phone-hold")
    for pressed, told in (("true", "Hold"), ("false", "Unhold")):
        await hold.click()
        await stage.ami.event(told, 20, start)
        await expect(hold).to_have_attribute("aria-pressed", pressed)
    await page.get_by_test_id("phone-keypad").click()
    await day.presses_a_key(ANNA)
    await page.get_by_test_id("phone-hangup").click()
    assert await caller.ended(30) == 0
    await day.state(ANNA, "working_after_call")
    await page.get_by_test_id("ending-code").click()
    await page.get_by_role("option").first.click()
    await page.get_by_test_id("ending-note").fill("Rings again on Monday.")
    await page.get_by_test_id("ending-save").click()
    await expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready", timeout=PATIENCE)

    # the page is loaded again while they talk
    caller = await day.talks(ANNA)
    await day.note(ANNA)
    await asyncio.sleep(3)
    await page.reload()
    await day.phase(ANNA, "talking")
    await asyncio.sleep(3)
    assert caller.running
    await day.hangs_up(ANNA, caller)

    # asked, all three, and put through
    caller = await day.talks(ANNA)
    await day.consults(ANNA, BEN)
    await day.pages[BEN].get_by_test_id("phone-answer").click(timeout=PATIENCE)
    await page.get_by_test_id("phone-join").click(timeout=PATIENCE)
    call = page.get_by_test_id("phone-call")
    await expect(call).to_have_attribute("data-conference", "true", timeout=PATIENCE)
    await asyncio.sleep(3)
    await page.get_by_test_id("phone-complete").click()
    await expect(call).to_have_count(0, timeout=PATIENCE)
    await day.pages[BEN].get_by_test_id("phone-hangup").click(timeout=PATIENCE)
    assert await caller.ended(30) == 0
    await day.finishes(ANNA)

    # asked, gone back, then passed on at once to the desk phone
    caller = await day.talks(ANNA)
    await day.consults(ANNA, BEN)
    await day.pages[BEN].get_by_test_id("phone-answer").click(timeout=PATIENCE)
    await expect(page.get_by_test_id("phone-swap")).to_be_enabled(timeout=PATIENCE)
    await page.get_by_test_id("phone-hangup").click()
    await expect(page.get_by_test_id("phone-other")).to_have_count(0, timeout=PATIENCE)
    start = len(stage.ami.events)
    await page.get_by_test_id("phone-transfer").click()
    to_carl = page.locator("[data-testid=directory-agent][data-agent='101']")
    await to_carl.get_by_test_id("directory-transfer").click(timeout=PATIENCE)
    await stage.ami.event("BlindTransfer", 20, start)
    await asyncio.sleep(4)
    await day.is_hung_up_on(ANNA, caller)

    # declined once, taken at the second ring
    caller = await day.caller(SALES)
    await page.get_by_test_id("phone-decline").click(timeout=PATIENCE)
    await stage.ami.event("AgentRingNoAnswer", 20)
    await day.answers(ANNA)
    await day.is_hung_up_on(ANNA, caller)

    # a supervisor whispers, and the desk says so
    caller = await day.talks(ANNA)
    start = len(stage.ami.events)
    await day.ask(day.chief, "/control/spy", agent="105", mode="whisper")
    await stage.ami.event("ChanSpyStart", 20, start)
    await expect(page.get_by_test_id("supervised-mark")).to_be_visible(timeout=PATIENCE)
    answer = await asyncio.to_thread(day.chief.delete, "/control/spy/105")
    assert answer.status_code == 204
    await expect(page.get_by_test_id("supervised-mark")).to_have_count(0, timeout=PATIENCE)
    await day.hangs_up(ANNA, caller)

    # a colleague is dialled
    await page.locator("[data-testid=phone-directory] [data-testid=phone-dial-number]").fill("101")
    await page.keyboard.press("Enter")
    await day.phase(ANNA, "talking")
    await page.get_by_test_id("phone-hangup").click()
    await expect(call).to_have_count(0, timeout=PATIENCE)


async def bens_calls(day: Floor) -> None:
    """By the keyboard alone."""
    page = day.pages[BEN]
    for place in range(4):
        caller = await day.caller(SALES)
        await expect(page.locator("[data-testid=pop][data-state=ringing]")).to_be_visible(timeout=PATIENCE)
        await expect(page.get_by_test_id("phone-answer")).to_be_visible(timeout=PATIENCE)
        await page.keyboard.press("a")
        await day.phase(BEN, "talking")
        if place % 2:
            await page.keyboard.press("e")
            assert await caller.ended(30) == 0
        else:
            await caller.hang_up()
        await day.finishes(BEN)


async def carls_calls(day: Floor) -> None:
    """A desk phone: the same buttons through the server."""
    for _ in range(4):
        caller = await day.caller(SUPPORT)
        await day.carl_is("talking")
        await day.ask(day.carl, "/control/hold")
        await day.carl_is("held")
        await day.ask(day.carl, "/control/retrieve")
        await day.carl_is("talking")
        await day.ask(day.carl, "/control/clear")
        assert await caller.ended(30) == 0
        await day.carl_is(None)
        await day.ask(day.carl, "/agents/101/wrap-up", done=True)


async def a_callback_is_kept(day: Floor, port: int) -> None:
    """Both are away, the caller presses 1; the first who is back is rung, then the customer."""
    await day.on_break(BEN)
    start = len(day.stage.ami.events)
    await day.caller(SALES)
    joined = await day.stage.ami.event("QueueCallerJoin", 30, start)
    await day.stage.ami.action("PlayDTMF", Channel=joined["Channel"], Digit="1", Receive="true")
    await day.stage.ami.event("Hangup", 30, start, Channel=joined["Channel"])
    customer = Sipp(
        day.house.pbx, "agent", {"name": b"customer", "ring": b"", "audio": b""}, ip=TRUNK, port=port, calls=0
    )
    await customer.start()
    try:
        await until(lambda: get(day.chief, "/callbacks")["items"][0]["state"] == "waiting")
        await day.ready(BEN)
        page = day.pages[BEN]
        await page.get_by_test_id("phone-answer").click(timeout=PATIENCE)
        await until(lambda: get(day.chief, "/callbacks")["items"][0]["state"] == "talking", 40)
        talking = time.monotonic()
        while time.monotonic() < talking + 17:  # a promise is kept after fifteen seconds
            await asyncio.sleep(0.2)
        await page.get_by_test_id("phone-hangup").click()
        await until(lambda: get(day.chief, "/callbacks", state="kept")["items"], 40)
    finally:
        await customer.stop()
    own = page.get_by_test_id("own-state")
    await expect(own).not_to_have_attribute("data-state", "busy", timeout=PATIENCE)
    if await own.get_attribute("data-state") == "working_after_call":
        await day.finishes(BEN)
    await day.state(BEN, "ready")


async def a_tab_dies(day: Floor) -> None:
    """Anna's page is gone in the middle of her shift: she is taken out, Ben takes the caller."""
    await day.ready(ANNA)
    await day.note(ANNA)
    start = len(day.stage.ami.events)
    with pytest.raises(Error):
        await day.pages[ANNA].goto("chrome://crash")
    [out] = await until(lambda: get(day.chief, "/desk/alerts")["unreachable"], CAUGHT_SECONDS)
    assert out["agent"] == ANNA.agent
    assert out["cause"] in {"device", "silent_page"}
    paused = await day.stage.ami.number(
        lambda event: event["Event"] == "QueueMemberPause" and event["PausedReason"] == "unreachable",
        5,
        start,
    )
    caller = await day.talks(BEN)
    rung = [event["MemberName"] for event in day.stage.ami.events[paused:] if event["Event"] == "AgentCalled"]
    assert set(rung) == {BEN.agent}
    await day.is_hung_up_on(BEN, caller)
    metrics = (await asyncio.to_thread(httpx.get, f"{day.house.server.url}/metrics")).text
    assert f'cti_phantom_agents_total{{cause="{out["cause"]}"}} 1.0' in metrics
