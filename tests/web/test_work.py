"""Agents' work on the desk and on the floor, and a page that lives although nobody looks at it."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.fake_api import FakeServer


def test_after_a_call_all_is_done_by_the_keyboard(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.wrap_up()
    page = opened("agent", "/desk")
    panel = page.get_by_test_id("after-call")
    expect(panel).to_contain_text("left")
    expect(panel.get_by_test_id("after-finish")).to_have_count(0)  # this queue wants to know
    expect(panel.get_by_test_id("ending-save")).to_be_disabled()
    expect(panel.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("Call b")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("after six")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("notice")).to_have_count(0)
    deadline = time.monotonic() + 5
    while not fake.work.given and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert fake.work.given == [
        {"call": "pbx1:1.1", "channel": "1.2", "code": "call_back", "note": "after six", "version": 0}
    ]


def test_after_call_work_is_extended(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.wrap_up()
    page = opened("agent", "/desk")
    page.get_by_test_id("after-extend").click()
    page.get_by_test_id("after-extend").click()
    expect(page.get_by_test_id("after-extend")).to_have_count(0)
    assert fake.work.asked == ["extend", "extend"]


def test_a_note_outlives_the_time_for_it_and_a_reload(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.wrap_up()
    page = opened("agent", "/desk")
    page.get_by_test_id("ending-note").fill("wants an invoice")
    fake.work.after_call = None  # the time is up
    fake.call(fake.tell({"type": "work", "agent": "101"}))
    unsaved = page.get_by_test_id("unsaved")
    expect(unsaved.get_by_test_id("ending-note")).to_have_value("wants an invoice", timeout=15_000)
    page.reload()
    expect(unsaved.get_by_test_id("ending-note")).to_have_value("wants an invoice")
    page.get_by_test_id("unsaved-away").click()
    expect(unsaved).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("owed").or_(page.get_by_test_id("own-day"))).to_be_visible()
    expect(unsaved).to_have_count(0)


def test_a_call_without_a_result_stays_on_the_list_until_it_has_one(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    fake.work.owed = [
        {
            "call": "pbx1:7.7", "channel": "7.8", "version": 1, "agent": "101", "queue": "sales",
            "ended_at": time.time() - 900, "code": "none_given", "note": "", "given_at": 0.0, "given_by": "",
        }
    ]  # fmt: skip
    page = opened("agent", "/desk")
    page.wait_for_load_state(
        "networkidle"
    )  # what stands above comes by and by, and would push an open list out of sight
    page.get_by_test_id("owed-complete").click()
    page.get_by_test_id("owed").get_by_role("combobox").fill("Solved")
    page.get_by_role("option", name="Solved").click()
    page.get_by_test_id("owed").get_by_test_id("ending-save").click()
    expect(page.get_by_test_id("owed")).to_have_count(0)
    assert [(one["code"], one["version"]) for one in fake.work.given] == [("solved", 1)]


def test_queues_on_and_off_one_by_one_and_all_at_once(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    queues = page.get_by_test_id("my-queue")
    expect(queues).to_have_count(3)
    expect(queues.nth(2)).to_contain_text("Set by your operator")
    queues.nth(1).locator("input").click(force=True)
    expect(queues.nth(1).locator("input")).to_be_checked()
    page.get_by_test_id("shift-end").click()
    expect(page.get_by_test_id("shift-end")).to_have_count(0)
    assert fake.work.on == {"sales": False, "support": False}
    page.get_by_test_id("shift-begin").click()
    expect(queues.nth(0).locator("input")).to_be_checked()


def test_a_stay_beyond_its_limit_is_said_to_the_agent(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.agent_states["101"] = ("not_ready", "break", time.time() - 1000)
    fake.work.limits = [over()]
    page = opened("agent", "/desk")
    bar = page.get_by_test_id("reason-bar")
    expect(bar).to_contain_text("Break")
    expect(bar.get_by_test_id("reason-over")).to_have_text("Over the limit of this stay")


def over() -> dict[str, object]:
    return {
        "agent": "101", "name": "陈晓东", "reason": "break", "limit": "stay", "limit_seconds": 900.0, "seconds": 1000.0,
        "since": time.time() - 1000,
    }  # fmt: skip


def out(cause: str = "missed_calls") -> dict[str, object]:
    return {
        "agent": "101", "name": "陈晓东", "cause": cause, "page_hidden": False, "returning": False, "since": time.time() - 20,
    }  # fmt: skip


def test_who_is_taken_out_sees_why_and_comes_back(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("unreachable")).to_have_count(0)
    fake.work.unreachable = out()
    fake.call(fake.tell({"type": "work", "agent": "101"}))  # the stream says: look again
    banner = page.get_by_test_id("unreachable")
    expect(banner).to_contain_text("rang unanswered")
    banner.get_by_test_id("unreachable-here").click()
    expect(banner).to_have_count(0)
    assert fake.work.asked == ["reachable"]


def test_a_hidden_page_that_missed_calls_is_told_so(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.unreachable = out() | {"page_hidden": True}
    expect(opened("agent", "/desk").get_by_test_id("unreachable")).to_contain_text("hidden behind another")
    page = opened("supervisor", "/floor")
    line = page.get_by_test_id("work-alert")
    expect(line).to_contain_text("page hidden")
    expect(line).to_contain_text("Check that you hear the ringing")
    line.get_by_test_id("alert-here").click()
    expect(line).to_have_count(0)
    assert fake.work.asked == ["reachable"]


def test_no_button_passes_by_a_result_that_is_required(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.wrap_up()
    fake.agent_states["101"] = ("working_after_call", "ACW", time.time())
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("after-call")).to_be_visible()
    expect(page.get_by_test_id("finish-wrap-up")).to_have_count(0)


def test_supervisors_see_who_needs_a_look(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.work.unreachable, fake.work.limits = out("device"), [over()]
    page = opened("supervisor", "/floor")
    lines = page.get_by_test_id("work-alert")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("telephone gone")
    expect(lines.nth(1)).to_contain_text("Break longer than 15:00")


def test_a_call_shows_its_results_with_the_corrections(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/calls")
    page.get_by_test_id("calls-table-row").nth(1).click()
    lines = page.get_by_test_id("call-disposition")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("corrected")
    expect(lines.nth(1)).to_contain_text("Call back")


def test_a_page_nobody_looks_at_still_lives_pops_and_beats(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    """Hidden, and its own timers slowed to once a minute as a browser does: the worker's clock and the stream go on."""
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})
          Object.defineProperty(document, 'hidden', {get: () => true})
          window.setInterval = () => 0
          window.setTimeout = () => 0
          document.dispatchEvent(new Event('visibilitychange'))
        }"""
    )
    time.sleep(0.3)
    fake.heard.clear()
    time.sleep(7)
    beats = [said for said in fake.heard if said["type"] == "presence"]
    assert len(beats) >= 2
    assert all(said["hidden"] for said in beats)
    took = []
    for number in range(3):  # a busy machine may hold up one of them
        began = time.monotonic()
        fake.call(fake.pop(stories.pop(time.time()) | {"id": f"hidden-{number}"}))
        expect(page.locator(f"[data-testid=pop][data-pop=hidden-{number}]")).to_have_count(1)
        took.append(time.monotonic() - began)
    assert min(took) < 2


def test_a_page_that_hangs_says_nothing(opened: Callable[..., Page], fake: FakeServer) -> None:
    """The worker lives on in a page that hangs; the word that the page lives comes from the page itself."""
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    page.evaluate(
        "() => { setTimeout(() => { const end = Date.now() + 8000; while (Date.now() < end); }, 50) }"
    )
    time.sleep(1)
    fake.heard.clear()
    time.sleep(5)
    assert [said for said in fake.heard if said["type"] == "presence"] == []
