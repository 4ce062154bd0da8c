"""The softphone when the way to the switch changes, in two tabs, and when the session ends under a call."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer
from tests.web.fake_sip import header


@pytest.fixture
def desk(opened: Callable[..., Page], fake: FakeServer) -> Page:
    fake.phone = True
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=30_000)
    return page


def answered(page: Page, fake: FakeServer) -> None:
    fake.call(fake.switch.ring())
    page.get_by_test_id("phone-answer").click()
    expect(page.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")


async def _broken(fake: FakeServer) -> None:
    assert fake.switch.socket is not None
    await fake.switch.socket.close(1012)


def test_a_registration_that_was_refused_is_tried_again(desk: Page, fake: FakeServer) -> None:
    fake.switch.refusals["REGISTER"] = ["503 Service Unavailable"]
    fake.call(_broken(fake))
    expect(desk.get_by_test_id("phone-registration")).to_contain_text("Not registered", timeout=15_000)
    expect(desk.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=15_000)


def test_a_call_that_rang_when_the_socket_broke_is_gone(desk: Page, fake: FakeServer) -> None:
    fake.call(fake.switch.ring())
    expect(desk.get_by_test_id("phone-answer")).to_be_visible()
    fake.call(_broken(fake))
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)
    expect(desk.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=15_000)
    fake.call(fake.switch.ring())
    expect(desk.get_by_test_id("phone-answer")).to_be_visible()


def test_a_dead_socket_is_given_up_and_the_call_goes_on_over_the_next(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    said = len(fake.switch.log)
    fake.switch.silent = True  # the socket stands, and nobody answers over it
    desk.evaluate("window.dispatchEvent(new Event('online'))")
    fake.call(fake.switch.wait_for("OPTIONS"))
    desk.wait_for_timeout(500)
    fake.switch.silent = False  # whatever was asked is not answered any more
    expect(desk.get_by_test_id("phone-note")).to_contain_text("The connection is back", timeout=20_000)
    fake.call(fake.switch.wait_for("INVITE"))
    after = fake.switch.log[said:]
    asked = next(place for place, line in enumerate(after) if line.startswith("INVITE"))
    registered = next(place for place, line in enumerate(after) if line.startswith("REGISTER"))
    assert registered < asked  # first the way, then the call
    assert not any(line.startswith("BYE") for line in after)
    expect(desk.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")


def test_the_second_tab_leaves_the_phone_where_it_is_until_it_is_taken(desk: Page, fake: FakeServer) -> None:
    second = desk.context.new_page()
    second.goto(desk.url)
    expect(second.get_by_test_id("phone-elsewhere")).to_be_visible()
    assert sum(line.startswith("REGISTER") for line in fake.switch.log) == 1
    answered(desk, fake)
    second.get_by_test_id("phone-take-here").click()
    expect(second.get_by_test_id("notice")).to_contain_text("end it there first")
    desk.get_by_test_id("phone-hangup").click()
    expect(desk.get_by_test_id("phone-call")).to_have_count(0)
    second.get_by_test_id("phone-take-here").click()
    expect(second.get_by_test_id("phone-registration")).to_have_text("Ready to ring", timeout=15_000)
    expect(desk.get_by_test_id("phone-elsewhere")).to_be_visible()


def test_a_session_that_ends_hangs_up_on_nobody(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    desk.context.clear_cookies()
    fake.refuse_stream = True
    fake.call(fake.drop_streams())
    expect(desk.get_by_test_id("phone-still")).to_contain_text("Wang Lihua", timeout=20_000)
    assert not any(line.startswith("BYE") for line in fake.switch.log)
    fake.refuse_stream = False
    desk.get_by_test_id("sign-in-login").fill("agent")
    desk.get_by_test_id("sign-in-password").fill("demo")
    desk.get_by_test_id("sign-in-submit").click()
    expect(desk.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    desk.get_by_test_id("phone-hangup").click()
    assert header(fake.call(fake.switch.wait_for("BYE")), "Call-ID") == "customer-1"


def test_signing_out_in_a_call_is_asked_first(desk: Page, fake: FakeServer) -> None:
    answered(desk, fake)
    desk.get_by_test_id("user-menu").click()
    desk.get_by_test_id("sign-out").click()
    desk.get_by_test_id("signout-stay").click()
    expect(desk.get_by_test_id("phone-call")).to_have_attribute("data-phase", "talking")
    desk.get_by_test_id("user-menu").click()
    desk.get_by_test_id("sign-out").click()
    desk.get_by_test_id("signout-leave").click()
    fake.call(fake.switch.wait_for("BYE"))
    expect(desk.get_by_test_id("sign-in")).to_be_visible()


def test_a_phone_that_cannot_be_loaded_says_so(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/account")  # signed in, and without a phone so far
    fake.phone = True
    page.route("**/assets/phone-*.js", lambda route: route.abort())
    page.goto(page.url.replace("/account", "/desk"))
    expect(page.get_by_test_id("phone-registration")).to_contain_text("Not registered", timeout=20_000)
