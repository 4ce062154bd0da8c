"""Pages of quality in Chromium for several people at once, and the arithmetic that what they show is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from tests.config.house import PASSWORD
from tests.live.house.desks import FLAGS

PATIENCE = 30_000  # ms, for what a loaded machine does late
Value = str | int


class Answer(NamedTuple):
    """`steps`: how often five seconds are skipped before the moment is marked; None marks none."""

    value: Value
    comment: str = ""
    steps: int | None = None


Answers = Mapping[str, Answer]


class Building:
    """Everybody has a browser of his own: `await building.open("reviewer", "/reviews")`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self.address = browser, address
        self._contexts: dict[str, BrowserContext] = {}
        self.errors: list[str] = []

    async def open(self, login: str, path: str) -> Page:
        """Signs in through the page, where this login has no browser yet."""
        if login in self._contexts:
            page = await self._contexts[login].new_page()
            await page.goto(self.address + path)
        else:
            self._contexts[login] = await self._browser.new_context(
                viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce"
            )
            self._contexts[login].set_default_timeout(PATIENCE)
            page = await self._contexts[login].new_page()
            await page.goto(self.address + path)
            await page.get_by_test_id("sign-in-login").fill(login)
            await page.get_by_test_id("sign-in-password").fill(PASSWORD)
            await page.get_by_test_id("sign-in-submit").click()
        page.on("pageerror", lambda error: self.errors.append(f"{login}: {error}"))
        await expect(page.get_by_test_id("user-menu")).to_be_visible(timeout=PATIENCE)
        return page

    async def leave(self, login: str) -> None:
        """Nothing of what only the browser knew is left."""
        await self._contexts.pop(login).close()

    async def ask(self, login: str, path: str) -> Any:
        """As a page of his would."""
        answer = await self._contexts[login].request.get(f"{self.address}/api/v1{path}")
        assert answer.ok, await answer.text()
        return await answer.json()


