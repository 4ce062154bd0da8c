"""Signing in with a code, at the provider, and when it is closed; one's own account; users; the audit log."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def fill_in(page: Page) -> None:
    page.get_by_test_id("sign-in-login").fill("supervisor")
    page.get_by_test_id("sign-in-password").fill("demo")
    page.get_by_test_id("sign-in-submit").click()


def test_a_code_is_the_second_step(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.code = "123456"
    page = opened(None, "/")
    fill_in(page)
    code = page.get_by_test_id("sign-in-code")
    expect(code).to_be_focused()
    code.fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("sign-in-error")).to_have_text("The code is wrong or was used before.")
    code.fill("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("floor")).to_be_visible()


def test_a_closed_login_says_for_how_long_and_opens_again(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    fake.closed_seconds = 4.0
    page = opened(None, "/")
    fill_in(page)
    expect(page.get_by_test_id("sign-in-error")).to_have_text(re.compile(r"Try again in 0:0\d\."))
    expect(page.get_by_test_id("sign-in-submit")).to_be_disabled()
    fake.closed_seconds = 0.0
    expect(page.get_by_test_id("sign-in-submit")).to_be_enabled(timeout=15_000)
    page.get_by_test_id("sign-in-submit").click()
    expect(page.get_by_test_id("floor")).to_be_visible()


def test_the_provider_has_a_button_only_where_there_is_one(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened(None, "/?refused=NotAllowed")
    expect(page.get_by_test_id("sign-in-error")).to_contain_text("no account here yet")
    expect(page.get_by_test_id("sign-in-provider")).to_have_count(0)
    fake.provider = "Example Corp"
    page.reload()
    button = page.get_by_test_id("sign-in-provider")
    expect(button).to_have_text("Continue with Example Corp")
    assert button.get_attribute("href") == "/api/v1/session/provider"


def test_ones_own_account(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("own-account").click()
    expect(page.get_by_test_id("account")).to_be_visible()

    page.get_by_test_id("password-current").fill("wrong")
    page.get_by_test_id("password-new").fill("a much better one")
    page.get_by_test_id("password-save").click()
    expect(page.get_by_test_id("notice")).to_contain_text("present password is not this one")
    page.get_by_test_id("password-current").fill("demo")
    page.get_by_test_id("password-save").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Your password is changed.")

    page.get_by_test_id("factor-begin").click()
    picture = page.get_by_test_id("factor-picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
    page.get_by_test_id("factor-code").fill("123456")
    page.get_by_test_id("factor-begin-password").fill("demo")
    page.get_by_test_id("factor-confirm").click()
    expect(page.get_by_test_id("factor-recovery").get_by_role("listitem")).to_have_count(10)
    page.get_by_test_id("factor-done").click()
    expect(page.get_by_test_id("factor-on")).to_be_visible()

    rows = page.get_by_test_id("sessions-table-row")
    expect(rows).to_have_count(3)
    page.get_by_test_id("session-end").first.click()
    expect(rows).to_have_count(2)
    page.get_by_test_id("sessions-end-others").click()
    expect(rows).to_have_count(1)

    page.get_by_test_id("token-add").click()
    page.get_by_test_id("token-name").fill("Night report")
    expect(page.get_by_test_id("token-make")).to_be_disabled()
    page.get_by_test_id("token-scope-see_calls").check()
    page.get_by_test_id("token-password").fill("demo")
    page.get_by_test_id("token-make").click()
    expect(page.get_by_test_id("token-secret")).to_have_text(re.compile("^tierline_"))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("token-secret")).to_have_count(0)
    tokens = page.get_by_test_id("tokens-table-row")
    expect(tokens).to_have_count(3)
    page.get_by_test_id("token-revoke").first.click()
    expect(tokens).to_have_count(2)


def test_an_administrator_adds_and_deactivates_somebody(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("administrator", "/users")
    rows = page.get_by_test_id("users-table-row")
    expect(rows).to_have_count(6)
    page.get_by_test_id("filter-search").fill("vip")
    expect(rows).to_have_count(4)
    page.get_by_test_id("filter-search").fill("")
    page.get_by_test_id("user-add").click()
    page.get_by_test_id("user-login").fill("zoe")
    page.get_by_test_id("user-name").fill("Zoé")
    page.get_by_test_id("user-agent").fill("109")
    page.get_by_test_id("user-teams").fill("VIP")
    page.keyboard.press("Enter")
    page.get_by_test_id("user-password").fill("a long password")
    page.get_by_test_id("user-save").click()
    expect(rows).to_have_count(7)
    assert fake.access.users[-1]["teams"] == ["VIP"]
    page.locator("[data-id=u-2]").press("Enter")
    expect(page.get_by_test_id("user-token-revoke")).to_have_count(2)
    page.get_by_test_id("user-token-revoke").first.click()
    expect(page.get_by_test_id("user-token-revoke")).to_have_count(1)
    page.get_by_test_id("user-active").uncheck()
    page.get_by_test_id("user-save").click()
    expect(page.locator("[data-id=u-2]")).to_contain_text("Deactivated")
    assert fake.access.users[1]["active"] is False


def test_the_audit_log_shows_who_did_what_and_what_was_denied(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("administrator", "/audit")
    rows = page.get_by_test_id("audit-table-row")
    expect(rows).to_have_count(25)
    page.get_by_test_id("filter-login").fill("goconnor")
    expect(rows).to_have_count(15)
    assert "login=goconnor" in page.url
    page.get_by_test_id("filter-action").click()
    page.get_by_role("option", name="Denied").click()
    expect(rows).to_have_count(10)


def test_the_audit_page_says_whether_the_chain_holds(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("administrator", "/audit")
    page.get_by_test_id("audit-chain-check").click()
    expect(page.get_by_test_id("audit-chain")).to_have_text("The chain holds: 40 lines")
    fake.access.broken = 7
    page.get_by_test_id("audit-chain-check").click()
    expect(page.get_by_test_id("audit-chain")).to_have_text("The chain breaks at line 7")


@pytest.mark.parametrize("path", ["/users", "/audit"])
def test_an_empty_or_broken_list_says_so(opened: Callable[..., Page], fake: FakeServer, path: str) -> None:
    fake.empty = True
    page = opened("administrator", path)
    expect(page.get_by_test_id("empty")).to_be_visible()
    fake.broken.add(path.strip("/"))
    page.reload()
    expect(page.get_by_test_id("error")).to_contain_text("database does not answer", timeout=15_000)
