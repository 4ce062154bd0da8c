"""Agents' desks in a real Chromium; each page keeps a diary of the pops that stood in it, by the page's own clock."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, Self

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from tests.live.house.installation import House, Person

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

#  Written for each pop and state: when the element was first in the document, and when it had been painted.
DIARY = """
window.diary = [];
const noted = new Map();
function look() {
  for (const card of document.querySelectorAll('[data-testid=pop]')) {
    const { pop, state } = card.dataset;
    if (noted.get(pop) === state) continue;
    noted.set(pop, state);
    const name = card.querySelector('[data-testid=pop-name]');
    const tier = card.dataset.tier;
    const line = { pop, state, tier, name: name && name.textContent, stood: Date.now() / 1000, painted: null };
    window.diary.push(line);
    requestAnimationFrame(() => requestAnimationFrame(() => { line.painted = Date.now() / 1000; }));
  }
  for (const pop of noted.keys())
    if (!document.querySelector(`[data-testid=pop][data-pop="${CSS.escape(pop)}"]`)) noted.delete(pop);
}
new MutationObserver(look).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['data-state', 'data-pop'],
});
"""

RESTED = """
async () => {
  for (let calm = 0; calm < 10; await new Promise((done) => setTimeout(done, 200))) {
    const asked = performance.now();
    await new Promise((done) => requestIdleCallback(done));
    calm = performance.now() - asked < 50 ? calm + 1 : 0;
  }
}
"""


class Entry(NamedTuple):
    """A pop in one state stood on an agent's page. Seconds since 1970."""

    agent: str
    pop: str
    state: str
    tier: str
    name: str
    stood: float
    painted: float | None


class Desks:
    """One browser, one page a person; `async with Desks(house) as desks: page = await desks.open(person)`."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._contexts: list[BrowserContext] = []
        self.pages: dict[str, Page] = {}
        self.errors: list[str] = []

    async def __aenter__(self) -> Self:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._browser:
            await self._browser.close()
        if self._playwright:
            await self._playwright.stop()

    async def open(self, person: Person, path: str = "/desk") -> Page:
        """Sign in through the page, as people do."""
        assert self._browser
        context = await self._browser.new_context(
            viewport={"width": 1100, "height": 800},
            device_scale_factor=0.5,  # no desk shares its two cores with five others, the switch and the callers
            locale="en-GB",
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.set_default_timeout(30_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{person.login}: {error}"))
        await page.add_init_script(DIARY)
        await page.goto(self.house.server.url + path)
        await page.get_by_test_id("sign-in-login").fill(person.login)
        await page.get_by_test_id("sign-in-password").fill(person.password)
        await page.get_by_test_id("sign-in-submit").click()
        await expect(page.get_by_test_id("user-menu")).to_be_visible(timeout=30_000)
        self.pages[person.login] = page
        return page

    async def rested(self) -> None:
        """When every page has had nothing to do for two seconds, as pages have that were open before the first call."""
        await asyncio.gather(*(page.evaluate(RESTED) for page in self.pages.values()))

    async def diary(self, person: Person) -> list[Entry]:
        lines: list[dict[str, Any]] = await self.pages[person.login].evaluate("window.diary")
        return [Entry(person.agent or "", **line) for line in lines]