@asynccontextmanager
async def building(address: str) -> AsyncIterator[Building]:
    """Chromium is closed at the end, and no page may have met an error of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        rooms = Building(browser, address)
        try:
            yield rooms
        finally:
            await browser.close()
        assert rooms.errors == []


def path_of(review: str) -> str:
    return f"/reviews/{quote(review, safe='')}"


def own_path_of(review: str) -> str:
    return f"/own-reviews/{quote(review, safe='')}"


def row(page: Page, item: str) -> Locator:
    return page.locator(f"[data-testid=score-item][data-item={item}]")


async def claim(page: Page, kind: str, given_to: str = "") -> str:
    """Takes the first review of this kind from the list by its button; gives its id."""
    await page.get_by_test_id("nav-reviews").click()
    rows = page.get_by_test_id("reviews-table-row").filter(has_text=kind)
    found = rows.filter(has_text=given_to).first
    await found.get_by_test_id("review-claim").click()
    await claimed(page)
    return unquote(page.url.rpartition("/")[2])


async def claimed(page: Page) -> None:
    await expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "claimed", timeout=PATIENCE)
    await expect(page.get_by_test_id("player-time")).to_be_visible(timeout=PATIENCE)


async def type_answers(page: Page, answers: Answers) -> None:
    """All of them by keys alone, in the order of the card, from the first question on."""
    for item, answer in answers.items():
        await page.keyboard.press("j")
        await page.keyboard.press("x" if answer.value == "na" else str(answer.value)[0])
        if answer.steps is not None:
            await _moved(page, answer.steps)
            await page.keyboard.press("m")
        if answer.comment:
            await page.keyboard.press("c")
            comment = row(page, item).get_by_test_id("score-item-comment")
            await expect(comment).to_be_focused(timeout=PATIENCE)
            await page.keyboard.type(answer.comment)
            await page.keyboard.press("Escape")


async def _moved(page: Page, steps: int) -> None:
    player = page.get_by_test_id("player")
    for _ in range(8):
        await page.keyboard.press("h")
    await expect(player).to_have_attribute("data-now", "0.00", timeout=PATIENCE)
    for step in range(steps):
        await page.keyboard.press("l")
        await expect(player).to_have_attribute("data-now", f"{5 * (step + 1)}.00", timeout=PATIENCE)


async def click_answers(page: Page, answers: Answers) -> None:
    """The same by the mouse."""
    for item, answer in answers.items():
        here = row(page, item)
        await here.locator(f"label[data-value='{answer.value}']").click()
        if answer.steps is not None:
            for step in range(answer.steps):
                await page.get_by_test_id("player-forward").click()
                at = f"{5 * (step + 1)}.00"
                await expect(page.get_by_test_id("player")).to_have_attribute("data-now", at)
            await here.get_by_test_id("score-moment").click()
        if answer.comment:
            await here.get_by_test_id("score-item-comment").fill(answer.comment)


async def shows(page: Page, answers: Answers) -> None:
    """The form has these answers, their comments and moments."""
    for item, answer in answers.items():
        here = row(page, item)
        await expect(here.get_by_test_id(f"answer-{answer.value}")).to_be_checked(timeout=PATIENCE)
        if answer.comment:
            await expect(here.get_by_test_id("score-item-comment")).to_have_value(answer.comment)
        if answer.steps is not None:
            await expect(here).to_contain_text(f"0:{5 * answer.steps:02}")


async def save(page: Page, expected: float, *, by_keys: bool = True) -> None:
    """With the score that it should come to, before and after."""
    whole = fixed(expected)
    await expect(page.get_by_test_id("score-preview")).to_have_text(whole, timeout=PATIENCE)
    if by_keys:
        await page.keyboard.press("Control+Enter")
    else:
        await page.get_by_test_id("score-save").click()
    await expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "scored", timeout=PATIENCE)
    await expect(page.get_by_test_id("review-score")).to_have_text(whole)


async def kept(rooms: Building, login: str, card: dict[str, Any], review: str, wanted: Answers) -> None:
    """What the server has of it is what was pressed, and the score is exact."""
    found = await rooms.ask(login, path_of(review))
    told = {
        item: Answer(
            one["value"], one["comment"], None if one["at_seconds"] is None else round(one["at_seconds"]) // 5
        )
        for item, one in found["answers"].items()
    }
    assert told == dict(wanted)
    critical = any(
        wanted[item["id"]].value == "no"
        for part in card["sections"]
        for item in part["items"]
        if item["critical"]
    )
    score = points(card, wanted)
    passed = score >= card["pass_mark"] and not critical
    assert (found["state"], found["score"], found["result"]) == (
        "scored",
        score,
        "pass" if passed else "fail",
    )


def fixed(value: float, places: int = 0) -> str:
    """As JavaScript's toFixed writes it: halves up."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def points(card: dict[str, Any], answers: Answers) -> float:
    """Of 100: each section's weight in proportion to what was reached of what applied; critical questions weigh nothing."""
    reached = possible = Fraction(0)
    for section in card["sections"]:
        got = of = Fraction(0)
        for item in section["items"]:
            value = answers[item["id"]].value
            if item["critical"] or value == "na":
                continue
            of += Fraction(item["weight"])
            share = Fraction(value, 4) if isinstance(value, int) else Fraction(value == "yes")
            got += Fraction(item["weight"]) * share
        if of:
            reached += Fraction(section["weight"]) * got / of
            possible += Fraction(section["weight"])
    return int(10_000 * reached / possible + Fraction(1, 2)) / 100


class Coefficients(NamedTuple):
    agreement: float
    gwet: float
    alpha: float
    kappa: float


def coefficients(pairs: Sequence[tuple[str, str]]) -> Coefficients:
    """Of two reviewers and two possible answers, by the formulas of the textbooks."""
    n = len(pairs)
    alike = sum(one == other for one, other in pairs) / n
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    both = first + second
    by_chance = sum(first[value] * second[value] for value in both) / n**2
    gwets_chance = sum(both[value] / (2 * n) * (1 - both[value] / (2 * n)) for value in both)
    apart = (4 * n * n - sum(times * times for times in both.values())) / (2 * n * (2 * n - 1))
    return Coefficients(
        agreement=alike,
        gwet=(alike - gwets_chance) / (1 - gwets_chance),
        alpha=1 - (1 - alike) / apart,
        kappa=(alike - by_chance) / (1 - by_chance),
    )


def as_shown(of: Coefficients) -> tuple[str, ...]:
    return (f"{fixed(100 * of.agreement)}%", *(fixed(one, 2) for one in (of.gwet, of.alpha, of.kappa)))
