"""Scorecards are written in the browser: weights that add up, a preview that plays, and publishing that is meant."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer

EDIT = "/reviews/scorecards/edit"


def saved(fake: FakeServer, card: str = "inbound") -> dict:
    return fake.writing.drafts[card]["card"]


def test_a_card_is_changed_and_published(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("administrator", "/reviews")
    page.get_by_test_id("open-scorecards").click()
    page.get_by_test_id("cards-edit").click()
    expect(page.get_by_test_id("card-sum")).to_have_text("100 of 100")
    expect(page.get_by_test_id("card-save")).to_be_disabled()
    weights = page.get_by_test_id("card-section-weight")
    weights.nth(1).fill("60")
    expect(page.get_by_test_id("card-sum")).to_have_text("110 of 100")
    expect(page.get_by_test_id("card-faults")).to_contain_text("they must make 100")
    weights.nth(2).fill("20")
    expect(page.get_by_test_id("card-faults")).to_have_count(0)
    page.get_by_test_id("card-save").click()
    expect(page.get_by_test_id("card-saved")).to_have_text("Saved as a draft")
    assert [section["weight"] for section in saved(fake)["sections"]] == [20, 60, 20]
    expect(page.get_by_test_id("card-publish")).to_be_disabled()
    page.get_by_test_id("card-note").fill("Solving weighs more")
    page.get_by_test_id("card-publish").click()
    assert fake.writing.drafts, "one press publishes nothing"
    page.get_by_test_id("card-publish").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Version 2 is in force")
    expect(page.get_by_test_id("cards-versions-row").first).to_contain_text("Solving weighs more")
    assert fake.writing.drafts == {}


def test_a_question_is_added_that_hangs_on_another(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("administrator", f"{EDIT}/inbound")
    page.get_by_test_id("card-add-item").nth(1).click()
    item = page.locator("[data-testid=card-item][data-item=item-1]")
    item.get_by_test_id("card-item-text-en").fill("Says why")
    expect(page.get_by_test_id("card-faults")).to_contain_text("sections.2.items.4.text.zh")
    page.get_by_test_id("card-faults").get_by_role("button").click()
    expect(item).to_be_focused()
    item.get_by_test_id("card-item-text-zh").fill("说明原因")
    item.get_by_test_id("card-item-kind").get_by_text("0 to 4").click()
    for step in range(5):
        item.get_by_test_id(f"card-anchor-{step}-en").fill(f"Step {step}")
        item.get_by_test_id(f"card-anchor-{step}-zh").fill(f"第 {step} 级")
    item.get_by_test_id("card-item-when").click()
    page.get_by_role("option", name="The answer is right").click()
    page.get_by_test_id("card-side").get_by_text("Preview").click()
    preview = page.get_by_test_id("card-preview")
    expect(preview.locator("[data-item=item-1]")).to_have_count(0)
    preview.locator("[data-item=right]").get_by_test_id("answer-no").check(force=True)
    expect(preview.locator("[data-item=item-1]")).to_contain_text("Says why")
    expect(page.get_by_test_id("card-preview-score")).to_have_text("75")
    page.get_by_test_id("card-save").click()
    expect(page.get_by_test_id("card-saved")).to_have_text("Saved as a draft")
    added = saved(fake)["sections"][1]["items"][-1]
    assert added["shown_when"] == {"item": "right", "values": ["no"]}
    assert [anchor["zh"] for anchor in added["anchors"]] == [f"第 {step} 级" for step in range(5)]


def test_nothing_is_lost_on_reload_nor_to_a_colleague(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("administrator", f"{EDIT}/inbound")
    page.get_by_test_id("card-title-en").fill("Inbound, revised")
    page.reload()
    expect(page.get_by_test_id("card-title-en")).to_have_value("Inbound, revised")
    fake.writing.drafts["inbound"] = {"revision": 3}
    page.get_by_test_id("card-save").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Somebody else saved this draft")
    expect(page.get_by_test_id("card-title-en")).to_have_value("Inbound, revised")
    fake.writing.drafts.clear()


def test_a_card_comes_from_a_file_or_is_refused_in_one_sentence(opened: Callable[..., Page]) -> None:
    page = opened("administrator", "/reviews/scorecards")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "x.yaml", "mimeType": "application/yaml", "buffer": b"id: x"})
    expect(page.get_by_test_id("notice")).to_contain_text("sections: is missing")
    chooser.set_input_files({"name": "y.yaml", "mimeType": "application/yaml", "buffer": b"sections: []"})
    expect(page).to_have_url(re.compile("/edit/imported$"))
    expect(page.get_by_test_id("card-id")).to_have_value("imported")
    expect(page.get_by_test_id("card-saved")).to_have_text("Not saved yet")


def test_who_is_bound_to_teams_writes_and_does_not_publish(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", f"{EDIT}/inbound")
    page.get_by_test_id("card-title-zh").fill("呼入服务（修订）")
    page.get_by_test_id("card-save").click()
    expect(page.get_by_test_id("card-standing")).to_contain_text("bound to none publishes it")
    expect(page.get_by_test_id("card-publish")).to_have_count(0)


def test_reviewers_read_and_export(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/reviews/scorecards")
    expect(page.get_by_test_id("cards-versions-row")).to_contain_text("From a file")
    expect(page.get_by_role("link", name="Export version 1 as YAML")).to_have_attribute(
        "href", "/api/v1/scorecards/inbound/export?version=1"
    )
    for missing in ("cards-edit", "cards-new", "cards-import"):
        expect(page.get_by_test_id(missing)).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_draft_is_discarded_by_a_second_press(
    opened: Callable[..., Page], fake: FakeServer, language: str
) -> None:
    page = opened("administrator", f"{EDIT}/inbound", language=language)
    page.get_by_test_id("card-title-en").fill("Another")
    page.get_by_test_id("card-save").click()
    page.get_by_test_id("back").click()
    page.get_by_test_id("cards-drop").click()
    assert fake.writing.drafts
    page.get_by_test_id("cards-drop").click()
    expect(page.get_by_test_id("cards-drafts")).to_have_count(0)
    assert fake.writing.drafts == {}
