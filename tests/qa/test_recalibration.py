"""A reviewer whose scores were overturned calibrates: the session opens by itself, blind, once a month, on a real database."""

from datetime import datetime

import pytest

from cti.domain.access import Role
from qa.domain.calibration import CalibrationState
from qa.domain.review import review_of
from tests.qa.judging import DAY, UTC, scored, whole_stage


@pytest.fixture
async def stage(database_url, make):
    async with whole_stage(database_url, make) as made:
        yield made


async def disputed(stage, make, card, number, *, changed):
    """A score of rita's that an agent disputes, omar gives again and a third person decides."""
    review = review_of(make.stored(number).recording)
    await scored(stage, make, card, review, "rita", need=0)
    dispute = await stage.disputes.dispute(
        review, make.user("anna", Role.AGENT, "101"), {"need": "I did"}, ""
    )
    await scored(stage, make, card, dispute.rescore, "omar", need=4)
    await stage.disputes.decide(
        dispute.id, make.user("judge", Role.SUPERVISOR), changed=changed, note="heard"
    )


async def sessions(stage):
    return (await stage.calibrations.page(None, 50, 0)).items


async def test_more_than_a_share_overturned_opens_one_session_a_month(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(12)))
    for number in range(5):
        await disputed(stage, make, card, number, changed=number == 0)
        if number == 3:
            await stage.recalibration.turn()
            assert await sessions(stage) == [], "of fewer than five a share says nothing"
    await stage.recalibration.turn()
    assert await sessions(stage) == [], "there is no call yet that she does not know"
    await scored(stage, make, card, review_of(make.stored(7).recording), "omar")
    for _ in range(2):
        await stage.recalibration.turn()
    [session] = await sessions(stage)
    assert (session.participants, session.reference, session.called_by, session.state) == (
        ("rita", "lead"), "lead", "", CalibrationState.SCORING,
    )  # fmt: skip
    assert session.recording == make.stored(7).recording, "omar scored it, and so is not asked"
    told = await stage.calibrations.get(session.id)
    assert {one.assigned_to for one in told.reviews} == {"rita", "lead"}
    records = await stage.disputes.records()
    assert await stage.recalibration.opened_of(records) == {"rita": session.id}
    await stage.calibrations.close(session.id)
    await stage.recalibration.turn()
    assert len(await sessions(stage)) == 1, "once a month, closed or not"


async def test_another_month_asks_again_only_for_another_overturned_score(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(12)))
    await scored(stage, make, card, review_of(make.stored(7).recording), "omar")
    for number in range(5):
        await disputed(stage, make, card, number, changed=True)
    await stage.recalibration.turn()
    begin = datetime.fromtimestamp(stage.clock.time, UTC)
    while datetime.fromtimestamp(stage.clock.time, UTC).month == begin.month:
        stage.clock.time += DAY
    await stage.recalibration.turn()
    assert len(await sessions(stage)) == 1
    await disputed(stage, make, card, 8, changed=True)
    await stage.recalibration.turn()
    assert len(await sessions(stage)) == 2


async def test_few_overturned_open_none(stage, make, card):
    await stage.laid_out(*(make.stored(n, make.T0 + n) for n in range(12)))
    await scored(stage, make, card, review_of(make.stored(9).recording), "omar")
    for number in range(8):
        await disputed(stage, make, card, number, changed=number == 0)
    await stage.recalibration.turn()
    assert await sessions(stage) == [], "one of eight is not more than 15 in a hundred"
