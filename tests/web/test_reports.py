"""Quality reports in the browser: numbers kept apart, too few told as such, files, and schedules."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def test_three_accuracies_and_a_score_beside_them(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews")
    page.get_by_test_id("open-reports").click()
    expect(page.get_by_test_id("reports-customer")).to_contain_text("94.0%")
    expect(page.get_by_test_id("reports-compliance")).to_contain_text("83.0% to 95.0%")
    expect(page.get_by_test_id("reports-score")).to_contain_text("86.4")
    expect(page.get_by_test_id("reports-canvas")).to_be_visible()
    expect(page.get_by_test_id("reports-basis-says")).to_contain_text("Random draw, 131 of 150 scored")
    page.get_by_test_id("reports-basis").click()
    with page.expect_request(lambda asked: "basis=all" in asked.url):
        page.get_by_role("option", name="All scores").click()
    expect(page.get_by_test_id("reports-basis-says")).to_contain_text("do not stand for other calls")
    expect(page.get_by_test_id("reports-questions-row").first).to_contain_text("Greets with")
    expect(page.get_by_test_id("schedules")).to_have_count(0)  # a reviewer sends nothing


def test_broken_down_and_too_few(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/reviews/reports?group=agent&interval=none")
    rows = page.get_by_test_id("reports-lines-row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Featherstonehaugh")
    expect(rows.nth(2)).to_contain_text("Too few")
    with page.expect_request(lambda asked: "group_by=question" in asked.url and "interval=week" in asked.url):
        page.get_by_test_id("reports-group").get_by_text("Question").click()
        page.get_by_test_id("reports-interval").get_by_text("Weeks").click()
    expect(page.get_by_test_id("reports-canvas")).to_be_visible()
    expect(page.get_by_test_id("reports-lines")).to_have_count(0)


def test_two_choices_at_once_are_both_kept(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/reviews/reports?group=agent&interval=none")
    expect(page.get_by_test_id("reports-lines-row")).to_have_count(3)
    # The second comes before anything is drawn of the first: quick hands on a slow machine.
    page.evaluate("""async () => {
        const chosen = (of, words) => [...document.querySelectorAll(`[data-testid=${of}] label`)].find(one => one.innerText === words)
        chosen('reports-group', 'Question').click()
        await new Promise((go) => setTimeout(go))
        chosen('reports-interval', 'Weeks').click()
    }""")
    expect(page).to_have_url(re.compile(r"group=question.*interval=week|interval=week.*group=question"))


def test_files_are_of_what_is_shown(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews/reports?group=team&tier=gold")
    page.get_by_test_id("reports-download").click()
    with page.expect_download() as found:
        page.get_by_test_id("reports-xlsx").click()
    assert found.value.suggested_filename == "quality-report.xlsx"
    for part in ("group_by=team", "tier=gold", "format=xlsx", "language=en"):
        assert part in found.value.url


def test_a_schedule_is_made_stopped_and_removed(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/reviews/reports")
    expect(page.get_by_test_id("schedules-table-row")).to_contain_text("1 of 2 have not got it")
    page.get_by_test_id("schedule-add").click()
    form = page.get_by_test_id("schedule-form")
    form.get_by_test_id("schedule-name").fill("Monday")
    form.get_by_test_id("schedule-at").fill("06:30")
    for name, option in (("tier", "Platinum"), ("basis", "Stratified draw")):
        form.get_by_test_id(f"schedule-{name}").click()
        page.get_by_role("option", name=option).click()
    form.get_by_test_id("schedule-team").fill("华东")
    form.get_by_test_id("schedule-recipients").fill("nobody")
    form.get_by_test_id("schedule-recipients").press("Enter")
    form.get_by_test_id("schedule-save").click()
    expect(page.get_by_test_id("notice")).to_contain_text("recipients.1: is no e-mail address")
    form.get_by_test_id("schedule-recipients").press("Backspace")
    form.get_by_test_id("schedule-recipients").fill("boss@example.com")
    form.get_by_test_id("schedule-recipients").press("Enter")
    form.get_by_test_id("schedule-save").click()
    rows = page.get_by_test_id("schedules-table-row")
    expect(rows).to_have_count(2)
    made = fake.writing.schedules[-1]
    assert (made["at_minute"], made["recipients"], made["every"]) == (390, ["boss@example.com"], "week")
    assert {name: value for name, value in made["filter"].items() if value} == {
        "tier": "platinum",
        "basis": "stratified",
        "team": "华东",
    }
    rows.nth(1).press("Enter")
    page.get_by_test_id("schedule-active").click()
    page.get_by_test_id("schedule-save").click()
    expect(rows.nth(1)).to_contain_text("Rests")
    rows.nth(1).get_by_test_id("schedule-remove").click()
    expect(rows).to_have_count(2)
    rows.nth(1).get_by_test_id("schedule-remove").click()
    expect(rows).to_have_count(1)


def test_no_mail_server_and_no_calls_are_said(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.empty, fake.writing.mail = True, False
    page = opened("supervisor", "/reviews/reports")
    expect(page.get_by_test_id("empty").first).to_contain_text("No scored call")
    expect(page.get_by_test_id("schedules-nomail")).to_contain_text("CTI_MAIL__HOST")
