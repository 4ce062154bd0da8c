"""A reviewer's draft outlives the tab, an agent disputes, an arbitrator decides, a lead coaches and calibrates."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def test_a_draft_is_kept_on_the_server_and_comes_back_without_the_tab(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("reviewer", "/reviews/v-2")
    page.locator("[data-item=greeting]").get_by_test_id("answer-yes").check(force=True)
    page.get_by_test_id("score-comment").fill("Half way")
    expect(page.get_by_test_id("score-kept")).to_have_attribute("data-keeping", "kept")
    assert fake.judging.drafts["v-2"]["answers"] == {"greeting": {"value": "yes"}}
    page.evaluate("sessionStorage.clear()")
    page.reload()
    expect(page.get_by_test_id("score-comment")).to_have_value("Half way")
    expect(page.locator("[data-item=greeting]").get_by_test_id("answer-yes")).to_be_checked()


def test_one_hand_on_the_keyboard(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews/v-2")
    expect(page.get_by_test_id("score-section")).to_have_count(3)
    for key in "jyjxj4":  # greeting yes, identity not applicable, listening 4
        page.keyboard.press(key)
    expect(page.locator("[data-item=greeting]").get_by_test_id("answer-yes")).to_be_checked()
    expect(page.locator("[data-item=identity]").get_by_test_id("answer-na")).to_be_checked()
    expect(page.locator("[data-item=listening]").get_by_test_id("answer-4")).to_be_checked()
    page.keyboard.press("y")  # a scale takes no yes
    expect(page.locator("[data-item=listening]").get_by_test_id("answer-4")).to_be_checked()
    page.keyboard.press("c")
    page.keyboard.type("ynx4")  # words, not answers
    expect(page.locator("[data-item=listening]").get_by_test_id("score-item-comment")).to_have_value("ynx4")
    expect(page.locator("[data-item=listening]").get_by_test_id("answer-4")).to_be_checked()


def test_an_agent_reads_disputes_and_takes_it_back(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/desk")
    page.get_by_test_id("own-review-open").first.click()
    expect(page.get_by_test_id("own-score")).to_have_text("81")
    page.get_by_test_id("own-acknowledge").click()
    expect(page.get_by_test_id("own-acknowledge")).to_have_count(0)
    page.get_by_test_id("own-dispute").click()
    expect(page.get_by_test_id("dispute-send")).to_be_disabled()
    page.get_by_test_id("dispute-next").check()
    expect(page.get_by_test_id("dispute-send")).to_be_disabled()
    page.get_by_test_id("reason-next").fill("我在 0:09 说了")
    page.get_by_test_id("dispute-send").click()
    expect(page.get_by_test_id("own-disputed")).to_be_visible()
    assert fake.judging.standing["dispute"]["items"] == {"next": "我在 0:09 说了"}
    page.get_by_test_id("own-withdraw").click()
    expect(page.get_by_test_id("own-outcome")).to_contain_text("Withdrawn")


def test_a_third_person_decides(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/reviews/disputes")
    page.locator("[data-testid=disputes-row][data-id='v-7-d1']").click()
    expect(page.get_by_test_id("dispute")).to_contain_text("Somebody else has to score this call first.")
    page.locator("[data-testid=disputes-row][data-id='v-3-d1']").click()
    # Both disputes name the same questions: only this tells that the first has left the page.
    expect(page.get_by_test_id("dispute")).not_to_contain_text("Somebody else has to score this call first.")
    expect(page.get_by_test_id("dispute")).to_contain_text("I said it at 0:09.")
    expect(page.get_by_test_id("dispute-change")).to_be_disabled()
    page.get_by_test_id("dispute-note").fill("Heard it at 0:09.")
    page.get_by_test_id("dispute-change").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Decided")
    assert fake.judging.disputes["v-3-d1"]["outcome"] == "changed"


def test_a_lead_coaches_from_a_failed_question(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/reviews/v-3")
    page.get_by_test_id("coach-open").click()
    expect(page.get_by_test_id("coach-behaviour")).to_have_value("No time was named.")
    page.get_by_test_id("coach-target").fill("Says when")
    page.get_by_test_id("coach-send").click()
    expect(page.get_by_test_id("notice")).to_be_visible()
    asked = fake.judging.tasks[-1]
    assert (asked["item"], asked["target"], asked["clip"]) == ("next", "Says when", {"begin": 9, "end": 12})


def test_reviewers_lead_nothing(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews/v-3")
    expect(page.get_by_test_id("remarks")).to_be_visible()
    for button in ("coach-open", "calibrate-open"):
        expect(page.get_by_test_id(button)).to_have_count(0)
    page = opened("reviewer", "/reviews/v-1")
    expect(page.get_by_test_id("review-claim")).to_be_visible()
    for control in ("assign", "exclude-open"):
        expect(page.get_by_test_id(control)).to_have_count(0)


def test_a_lead_gives_a_review_to_somebody_and_takes_another_out(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/reviews/v-1")
    page.get_by_test_id("assign").click()
    page.get_by_role("option", name="reviewer", exact=True).click()
    expect(page.get_by_test_id("notice")).to_contain_text("Given to reviewer.")
    assert fake.reviews.rows["v-1"]["assigned_to"] == "reviewer"
    expect(page.get_by_test_id("assign")).to_have_value("reviewer")
    page.get_by_test_id("exclude-open").click()
    expect(page.get_by_test_id("exclude-send")).to_be_disabled()
    page.get_by_test_id("exclude-reason").fill("  a ")
    expect(page.get_by_test_id("exclude-send")).to_be_disabled()
    page.get_by_test_id("exclude-reason").fill("Test call of the technician")
    page.get_by_test_id("exclude-send").click()
    expect(page.get_by_test_id("remarks")).to_contain_text("Test call of the technician")
    assert fake.reviews.rows["v-1"]["state"] == "excluded"
    for control in ("assign", "exclude-open", "review-claim"):
        expect(page.get_by_test_id(control)).to_have_count(0)


def test_an_agent_hears_the_call_of_an_own_review(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("agent", "/own-reviews/r1")
    with page.expect_request("**/api/v1/own-reviews/r1/audio"):
        page.get_by_test_id("own-sound").get_by_test_id("player-play").click()
    expect(page.get_by_test_id("player")).to_have_attribute("data-lanes", "true")
    expect(page.get_by_test_id("player-failed")).to_have_count(0)
    fake.judging.standing |= {"may_hear": False}
    page = opened("agent", "/own-reviews/r1")
    expect(page.get_by_test_id("own-score")).to_be_visible()
    expect(page.get_by_test_id("own-sound")).to_have_count(0)


def test_a_session_is_closed_and_names_the_bad_question(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/reviews/calibration")
    expect(page.get_by_test_id("verdict").first).to_have_text("read differently")
    page.get_by_test_id("sessions-row").first.click()
    page.get_by_test_id("session-close").click()
    expect(page.get_by_test_id("session").get_by_test_id("questions-table")).to_be_visible()


def test_a_session_that_opened_by_itself_says_why(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/reviews")
    badge = page.get_by_test_id("must-calibrate")
    expect(badge).to_have_text("In calibration")
    badge.click()
    expect(page.get_by_test_id("sessions-row").nth(0).get_by_test_id("by-itself")).to_have_count(0)
    expect(page.get_by_test_id("sessions-row").nth(1).get_by_test_id("by-itself")).to_be_visible()


def test_a_draw_is_proven_and_a_ranking_refused(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/reviews/coverage?by=agent")
    expect(page.get_by_test_id("ranking")).to_contain_text("No ranking")
    page.get_by_test_id("prove").first.click()
    expect(page.get_by_test_id("draws")).to_contain_text("the same again")


def test_nothing_there_yet(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.empty = True
    for path in ("coverage", "calibration", "disputes", "coaching"):
        page = opened("supervisor", f"/reviews/{path}")
        expect(page.get_by_test_id("empty").first).to_be_visible()
        expect(page.get_by_test_id("error")).to_have_count(0)
