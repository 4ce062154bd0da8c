"""Ten calls judged in Chromium: scored, scored again blindly, calibrated, disputed, decided, coached; each figure worked out beside."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.whole.quality_house import CALLS, CHANGED, COACHED, DISCUSSED, UPHELD, answers, on_the_desk, opened
from tests.whole.quality_pages import (
    PATIENCE,
    Answer,
    as_shown,
    claim,
    claimed,
    click_answers,
    coefficients,
    fixed,
    kept,
    own_path_of,
    path_of,
    points,
    row,
    save,
    shows,
    type_answers,
)

pytestmark = pytest.mark.timeout(900)


async def test_quality_in_the_browser(tmp_path):
    async with opened(tmp_path) as rooms:
        places = await on_the_desk(rooms)
        card = await rooms.ask("reviewer", "/scorecards/service-call")
        said = {(place, who): answers(card, place, who) for place in range(CALLS) for who in (0, 1)}
        reviews = await first_reviewer(rooms, card, places, said)
        await second_reviewer(rooms, card, places, said, reviews)
        await questions_are_judged(rooms, said)
        await a_calibration(rooms, card, reviews[DISCUSSED])
        await an_agent_objects(rooms, card, reviews, said)
        again = await scored_again(rooms, card, places, said, reviews)
        await decided(rooms, card, reviews, said, again)
        await coached(rooms, reviews[COACHED])


async def first_reviewer(rooms, card, places, said) -> dict[int, str]:
    """Place -> review. The first with the mouse, half of it before the page is left; the others with nothing but keys."""
    page, reviews = await rooms.open("reviewer", "/reviews"), {}
    for turn in range(CALLS):
        review = await (claim(page, "Random") if turn != 1 else claimed_by_keys(page))
        place = places[(await rooms.ask("reviewer", path_of(review)))["recording"]]
        wanted, reviews[place] = said[place, 0], review
        if turn == 0:
            page = await interrupted(rooms, page, review, wanted)
            await save(page, points(card, wanted), by_keys=False)
        else:
            await type_answers(page, wanted)
            await save(page, points(card, wanted))
    for place, review in reviews.items():
        await kept(rooms, "reviewer", card, review, said[place, 0])
    return reviews


async def claimed_by_keys(page: Page) -> str:
    """Row, page and claim, without the mouse."""
    await page.goto(page.url.partition("/reviews")[0] + "/reviews")
    first = page.get_by_test_id("reviews-table-row").filter(has_text="Random").first
    await first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("player-time")).to_be_visible(timeout=PATIENCE)
    for _ in range(60):
        if await page.get_by_test_id("review-claim").evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await claimed(page)
    return (await page.evaluate("decodeURIComponent(location.pathname)")).removeprefix("/reviews/")


async def interrupted(rooms, page: Page, review: str, wanted) -> Page:
    """Reloaded before the server had the last answer; then gone with its browser, and taken up in another."""
    items = [*wanted]
    await click_answers(page, {item: wanted[item] for item in items[:9]})
    await page.get_by_test_id("score-comment").fill("half way")
    await page.reload()
    await shows(page, {item: wanted[item] for item in items[:9]})
    await expect(page.get_by_test_id("score-comment")).to_have_value("half way")
    await click_answers(page, {item: wanted[item] for item in items[9:12]})
    kept_at = page.get_by_test_id("score-kept")
    await expect(kept_at).to_have_attribute("data-keeping", "kept", timeout=PATIENCE)
    await rooms.leave("reviewer")
    page = await rooms.open("reviewer", path_of(review))
    await claimed(page)
    await shows(page, {item: wanted[item] for item in items[:12]})
    await expect(page.get_by_test_id("score-comment")).to_have_value("half way")
    await expect(page.get_by_test_id("score-progress")).to_contain_text(f"12 of {len(items)}")
    await click_answers(page, {item: wanted[item] for item in items[12:]})
    return page


async def second_reviewer(rooms, card, places, said, reviews) -> None:
    """Sees no score of the first before his own is there."""
    page = await rooms.open("second", path_of(reviews[COACHED]))
    await expect(page.get_by_test_id("review-score")).to_have_text("–", timeout=PATIENCE)
    await expect(page.get_by_test_id("remarks")).to_contain_text(
        "Hidden until the second reviewer has judged"
    )
    await expect(row(page, "need").locator("input:checked")).to_have_count(0)
    for _ in range(CALLS):
        review = await claim(page, "Second look")
        place = places[(await rooms.ask("second", path_of(review)))["recording"]]
        wanted = said[place, 1]
        await expect(page.locator("[data-testid=score-item] input:checked")).to_have_count(0)
        await type_answers(page, wanted)
        await save(page, points(card, wanted))
        await kept(rooms, "second", card, review, wanted)
    await page.goto(rooms.address + path_of(reviews[COACHED]))
    expected = fixed(points(card, said[COACHED, 0]))
    await expect(page.get_by_test_id("review-score")).to_have_text(expected, timeout=PATIENCE)


async def questions_are_judged(rooms, said) -> None:
    """One question is read differently, and the page names it first."""
    page = await rooms.open("second", "/reviews/calibration")
    questions = page.get_by_test_id("questions").get_by_test_id("questions-table-row")
    await expect(questions.first).to_contain_text("Summed up what was done", timeout=PATIENCE)
    for item, verdict in (("summary", "read differently"), ("anything_else", "reliable")):
        pairs = [(said[place, 0][item].value, said[place, 1][item].value) for place in range(CALLS)]
        assert await told_of(page, item) == (str(CALLS), *as_shown(coefficients(pairs)), verdict)
    unclear = questions.filter(has_text="read differently")
    await expect(unclear).to_have_count(1)
    await expect(unclear.locator("[title^='Reviewers answer this differently']")).to_be_visible()


async def told_of(page: Page, item: str) -> tuple[str, ...]:
    """Calls, agreement, AC1, alpha, kappa and the verdict of a question, as they stand in the table."""
    cells = page.locator(f"[data-testid=questions-table-row][data-id='service-call {item}']").last.locator(
        "td"
    )
    texts = [text.strip() for text in await cells.all_inner_texts()]
    return (*texts[1:6], texts[7])


async def a_calibration(rooms, card, review: str) -> None:
    """Three score one call for themselves; the supervisor's answers count as right."""
    lead = await rooms.open("supervisor", path_of(review))
    await lead.get_by_test_id("calibrate-open").click()
    who = lead.get_by_test_id("calibrate-who")
    for login in ("reviewer", "second", "supervisor"):
        await who.fill(login)
        await lead.get_by_role("option", name=login, exact=True).click()
    await lead.keyboard.press("Escape")  # ends the list, not the dialog
    await lead.get_by_test_id("calibrate-reference").click()
    await lead.get_by_role("option", name="supervisor", exact=True).last.click()
    await lead.get_by_test_id("calibrate-send").click()
    await expect(lead.get_by_test_id("calibrate-send")).to_have_count(0)
    base = answers(card, CHANGED, 0)
    told = {
        "supervisor": base,
        "reviewer": base | {"polite": Answer(2), "farewell": Answer("no")},
        "second": base | {"polite": Answer(3)},
    }
    for login, wanted in told.items():
        page = await rooms.open(login, "/reviews")
        await claim(page, "Calibration", login)
        await type_answers(page, wanted)
        await save(page, points(card, wanted))
    await lead.goto(rooms.address + "/reviews/calibration")
    await lead.get_by_test_id("sessions-row").click()
    session = lead.get_by_test_id("session")
    await expect(session).to_contain_text("3 of 3 have scored", timeout=PATIENCE)
    await session.get_by_test_id("session-close").click()
    for login, wanted in told.items():
        line = session.get_by_role("listitem").filter(has_text=login)
        await expect(line).to_contain_text(fixed(points(card, wanted)), timeout=PATIENCE)
    shares = {}
    for item in ("need", "polite", "farewell"):
        cells = session.locator(f"[data-id='service-call {item}'] td")
        shares[item] = await cells.nth(2).inner_text()
    assert shares == {"need": "100%", "polite": "0%", "farewell": "33%"}  # of the three pairs of reviewers
    compared = [item for item, answer in base.items() if answer.value != "na"]
    leans = {
        "reviewer": ("stricter", -(2 / 4 + 1) / len(compared)),
        "second": ("like the others", -(1 / 4) / len(compared)),
    }
    for login, (word, bias) in leans.items():
        line = session.locator(f"[data-testid=leanings-table-row][data-id={login}]")
        await expect(line).to_contain_text(word)
        await expect(line).to_contain_text(fixed(bias, 2))
        below = points(card, base) - points(card, told[login])
        await expect(line).to_contain_text(fixed(below, 1))


