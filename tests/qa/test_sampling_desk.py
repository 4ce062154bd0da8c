"""Draws on a real database: laid on the desk, proven, covered, and made into figures."""

import pytest

from qa.domain.errors import (
    DrawUnknown,
)
from qa.domain.review import PlanKind, Purpose, ReviewState, review_of
from qa.domain.risk import CallFacts
from qa.service.quality_figures import GroupBy
from tests.qa.judging import DAY, HOUR, in_state, scored, whole_stage
from tests.qa.test_sampling_policy_file import TEXT


@pytest.fixture
async def stage(database_url, make):
    async with whole_stage(database_url, make) as made:
        yield made


# sampling


async def test_a_rolling_draw_lays_its_share_on_the_desk_and_can_be_proven(stage, make):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(400)))
    assert stage.desk.counts()[ReviewState.ELIGIBLE] == 400
    stage.clock.time = make.T0 + 500
    await stage.sampling.turn()
    drawn = await in_state(stage, ReviewState.OPEN, purpose=Purpose.SCORE)
    assert 60 < len(drawn) < 140
    assert {one.plan for one in drawn} == {PlanKind.RANDOM}
    assert {one.due_at for one in drawn} == {make.T0 + 500 + 72 * HOUR}
    doubles = await in_state(stage, ReviewState.OPEN, purpose=Purpose.DOUBLE)
    assert 0 < len(doubles) < 30
    assert stage.desk.counts()[ReviewState.OPEN] == len(drawn) + len(doubles)
    (draw,) = (await stage.sampling.draws(None, 10, 0)).items
    assert (draw.plan, draw.frame, draw.members, draw.closed) == (PlanKind.RANDOM, 400, len(drawn), False)
    proof = await stage.sampling.proof(draw.id)
    assert (proof.same_frame, proof.same_rule, proof.missing, proof.extra) == (True, True, [], [])
    await stage.sampling.turn()  # again: nothing changes
    assert len(await in_state(stage, ReviewState.OPEN)) == len(drawn) + len(doubles)
    with pytest.raises(DrawUnknown):
        await stage.sampling.proof("random-1999-01-01")


async def test_a_draw_somebody_meddled_with_is_not_proven(stage, make):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(100)))
    stage.clock.time += 200
    await stage.sampling.turn()
    (draw,) = (await stage.sampling.draws(None, 10, 0)).items
    members = {one.review for one in await stage.draws.members(draw.id)}
    outsider = next(one for one in await in_state(stage, ReviewState.ELIGIBLE) if one.id not in members)
    (member, *_) = await stage.draws.members(draw.id)
    await stage.draws.write(draw, [member._replace(review=outsider.id)], [], [])
    assert (await stage.sampling.proof(draw.id)).missing == [outsider.id]


async def test_a_day_is_closed_with_a_digest_of_all_that_could_have_been_drawn(stage, make):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(50)))
    await stage.sampling.turn()
    stage.clock.time += DAY + HOUR
    await stage.laid_out(make.stored(60, make.T0 + 70))  # was on its way
    await stage.sampling.turn()
    draws = {draw.id: draw for draw in (await stage.sampling.draws(PlanKind.RANDOM, 10, 0)).items}
    (closed,) = [draw for draw in draws.values() if draw.closed]
    assert (closed.frame, len(closed.digest)) == (51, 64)
    proof = await stage.sampling.proof(closed.id)
    assert (proof.same_frame, proof.missing, proof.extra) == (True, [], [])
    await stage.laid_out(make.stored(61, make.T0 + 71))
    assert not (await stage.sampling.proof(closed.id)).same_frame


