"""A review is claimed, scored beside the recording, saved and read again."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.web.fake_api import FakeServer

ANSWERS = {
    "greeting": "yes", "identity": "yes", "listening": 4, "right": "yes", "promise": "na", "next": 2, "thanks": "no",
}  # fmt: skip


def item(page: Page, name: str) -> Locator:
    return page.locator(f"[data-testid=score-item][data-item='{name}']")


def answer(page: Page, name: str, value: str | int) -> None:
    item(page, name).get_by_test_id(f"answer-{value}").check(force=True)


def test_a_review_from_claim_to_score(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("reviewer", "/reviews")
    page.locator("[data-testid=reviews-table-row][data-id='v-0']").get_by_test_id("review-claim").click()
    expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "claimed")
    expect(page.get_by_test_id("score-critical")).to_have_count(3)
    expect(page.get_by_test_id("score-save")).to_be_disabled()
    for name, value in ANSWERS.items():
        answer(page, name, value)
    expect(page.get_by_test_id("score-preview")).to_have_text("78")
    expect(page.get_by_test_id("score-box").get_by_test_id("result-badge")).to_have_text("Fail")
    answer(page, "thanks", "yes")
    expect(page.get_by_test_id("score-preview")).to_have_text("93")  # 20 + 50 + 30 x 3/4, of 100
    answer(page, "right", "no")
    expect(page.get_by_test_id("score-progress")).to_have_text("1 answer needs a comment.")
    expect(page.get_by_test_id("score-save")).to_be_disabled()
    expect(page.get_by_test_id("score-box").get_by_test_id("result-badge")).to_have_text("Fail")
    answer(page, "right", "yes")
    page.get_by_test_id("player-forward").click()
    item(page, "next").get_by_test_id("score-moment").click()
    item(page, "next").get_by_test_id("score-comment-add").click()
    item(page, "next").get_by_test_id("score-item-comment").fill("没有说明时间")
    page.get_by_test_id("score-comment").fill("Good call.")
    page.reload()  # a draft is not lost
    expect(page.get_by_test_id("score-progress")).to_have_text("7 of 7 answered")
    page.get_by_test_id("score-save").click()
    expect(page.get_by_test_id("scoring")).to_have_attribute("data-state", "scored")
    expect(page.get_by_test_id("review-score")).to_have_text("93")
    expect(item(page, "next")).to_contain_text("没有说明时间")
    kept = fake.reviews.rows["v-0"]
    assert kept["comment"] == "Good call."
    assert kept["answers"]["next"] == {"value": 2, "comment": "没有说明时间", "at_seconds": 5}
    assert kept["answers"]["promise"] == {"value": "na"}


def test_the_keyboard_alone_can_score(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews/v-2")
    item(page, "listening").get_by_test_id("answer-0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(item(page, "listening").get_by_test_id("answer-2")).to_be_checked()
    expect(item(page, "listening")).to_contain_text("the customer had to ask")


def test_a_claim_that_came_too_late_is_told(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("reviewer", "/reviews")
    row = page.locator("[data-testid=reviews-table-row][data-id='v-1']")
    expect(row).to_be_visible()
    fake.reviews.rows["v-1"] |= {"state": "claimed", "reviewer": "u-other"}
    row.get_by_test_id("review-claim").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Somebody else has claimed this review.")
    expect(row).to_have_count(0)


def test_somebody_elses_and_scored_reviews_are_read_only(opened: Callable[..., Page]) -> None:
    for review in ("v-3", "v-6"):
        page = opened("reviewer", f"/reviews/{review}", language="zh")
        expect(page.get_by_test_id("score-section")).to_have_count(3)
        expect(page.get_by_test_id("score-save")).to_have_count(0)
        assert page.locator("[data-testid^=answer-]:enabled").count() == 0


def test_a_claimed_review_is_released(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("reviewer", "/reviews/v-2")
    page.get_by_test_id("review-release").click()
    expect(page.get_by_test_id("review-claim")).to_be_visible()
    assert fake.reviews.rows["v-2"]["state"] == "open"


def test_quality_is_put_beside_satisfaction(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("reviewer", "/reviews")
    page.get_by_test_id("open-satisfaction").click()
    expect(page.get_by_test_id("sat-answered")).to_have_text("104 of 412")
    expect(page.get_by_test_id("sat-rho")).to_have_text("0.37 0.19 to 0.53")
    expect(page.get_by_test_id("sat-quadrants").locator("tr[data-row=passed] td").last).to_have_text("3")
    items = page.get_by_test_id("sat-items-row")
    expect(items.filter(has_text="Listens and sums up")).to_contain_text("Goes with satisfaction")
    expect(items.filter(has_text="Verifies who")).to_contain_text("Moves nothing")
    expect(items.filter(has_text="Thanks and")).to_contain_text("Goes against it")
    expect(items.filter(has_text="Makes no promise")).to_contain_text("Told from 30 answers on")
    with page.expect_request(lambda asked: "/satisfaction?" in asked.url and "tier=gold" in asked.url):
        page.get_by_test_id("filter-tier").click()
        page.get_by_role("option", name="Gold").click()
    page.get_by_test_id("sat-calls-row").first.press("Enter")
    expect(page.get_by_test_id("scoring")).to_be_visible()


def test_a_period_without_answers_says_how_they_come(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.empty = True
    page = opened("reviewer", "/reviews/satisfaction")
    expect(page.get_by_test_id("empty")).to_contain_text("cti surveys import")
    expect(page.get_by_test_id("sat-quadrants")).to_have_count(0)
