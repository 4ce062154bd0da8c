"""Sampling, work, calibration, disputes and coaching together, on a real database."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from care.domain.hours import OpeningHours
from cti.adapters.database import METADATA, connect
from cti.domain.access import Role
from qa.adapters.sampling_policy_file import parse
from qa.domain.calibration import CalibrationState
from qa.domain.coaching import CoachingState, Wanted
from qa.domain.dispute import DisputeState, Outcome
from qa.domain.errors import (
    AlreadyDisputed,
    AssignedToAnother,
    CalibrationClosed,
    DrawUnknown,
    NotClaimed,
    NotRescored,
    ReviewerUnknown,
    ReviewUnknown,
    ScoredAlready,
)
from qa.domain.review import PlanKind, Purpose, ReviewSearch, ReviewState, review_of
from qa.domain.risk import CallFacts
from qa.domain.scorecard import ItemKind
from qa.domain.scoring import Answer
from qa.service.calibration_desk import CalibrationDesk
from qa.service.coaching_desk import CoachingDesk
from qa.service.dispute_desk import DisputeDesk
from qa.service.quality_figures import GroupBy, QualityFigures
from qa.service.sampling_desk import SamplingDesk
from tests.qa.test_sampling_policy_file import TEXT

UTC = ZoneInfo("UTC")
HOUR, DAY = 3600.0, 86_400.0
ALL = ReviewSearch()


def good(card, **changes):
    answers = {i.id: Answer("yes" if i.kind is ItemKind.YES_NO else 4) for i in card.items()}
    return answers | {item: Answer(value, "why") for item, value in changes.items()}


@pytest.fixture
async def stage(database_url, make):
    """On SQLite and PostgreSQL, with no review on the desk but what is drawn."""
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    stage = make.stage(engine, everything=False)
    clock = stage.clock

    async def nobody_knows(_):
        return stage.facts

    async def reviewers():
        return stage.reviewers

    def sampling(text=TEXT):
        return SamplingDesk(parse(text, "sampling.yaml"), stage.draws, nobody_knows, clock, UTC, stage.desk.recount)

    stage.facts = {}
    stage.sampling_by, stage.sampling = sampling, sampling()
    stage.calibrations = CalibrationDesk(stage.desk, stage.seen, stage.fairness, reviewers, clock)
    stage.coaching = CoachingDesk(stage.desk, stage.store, stage.fairness, clock)
    stage.disputes = DisputeDesk(
        stage.desk, stage.store, stage.seen, stage.fairness, stage.fairness,
        lambda _: OpeningHours(UTC), 5, UTC, clock,
    )  # fmt: skip
    stage.figures = QualityFigures(stage.draws, lambda agent: {"emea"} if agent == "101" else {"apac"})
    yield stage
    await engine.dispose()


async def scored(stage, make, card, review, who="rita", **changes):
    await stage.work.claim(review, make.user(who))
    return await stage.work.score(review, make.user(who), good(card, **changes), "")


async def in_state(stage, state, **search):
    return (await stage.desk.search(ReviewSearch(state=state, **search), 500, 0)).items


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
    sampling = stage.sampling_by(TEXT.replace("most_a_day: 20", "most_a_day: 3").replace("share: 0.25", "share: 0.0001"))
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
    assert [(one.key, one.drawn, one.scored, one.complete) for one in told.groups] == [("101", 6, 6, True), ("102", 6, 6, True)]
    assert told.ranked == ["101", "102"]
    bounded = await stage.figures.figures(sampling.counted, 0, make.T0 + DAY, GroupBy.TEAM, frozenset({"102"}))
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
    await stage.laid_out(make.stored(1, make.T0 - 7 * DAY, agent="102"), *(make.stored(n, make.T0, agent="101") for n in (2, 3)))
    await scored(stage, make, card, review_of(make.stored(2).recording))
    await stage.work.exclude(review_of(make.stored(3).recording), "a test call")
    now, before = await stage.sampling.coverage(2, None)
    assert now.agents == {"101": (1, 1, 1, 1)}
    assert before.agents == {"102": (1, 0, 0, 0)}
    assert (await stage.sampling.coverage(1, frozenset({"102"})))[0].agents == {}


# work


async def test_work_is_handed_out_and_taken(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(40)))
    stage.clock.time += 100
    stage.reviewers = [make.user(), make.user("omar")]
    await stage.sampling.turn()
    assert await stage.work.hand_out() > 0
    waiting = await in_state(stage, ReviewState.OPEN)
    assert {one.assigned_to for one in waiting} == {"rita", "omar"}
    by_recording = {}
    for one in waiting:
        by_recording.setdefault(one.recording, []).append(one.assigned_to)
    assert all(len(set(logins)) == len(logins) for logins in by_recording.values())
    assert await stage.work.hand_out() == 0
    theirs = next(one for one in waiting if one.assigned_to == "omar")
    with pytest.raises(AssignedToAnother):
        await stage.work.claim(theirs.id, make.user())
    await stage.work.assign(theirs.id, "rita")
    assert (await stage.work.claim(theirs.id, make.user())).reviewer == "rita"
    with pytest.raises(ReviewerUnknown):
        await stage.work.assign(waiting[0].id, "nobody")
    load = await stage.work.reviewers(0.0)
    assert load["rita"].claimed == 1
    assert sum(one.assigned for one in load.values()) == len(waiting) - 1


async def test_a_draft_outlives_the_lease_and_goes_with_the_score(stage, make, card):
    await stage.laid_out()
    review, rita = review_of(make.stored().recording), make.user()
    await stage.work.claim(review, rita)
    stage.clock.time += 3000
    answers = {"need": {"value": None, "comment": "hm", "at_seconds": 3.5}}
    held = await stage.work.keep_draft(review, rita, answers, "half way")
    assert held.claimed_until == stage.clock.time + 3600
    stage.clock.time += 3601
    with pytest.raises(NotClaimed):
        await stage.work.heartbeat(review, rita)
    with pytest.raises(NotClaimed):
        await stage.work.keep_draft(review, rita, answers, "too late")
    await stage.work.claim(review, rita)
    draft = await stage.work.draft(review, rita)
    assert (draft.answers, draft.comment) == (answers, "half way")
    assert await stage.work.draft(review, make.user("omar")) is None
    await stage.work.score(review, rita, good(card), "")
    assert await stage.work.draft(review, rita) is None


async def test_two_second_reviewers_at_once_and_one_gets_it(stage, make, card):
    await stage.laid_out()
    review = review_of(make.stored().recording)
    outcomes = await asyncio.gather(
        *(stage.work.claim(review, make.user(who)) for who in ("rita", "omar")), return_exceptions=True
    )
    assert sum(isinstance(one, Exception) for one in outcomes) == 1


async def test_a_technical_fault_takes_a_call_off_the_desk_before_a_person_scores_it(stage, make, card):
    await stage.laid_out(*(make.stored(n) for n in (1, 2, 3)))
    one, held, done = (review_of(make.stored(n).recording) for n in (1, 2, 3))
    await stage.work.claim(held, make.user())
    await scored(stage, make, card, done)
    for n in (1, 2, 3, 4):
        stage.work.fault(make.stored(n).recording, "one_way_audio")
    await stage.work.exclude_faults()
    out = await stage.desk.get(one)
    assert (out.state, out.exclusion) == (ReviewState.EXCLUDED, "one_way_audio")
    assert (await stage.desk.get(held)).state is ReviewState.CLAIMED
    assert (await stage.desk.get(done)).state is ReviewState.SCORED


# blind


async def test_a_second_reviewer_sees_nothing_of_the_first(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(200)))
    stage.clock.time += 300
    await stage.sampling.turn()
    second = (await in_state(stage, ReviewState.OPEN, purpose=Purpose.DOUBLE))[0]
    first = next(one for one in await in_state(stage, ReviewState.OPEN) if one.recording == second.recording and one.id != second.id)
    await scored(stage, make, card, first.id, "rita", need=0)
    with pytest.raises(ScoredAlready):
        await stage.work.claim(second.id, make.user())
    kept = await stage.desk.get(first.id)
    for who, seen in (("rita", 90.0), ("omar", None), ("lead", None)):
        (shown,) = await stage.work.shown([kept], make.user(who))
        assert shown.score == seen
        assert (await stage.work.evaluation(kept, make.user(who)) is None) == (seen is None)
    await scored(stage, make, card, second.id, "omar", need=4)
    (shown,) = await stage.work.shown([kept], make.user("omar"))
    assert shown.score == 90.0
    report = await stage.calibrations.agreement(None, None)
    assert report.calls == 1
    need = next(one for one in report.questions if one.item == "need")
    assert need.figures.agreement == 0
    assert (await stage.store.evaluations(ALL, None, None, 10))[1] == 1  # the second is no score of the agent's


async def test_a_session_is_blind_until_it_is_closed(stage, make, card):
    await stage.laid_out()
    first = review_of(make.stored().recording)
    await scored(stage, make, card, first)
    lead = make.user("lead", Role.SUPERVISOR)
    with pytest.raises(ReviewerUnknown):
        await stage.calibrations.call(first, lead, ["rita", "nobody"], None, "")
    with pytest.raises(ReviewerUnknown):
        await stage.calibrations.call(first, lead, ["rita", "omar"], "lead", "")
    called = await stage.calibrations.call(first, lead, ["rita", "omar", "lead"], "lead", "privacy")
    session = await stage.calibrations.get(called.id)
    assert (session.report, len(session.reviews)) == (None, 3)
    mine = {one.assigned_to: one.id for one in session.reviews}
    with pytest.raises(AssignedToAnother):
        await stage.work.claim(mine["omar"], make.user())
    await scored(stage, make, card, mine["rita"], "rita", need=4)
    await scored(stage, make, card, mine["lead"], "lead", need=2)
    kept = await stage.desk.get(mine["rita"])
    assert (await stage.work.shown([kept], lead))[0].score is None
    assert (await stage.calibrations.agreement(None, None)).calls == 0
    closed = await stage.calibrations.close(called.id)
    assert closed.calibration.state is CalibrationState.COMPARED
    leaning = {one.reviewer: one for one in closed.report.leanings}
    assert leaning["rita"].bias > 0
    assert (await stage.desk.get(mine["omar"])).state is ReviewState.EXCLUDED
    assert (await stage.work.shown([kept], lead))[0].score == 100.0
    with pytest.raises(CalibrationClosed):
        await stage.calibrations.close(called.id)


# disputes and coaching


async def test_an_agent_disputes_another_scores_again_and_a_third_decides(stage, make, card):
    await stage.laid_out()
    first, anna = review_of(make.stored().recording), make.user("anna", Role.AGENT, "101")
    with pytest.raises(ReviewUnknown):
        await stage.disputes.acknowledge(first, anna)
    await scored(stage, make, card, first, "rita", need=0)
    assert (await stage.disputes.acknowledge(first, anna)).acknowledged_at == make.T0
    with pytest.raises(ReviewUnknown):
        await stage.disputes.dispute(first, make.user("ben", Role.AGENT, "102"), {"need": "x"}, "")
    dispute = await stage.disputes.dispute(first, anna, {"need": "I did sum it up"}, "listen at 0:12")
    with pytest.raises(AlreadyDisputed):
        await stage.disputes.dispute(first, anna, {"need": "x"}, "")
    lead = make.user("lead", Role.SUPERVISOR)
    with pytest.raises(NotRescored):
        await stage.disputes.decide(dispute.id, lead, changed=True, note="yes")
    kept = await stage.desk.get(first)
    assert (await stage.work.shown([kept], make.user("omar")))[0].score is None  # who scores again must not be swayed
    with pytest.raises(ScoredAlready):
        await stage.work.claim(dispute.rescore, make.user())
    await scored(stage, make, card, dispute.rescore, "omar", need=4)
    ended = await stage.disputes.decide(dispute.id, lead, changed=True, note="heard it")
    assert (ended.state, ended.outcome, ended.decided_by) == (DisputeState.DECIDED, Outcome.CHANGED, "lead")
    after = await stage.desk.get(first)
    assert (after.score, after.final, after.reviewer) == (100.0, dispute.rescore, "rita")
    assert (await stage.store.evaluation(first)).score.score == 90.0  # the original is kept
    ((_, counts),), total = await stage.store.evaluations(ALL, None, None, 10)
    assert (counts.score.score, total) == (100.0, 1)
    assert (await stage.disputes.records())["rita"] == (1, 1, 1, 1)
    assert (await stage.desk.own(anna, 10, 0)).total == 1  # the second look is not his review


async def test_a_dispute_taken_back(stage, make, card):
    await stage.laid_out()
    first, anna = review_of(make.stored().recording), make.user("anna", Role.AGENT, "101")
    await scored(stage, make, card, first, need=0)
    dispute = await stage.disputes.dispute(first, anna, {"need": "x"}, "")
    assert (await stage.disputes.withdraw(first, anna)).outcome is Outcome.WITHDRAWN
    assert (await stage.desk.get(dispute.rescore)).state is ReviewState.EXCLUDED
    assert (await stage.desk.get(first)).score == 90.0
    assert (await stage.disputes.page(DisputeState.DISPUTED, None, 10, 0)).total == 0


async def test_coaching_ends_with_a_later_drawn_call(stage, make, card):
    await stage.laid_out()
    first, lead = review_of(make.stored().recording), make.user("lead", Role.SUPERVISOR)
    await scored(stage, make, card, first, need=1)
    want = Wanted("need", "asked nothing", "sums up", None, make.T0 + 9 * DAY)
    task = await stage.coaching.ask(first, lead, want)
    anna = make.user("anna", Role.AGENT, "101")
    assert [one.id for one in (await stage.coaching.own(anna, 10, 0)).items] == [task.id]
    assert (await stage.coaching.acknowledge(task.id, anna)).state is CoachingState.ACKNOWLEDGED
    await stage.laid_out(make.stored(2, make.T0 + HOUR), make.stored(3, make.T0 + HOUR))
    by_hand, drawn = (review_of(make.stored(n).recording) for n in (2, 3))
    await scored(stage, make, card, by_hand)
    await stage.coaching.turn()
    assert (await stage.fairness.task(task.id)).state is CoachingState.ACKNOWLEDGED
    # drawn by the random plan, whatever its share: all of them
    stage.clock.time += 2 * HOUR
    await stage.sampling_by(TEXT.replace("share: 0.25", "share: 1")).turn()
    await scored(stage, make, card, drawn)
    await stage.coaching.turn()
    met = await stage.fairness.task(task.id)
    assert (met.state, met.met_by in (by_hand, drawn)) == (CoachingState.MET, True)
    assert (await stage.coaching.page(None, 10, 0, only_open=True)).total == 0