async def test_strata_are_drawn_once_their_week_is_over_and_weighed_back(stage, make, card):
    events = [make.stored(n, make.T0 + n, agent="101" if n % 10 else "102") for n in range(200)]
    await stage.laid_out(*events)
    text = TEXT.replace("every: call\n  share: 0.25", "every: day\n  margin: 0.5")
    sampling = stage.sampling_by(text)
    await sampling.turn()
    assert (await sampling.draws(None, 10, 0)).total == 0
    stage.clock.time += 8 * DAY
    await sampling.turn()
    (draw,) = (await sampling.draws(PlanKind.STRATIFIED, 10, 0)).items
    members = await stage.draws.members(draw.id)
    assert {one.stratum for one in members} == {"101 · gold", "102 · gold"}
    assert sum(1 / one.probability for one in members) == pytest.approx(200)
    assert (await sampling.proof(draw.id)).missing == []
    for one in members:
        await scored(stage, make, card, one.review, need=0 if one.stratum.startswith("102") else 4)
    told = await stage.figures.figures(PlanKind.STRATIFIED, 0, make.T0 + DAY, GroupBy.NOTHING, None)
    (group,) = told.groups
    assert group.score.value == pytest.approx(0.9 * 100 + 0.1 * 90, abs=0.2)


async def test_calls_with_signs_are_drawn_up_to_the_days_number_and_feed_no_figure(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(30)))
    stage.facts = {review_of(make.stored(n).recording): CallFacts(transfers=2) for n in range(30)}
    sampling = stage.sampling_by(
        TEXT.replace("most_a_day: 20", "most_a_day: 3").replace("share: 0.25", "share: 0.0001")
    )
    for _ in range(3):
        stage.clock.time += 120
        await sampling.turn()
    drawn = await in_state(stage, ReviewState.OPEN, plans=frozenset({PlanKind.RISK}))
    assert len(drawn) == 3
    for one in drawn:
        await scored(stage, make, card, one.id)
    told = await stage.figures.figures(PlanKind.RANDOM, 0, make.T0 + DAY, GroupBy.NOTHING, None)
    assert told.groups == []
    (risky,) = (await stage.figures.figures(PlanKind.RISK, 0, make.T0 + DAY, GroupBy.NOTHING, None)).groups
    assert (risky.drawn, risky.score) == (3, None)


async def test_a_census_draws_nothing_and_feeds_figures(stage, make, card):
    stage.everything = True
    stage.start()
    await stage.laid_out(*(make.stored(n, make.T0 + n, agent="101" if n % 2 else "102") for n in range(12)))
    sampling = stage.sampling_by(TEXT.replace("everything: false", "everything: true"))
    await sampling.turn()
    assert (await sampling.draws(None, 10, 0)).total == 0
    for one in await in_state(stage, ReviewState.OPEN):
        await scored(stage, make, card, one.id, need=0 if one.agent == "102" else 4)
    told = await stage.figures.figures(sampling.counted, 0, make.T0 + DAY, GroupBy.AGENT, None)
    assert [(one.key, one.drawn, one.scored, one.complete) for one in told.groups] == [
        ("101", 6, 6, True),
        ("102", 6, 6, True),
    ]
    assert told.ranked == ["101", "102"]
    bounded = await stage.figures.figures(
        sampling.counted, 0, make.T0 + DAY, GroupBy.TEAM, frozenset({"102"})
    )
    assert [one.key for one in bounded.groups] == ["apac"]


async def test_figures_of_what_is_mostly_unscored_are_marked_and_not_ranked(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(100)))
    stage.clock.time += 200
    await stage.sampling.turn()
    drawn = await in_state(stage, ReviewState.OPEN, purpose=Purpose.SCORE)
    for one in drawn[:3]:
        await scored(stage, make, card, one.id)
    told = await stage.figures.figures(PlanKind.RANDOM, 0, make.T0 + DAY, GroupBy.QUEUE, None)
    (group,) = told.groups
    assert (group.drawn, group.scored, group.complete, told.ranked) == (len(drawn), 3, False, None)


async def test_coverage_tells_every_agent_every_week(stage, make, card):
    await stage.laid_out(
        make.stored(1, make.T0 - 7 * DAY, agent="102"),
        *(make.stored(n, make.T0, agent="101") for n in (2, 3)),
    )
    await scored(stage, make, card, review_of(make.stored(2).recording))
    await stage.work.exclude(review_of(make.stored(3).recording), "a test call")
    now, before = await stage.sampling.coverage(2, None)
    assert now.agents == {"101": (1, 1, 1, 1)}
    assert before.agents == {"102": (1, 0, 0, 0)}
    assert (await stage.sampling.coverage(1, frozenset({"102"})))[0].agents == {}
