"""The routing page: look, change, see mistakes, keep, try, and make live by a second press."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_change_is_checked_kept_tried_and_goes_live_by_a_second_press(opened: Callable[..., Page]) -> None:
    page = opened("administrator", "/routing")
    see = page.get_by_test_id
    expect(see("routing-live")).to_have_text("Version 2 is live")
    gold = see("routing-credit-gold")
    expect(gold).to_have_value("240")
    expect(see("routing-changes")).to_contain_text("No difference")
    expect(see("routing-keep")).to_have_count(0)

    gold.fill("99999")
    expect(see("routing-mistakes")).to_contain_text("tiers.gold.credit")
    see("routing-note").fill("Campaign")
    expect(see("routing-keep")).to_be_disabled()

    gold.fill("360")
    expect(see("routing-changes")).to_contain_text("gold: {credit: 360")
    see("routing-keep").click()
    expect(see("notice")).to_contain_text("Kept as version 4")
    expect(see("routing-versions-row")).to_have_count(4)
    expect(see("routing-live")).to_have_text("Version 2 is live")

    see("routing-try").click()
    expect(see("routing-outcomes-row")).to_have_count(4)
    expect(see("routing-dry-run")).to_contain_text("cannot be known")

    live = see("routing-go-live")
    live.click()
    expect(live).to_have_attribute("data-sure", "true")
    expect(see("routing-live")).to_have_text("Version 2 is live")
    live.click()
    expect(see("routing-live")).to_have_text("Version 4 is live")


def test_a_supervisor_looks_and_changes_nothing(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/routing")
    see = page.get_by_test_id
    expect(see("routing-text")).to_have_attribute("readonly", "")
    see("routing-versions-row").first.click()
    expect(see("routing-try")).to_be_visible()
    expect(see("routing-go-live")).to_have_count(0)
    expect(see("routing-estimates-table-row")).to_have_count(2)
    expect(see("routing-estimates-table-row").first).to_contain_text("+3 s")


def test_who_may_not_look_has_no_such_entry(opened: Callable[..., Page]) -> None:
    page = opened("agent", "/desk")
    expect(page.get_by_test_id("nav-desk")).to_be_visible()
    expect(page.get_by_test_id("nav-routing")).to_have_count(0)
