"""A supervisor's menus ask the server for what they say, and an agent's desk shows what came of it."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def card(page: Page, state: str):
    return page.locator(f'[data-testid="agent-card"][data-state="{state}"]').first


def test_an_ear_in_a_call(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    busy = card(page, "busy")
    agent = busy.get_attribute("data-agent")
    busy.get_by_test_id("agent-menu").click()
    page.get_by_test_id("spy-whisper").click()
    expect(page.get_by_test_id("notice")).to_have_text("Your telephone rings now.")
    assert fake.deeds == [("/control/spy", {"agent": agent, "mode": "whisper"})]
    fake.telephone = False
    busy.get_by_test_id("agent-menu").click()
    page.get_by_test_id("spy-listen").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Your account has no telephone")


def test_only_who_talks_can_be_heard(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    card(page, "ready").get_by_test_id("agent-menu").click()
    expect(page.get_by_test_id("agent-note")).to_be_visible()
    expect(page.get_by_test_id("spy-listen")).to_have_count(0)


def test_reasons_are_the_policys(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.reasons = [
        {"code": "coffee", "name": {"en": "Coffee", "zh": "咖啡"}, "stay_seconds": None, "day_seconds": None, "paid": True}
    ]  # fmt: skip
    page = opened("supervisor", "/floor")
    ready = card(page, "ready")
    agent = ready.get_attribute("data-agent")
    ready.get_by_test_id("agent-menu").click()
    expect(page.get_by_test_id("agent-not-ready-break")).to_have_count(0)
    page.get_by_test_id("agent-not-ready-coffee").click()
    row = page.locator(f'[data-testid="agent-card"][data-agent="{agent}"]')
    expect(row.get_by_test_id("agent-state")).to_contain_text("Coffee")


def test_a_team_is_written_to(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    page.get_by_test_id("write-all").click()
    page.get_by_test_id("ask-choice").click()
    page.get_by_role("option", name="Team night shift").click()
    page.get_by_test_id("ask-text").fill("Well done")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("notice")).to_have_text("Sent to 1 agent.")
    assert fake.deeds == [("/notes", {"text": "Well done", "team": "night shift"})]


def test_a_log_off_wants_a_reason(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    ready = card(page, "ready")
    agent = ready.get_attribute("data-agent")
    ready.get_by_test_id("agent-menu").click()
    page.get_by_test_id("agent-logoff").click()
    confirm = page.get_by_test_id("ask-confirm")
    expect(page.get_by_test_id("ask-text")).to_be_focused()
    expect(confirm).to_be_disabled()
    page.get_by_test_id("ask-text").fill("  left without a word ")
    confirm.click()
    expect(page.get_by_test_id("ask-text")).to_have_count(0)
    assert fake.deeds == [(f"/agents/{agent}/force-logoff", {"reason": "left without a word"})]


def test_waiting_callers_are_moved_with_a_reason(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    row = page.get_by_test_id("waiting-row").nth(2)
    call = row.get_attribute("data-call")
    row.get_by_test_id("waiting-menu").click()
    page.get_by_test_id("waiting-first").click()
    page.get_by_test_id("ask-text").fill("complained twice")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("notice")).to_have_text("Done.")
    row.get_by_test_id("waiting-menu").click()
    page.get_by_test_id("waiting-move").click()
    page.get_by_test_id("ask-text").fill("knows the product")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("ask-text")).to_have_count(0)
    paths = [(path.rpartition("/")[2], body) for path, body in fake.deeds]
    assert paths[0] == ("first", {"reason": "complained twice"})
    assert paths[1][0] == "move"
    assert paths[1][1]["reason"] == "knows the product"
    assert paths[1][1]["queue"] != row.get_attribute("data-queue")
    assert call is not None


def test_the_keyboard_is_enough(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    row = page.get_by_test_id("waiting-row").first
    row.get_by_test_id("waiting-menu").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("waiting-first")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("ask-text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("ask-text")).to_have_count(0)
    assert fake.deeds == []


def test_an_agent_sees_notes_and_who_listens(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("desk")).to_be_visible()
    expect(page.get_by_test_id("agent-menu")).to_have_count(0)
    fake.notes = [{"id": "n1", "by": "Grace", "text": "Team meeting at 3.\nBring coffee.", "at": time.time()}]
    fake.call(fake.tell({"type": "note", "note": fake.notes[0]}, "101"))
    expect(page.get_by_test_id("note")).to_contain_text("Team meeting at 3.")
    fake.call(fake.tell({"type": "supervised", "mode": "whisper"}, "101"))
    expect(page.get_by_test_id("supervised-mark")).to_have_attribute("data-mode", "whisper")
    fake.call(fake.tell({"type": "supervised", "mode": None}, "101"))
    expect(page.get_by_test_id("supervised-mark")).to_have_count(0)
    page.get_by_test_id("note-read").click()
    expect(page.get_by_test_id("note")).to_have_count(0)
    assert fake.notes == []
