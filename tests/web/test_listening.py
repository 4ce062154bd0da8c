"""One recording's page: two lanes, what was heard, notes, keys, moments of a review, links; and the finer search."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def at(page: Page, pattern: str) -> None:
    expect(page.get_by_test_id("player")).to_have_attribute("data-now", re.compile(pattern))


def test_two_lanes_and_what_was_heard(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/recordings/r-1")
    player = page.get_by_test_id("player")
    expect(player).to_have_attribute("data-lanes", "true")
    expect(player).to_contain_text("Customer")
    expect(player).to_contain_text("Agent")
    expect(page.get_by_test_id("player-legend")).to_contain_text("Talk-over 2")
    page.get_by_test_id("player-next-talk_over").click()
    at(page, r"^1\.00")
    page.get_by_test_id("player-next-talk_over").click()
    at(page, r"^9\.20")
    page.get_by_test_id("player-next-hold").click()
    at(page, r"^6\.00")
    figures = page.get_by_test_id("recording-signals")
    expect(figures).to_contain_text("47%")
    expect(figures).to_contain_text("2 × · longest 0.8 s")
    expect(figures).to_contain_text("abrupt")


def test_of_one_channel_what_cannot_be_known_says_so(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.one_voice, fake.technical_faults = True, ["clipped"]
    page = opened("supervisor", "/recordings/r-1")
    expect(page.get_by_test_id("player-time")).to_have_text("0:00 / 0:12")
    expect(page.get_by_test_id("player")).not_to_have_attribute("data-lanes", "true")
    figures = page.get_by_test_id("recording-signals")
    expect(figures).to_contain_text("n/a")
    expect(figures).to_contain_text("Both sides are in one channel")
    expect(page.get_by_test_id("signal-faults")).to_contain_text("Distorted")


def test_one_hand_on_the_keyboard(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/recordings/r-1")
    expect(page.get_by_test_id("player-time")).to_have_text("0:00 / 0:12")
    page.keyboard.press("ArrowRight")
    at(page, r"^5\.00")
    page.keyboard.press("ArrowLeft")
    at(page, r"^0\.00")
    page.keyboard.press("]")
    expect(page.get_by_label("1.25×")).to_be_checked()
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.get_by_label("0.75×")).to_be_checked()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("player")).to_have_attribute("data-playing", "true")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("player")).not_to_have_attribute("data-playing", "true")
    page.keyboard.press("End")
    page.keyboard.press("m")
    expect(page.get_by_test_id("note")).to_have_count(3)
    assert fake.recording_notes[-1]["at_seconds"] == 12.0
    page.get_by_test_id("note-text").click()
    page.keyboard.type("m [ wrong")  # who writes does not mark
    page.get_by_test_id("note-add").click()
    expect(page.get_by_test_id("note")).to_have_count(4)
    assert fake.recording_notes[-1]["text"] == "m [ wrong"


def test_keys_pressed_at_once_all_count(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/recordings/r-1")
    expect(page.get_by_test_id("player-time")).to_have_text("0:00 / 0:12")
    press = "(keys) => keys.forEach((key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))"
    page.evaluate(press, ["]", "]"])
    expect(page.get_by_label("1.5×")).to_be_checked()
    page.evaluate(press, ["ArrowRight", "ArrowRight", "ArrowLeft"])
    at(page, r"^5\.00")


def test_notes_lead_to_their_moment_and_are_taken_back_by_their_author(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/recordings/r-1")
    theirs = page.get_by_test_id("note").nth(1)
    theirs.get_by_role("button", name="0:08").click()
    at(page, r"^8\.50")
    expect(theirs.get_by_role("button", name="Remove")).to_have_count(0)
    page.get_by_test_id("note").first.get_by_role("button", name="Remove").click()
    expect(page.get_by_test_id("note")).to_have_count(1)
    assert [note["id"] for note in fake.recording_notes] == ["n2"]


def test_the_moments_of_a_review(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/recordings/r-3")
    answers = page.get_by_test_id("recording-answers")
    expect(answers.get_by_role("listitem")).to_have_count(2)
    answers.get_by_role("button", name="0:09").click()
    at(page, r"^9\.00")


def test_a_link_is_made_and_leads_to_the_moment(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/recordings/r-1?t=3")
    at(page, r"^3\.00")
    page.get_by_test_id("share").click()
    page.get_by_label("Start at 0:03").check()
    page.get_by_test_id("share-make").click()
    expect(page.get_by_test_id("share-link")).to_have_value(re.compile(r"/recordings/shared/good$"))
    assert fake.deeds == [("share", {"lasts_seconds": 86400, "at_seconds": 3})]
    page = opened("reviewer", "/recordings/shared/good")
    expect(page).to_have_url(re.compile(r"/recordings/r-1\?t=4\.5$"))
    at(page, r"^4\.50")


def test_a_link_that_leads_nowhere_says_so(opened: Callable[..., Page]) -> None:
    page = opened("reviewer", "/recordings/shared/bad")
    expect(page.get_by_text("The link leads nowhere")).to_be_visible()


def test_the_finer_search(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/recordings")
    page.get_by_test_id("more-filters").click()
    page.get_by_test_id("more-number").fill("138 1234 5678")
    page.get_by_test_id("more-dead_air_seconds").fill("10")
    page.get_by_test_id("more-talk_percent").fill("70")
    page.get_by_test_id("more-time_from").fill("22:00")
    page.get_by_test_id("more-ended_by").click()
    page.get_by_role("option", name="Agent").click()
    expect(page).to_have_url(re.compile("talk_percent=70"))
    with page.expect_response(lambda answer: "dead_air_seconds=12" in answer.url):
        page.get_by_test_id("more-dead_air_seconds").fill("12")
    asked = fake.searched[-1]
    assert {name: asked.get(name) for name in ("number", "dead_air_seconds", "agent_talk_share", "time_from", "ended_by")} == {
        "number": "138 1234 5678", "dead_air_seconds": "12", "agent_talk_share": "0.7", "time_from": "22:00", "ended_by": "agent",
    }  # fmt: skip


def test_the_list_leads_to_the_page(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/recordings?play=r-1")
    page.get_by_test_id("recording-open").click()
    expect(page.get_by_test_id("recording")).to_have_attribute("data-recording", "r-1")
