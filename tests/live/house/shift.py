"""People at work on a real switch: two agents with nothing but browsers, one with a desk phone, and their supervisor."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.live.house.desks import Desks, Entry
from tests.live.house.installation import Person, agent, get
from tests.live.switch import SippCaller, Stage
from tests.live.test_browser_agent import until
from tests.live.test_callbacks import TRUNK

ANNA, BEN, CARL = agent("105", sip=True), agent("106", sip=True), agent("101")
CHIEF = Person("chief", "supervisor")
SALES, SUPPORT = "5550101", "5550100"  # 105 and 106 serve the one, 101 the other
CALLS = 20
PATIENCE = 60_000  # ms, for what a loaded machine does late


def number(place: int) -> str:
    return f"+120255501{place:02}"


BOOK = "name,tier,numbers\n" + "".join(
    f"Customer {place},{('platinum', 'gold', 'iron', 'lead')[place % 4]},{number(place)}\n"
    for place in range(CALLS)
)


class Floor:
    """The people at work, and what has been seen on their pages."""

    def __init__(self, desks: Desks, stage: Stage, chief: httpx.Client, carl: httpx.Client) -> None:
        self.desks, self.house, self.stage = desks, desks.house, stage
        self.chief, self.carl = chief, carl
        self.pages: dict[Person, Page] = {}
        self.seen: dict[Person, list[Entry]] = {ANNA: [], BEN: []}
        self.called = 0

    async def caller(self, queue: str) -> SippCaller:
        phone = await self.stage.caller(queue, number(self.called % CALLS))
        self.called += 1
        return phone

    async def state(self, person: Person, wanted: str) -> None:
        own = self.pages[person].get_by_test_id("own-state")
        await expect(own).to_have_attribute("data-state", wanted, timeout=PATIENCE)

    async def phase(self, person: Person, wanted: str) -> None:
        call = self.pages[person].get_by_test_id("phone-call")
        await expect(call).to_have_attribute("data-phase", wanted, timeout=PATIENCE)

    async def ready(self, person: Person) -> None:
        await self.pages[person].get_by_test_id("go-ready").click()
        await self.state(person, "ready")

    async def on_break(self, person: Person) -> None:
        page = self.pages[person]
        await page.get_by_test_id("not-ready").click()
        await page.get_by_test_id("not-ready-break").click()
        await self.state(person, "not_ready")

    async def answers(self, person: Person) -> None:
        """The pop stands, then the button is pressed."""
        page = self.pages[person]
        await expect(page.locator("[data-testid=pop][data-state=ringing]")).to_be_visible(timeout=PATIENCE)
        await page.get_by_test_id("phone-answer").click(timeout=PATIENCE)
        await self.phase(person, "talking")

    async def talks(self, person: Person, queue: str = SALES) -> SippCaller:
        phone = await self.caller(queue)
        await self.answers(person)
        return phone

    async def finishes(self, person: Person) -> None:
        await self.state(person, "working_after_call")
        await self.pages[person].get_by_test_id("finish-wrap-up").click()
        await self.state(person, "ready")

    async def hangs_up(self, person: Person, caller: SippCaller) -> None:
        await self.pages[person].get_by_test_id("phone-hangup").click()
        assert await caller.ended(30) == 0
        await self.finishes(person)

    async def is_hung_up_on(self, person: Person, caller: SippCaller) -> None:
        await caller.hang_up()
        await self.finishes(person)

    async def note(self, person: Person) -> None:
        """Take down what the page saw, before it is loaded again or dies."""
        self.seen[person] += await self.desks.diary(person)

    async def ask(self, who: httpx.Client, path: str, **body: Any) -> None:
        answer = await asyncio.to_thread(who.post, path, json=body)
        assert answer.status_code in (200, 202, 204), (path, answer.text)

    async def consults(self, person: Person, colleague: Person) -> None:
        page = self.pages[person]
        await page.get_by_test_id("phone-transfer").click()
        row = page.locator(f"[data-testid=directory-agent][data-agent='{colleague.agent}']")
        await row.get_by_test_id("directory-consult").click(timeout=PATIENCE)

    async def presses_a_key(self, person: Person) -> None:
        """And the customer gets the tone. The switch tells nobody of tones (manager.conf), but its console does."""
        pbx = self.house.pbx
        await asyncio.to_thread(pbx.cli, "rtp set debug on")
        await self.pages[person].get_by_test_id("phone-key-5").click()
        await until(
            lambda: (
                f"Sent RTP DTMF packet to {TRUNK}" in (pbx.log_dir / "console").read_text("utf-8", "replace")
            )
        )
        await asyncio.to_thread(pbx.cli, "rtp set debug off")

    async def carl_is(self, state: str | None) -> None:
        """Until the desk phone's call is in this state; None: there is none."""

        def there() -> bool:
            items = get(self.carl, "/control/calls")["items"]
            return bool((items[0]["state"] if items else None) == state)

        await until(there)

    def pops(self) -> tuple[int, dict[tuple[str, str], tuple[float | None, float]]]:
        """How many calls browsers took, and those whose pop was not painted before the switch connected them."""
        connected = {
            (event["Uniqueid"], event["MemberName"]): float(event["Timestamp"])
            for event in self.stage.ami.events
            if event["Event"] == "AgentConnect" and event["MemberName"] in (ANNA.agent, BEN.agent)
        }
        painted = {
            (entry.pop.split("/")[0].rpartition(":")[2], entry.agent): entry.painted
            for entries in self.seen.values()
            for entry in entries
            if entry.state == "ringing"
        }
        late = {
            key: (painted.get(key), at) for key, at in connected.items() if (painted.get(key) or at) >= at
        }
        return len(connected), late
