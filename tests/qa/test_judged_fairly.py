"""Sampling, work, calibration, disputes and coaching together, on a real database."""

import asyncio

import pytest

from cti.domain.access import Role
from qa.domain.calibration import CalibrationState
from qa.domain.coaching import CoachingState, Wanted
from qa.domain.dispute import DisputeState, Ruling
from qa.domain.errors import (
    AlreadyDisputed,
    AssignedToAnother,
    CalibrationClosed,
    NotClaimed,
    NotRescored,
    ReviewerUnknown,
    ReviewUnknown,
    ScoredAlready,
)
from qa.domain.review import Purpose, ReviewState, review_of
from tests.qa.judging import ALL, DAY, HOUR, good, in_state, scored, whole_stage
from tests.qa.test_sampling_policy_file import TEXT


@pytest.fixture
async def stage(database_url, make):
    async with whole_stage(database_url, make) as made:
        yield made


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
    await stage.work.exclude_faulty({make.stored(n).recording: "one_way_audio" for n in (1, 2, 3, 4)})
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
    first = next(
        one
        for one in await in_state(stage, ReviewState.OPEN)
        if one.recording == second.recording and one.id != second.id
    )
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
    assert (await stage.store.evaluations(ALL, None, None, 10))[
        1
    ] == 1  # the second is no score of the agent's


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
    assert (await stage.work.shown([kept], make.user("omar")))[
        0
    ].score is None  # who scores again must not be swayed
    with pytest.raises(ScoredAlready):
        await stage.work.claim(dispute.rescore, make.user())
    await scored(stage, make, card, dispute.rescore, "omar", need=4)
    ended = await stage.disputes.decide(dispute.id, lead, changed=True, note="heard it")
    assert (ended.state, ended.outcome, ended.decided_by) == (DisputeState.DECIDED, Ruling.CHANGED, "lead")
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
    assert (await stage.disputes.withdraw(first, anna)).outcome is Ruling.WITHDRAWN
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
