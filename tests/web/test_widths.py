"""No page is wider than its window, and no table's head is cut, in either language."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PATHS = [
    ("supervisor", "/floor"), ("supervisor", "/wall?lang=both"), ("agent", "/desk"), ("supervisor", "/calls"), ("supervisor", "/calls/pbx%3A1767224806.2"),
    ("supervisor", "/recordings?play=r-1"), ("supervisor", "/recordings/r-3"), ("reviewer", "/reviews?state=scored"), ("reviewer", "/reviews/v-2"), ("reviewer", "/reviews/satisfaction"),
    ("supervisor", "/reviews/coverage?by=agent"), ("supervisor", "/reviews/calibration"), ("supervisor", "/reviews/disputes?dispute=v-3-d1"),
    ("supervisor", "/reviews/coaching?all=yes"), ("supervisor", "/reviews/v-3"), ("supervisor", "/reviews/v-1"), ("agent", "/own-reviews/r1"),
    ("supervisor", "/reviews/reports?group=team"), ("administrator", "/reviews/scorecards"), ("administrator", "/reviews/scorecards/edit/inbound"),
    ("agent", "/care"), ("supervisor", "/care?tab=rescues"),
    ("supervisor", "/customers"), ("supervisor", "/customers/c-2"), ("supervisor", "/kpi?group=tier"), ("administrator", "/operations"),
    ("supervisor", "/account"), ("administrator", "/users"), ("administrator", "/audit"), ("administrator", "/audit/listening"), ("administrator", "/keeping"),
    ("administrator", "/routing"),
]  # fmt: skip
WIDTHS = {"en": (1280, 1024, 390), "zh": (1920, 1280)}
CUT = "[...document.querySelectorAll('th')].filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"


@pytest.mark.parametrize("language", WIDTHS)
@pytest.mark.parametrize(("login", "path"), PATHS)
def test_no_page_is_wider_than_its_window(
    opened: Callable[..., Page], login: str, path: str, language: str
) -> None:
    first, *others = WIDTHS[language]
    page = opened(login, path, language=language, width=first)
    page.wait_for_load_state("networkidle") if login == "reviewer" else page.wait_for_timeout(700)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    for width in (first, *others):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(150)  # what is drawn by hand follows its box
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate(CUT)
        assert cut == [], f"{path} in {language} at {width} cuts the heads {cut}"
