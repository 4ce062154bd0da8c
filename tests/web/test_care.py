"""Callbacks and rescue: due next first, claimed by a click, with their story; a card on the desk when one's own begins."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web import fake_care
from tests.web.fake_api import FakeServer


def test_an_agent_claims_a_callback_and_reads_its_story(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("agent", "/care")
    rows = page.get_by_test_id("care-table-row")
    expect(rows).to_have_count(3, timeout=20_000)
    expect(rows.first).to_contain_text("late")
    expect(rows.first).to_contain_text("王小明")
    rows.first.get_by_test_id("care-claim").click()
    expect(rows.first.get_by_test_id("care-release")).to_be_visible()
    assert fake.cared_for == [("callbacks", "a1", "claim")]
    rows.first.press("Enter")
    drawer = page.get_by_test_id("care-drawer")
    expect(drawer.get_by_test_id("timeline-entry")).to_have_count(3)
    expect(drawer).to_contain_text("the customer did not answer")
    page.keyboard.press("Escape")
    expect(drawer.get_by_test_id("timeline-entry")).to_have_count(0)


def test_a_rescue_is_closed_with_a_reason_and_one_without_a_number_is_listed(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/care?tab=rescues")
    rows = page.get_by_test_id("care-table-row")
    expect(rows).to_have_count(2, timeout=20_000)
    expect(rows.last).to_contain_text("No number")
    rows.first.click()
    close = page.get_by_test_id("care-close")
    expect(close).to_be_disabled()
    page.get_by_test_id("care-close-why").fill("wrote by mail")
    close.click()
    expect(rows).to_have_count(1)
    assert fake.cared_for == [("rescues", "pbx:1767224806.2.1", "close")]


def test_nothing_owed_says_so_and_an_error_can_be_tried_again(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    fake.empty = True
    page = opened("agent", "/care")
    expect(page.get_by_test_id("empty")).to_contain_text("No callback is owed.", timeout=20_000)
    fake.broken.add("rescues")
    page.get_by_test_id("care-tabs").get_by_text("Rescue", exact=True).click()
    expect(page.get_by_test_id("error")).to_be_visible(timeout=15_000)


def test_a_card_on_the_desk_when_ones_own_callback_begins(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("next-in-line")).to_be_visible(timeout=20_000)
    card = page.get_by_test_id("callback-card")
    expect(card).to_have_count(0)
    now = time.time()
    fake.own_callback = fake_care.callback(now, "a2", "ringing_agent", agent="101", reason="Invoice 4711")
    fake.call(fake.tell({"type": "callback"}))
    expect(card).to_have_attribute("data-state", "ringing_agent")
    expect(card).to_contain_text("Invoice 4711")
    fake.own_callback = None
    fake.call(fake.tell({"type": "callback"}))
    expect(card).to_have_count(0)
