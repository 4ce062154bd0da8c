"""The softphone with two calls: asking first, swapping, putting through, three who talk; a reload; keys; devices."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.fake_api import FakeServer
from tests.web.fake_sip import header


@pytest.fixture
def talking(opened: Callable[..., Page], fake: FakeServer) -> Page:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").click()
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    return page


def asks_maria(page: Page, fake: FakeServer) -> None:
    page.get_by_test_id("phone-transfer").click()
    expect(page.get_by_test_id("phone-transfer-number")).to_be_focused()
    page.get_by_test_id("phone-transfer-number").fill("maria")
    row = page.get_by_test_id("directory-agent")
    expect(row).to_have_attribute("data-state", "busy")  # as the floor says at this moment
    row.get_by_test_id("directory-consult").click()
    fake.call(fake.switch.wait_for("INVITE sip:102"))
    expect(page.get_by_test_id("phone-call")).to_contain_text("102")
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    expect(page.get_by_test_id("phone-other")).to_contain_text("waits on hold")


def invites(fake: FakeServer) -> list[str]:
    return [message for message in fake.switch.messages if message.startswith("INVITE")]


def test_the_customer_waits_while_a_colleague_is_asked(talking: Page, fake: FakeServer) -> None:
    asks_maria(talking, fake)
    hold, asked = invites(fake)
    assert (header(hold, "Call-ID"), "a=sendonly" in hold) == ("customer-1", True)
    assert asked.startswith("INVITE sip:102@127.0.0.1")
    talking.get_by_test_id("phone-swap").click()
    expect(talking.get_by_test_id("phone-call")).to_contain_text("Wang Lihua")
    expect(talking.get_by_test_id("phone-status")).to_have_text("Connected")
    held, back = invites(fake)[2:]
    assert (header(held, "Call-ID"), "a=sendonly" in held) == (header(asked, "Call-ID"), True)
    assert (header(back, "Call-ID"), "a=sendrecv" in back) == ("customer-1", True)


def test_putting_through_names_the_colleagues_dialog(talking: Page, fake: FakeServer) -> None:
    asks_maria(talking, fake)
    consultation = header(invites(fake)[1], "Call-ID")
    talking.get_by_test_id("phone-complete").click()
    refer = fake.call(fake.switch.wait_for("REFER"))
    assert header(refer, "Call-ID") == "customer-1"
    assert f"Replaces={consultation}" in header(refer, "Refer-To")
    expect(talking.get_by_test_id("phone-call")).to_have_count(0)


def test_putting_through_after_a_swap_still_names_the_colleagues_dialog(
    talking: Page, fake: FakeServer
) -> None:
    asks_maria(talking, fake)
    consultation = header(invites(fake)[1], "Call-ID")
    talking.get_by_test_id("phone-swap").click()
    expect(talking.get_by_test_id("phone-call")).to_contain_text("Wang Lihua")
    talking.get_by_test_id("phone-complete").click()
    refer = fake.call(fake.switch.wait_for("REFER"))
    assert header(refer, "Call-ID") == "customer-1"
    assert f"Replaces={consultation}" in header(refer, "Refer-To")


def test_hanging_up_on_the_colleague_leads_back_to_the_customer(talking: Page, fake: FakeServer) -> None:
    asks_maria(talking, fake)
    talking.get_by_test_id("phone-hangup").click()
    expect(talking.get_by_test_id("phone-other")).to_have_count(0)
    expect(talking.get_by_test_id("phone-status")).to_have_text("Connected")
    expect(talking.get_by_test_id("phone-call")).to_contain_text("Wang Lihua")
    assert "a=sendrecv" in invites(fake)[-1]


def test_three_talk_and_all_are_hung_up(talking: Page, fake: FakeServer) -> None:
    asks_maria(talking, fake)
    talking.get_by_test_id("phone-join").click()
    expect(talking.get_by_test_id("phone-status")).to_have_text("Conference")
    expect(talking.get_by_test_id("phone-hold")).to_be_disabled()
    talking.get_by_test_id("phone-mute").click()
    expect(talking.get_by_test_id("phone-mute")).to_have_attribute("aria-pressed", "true")
    talking.get_by_test_id("phone-hangup").click()
    expect(talking.get_by_test_id("phone-call")).to_have_count(0)
    assert sum(line.startswith("BYE") for line in fake.switch.log) == 2


def test_a_reload_takes_the_place_of_the_old_leg_and_says_no_goodbye(talking: Page, fake: FakeServer) -> None:
    talking.get_by_test_id("phone-mute").click()
    ours = header(next(m for m in fake.switch.messages if m.startswith("SIP/2.0 200")), "To").partition(
        "tag="
    )[2]
    before = len(fake.switch.log)
    talking.reload()
    expect(talking.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    expect(talking.get_by_test_id("phone-call")).to_contain_text("Wang Lihua")
    expect(talking.get_by_test_id("phone-mute")).to_have_attribute("aria-pressed", "true")
    expect(talking.get_by_test_id("phone-note")).to_contain_text("the call goes on")
    invite = invites(fake)[-1]
    assert header(invite, "Replaces") == f"customer-1;to-tag=switch;from-tag={ours}"
    assert header(invite, "Require") == "replaces"
    assert not any(line.startswith("BYE") for line in fake.switch.log[before:])
    assert talking.evaluate("sessionStorage.getItem('tierline.calls')") is None  # a second tab takes nothing


def test_a_reload_without_a_call_leaves_nothing(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    page.reload()
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    expect(page.get_by_test_id("phone-call")).to_have_count(0)
    assert invites(fake) == []


def test_keys_alone(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    page.get_by_test_id("phone-dial-number").press("a")
    fake.call(fake.switch.ring())
    expect(page.get_by_test_id("phone-announcement")).to_have_text("Incoming call from Wang Lihua")
    page.keyboard.press("a")
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    page.keyboard.press("m")
    expect(page.get_by_test_id("phone-announcement")).to_contain_text("Muted")
    page.keyboard.press("h")
    expect(page.get_by_test_id("phone-status")).to_have_text("On hold")
    page.keyboard.press("t")
    expect(page.get_by_test_id("phone-transfer-number")).to_be_focused()
    page.keyboard.type("hem?")  # letters of other shortcuts, typed into a field
    expect(page.get_by_test_id("phone-status")).to_have_text("On hold")
    page.get_by_test_id("phone-transfer-number").blur()
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys-on")).to_be_checked()
    page.keyboard.press("e")  # behind the list nothing happens
    page.get_by_test_id("keys-on").uncheck(force=True)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_test_id("phone-call")).to_be_visible()


def test_devices_are_chosen_heard_and_remembered(talking: Page) -> None:
    talking.get_by_test_id("devices-open").click()
    level = talking.get_by_test_id("device-level")
    expect(level).to_be_visible()
    talking.wait_for_function(
        "() => document.querySelector('[data-testid=device-level]').value > 0.2"
    )  # the fake microphone beeps
    microphone = talking.get_by_test_id("device-microphone")
    names = microphone.locator("option").all_text_contents()
    assert names[0] == "The system’s standard"
    assert len(names) > 1
    microphone.select_option(index=1)
    chosen = microphone.input_value()
    talking.get_by_test_id("device-tone").click()
    talking.keyboard.press("Escape")
    expect(talking.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    assert talking.evaluate("JSON.parse(localStorage.getItem('tierline.devices')).microphone") == chosen


def test_a_forbidden_microphone_is_explained(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").click()
    expect(page.get_by_test_id("phone-problem")).to_contain_text("click the lock beside the address")
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "ringing")


def test_a_number_is_called_with_a_click_by_the_server(opened: Callable[..., Page], fake: FakeServer) -> None:
    """The server has the number policy; what it rings first is this page, which answers by itself."""
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    page.get_by_test_id("phone-dial-number").fill("+44 20 7946 0018")
    page.get_by_test_id("phone-dial-go").click()
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    assert fake.pressed == [("make", {"number": "+442079460018"})]
    assert invites(fake) == []


def test_a_number_nobody_has_is_told(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    fake.switch.refusals["INVITE"] = ["404 Not Found"]
    page.get_by_test_id("phone-dial-number").fill("199")
    page.get_by_test_id("phone-dial-go").click()
    expect(page.get_by_test_id("phone-problem")).to_contain_text("no such number")


def test_what_comes_late_moves_nothing_that_is_read(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.links = [
        {"name": {"en": "CRM", "zh": "客户系统"}, "url": "https://crm.example/{customer_id}?p={number}"},
    ]
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    whole = stories.pop(time.time())
    early = {
        **whole, "customer": None, "name": None, "tier": None, "tier_source": None, "position_note": None, "contacts": None,
        "known": False, "tier_reason": None, "matters": [], "satisfaction": None,
    }  # fmt: skip
    fake.call(fake.pop(early))
    expect(page.get_by_test_id("pop")).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(400)  # the card has risen
    stays = ["pop-name", "pop-number", "pop-queue", "pop-waited", "pop-contacts", "pop-links"]

    def tops() -> list[float]:
        boxes = [page.get_by_test_id("pop").get_by_test_id(name).bounding_box() for name in stays]
        return [round(box["y"], 1) for box in boxes if box]

    before = tops()
    assert len(before) == len(stays)
    expect(page.get_by_test_id("pop-link")).to_have_count(0)  # nobody is known yet
    fake.call(fake.pop(whole))
    expect(page.get_by_test_id("pop-contact")).to_have_count(3)
    assert tops() == before
    expect(page.get_by_test_id("pop-contact-said").first).to_have_text("Solved: Sent the new password.")
    expect(page.get_by_test_id("pop-matter")).to_contain_text("Callback promised in sales")
    expect(page.get_by_test_id("pop-satisfaction")).to_contain_text("2 of 5 low")
    expect(page.get_by_test_id("pop-note")).to_have_text("Prefers a call back in the afternoon.")
    expect(page.get_by_test_id("pop-promised")).to_contain_text("late")
    expect(page.get_by_test_id("pop-link")).to_have_attribute(
        "href", "https://crm.example/c-2?p=%2B442079460018"
    )
