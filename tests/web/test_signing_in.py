"""Who may come in, and what they find."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def test_a_wrong_password_is_told_and_a_right_one_opens_the_first_page(opened: Callable[..., Page]) -> None:
    page = opened(None, "/")
    page.get_by_test_id("sign-in-login").fill("supervisor")
    page.get_by_test_id("sign-in-password").fill("wrong")
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("sign-in-error")).to_have_text("Login or password is wrong.")
    page.get_by_test_id("sign-in-password").fill("demo")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("floor")).to_be_visible()
    assert page.url.endswith("/floor")
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("sign-in")).to_be_visible()


@pytest.mark.parametrize(
    ("role", "entries"),
    [
        ("agent", ["desk", "floor", "care", "customers", "kpi"]),
        ("reviewer", ["calls", "recordings", "reviews", "customers"]),
        ("supervisor", ["floor", "calls", "recordings", "reviews", "care", "customers", "kpi", "routing"]),
        ("operator", ["floor", "kpi", "operations"]),
    ],
)
def test_the_menu_holds_what_the_role_may_open(
    opened: Callable[..., Page], role: str, entries: list[str]
) -> None:
    page = opened(role, "/")
    expect(page.get_by_test_id(f"nav-{entries[0]}")).to_be_visible()
    found = page.locator("nav [data-testid^=nav-]").evaluate_all("all => all.map(one => one.dataset.testid)")
    assert found == [f"nav-{entry}" for entry in entries]
    assert page.url.endswith(f"/{entries[0]}")


def test_a_session_that_ended_leads_back_to_signing_in(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    page.context.clear_cookies()
    fake.call(fake.drop_streams())
    expect(page.get_by_test_id("sign-in")).to_be_visible()


def test_the_language_and_the_colours_change_and_are_remembered(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_role("heading", level=1)).to_have_text("Live floor")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("实时现场")
    page.get_by_test_id("scheme-switch").click()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("实时现场")
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