async def an_agent_objects(rooms, card, reviews, said) -> None:
    """Reads all of his own, says so of one, and disputes two question by question."""
    page = await rooms.open("agent", "/desk")
    mine = page.get_by_test_id("own-review")
    await expect(mine).to_have_count(4, timeout=PATIENCE)
    shown = sorted([int(await one.locator("b").inner_text()) for one in await mine.all()])
    assert shown == sorted(int(fixed(points(card, said[place, 0]))) for place in range(4))
    await page.goto(rooms.address + own_path_of(reviews[COACHED]))
    await expect(page.get_by_test_id("own-score")).to_have_text(
        fixed(points(card, said[COACHED, 0])), timeout=PATIENCE
    )
    await expect(row(page, "need")).to_contain_text("guessed twice")
    await page.get_by_test_id("own-acknowledge").click()
    await expect(page.get_by_test_id("own-acknowledge")).to_have_count(0, timeout=PATIENCE)
    await expect(page.get_by_text(re.compile(r"^Read \d"))).to_be_visible()
    for place, reasons in (
        (CHANGED, {"clarity": "he thanked me for it", "anything_else": "at 0:05"}),
        (UPHELD, {"clarity": "no"}),
    ):
        await page.goto(rooms.address + own_path_of(reviews[place]))
        await page.get_by_test_id("own-dispute").click()
        for item, reason in reasons.items():
            await page.get_by_test_id(f"dispute-{item}").check()
            await page.get_by_test_id(f"reason-{item}").fill(reason)
        await page.get_by_test_id("dispute-send").click()
        await expect(page.get_by_test_id("own-disputed")).to_be_visible(timeout=PATIENCE)


