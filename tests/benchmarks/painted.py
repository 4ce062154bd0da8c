"""Desks of agents in a real Chromium, which note when a pop's card had been painted."""

import contextlib
import os
import sys
import time
from typing import Any

from playwright.async_api import async_playwright

from tests.benchmarks.children import obey, run, say
from tests.web.conftest import FLAGS

#  When the card of a ringing call had been painted, by the page's clock, in seconds.
DIARY = """
window.painted = {};
const noted = new Set();
new MutationObserver(() => {
  for (const card of document.querySelectorAll('[data-testid=pop][data-state=ringing]')) {
    const { pop } = card.dataset;
    if (noted.has(pop)) continue;
    noted.add(pop);
    requestAnimationFrame(() => setTimeout(() => { window.painted[pop] = (performance.timeOrigin + performance.now()) / 1000; }));
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state', 'data-pop'] });
"""


async def main(asked: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # a desk has a machine of its own: these take whatever core is free
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        pages = []
        for signed_in in asked["signed_in"]:
            name, _, value = signed_in.partition("=")
            context = await browser.new_context(
                viewport={"width": 1100, "height": 800}, reduced_motion="reduce"
            )
            await context.add_cookies(
                [{"name": name, "value": value, "url": f"http://127.0.0.1:{asked['http']}"}]
            )
            page = await context.new_page()
            await page.add_init_script(DIARY)
            await page.goto(f"http://127.0.0.1:{asked['http']}/desk")
            await page.get_by_test_id("desk").wait_for(timeout=60_000)
            pages.append(page)
        say(open=len(pages))

        async def look() -> dict[str, Any]:
            behind = time.time() - time.monotonic()  # the page's clock is the wall's
            painted: dict[str, float] = {}
            for page in pages:
                painted |= await page.evaluate("window.painted")
            return {"arrived": {pop: at - behind for pop, at in painted.items()}}

        await obey(look)
        await browser.close()


if __name__ == "__main__":
    run(main, sys.argv[1])
