"""The floor as it is used: found, grouped and sorted, each number leads to its calls, a missed change is asked for."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.fake_api import FakeServer


def test_a_number_leads_to_the_calls_behind_it(opened: Callable[..., Page], fake: FakeServer) -> None:
    page = opened("supervisor", "/floor")
    gold = page.get_by_test_id("queue-card").first.locator("[data-tier=gold][data-testid=queue-tier-row]")
    gold.get_by_role("link").nth(3).click()  # gave up
    expect(page.get_by_test_id("calls-counted")).to_be_visible()
    for part in ("each=visit", "fate=abandoned", "queue=support", "tier=gold"):
        assert part in page.url
    asked = next(said for said in reversed(fake.asked) if said.startswith("GET /calls?"))
    assert all(part in asked for part in ("each=visit", "fate=abandoned", "queue=support", "tier=gold"))
    assert "from=" not in asked, "the day begins where the site is, not where the browser is"


def test_the_tiles_lead_to_their_calls(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    page.get_by_test_id("tile-waiting-value").get_by_role("link").click()
    expect(page.get_by_test_id("calls-counted")).to_be_visible()
    assert page.url.endswith("/calls?each=visit&fate=waiting")


def test_who_may_not_see_calls_is_led_nowhere(opened: Callable[..., Page]) -> None:
    page = opened("operator", "/floor")
    expect(page.get_by_test_id("tile-waiting-value")).to_have_text("6")
    expect(page.get_by_test_id("tiles").get_by_role("link")).to_have_count(0)


def test_a_search_finds_agents_queues_and_callers(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    find = page.get_by_test_id("floor-find")
    find.fill("becker")
    expect(page.get_by_test_id("agent-card")).to_have_count(1)
    expect(page.get_by_test_id("queue-card")).to_have_count(2)
    find.fill("sales")
    expect(page.get_by_test_id("queue-card")).to_have_count(1)
    expect(page.get_by_test_id("waiting-row")).to_have_count(2)
    find.fill("nobody at all")
    expect(page.get_by_test_id("agents")).to_contain_text("Nothing matches")


def test_agents_stand_in_groups_that_the_address_keeps(opened: Callable[..., Page]) -> None:
    page = opened("supervisor", "/floor")
    page.get_by_test_id("agents-group").get_by_text("By queue").click()
    groups = page.get_by_test_id("agent-group")
    expect(groups).to_have_count(2)
    expect(groups.first.get_by_role("heading")).to_have_text("sales 3")
    page.get_by_test_id("agents-state-ready").click()
    expect(page.get_by_test_id("agent-card")).to_have_count(2)  # one agent of two queues
    page.reload()
    expect(page.get_by_test_id("agent-card")).to_have_count(2)
    expect(page.get_by_test_id("agents-state-ready")).to_have_attribute("aria-pressed", "true")


def test_a_missed_change_is_noticed_and_the_whole_asked_for(
    opened: Callable[..., Page], fake: FakeServer
) -> None:
    page = opened("supervisor", "/floor")
    expect(page.get_by_test_id("waiting-row")).to_have_count(6)
    fake.empty = True
    fake.feed.next(fake.floor())  # nobody is told this one
    fake.proof |= {"ledger": False}
    fake.call(fake.tell({"type": "floor", "floor": fake.floor()}))
    expect(page.get_by_test_id("waiting-row")).to_have_count(0)
    assert [said for said in fake.heard if said["type"] == "floor"] == [{"type": "floor"}]
