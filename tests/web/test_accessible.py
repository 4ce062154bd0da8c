"""Every page can be read and used by everybody: axe-core finds nothing serious, in both colour schemes and on a phone."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.conftest import WEB
from tests.web.fake_api import FakeServer

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
CONTRAST = ("color-contrast",)
GRAVE = ("serious", "critical")
# A colour on its way is no colour to measure, and a page that was just told of the dark starts its changes in a later frame.
SETTLED = """async () => {
  const moves = () => document.getAnimations().filter(one => one.playState === 'running');
  for (let quiet = 0; quiet < 2; quiet += 1) {
    await new Promise(done => requestAnimationFrame(done));
    if (moves().length) { quiet = -1; await Promise.allSettled(moves().map(one => one.finished)); }
  }
}"""

PAGES = [
    (None, "/", "sign-in"), ("supervisor", "/floor", "agent-card"), ("agent", "/desk", "next-in-line"),
    ("supervisor", "/wall", "wall-queue"), ("supervisor", "/calls?each=visit&fate=abandoned", "calls-counted"),
    ("supervisor", "/calls", "calls-table"), ("supervisor", "/calls/pbx%3A1767224806.2", "decision-reasons"),
    ("supervisor", "/recordings?play=r-1", "player-time"), ("reviewer", "/recordings/r-3", "note"), ("reviewer", "/reviews", "reviews-table"),
    ("reviewer", "/reviews?state=scored", "reviews-table"), ("reviewer", "/reviews/v-2", "score-section"),
    ("reviewer", "/reviews/satisfaction", "sat-items"), ("supervisor", "/reviews/coverage", "sample-figures"),
    ("supervisor", "/reviews/calibration", "questions"), ("supervisor", "/reviews/disputes?dispute=v-3-d1", "dispute"),
    ("supervisor", "/reviews/coaching", "tasks"), ("agent", "/own-reviews/r1", "own-sound"), ("supervisor", "/reviews/v-1", "assign"),
    ("supervisor", "/reviews/reports?group=agent", "reports-canvas"),
    ("administrator", "/reviews/scorecards", "cards-versions"), ("administrator", "/reviews/scorecards/edit/inbound", "card-item"),
    ("agent", "/care", "care-table"), ("supervisor", "/care?tab=rescues", "care-table"),
    ("supervisor", "/customers", "customers-table"), ("supervisor", "/customers/c-2", "tier-history"),
    ("supervisor", "/kpi?group=tier", "kpi-canvas"), ("operator", "/operations", "operations-preflight"),
    ("supervisor", "/account", "tokens-table"), ("administrator", "/users", "users-table"), ("administrator", "/audit", "audit-table"),
    ("administrator", "/keeping", "retention-table"), ("administrator", "/audit/listening", "listening-table"),
    ("administrator", "/routing", "routing-changes"),
]  # fmt: skip


def grave(page: Page, rules: tuple[str, ...] = RULES) -> list[str]:
    """What axe-core calls serious or critical, one line a place."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(SETTLED)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations",
        list(rules),
    )
    return [
        f"{rule['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def in_the_dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


@pytest.mark.parametrize(("login", "path", "stands"), PAGES)
def test_no_page_shuts_anybody_out(
    opened: Callable[..., Page], login: str | None, path: str, stands: str
) -> None:
    page = opened(login, path)
    expect(page.get_by_test_id(stands).first).to_be_visible(timeout=15_000)
    assert grave(page) == []
    in_the_dark(page)
    assert grave(page, CONTRAST) == []


@pytest.mark.parametrize(("login", "path", "stands"), [PAGES[1], PAGES[2], PAGES[5]])
def test_a_phone_shuts_nobody_out(opened: Callable[..., Page], login: str, path: str, stands: str) -> None:
    page = opened(login, path, width=390, height=844)
    expect(page.get_by_test_id(stands).first).to_be_visible(timeout=15_000)
    assert grave(page) == []


DIALOGS = [
    ("supervisor", "/reviews/v-3", "coach-open"), ("supervisor", "/reviews/v-3", "calibrate-open"), ("supervisor", "/recordings/r-3", "share"),
    ("administrator", "/keeping", "hold-put"), ("administrator", "/keeping", "erase-open"), ("supervisor", "/reviews/reports", "schedule-add"),
]  # fmt: skip


@pytest.mark.parametrize(("login", "path", "button"), DIALOGS)
def test_no_dialog_shuts_anybody_out(opened: Callable[..., Page], login: str, path: str, button: str) -> None:
    page = opened(login, path)
    page.get_by_test_id(button).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert grave(page) == []
    in_the_dark(page)
    assert grave(page, CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pops_can_be_read_by_everybody(opened: Callable[..., Page], fake: FakeServer, scheme: str) -> None:
    page = opened("agent", "/desk", scheme=scheme)
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    fake.call(fake.pop(stories.pop(time.time())))
    expect(page.get_by_test_id("pop")).to_be_visible()
    assert grave(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bad_news_can_be_read_by_everybody(
    opened: Callable[..., Page], fake: FakeServer, scheme: str
) -> None:
    fake.link_up = False
    fake.empty = True
    page = opened("supervisor", "/floor", scheme=scheme)
    expect(page.get_by_test_id("link-banner")).to_be_visible()
    assert grave(page) == []


def test_the_keyboard_alone_is_enough(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("agent-card").first).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Tab")
    link = page.get_by_test_id("nav-floor")
    expect(link).to_be_focused()
    assert link.evaluate("one => getComputedStyle(one).outlineStyle") == "solid", "the focus is seen"
    actions = page.get_by_test_id("agent-card").first.get_by_role("button")
    actions.press("Enter")
    expect(page.get_by_role("menuitem", name="Meeting")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem", name="Meeting")).to_have_count(0)
    expect(actions).to_be_focused()
    assert fake.agent_states == {}
