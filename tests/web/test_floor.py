"""The live floor: what it shows, that it moves, and that it says when it does not."""

import re
import time
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.web import fake_stories as stories
from tests.web.fake_api import FakeServer

TODAY = "today at noon and a half"  # by the time the test runs: another day is shown with its date
SHOWN = "12:34"


def test_the_line_stands_in_the_order_of_serving_with_tiers_and_reasons(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    rows = page.get_by_test_id("waiting-row")
    expect(rows).to_have_count(6)
    tiers = rows.evaluate_all("all => all.map(row => `${row.dataset.queue} ${row.dataset.tier}`)")
    assert tiers == [
        "support platinum", "support gold", "support iron", "support lead", "sales platinum", "sales none",
    ]  # fmt: skip
    expect(rows.first).to_contain_text("王丽华")
    expect(rows.first).to_contain_text("+86 138 1234 5678")
    expect(rows.first).to_contain_text("served as if joined at 10:02")
    expect(rows.nth(1).get_by_test_id("tier-badge")).to_have_text("Gold")
    expect(rows.last).to_contain_text("Number withheld")


def test_a_queue_in_a_surge_says_so_and_since_when(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("queue-surge")).to_have_count(1)
    first = page.get_by_test_id("queue-card").first.get_by_test_id("queue-surge")
    expect(first).to_have_text(re.compile(r"Surge *1:3\d"))


def test_tiles_name_their_formula(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("tile-answer-rate-value")).to_have_text("92.4%")
    expect(page.get_by_test_id("tile-service-level")).to_contain_text("strict · 20 s")
    expect(page.get_by_test_id("tile-aht-value")).to_have_text("3:34")


PROVEN_TILES = ("answer-rate", "service-level", "abandon-rate", "asa", "aht")


@pytest.mark.parametrize(
    ("proof", "state", "english", "chinese", "whole"),
    [
        (
            {"verified_until": TODAY},
            "verified",
            f"verified to {SHOWN}",
            f"核实至 {SHOWN}",
            f"verified up to {SHOWN}",
        ),
        (
            {"verified_until": TODAY, "gap_since": TODAY},
            "gap",
            f"gap since {SHOWN}",
            f"缺口自 {SHOWN}",
            f"gap open since {SHOWN}",
        ),
        ({"verified_until": None, "ledger": False}, "none", "no ledger", "无话务日志", "no ledger"),
        ({"verified_until": None}, "pending", "not verified yet", "尚未核实", "not verified yet"),
    ],
)
def test_every_figure_says_how_far_it_is_proven(
    opened: Callable[..., Page],
    fake: FakeServer,
    proof: dict,
    state: str,
    english: str,
    chinese: str,
    whole: str,
) -> None:
    noon = datetime.now().replace(hour=12, minute=34, second=0, microsecond=0).timestamp()
    fake.proof |= {name: noon if value == TODAY else value for name, value in proof.items()}
    page = opened("supervisor", "/floor")
    for tile in PROVEN_TILES:
        mark = page.get_by_test_id(f"tile-{tile}").get_by_test_id("proof-mark")
        expect(mark).to_have_text(english)
        expect(mark).to_have_attribute("data-state", state)
        assert mark.evaluate("mark => mark.scrollWidth <= mark.clientWidth + 1"), "cut"
    page.goto(page.url.replace("/floor", "/kpi"))
    expect(page.get_by_test_id("proof-mark").first).to_have_text(whole)
    expect(page.get_by_test_id("kpi-totals").get_by_test_id("proof-mark").first).to_have_text(english)
    page.get_by_test_id("language-switch").click()
    expect(page.get_by_test_id("kpi-totals").get_by_test_id("proof-mark").first).to_have_text(chinese)


def test_waiting_times_tick_by_the_clock_of_the_server(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    wait = page.get_by_test_id("waiting-time").first
    expect(wait).to_have_text(re.compile(r"1:3\d"))
    before, at = wait.inner_text(), time.monotonic()
    page.wait_for_timeout(3200)
    told = [int(m) * 60 + int(s) for m, s in (text.split(":") for text in (before, wait.inner_text()))]
    assert 2 <= told[1] - told[0] <= time.monotonic() - at + 1


def test_numbers_move_without_a_request(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("live-mark")).to_have_attribute("data-status", "live")
    while not {"GET /desk/alerts", "GET /desk/reasons"} <= set(
        fake.asked
    ):  # what the page asks for as it opens
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")
    fake.asked.clear()
    fake.empty = True
    fake.call(fake.tell({"type": "floor", "floor": fake.floor()}))
    expect(page.get_by_test_id("waiting-row")).to_have_count(0)
    expect(page.get_by_test_id("tile-answer-rate-value")).to_have_text("–")
    assert fake.asked == []


def test_a_lost_stream_is_said_and_comes_back_by_itself(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/floor")
    mark = page.get_by_test_id("live-mark")
    expect(mark).to_have_attribute("data-status", "live")
    seen = fake.seq
    fake.refuse_stream = True
    fake.call(fake.drop_streams())
    expect(mark).to_have_attribute("data-status", "reconnecting")
    expect(page.get_by_test_id("stale-banner")).to_be_visible()
    assert any(asked.startswith("GET /floor") for asked in fake.asked), "meanwhile the floor is asked for"
    fake.refuse_stream = False
    expect(mark).to_have_attribute("data-status", "live")
    expect(page.get_by_test_id("stale-banner")).to_have_count(0)
    page.wait_for_timeout(200)
    resumes = [said["last_seen"] for said in fake.heard if said["type"] == "resume"]
    assert resumes == [seen]


def test_a_cut_link_to_the_switch_is_said(opened: Callable[..., Page], fake: FakeServer) -> None:
    fake.link_up = False
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("link-banner")).to_contain_text("connection reset")


def test_nothing_jumps_when_the_line_empties(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor", width=1440, height=900)
    expect(page.get_by_test_id("waiting-row")).to_have_count(6)
    before = page.get_by_test_id("agents").bounding_box()
    fake.empty = True
    fake.call(fake.tell({"type": "floor", "floor": fake.floor()}))
    expect(page.get_by_test_id("waiting-row")).to_have_count(0)
    after = page.get_by_test_id("agents").bounding_box()
    assert before and after and after["y"] == before["y"]


def test_a_page_that_cannot_be_fetched_says_so(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("floor")).to_be_visible()
    page.route("**/assets/**", lambda route: route.abort())
    page.get_by_test_id("nav-calls").click()
    expect(page.get_by_test_id("error")).to_contain_text("The server does not answer")
    page.get_by_test_id("nav-floor").click()
    expect(page.get_by_test_id("floor")).to_be_visible()


def test_a_supervisor_sets_an_agent_not_ready(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    card = page.locator("[data-testid=agent-card][data-agent='101']")
    expect(card).to_have_attribute("data-state", "ready")
    card.get_by_role("button").click()
    page.get_by_role("menuitem", name="Meeting").click()
    expect(card).to_have_attribute("data-state", "not_ready")
    expect(card.get_by_test_id("agent-state")).to_have_text("Not ready · Meeting")
    assert fake.agent_states["101"][:2] == ("not_ready", "meeting")


def test_every_agent_of_the_floor_has_a_card(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("agent-card")).to_have_count(len(stories.AGENTS))
    ringing = page.locator("[data-testid=agent-card][data-state=ringing]")
    expect(ringing).to_contain_text("Sir Bartholomew")
