"""The screen on the wall: chosen queues, no people, readable, and plain about old numbers."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.fake_api import FakeServer


def test_it_shows_each_queue_in_words_and_nothing_about_people(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/wall", width=1920, height=1080)
    rows = page.get_by_test_id("wall-queue")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Over target")
    expect(rows.first).to_contain_text("Platinum")
    expect(page.get_by_test_id("wall-surge")).to_have_count(1)
    expect(rows.first.get_by_test_id("wall-surge")).to_have_text(re.compile(r"Surge *1:3\d"))
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("6")
    expect(page.get_by_role("navigation")).to_have_count(0)
    text = page.locator("body").inner_text()
    for name, company, number in ((name, company, number) for _, name, company, _, number in stories.PEOPLE):
        assert name not in text
        assert not company or company not in text
        assert number[-4:] not in text
    assert not any(name in text for _, name, *_ in stories.AGENTS)


def test_the_smallest_text_is_still_large(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/wall", width=1920, height=1080)
    expect(page.get_by_test_id("wall-queue").first).to_be_visible()
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].filter(one => one.childNodes.length && "
        "[...one.childNodes].some(part => part.nodeType === 3 && part.data.trim())).map(one => "
        "parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert (
        smallest >= 1080 * 0.022
    )  # 1.5 cm on a screen of 55 inches: a capital of 1 cm is read from five metres
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_queues_are_chosen_by_the_address_in_that_order_and_strangers_are_named(
    opened: Callable[..., Page],
) -> None:
    page = opened("supervisor", "/wall?queues=sales,nowhere", width=1920, height=1080)
    row = page.get_by_test_id("wall-queue")
    expect(row).to_have_count(1)
    expect(row).to_have_attribute("data-queue", "sales")
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("2")
    expect(page.get_by_test_id("wall-unknown")).to_contain_text("nowhere")


def test_it_speaks_the_language_of_its_address(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/wall?lang=zh&scheme=dark", width=1920, height=1080)
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("排队")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.goto(page.url.replace("lang=zh", "lang=both"))
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("Waiting")
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("排队")


def test_more_queues_than_fit_take_turns(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/wall?seconds=3", width=1920, height=1080)
    expect(page.get_by_test_id("wall-queue")).to_have_count(2)
    floor = fake.floor()
    some = floor["queues"][0]
    queues = [some | {"queue": f"queue {number} of a long name of many words"} for number in range(9)]
    fake.call(fake.tell({"type": "floor", "floor": floor | {"queues": queues}}))
    expect(page.get_by_test_id("wall-page")).to_have_text("1 / 2")
    first = page.get_by_test_id("wall-queue").first.get_attribute("data-queue")
    expect(page.get_by_test_id("wall-page")).to_have_text("2 / 2")
    assert page.get_by_test_id("wall-queue").first.get_attribute("data-queue") != first
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_old_numbers_are_said_to_be_old_and_new_ones_come_by_themselves(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/wall", width=1920, height=1080)
    expect(page.get_by_test_id("wall-queue").first).to_be_visible()
    fake.refuse_stream = True
    fake.broken.add("floor")
    fake.call(fake.drop_streams())
    expect(page.get_by_test_id("wall-old")).to_contain_text("OLD NUMBERS")
    fake.refuse_stream = False
    fake.empty = True
    expect(page.get_by_test_id("wall-old")).to_have_count(0, timeout=30_000)
    expect(page.get_by_test_id("wall-waiting")).to_contain_text("0")


OVERLAPS = """[...document.querySelectorAll('[data-testid=wall-queue] td')].filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.innerText)"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160), (1366, 768), (1080, 1920)])
def test_no_number_runs_into_the_next(
    opened: Callable[..., Page], fake: FakeServer, width: int, height: int
) -> None:
    page = opened("supervisor", "/wall?lang=both", width=width, height=height)
    expect(page.get_by_test_id("wall-queue")).to_have_count(2)
    floor = fake.floor()
    long = {
        "longest_since": time.time() - 3 * 3600,
        "waiting": 888,
        "agents_ready": 888,
        "service_level": 1.0,
    }
    queues = [row | long for row in floor["queues"]]
    fake.call(fake.tell({"type": "floor", "floor": floor | {"queues": queues}}))
    expect(page.get_by_test_id("wall-queue").first).to_contain_text("3:00:")
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_lost_switch_is_said(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.link_up = False
    page = opened("supervisor", "/wall", width=1920, height=1080)
    expect(page.get_by_test_id("wall-switch")).to_contain_text("NO LINK to switch pbx")
