"""Takes the pictures of docs/screens from a running demo: `cti demo` in one window, `python tools/screens.py` in another.

Every page in both languages, light and dark. Give the demo half an hour first: a floor with a history looks like one,
and reviewers have to have disagreed about some calls. A Chinese font must be installed.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 180_000  # milliseconds until a caller of a named tier rings
BIGGEST = 300_000  # bytes of one picture


class Refused(Exception):
    """One sentence that says what to do."""


class Picture(NamedTuple):
    """`ready` brings the page to what the picture is about; nobody signs in without a `login`."""

    name: str
    login: str
    path: str
    ready: Callable[[Page], None]
    width: int = 1440
    height: int = 900


def stands(test_id: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_test_id(test_id).first).to_be_visible()


def rows_or_none(table: str) -> Callable[[Page], None]:
    """A list that may be empty in a demo."""
    return lambda page: page.get_by_test_id(table).or_(page.get_by_test_id("empty")).first.wait_for()


def busy_floor(page: Page) -> None:
    """A line worth looking at."""
    page.wait_for_function("() => document.querySelectorAll('[data-testid=waiting-row]').length > 4")


def ringing(page: Page) -> None:
    """A phone rings."""
    page.locator("[data-testid=pop][data-state=ringing]").first.wait_for()


def first_row(table: str, then: str) -> Callable[[Page], None]:
    def open_it(page: Page) -> None:
        page.get_by_test_id(f"{table}-row").first.click()
        stands(then)(page)

    return open_it


def scoring(page: Page) -> None:
    """A review half scored; it stays claimed by the reviewer."""
    home = page.url
    page.goto(f"{home}?state=claimed&mine=yes")
    row = page.get_by_test_id("reviews-table-row").first
    row.or_(page.get_by_test_id("empty")).wait_for()
    if row.is_visible():
        row.click()
    else:
        page.goto(home)
        page.get_by_test_id("review-claim").first.click()
    stands("player-time")(page)
    for item in page.get_by_test_id("score-item").all()[:5]:
        item.locator("label[data-value=yes], label[data-value='3']").first.click()


def told_one(page: Page, path: str) -> dict[str, Any]:
    """What the API says to whoever is signed in."""
    at = urlsplit(page.url)
    answer: dict[str, Any] = page.request.get(f"{at.scheme}://{at.netloc}/api/v1{path}").json()
    return answer


def told(page: Page, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = told_one(page, path)["items"]
    return items


def go(page: Page, path: str) -> None:
    page.evaluate("path => location.assign(path)", path)
    page.wait_for_url(f"**{path}")


def spoken_of(page: Page) -> None:
    """A recording that was scored, with something marked down and noted."""
    scored = told(page, "/reviews?state=scored&limit=100")
    worst = min(scored, key=lambda one: 100.0 if one["score"] is None else one["score"])
    go(page, "/recordings/" + quote(worst["recording"], safe=""))
    stands("player-time")(page)
    stands("recording-signals")(page)


def shared(page: Page) -> None:
    """The dialog with a link that was just made."""
    spoken_of(page)
    page.get_by_test_id("share").click()
    page.get_by_test_id("share-make").click()
    stands("share-link")(page)


def compared(page: Page) -> None:
    """A session that is over."""
    stands("questions-table")(page)
    page.get_by_test_id("sessions-row").nth(1).click()
    stands("session")(page)


def objected(page: Page) -> None:
    """The agent's view of a review that he disputed, else of any."""
    own = told(page, "/own-reviews?limit=50")
    paths = ["/own-reviews/" + quote(one["id"], safe="") for one in own]
    go(page, next((path for path in paths if told_one(page, f"{path}/standing")["dispute"]), paths[0]))
    stands("own-score")(page)


def written(page: Page) -> None:
    """A scorecard in the editor, one question open."""
    page.get_by_test_id("card-item-open").first.click()
    stands("card-item-text-en")(page)


