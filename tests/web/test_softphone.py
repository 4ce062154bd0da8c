"""The softphone in the page against a switch that speaks SIP over WebSocket."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer
from tests.web.fake_sip import header


@pytest.fixture
def desk(opened: Callable[..., Page], fake: FakeServer) -> Page:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring")
    return page


def answered(page: Page, fake: FakeServer) -> None:
    fake.call(fake.switch.ring())
    expect(page.get_by_test_id("phone-status")).to_have_text("Incoming call")
    page.get_by_test_id("phone-answer").click()
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")


def test_a_call_rings_is_answered_held_muted_and_hung_up(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    desk.get_by_test_id("phone-hold").click()
    expect(desk.get_by_test_id("phone-status")).to_have_text("On hold")
    assert "a=sendonly" in fake.call(fake.switch.wait_for("INVITE"))
    desk.get_by_test_id("phone-hold").click()
    expect(desk.get_by_test_id("phone-status")).to_have_text("Connected")
    desk.get_by_test_id("phone-mute").click()
    expect(desk.get_by_test_id("phone-mute")).to_have_attribute("aria-pressed", "true")
    desk.get_by_test_id("phone-keypad").click()
    desk.get_by_test_id("phone-key-5").click()
    desk.get_by_test_id("phone-hangup").click()
    fake.call(fake.switch.wait_for("BYE"))
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)


def test_a_declined_call_is_refused_as_busy(desk: Page, fake: FakeServer) -> None:
    fake.call(fake.switch.ring())
    desk.get_by_test_id("phone-decline").click()
    fake.call(fake.switch.wait_for("SIP/2.0 486"))
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)


def test_the_far_end_hangs_up(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    fake.call(fake.switch.hang_up())
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)


def test_a_blind_transfer_names_the_number_and_ends_our_leg(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    desk.get_by_test_id("phone-transfer").click()
    desk.get_by_test_id("phone-transfer-number").fill("10 5")
    desk.get_by_test_id("phone-transfer-go").click()
    refer = fake.call(fake.switch.wait_for("REFER"))
    assert header(refer, "Refer-To").strip("<>").startswith("sip:105@127.0.0.1")
    fake.call(fake.switch.wait_for("BYE"))
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)


def test_another_page_keeps_the_phone_and_can_answer(desk: Page, fake: FakeServer) -> None:
    desk.get_by_test_id("nav-customers").click()
    fake.call(fake.switch.ring())
    desk.get_by_test_id("phone-answer").click()
    desk.get_by_test_id("nav-desk").click()
    expect(desk.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    assert sum(line.startswith("REGISTER") for line in fake.switch.log) == 1


def test_without_an_account_there_is_a_desk_phone(opened: Callable[..., Page]) -> None:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("softphone")).to_contain_text("You use a desk phone.")