async def scored_again(rooms, card, places, said, reviews):
    """By somebody who has seen nothing of it; place -> his answers."""
    page = await rooms.open("third", path_of(reviews[CHANGED]))
    await expect(page.get_by_test_id("review-score")).to_have_text("–", timeout=PATIENCE)
    again = {
        CHANGED: said[CHANGED, 0] | {"clarity": Answer(4), "anything_else": Answer("yes")},
        UPHELD: dict(said[UPHELD, 0]),
    }
    for _ in again:
        review = await claim(page, "After a dispute")
        place = places[(await rooms.ask("third", path_of(review)))["recording"]]
        await type_answers(page, again[place])
        await save(page, points(card, again[place]))
    return again


async def decided(rooms, card, reviews, said, again) -> None:
    """A third person puts both scores side by side; the agent and the reviewer's record see what came of it."""
    judge = await rooms.open("administrator", "/reviews/disputes")
    for place, verdict in ((CHANGED, "dispute-change"), (UPHELD, "dispute-uphold")):
        await judge.locator(f"[data-testid=disputes-row][data-id='{reviews[place]}-d1']").click()
        sides = judge.get_by_test_id("dispute")
        for answers_ in (said[place, 0], again[place]):
            await expect(sides).to_contain_text(fixed(points(card, answers_)), timeout=PATIENCE)
        await judge.get_by_test_id("dispute-note").fill(f"heard it twice: {verdict}")
        await judge.get_by_test_id(verdict).click()
        await expect(
            judge.locator(f"[data-testid=disputes-row][data-id='{reviews[place]}-d1']")
        ).to_have_count(0)
    agent = await rooms.open("agent", own_path_of(reviews[CHANGED]))
    for place, counts, verdict in (
        (CHANGED, again[CHANGED], "dispute-change"),
        (UPHELD, said[UPHELD, 0], "dispute-uphold"),
    ):
        await agent.goto(rooms.address + own_path_of(reviews[place]))
        await expect(agent.get_by_test_id("own-score")).to_have_text(
            fixed(points(card, counts)), timeout=PATIENCE
        )
        await expect(agent.get_by_test_id("own-outcome")).to_contain_text(f"heard it twice: {verdict}")
        clarity = row(agent, "clarity").get_by_test_id(f"answer-{counts['clarity'].value}")
        await expect(clarity).to_be_checked()
    lead = await rooms.open("supervisor", "/reviews")
    record = lead.locator("[data-testid=reviewers-table-row][data-id=reviewer] td")
    await expect(record.last).to_have_text("50%", timeout=PATIENCE)  # one of the two that were decided
    assert (await record.all_inner_texts())[-2:] == ["2", "50%"]


async def coached(rooms, review: str) -> None:
    """From the question that failed, with the seconds the reviewer marked; it stands on the agent's desk."""
    lead = await rooms.open("supervisor", path_of(review))
    end = min(int((await rooms.ask("supervisor", path_of(review)))["duration_seconds"]), 5 + 15)
    await lead.get_by_test_id("coach-open").click()
    await expect(lead.get_by_test_id("coach-behaviour")).to_have_value("guessed twice")
    await expect(lead.get_by_test_id("coach-begin")).to_have_value("5")
    await expect(lead.get_by_test_id("coach-end")).to_have_value(str(end))
    await lead.get_by_test_id("coach-target").fill("Asks what lies behind it")
    await lead.get_by_test_id("coach-send").click()
    await expect(lead.get_by_test_id("coach-send")).to_have_count(0)
    await lead.goto(rooms.address + "/reviews/coaching")
    await expect(lead.get_by_test_id("tasks-row")).to_contain_text(
        "Asks what lies behind it", timeout=PATIENCE
    )
    agent = await rooms.open("agent", "/desk")
    task = agent.get_by_test_id("own-task")
    await expect(task).to_contain_text("Asks what lies behind it", timeout=PATIENCE)
    await expect(task.get_by_test_id("task-clip")).to_have_text(f"0:05–0:{end:02}")
    await task.get_by_test_id("task-read").click()
    await expect(task.get_by_test_id("task-state")).to_have_text("read", timeout=PATIENCE)
    await task.get_by_test_id("task-review").click()
    await expect(row(agent, "need")).to_contain_text("guessed twice", timeout=PATIENCE)
