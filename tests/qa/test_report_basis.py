"""What a report stands on, on a real database: the draws whose probability is known, and nothing else unless it is asked for."""

import pytest

from qa.domain.report import Basis, Breakdown, ReportFilter, Span
from qa.domain.review import PlanKind, Purpose, ReviewState
from qa.domain.risk import CallFacts
from qa.service.report_desk import Question, ReportDesk
from tests.qa.judging import DAY, UTC, in_state, scored, whole_stage
from tests.qa.test_sampling_policy_file import TEXT

NEVER_DOUBLE = TEXT.replace("double_scoring:\n  share: 0.1", "double_scoring:\n  share: 0")


@pytest.fixture
async def stage(database_url, make):
    async with whole_stage(database_url, make) as made:
        yield made


async def reported(stage, make, basis, **wanted):
    desk = ReportDesk(
        stage.store, stage.draws, stage.desk, lambda _: None, lambda _: (), lambda agent: agent, UTC
    )
    question = Question(
        make.T0 - DAY, make.T0 + DAY, Span.NONE, Breakdown.NONE, ReportFilter(basis=basis, **wanted)
    )
    return await desk.report(make.user(), question)


async def test_what_was_chosen_for_its_signs_or_by_hand_moves_no_figure(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(120)))
    stage.clock.time = make.T0 + 200
    stage.facts = {
        one.id: CallFacts(hold_seconds=900.0) for one in await in_state(stage, ReviewState.ELIGIBLE)
    }
    await stage.sampling_by(NEVER_DOUBLE).turn()
    drawn = await in_state(stage, ReviewState.OPEN, purpose=Purpose.SCORE)
    random = [one for one in drawn if one.plan is PlanKind.RANDOM]
    risky = [one for one in drawn if one.plan is PlanKind.RISK]
    assert len(random) > 15
    assert len(risky) == 20
    for one in random[1:]:
        await scored(stage, make, card, one.id)
    for one in risky:
        await scored(stage, make, card, one.id, need=0)
    for one in (await in_state(stage, ReviewState.ELIGIBLE))[:5]:
        await scored(stage, make, card, one.id, need=0)
    found = await reported(stage, make, Basis.RANDOM)
    assert (found.basis, found.drawn, found.calls) == (Basis.RANDOM, len(random), len(random) - 1)
    assert found.whole.score.value == 100.0
    assert (await reported(stage, make, Basis.RANDOM, agent="102")).drawn == 0
    everything = await reported(stage, make, Basis.ALL)
    assert (everything.drawn, everything.calls) == (None, len(random) - 1 + 25)
    assert everything.whole.score.value == pytest.approx(
        (100 * (len(random) - 1) + 90 * 25) / everything.calls
    )
    # the metric's histogram says the same
    assert [told.score for told in stage.scores] == [100.0] * (len(random) - 1)


async def test_strata_are_weighed_back(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n, agent="101" if n % 10 else "102") for n in range(200)))
    stage.clock.time += 8 * DAY
    text = NEVER_DOUBLE.replace("every: call\n  share: 0.25", "every: day\n  margin: 0.5")
    await stage.sampling_by(text.replace("at_least: 1", "at_least: 15")).turn()
    chosen = [one.review for one in await stage.draws.sampled(PlanKind.STRATIFIED, 0.0, make.T0 + DAY, None)]
    by_agent = {agent: [one for one in chosen if one.agent == agent] for agent in ("101", "102")}
    assert (len(by_agent["101"]), len(by_agent["102"])) == (36, 15)
    for one in chosen:
        await scored(stage, make, card, one.id, **({"need": 0} if one.agent == "102" else {}))
    found = await reported(stage, make, Basis.STRATIFIED)
    assert (found.drawn, found.calls) == (51, 51)
    assert found.whole.score.value == pytest.approx((180 * 100 + 20 * 90) / 200)
    assert (await reported(stage, make, Basis.ALL)).whole.score.value == pytest.approx(
        (36 * 100 + 15 * 90) / 51
    )
