"""The same buttons for the phone on the desk, pressed by the switch; and a call away from the desk page."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def own_call(**other: Any) -> dict[str, Any]:
    return {
        "call": "pbx:1", "state": "talking", "company": "one", "number": "+442079460018", "name": "Wang Lihua", "made": False,
        "since": time.time() - 61, **other,
    }  # fmt: skip


def shows(fake: FakeServer, *calls: dict[str, Any]) -> None:
    """The agent's telephone does this; the stream says that something happened."""
    fake.own_calls = list(calls)
    fake.agent_states["101"] = ("busy" if calls else "ready", "", time.time())
    fake.call(fake.tell({"type": "floor", "floor": fake.floor()}))
    fake.call(fake.tell({"type": "calls", "items": list(calls)}))


@pytest.fixture
def desk(opened: Callable[..., Page], fake: FakeServer) -> Page:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    return page


def test_a_call_at_the_desk_phone_has_its_buttons(desk: Page, fake: FakeServer) -> None:
    shows(fake, own_call(state="ringing", since=None))
    expect(desk.get_by_test_id("phone-call")).to_contain_text("Lift the handset")
    expect(desk.get_by_test_id("phone-answer")).to_have_count(0)
    desk.keyboard.press("a")
    expect(desk.get_by_test_id("notice")).to_contain_text("lift its handset")
    shows(fake, own_call())
    expect(desk.get_by_test_id("phone-status")).to_have_text("Connected")
    expect(desk.get_by_test_id("phone-call")).to_contain_text("1:0")
    expect(desk.get_by_test_id("phone-mute")).to_have_count(0)
    desk.get_by_test_id("phone-hold").click()
    fake.own_calls = [own_call(state="held")]
    expect(desk.get_by_test_id("phone-status")).to_have_text("On hold")
    desk.get_by_test_id("phone-hold").click()
    fake.own_calls = [own_call()]
    expect(desk.get_by_test_id("phone-status")).to_have_text("Connected")
    desk.get_by_test_id("phone-hangup").click()
    fake.own_calls = []
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)
    assert [button for button, _ in fake.pressed_by_now(4)] == ["answer", "hold", "retrieve", "clear"]


def test_a_colleague_of_another_team_is_asked_and_put_through(desk: Page, fake: FakeServer) -> None:
    shows(fake, own_call())
    desk.get_by_test_id("phone-transfer").click()
    desk.get_by_test_id("phone-transfer-number").fill("ingrid")
    desk.get_by_test_id("directory-consult").click()
    fake.own_calls = [own_call(company="consulted")]
    expect(desk.get_by_test_id("phone-call")).to_contain_text("106")
    expect(desk.get_by_test_id("phone-other")).to_contain_text("waits on hold")
    expect(desk.get_by_test_id("phone-swap")).to_have_count(0)
    desk.get_by_test_id("phone-complete").click()
    fake.own_calls = []
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)
    assert fake.pressed_by_now(2) == [("consult", {"number": "106"}), ("transfer", {"number": None})]


def test_digits_dial_tones_while_the_keypad_is_open(desk: Page, fake: FakeServer) -> None:
    shows(fake, own_call())
    expect(desk.get_by_test_id("phone-status")).to_have_text("Connected")
    desk.keyboard.press("5")  # nothing is open
    desk.keyboard.press("k")
    expect(desk.get_by_test_id("phone-keys")).to_be_visible()
    desk.keyboard.press("7")
    desk.keyboard.press("#")
    desk.keyboard.press("k")
    expect(desk.get_by_test_id("phone-keys")).to_have_count(0)
    assert fake.pressed_by_now(2) == [("tones", {"keys": "7"}), ("tones", {"keys": "#"})]


def test_keys_go_on_after_a_click_on_a_switch(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    page.evaluate(
        "() => { const box = document.createElement('input'); box.type = 'checkbox';"
        " document.body.append(box); box.focus() }"
    )
    fake.call(fake.switch.ring())
    expect(page.get_by_test_id("phone-answer")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")


def test_a_call_is_muted_held_and_ended_from_any_page(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("phone-hangup")).to_be_focused()  # where Answer was is nothing any more
    expect(page.get_by_test_id("call-bar")).to_have_count(0)
    page.get_by_test_id("nav-customers").click()
    bar = page.get_by_test_id("call-bar")
    expect(bar).to_contain_text("Wang Lihua")
    bar.get_by_test_id("call-bar-mute").click()
    expect(bar.get_by_test_id("call-bar-mute")).to_have_attribute("aria-pressed", "true")
    bar.get_by_test_id("call-bar-hold").click()
    expect(page.get_by_test_id("call-bar-status")).to_contain_text("On hold")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_test_id("call-bar-status")).to_be_in_viewport()
    call, others = bar.bounding_box(), page.get_by_test_id("user-menu").bounding_box()
    assert call and others and call["y"] >= others["y"] + others["height"], "a phone has no room beside them"
    bar.get_by_test_id("call-bar-hangup").click()
    fake.call(fake.switch.wait_for("BYE"))
    expect(bar).to_have_count(0)


def test_what_stood_open_is_closed_for_the_next_call(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").click()
    page.get_by_test_id("phone-transfer").click()
    fake.call(fake.switch.hang_up())
    expect(page.get_by_test_id("phone-call")).to_have_count(0)
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").click()
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    expect(page.get_by_test_id("phone-transfer-number")).to_have_count(0)
