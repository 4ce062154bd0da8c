"""Calls, recordings, customers, KPIs, operations: lists, details, filters, empty and broken."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def test_calls_are_filtered_in_the_address_and_opened(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/calls")
    rows = page.get_by_test_id("calls-table-row")
    expect(rows).to_have_count(25)
    page.get_by_test_id("filter-search").fill("欧阳娜娜")
    expect(page.get_by_test_id("pager")).to_contain_text("of 8")
    assert "search=" in page.url
    page.reload()
    expect(page.get_by_test_id("filter-search")).to_have_value("欧阳娜娜")
    rows.first.press("Enter")
    expect(page.get_by_test_id("call-detail")).to_be_visible()
    expect(page.get_by_test_id("visit")).to_have_count(2)
    expect(page.get_by_test_id("timeline-entry")).to_have_count(15)
    expect(page.get_by_test_id("decision-reasons")).to_contain_text("head start of 5:00")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("decision-reasons")).to_contain_text("视同 10:02:11 入队")
    expect(page.get_by_test_id("decision-corrections")).to_contain_text("客户识别较晚")
    expect(page.get_by_test_id("call-transfers")).to_contain_text("103 → 105")


def test_a_call_without_a_decision_says_so(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/calls")
    page.get_by_test_id("calls-table-row").first.click()
    expect(page.get_by_test_id("call-decision")).to_contain_text("No routing decision is stored")


def test_pages_of_a_list(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/calls")
    with page.expect_response(lambda answer: "offset=25" in answer.url):
        page.get_by_role("button", name="Next page").click()
    expect(page.get_by_test_id("pager")).to_contain_text("26–50 of 60")


def test_a_recording_plays_by_ranges_and_jumps(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/recordings")
    page.get_by_test_id("recordings-table-row").first.click()
    player = page.get_by_test_id("player")
    expect(page.get_by_test_id("player-time")).to_have_text("0:00 / 0:12")
    page.get_by_test_id("player-play").click()
    expect(player).to_have_attribute("data-playing", "true")
    page.get_by_test_id("player-forward").click()
    expect(player).to_have_attribute("data-now", re.compile(r"^(5\.[2-9]|[6-9]\.|1\d\.)"))
    page.get_by_test_id("player-play").click()
    expect(player).not_to_have_attribute("data-playing", "true")
    assert any(asked.startswith("bytes=") for asked in fake.ranges)
    assert page.locator("[data-testid=player-failed]").count() == 0


def test_a_missing_recording_says_why(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/recordings?state=missing")
    page.get_by_test_id("recordings-table-row").first.click()
    expect(page.get_by_test_id("recording-player")).to_contain_text("a file that never came")


def test_a_customer_is_found_with_history(opened: Callable[..., Page]) -> None:
    page = opened("agent", "/customers")
    page.get_by_test_id("filter-search").fill("cholmondeley")
    expect(page.get_by_test_id("customers-table-row")).to_have_count(1)
    page.get_by_test_id("customers-table-row").click()
    expect(page.get_by_test_id("customer-numbers").get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_test_id("history-line")).to_have_count(4)
    expect(page.get_by_test_id("tier-history")).to_contain_text("Yearly review")


def test_the_formula_is_chosen_and_said_in_words(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/kpi")
    expect(page.get_by_test_id("kpi-formula-text")).to_have_text("answered in time ÷ all who asked")
    expect(page.get_by_test_id("kpi-canvas").locator("canvas")).to_be_visible()
    page.get_by_test_id("kpi-formula").click()
    page.get_by_role("option", name="answered_only").click()
    expect(page.get_by_test_id("kpi-formula-text")).to_have_text("answered in time ÷ answered")
    page.get_by_text("Tier", exact=True).click()
    expect(page.get_by_test_id("kpi-table").get_by_test_id("tier-badge").first).to_have_text("Platinum")
    assert any("formula=answered_only" in asked and "group_by=tier" in asked for asked in fake.asked)


def test_operations_are_drawn_as_they_come(opened: Callable[..., Page]) -> None:
    page = opened("administrator", "/operations")
    expect(page.get_by_test_id("operations-preflight")).to_contain_text("force_longest_waiting_caller=prio")
    expect(page.locator("[data-testid=operations-fact][data-name=journal_backlog]")).to_contain_text("0")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("operations-preflight")).to_contain_text("事件账号没有 agent 类权限。")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("operations-gaps")).to_contain_text("open")
    expect(page.get_by_test_id("operations-missing_secrets")).to_contain_text("none")


def test_a_job_that_was_given_up_is_tried_again(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("operator", "/operations")
    rows = page.get_by_test_id("jobs-table-row")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("No space left on device")
    expect(page.get_by_test_id("job-try-again")).to_have_count(1)
    page.get_by_test_id("job-try-again").click()
    expect(rows.first).to_contain_text("Running")
    assert fake.retried == ["finish_recording:pbx:tierline-1795640000.41-1795640000"]
    page.get_by_text("Given up", exact=True).click()
    expect(page.get_by_test_id("operations-jobs")).to_contain_text("Nothing is waiting")
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("operations-jobs")).to_contain_text("持久任务")


def test_operations_say_why_the_server_is_not_ready(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("operator", "/operations")
    expect(page.get_by_test_id("operations-reasons")).to_contain_text("Ready")
    fake.link_up = False
    page.reload()
    expect(page.get_by_test_id("operations-reasons")).to_contain_text("Not ready")
    expect(page.get_by_test_id("operations-unready")).to_contain_text("connection reset")


LISTS = [
    ("calls", "supervisor"),
    ("recordings", "supervisor"),
    ("reviews", "reviewer"),
    ("customers", "supervisor"),
    ("kpi", "supervisor"),
]


@pytest.mark.parametrize(("path", "login"), LISTS)
def test_nothing_to_show_is_said(
    opened: Callable[..., Page], fake: FakeServer, path: str, login: str
) -> None:
    fake.empty = True
    expect(opened(login, f"/{path}").get_by_test_id("empty")).to_be_visible()


@pytest.mark.parametrize(("path", "login"), [*LISTS, ("operations", "operator")])
def test_a_failing_server_is_said_in_its_own_words_and_tried_again(
    opened: Callable[..., Page], fake: FakeServer, path: str, login: str
) -> None:
    fake.broken = {path}
    page = opened(login, f"/{path}")
    error = page.get_by_test_id("error")
    expect(error).to_contain_text("The database does not answer; try again in a minute.", timeout=15_000)
    fake.broken = set()
    error.get_by_role("button").click()
    expect(error).to_have_count(0)


def test_a_list_of_choices_stays_open_when_what_loads_above_pushes_its_field_away(
    opened: Callable[..., Page],
) -> None:
    page = opened("supervisor", "/calls")
    expect(page.get_by_test_id("calls-table-row")).to_have_count(25)
    page.get_by_test_id("filter-tier").click()
    gold = page.get_by_role("option", name="Gold")
    expect(gold).to_be_visible()
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', '<div id=late style=height:4000px></div>')"
    )
    expect(page.get_by_test_id("filter-tier")).not_to_be_in_viewport()
    expect(gold).to_be_attached()
    page.wait_for_function(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert gold.evaluate("one => one.getClientRects().length") > 0
    page.evaluate("document.querySelector('#late').remove()")
    gold.click()
    expect(page).to_have_url(re.compile("tier=gold"))
