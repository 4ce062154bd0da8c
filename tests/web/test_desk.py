"""The agent's desk: pops arrive, are acknowledged when they stand on the screen, change and go."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.fake_api import FakeServer

CALL = "pbx:1767225700.1"


def wait_for_acks(page: Page, fake: FakeServer, number: int) -> list[str]:
    deadline = time.monotonic() + 5
    while len(fake.acks) < number and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    return [pop for pop, _ in fake.acks]


def ready(page: Page) -> None:
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    expect(page.get_by_test_id("desk")).to_be_visible()


def test_a_pop_shows_who_calls_and_is_acknowledged_once(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("agent", "/desk")
    ready(page)
    began = time.time()
    fake.call(fake.pop(stories.pop(began)))
    pop = page.get_by_test_id("pop")
    expect(pop).to_have_attribute("data-tier", "platinum")
    expect(pop.get_by_test_id("pop-name")).to_contain_text("Sir Bartholomew")
    expect(pop.get_by_test_id("pop-number")).to_have_text("+44 20 7946 0018")
    expect(pop.get_by_test_id("pop-queue")).to_have_text("support")
    expect(pop.get_by_test_id("pop-waited")).to_have_text("0:37")
    expect(pop.get_by_test_id("pop-why")).to_contain_text("a head start of 10:00")
    expect(pop.get_by_test_id("pop-contact")).to_have_count(3)
    assert pop.get_attribute("aria-live") is None  # what the card learns later interrupts nobody
    aloud = page.get_by_test_id("pop-aloud")
    expect(aloud).to_contain_text("Sir Bartholomew")
    expect(aloud).to_contain_text("Platinum, support")
    fake.call(fake.pop(stories.pop(began)))  # told twice
    assert wait_for_acks(page, fake, 1) == [f"{CALL}/101"]
    page.wait_for_timeout(300)
    assert len(fake.acks) == 1
    assert fake.acks[0][1] - began < 4.0  # pushed, not found by the next question


def test_what_the_sites_own_program_offers_is_the_first_button_of_that_ring(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("agent", "/desk")
    ready(page)
    ring = stories.pop(time.time())
    fake.call(fake.pop(ring))
    offer = {"type": "pop_action", "pop": ring["id"], "at": ring["at"], "url": "https://crm.example/c/7"}
    fake.call(fake.tell(offer, "101"))
    first = page.get_by_test_id("pop-links").get_by_role("link").first
    expect(first).to_have_attribute("href", "https://crm.example/c/7")
    fake.call(fake.pop({**ring, "at": ring["at"] + 30}))  # rung again: that was the ring before
    expect(page.get_by_test_id("pop-offer")).to_have_count(0)


def test_the_card_of_the_last_call_is_there_after_a_reload_until_it_is_put_away(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    last = {**stories.pop(time.time(), state="ended"), "restored": True}
    fake.open_pops[last["id"]] = last  # told to every page that opens
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "ended")
    page.get_by_test_id("pop-dismiss").click()
    fake.call(fake.drop_streams())
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    expect(page.get_by_test_id("pop")).to_have_count(0)


def test_the_acknowledgement_waits_for_the_screen(opened: Callable[..., Page], fake: FakeServer) -> None:
    """While the browser paints nothing, nothing is acknowledged."""
    page = opened("agent", "/desk")
    ready(page)
    page.evaluate(
        "() => { window.held = []; window.paint = window.requestAnimationFrame;"
        "window.requestAnimationFrame = (frame) => window.held.push(frame) }"
    )
    fake.call(fake.pop(stories.pop(time.time())))
    expect(page.get_by_test_id("pop")).to_be_visible()
    page.wait_for_timeout(400)
    assert fake.acks == []
    page.evaluate(
        "() => { window.requestAnimationFrame = window.paint; for (const frame of window.held) window.paint(frame) }"
    )
    assert wait_for_acks(page, fake, 1) == [f"{CALL}/101"]


def test_ringing_then_answered_then_ended(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    ready(page)
    pop = page.get_by_test_id("pop")
    for state in ("ringing", "answered", "ended"):
        fake.call(fake.pop(stories.pop(1000.0, state=state)))
        expect(pop).to_have_attribute("data-state", state)
    pop.get_by_test_id("pop-dismiss").click()
    expect(pop).to_have_count(0)


def test_a_withdrawn_pop_says_why_and_a_second_ring_is_acknowledged_again(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("agent", "/desk")
    ready(page)
    fake.call(fake.pop(stories.pop(1000.0)))
    wait_for_acks(page, fake, 1)
    fake.call(fake.pop(stories.pop(1000.0, state="withdrawn") | {"reason": "answered_elsewhere"}))
    expect(page.get_by_test_id("pop-reason")).to_have_text("Another agent has answered.")
    fake.call(fake.pop(stories.pop(1030.0)))
    expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "ringing")
    assert wait_for_acks(page, fake, 2) == [f"{CALL}/101"] * 2


def test_a_pop_survives_a_reload_and_a_lost_connection(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    ready(page)
    fake.call(fake.pop(stories.pop(time.time(), state="answered")))
    expect(page.get_by_test_id("pop")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("pop")).to_have_attribute("data-state", "answered")
    fake.call(fake.drop_streams())
    ready(page)
    page.wait_for_timeout(3500)  # longer than stale cards are kept
    expect(page.get_by_test_id("pop")).to_have_count(1)


def test_a_pop_that_ended_while_the_page_was_away_goes(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    ready(page)
    fake.call(fake.pop(stories.pop(time.time())))
    expect(page.get_by_test_id("pop")).to_be_visible()
    fake.open_pops.clear()
    fake.call(fake.drop_streams())
    expect(page.get_by_test_id("pop")).to_have_count(0)


def test_on_another_page_the_pop_stands_in_the_corner(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/customers")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    fake.call(fake.pop(stories.pop(time.time())))
    expect(page.get_by_test_id("pop-dock").get_by_test_id("pop-name")).to_contain_text("Sir Bartholomew")
    assert wait_for_acks(page, fake, 1) == [f"{CALL}/101"]
    assert "Incoming call" in page.title()


def test_a_colleagues_pop_is_not_shown(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    fake.call(fake.pop(stories.pop(time.time())))
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("pop")).to_have_count(0)


def test_the_agent_changes_the_own_state(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    ready(page)
    page.get_by_test_id("not-ready").click()
    page.get_by_test_id("not-ready-lunch").click()
    expect(page.get_by_test_id("own-state")).to_contain_text("Lunch")
    assert fake.agent_states["101"][:2] == ("not_ready", "lunch")
    page.get_by_test_id("go-ready").click()
    expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready")
    fake.agent_states["101"] = ("working_after_call", "ACW", time.time())
    fake.call(fake.tell({"type": "floor", "floor": fake.floor()}))
    page.get_by_test_id("finish-wrap-up").click()
    expect(page.get_by_test_id("own-state")).to_have_attribute("data-state", "ready")
    assert "POST /agents/101/wrap-up" in fake.asked