PICTURES = [
    Picture("sign-in", "", "/", stands("sign-in"), 1280, 800),
    Picture("desk", "anna", "/desk", ringing, 1280, 800),
    Picture("floor", "supervisor", "/floor", busy_floor, height=1090),
    Picture("phone", "supervisor", "/floor", busy_floor, 390, 844),
    Picture("wall", "supervisor", "/wall", stands("wall"), 1920, 1080),
    Picture("calls", "supervisor", "/calls", stands("calls-table")),
    Picture("call", "supervisor", "/calls?outcome=answered&tier=platinum", first_row("calls-table", "player-time")),
    Picture("recordings", "reviewer", "/recordings?state=stored", first_row("recordings-table", "player-time")),
    Picture("reviews", "reviewer", "/reviews", stands("reviews-table")),
    Picture("review", "reviewer", "/reviews", scoring),
    Picture("recording", "reviewer", "/recordings", spoken_of, height=1250),
    Picture("share", "supervisor", "/recordings", shared),
    Picture("coverage", "supervisor", "/reviews/coverage?by=agent", stands("draws"), height=1300),
    Picture("calibration", "supervisor", "/reviews/calibration", stands("questions-table"), height=1000),
    Picture("session", "supervisor", "/reviews/calibration", compared, height=1150),
    Picture("disputes", "supervisor", "/reviews/disputes?state=decided", first_row("disputes", "dispute"), height=1000),
    Picture("own-review", "ben", "/desk", objected),
    Picture("coaching", "supervisor", "/reviews/coaching?all=yes", stands("tasks")),
    Picture("satisfaction", "supervisor", "/reviews/satisfaction", stands("sat-items"), height=1200),
    Picture("reports", "supervisor", "/reviews/reports?group=agent", stands("schedules-table"), height=1500),
    Picture("scorecards", "supervisor", "/reviews/scorecards", stands("cards-table")),
    Picture("editor", "supervisor", "/reviews/scorecards/edit/service-call", written, height=1100),
    Picture("listening", "admin", "/audit/listening", stands("listening-table")),
    Picture("keeping", "admin", "/keeping", stands("holds-table")),
    Picture("review-phone", "reviewer", "/reviews", scoring, 390, 844),
    Picture("callbacks", "supervisor", "/care", rows_or_none("care-table")),
    Picture("rescues", "supervisor", "/care?tab=rescues", rows_or_none("care-table")),
    Picture("customers", "supervisor", "/customers", stands("customers-table")),
    Picture("customer", "supervisor", "/customers?tier=platinum", first_row("customers-table", "history-line")),
    Picture("kpi", "supervisor", "/kpi?interval=900&period=hour", stands("kpi-canvas")),
    Picture("routing", "admin", "/routing", stands("routing-changes")),
    Picture("operations", "operator", "/operations", stands("operations-preflight")),
    Picture("users", "admin", "/users", stands("users-table")),
    Picture("audit", "admin", "/audit", stands("audit-table")),
    Picture("account", "anna", "/account", stands("sessions-table")),
]  # fmt: skip
IN_CHINESE = {"anna": "lei", "ben": "siyu"}
LANGUAGES, SCHEMES = ("en", "zh"), ("light", "dark")


def take(
    browser: Browser, address: str, password: str, picture: Picture, language: str, scheme: str
) -> bytes:
    """WebP: a fifth of a PNG's size, and every page of today's forges shows it."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.add_init_script(f"localStorage.setItem('tierline.language', '{language}')")
    context.set_default_timeout(PATIENCE)
    if picture.login:
        login = IN_CHINESE.get(picture.login, picture.login) if language == "zh" else picture.login
        asked = context.request.post(f"{address}/api/v1/session", data={"login": login, "password": password})
        if not asked.ok:
            raise Refused(f"{address} does not let {login} in: {asked.text()[:200]}")
    page = context.new_page()
    page.goto(address + picture.path)
    picture.ready(page)
    page.wait_for_load_state("networkidle")  # names come after numbers
    page.wait_for_timeout(700)  # waveforms and plots draw themselves
    drawn = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    context.close()
    taken = base64.b64decode(drawn["data"])
    if len(taken) > BIGGEST:
        raise Refused(f"{picture.name} is larger than {BIGGEST // 1000} kB: choose a smaller window.")
    return taken


def check_fonts() -> None:
    if not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip():
        raise Refused("No Chinese font: names would be boxes. Install one, on Debian fonts-noto-cjk.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/screens.py", description=__doc__)
    parser.add_argument("names", nargs="*", help="which (all of them): " + " ".join(p.name for p in PICTURES))
    parser.add_argument("--address", default="http://127.0.0.1:8080", help="where the demo is open")
    parser.add_argument("--password", default="tierline-demo")
    parser.add_argument("--target", type=Path, default=REPOSITORY / "docs" / "screens")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - {picture.name for picture in PICTURES}):
        print(f"There is no picture {unknown[0]}.", file=sys.stderr)
        return 2
    wanted = [picture for picture in PICTURES if not options.names or picture.name in options.names]
    expect.set_options(timeout=PATIENCE)
    try:
        check_fonts()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            for picture in wanted:
                for language, scheme in itertools.product(LANGUAGES, SCHEMES):
                    taken = take(browser, options.address, options.password, picture, language, scheme)
                    name = f"{picture.name}-{language}-{scheme}.webp"
                    (options.target / name).write_bytes(taken)
                    print(f"{name}: {len(taken) // 1000} kB", flush=True)
    except (Refused, Error, AssertionError) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
