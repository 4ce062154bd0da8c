"""Pausing a recording at the desk, what is kept and erased, and who listened to what."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer
from tests.web.test_desk_phone import own_call, shows


def test_a_recording_is_paused_and_says_so_until_it_goes_on(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    desk = opened("agent", "/desk")
    expect(desk.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    shows(fake, own_call(recorded=False, paused_since=None))
    expect(desk.get_by_test_id("phone-status")).to_have_text("Connected")
    expect(desk.get_by_test_id("recording")).to_have_count(0)
    shows(fake, own_call(recorded=True, paused_since=None))
    desk.get_by_test_id("recording-pause").click()
    shows(fake, own_call(recorded=True, paused_since=time.time() - 3))
    expect(desk.get_by_test_id("recording-paused")).to_contain_text("Recording is paused")
    desk.get_by_test_id("recording-resume").click()
    shows(fake, own_call(recorded=True, paused_since=None))
    expect(desk.get_by_test_id("recording-paused")).to_have_count(0)
    assert [button for button, _ in fake.pressed_by_now(2)] == ["pause-recording", "resume-recording"]
    told = {"type": "recording", "what": "resumed_by_itself", "call": "pbx:1", "agent": "101"}
    fake.call(fake.tell(told))
    expect(desk.get_by_test_id("notice")).to_contain_text("goes on by itself")
    assert len(fake.pressed) == 2


def test_holds_are_put_and_lifted_with_a_reason_and_forbid_to_erase(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("administrator", "/keeping")
    expect(page.get_by_test_id("retention-table-row").first).to_contain_text("180 days")
    page.get_by_test_id("hold-put").click()
    expect(page.get_by_test_id("hold-confirm")).to_be_disabled()
    page.get_by_test_id("hold-subject").fill("+8613800138000")
    page.get_by_test_id("hold-reason").fill("Court case 18")
    page.get_by_test_id("hold-confirm").click()
    expect(page.get_by_test_id("holds-table-row").first).to_contain_text("Court case 18")
    page.get_by_test_id("erase-open").click()
    page.get_by_test_id("erase-number").fill("+8613800138000")
    expect(page.get_by_test_id("erase-confirm")).to_be_disabled()
    page.get_by_test_id("erase-again").fill("+8613800138000")
    page.get_by_test_id("erase-confirm").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Court case 18")
    page.keyboard.press("Escape")
    page.get_by_test_id("hold-lift").first.click()
    page.get_by_test_id("ask-dialog").locator("textarea").first.fill("The case is closed.")
    page.get_by_test_id("ask-dialog").locator("button[type=submit]").click()
    expect(page.get_by_test_id("holds-table-row").first).to_contain_text("The case is closed.")
    page.get_by_test_id("erase-open").click()
    page.get_by_test_id("erase-number").fill("+8613800138000")
    page.get_by_test_id("erase-again").fill("+8613800138000")
    page.get_by_test_id("erase-confirm").click()
    expect(page.get_by_test_id("reports-table-row").first).to_contain_text("1 call, 1 recording")
    assert fake.keeping.holds[0]["lifted_by"] == "admin"


def test_who_listened_to_what(opened: Callable[..., Page], fake: FakeServer) -> None:
    line = {
        "id": 900, "at": time.time() - 60, "user": "u-4", "login": "goconnor", "action": "recording.listened",
        "subject": "pbx1:pbx1-1800000000.7-1800000000", "seal": "ab" * 32,
    }  # fmt: skip
    fake.access.lines.insert(0, line)
    page = opened("administrator", "/audit")
    page.get_by_test_id("open-listening").click()
    expect(page).to_have_url(re.compile(r"/audit/listening"))
    rows = page.get_by_test_id("listening-table-row")
    expect(rows.first).to_contain_text("goconnor")
    page.get_by_test_id("filter-subject").fill("1800000000.7")
    expect(rows).to_have_count(1)
    link = rows.first.get_by_role("link")
    assert link.get_attribute("href") == "/calls/pbx1%3Apbx1-1800000000.7"
    page.get_by_test_id("filter-login").fill("nobody")
    expect(page.get_by_test_id("listening")).to_contain_text("Nobody listened")
