"""Who gave up is found: one rescue for one customer, closed by itself when he got through."""

from types import SimpleNamespace

import pytest

from care.domain.callback import Progress
from care.domain.errors import NumberRefused, TooLate
from care.domain.rescue import RescueState
from cti.adapters.database import connect
from cti.domain.errors import NotPossibleNow
from cti.domain.events import CallCorrected, VisitEnded
from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from tests.care.world import ANN, BEN, NOW, World, caller, visit
from tests.shapes import shaped

R = RescueState


@pytest.fixture
async def world(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{shaped(tmp_path / 'care.db')}")
    yield World(engine)
    await engine.dispose()


async def listed(world):
    return {one.first_call: one for one in (await world.store.rescues([], None, None, 100, 0)).items}


async def test_only_whom_the_policy_names_is_rescued_and_the_deadline_is_his_tiers(world):
    world.gives_up("+8613800000001", "pbx:1.1", Tier.PLATINUM)
    world.gives_up("+8613800000002", "pbx:1.2", Tier.GOLD)
    world.gives_up("+8613800000003", "pbx:1.3", Tier.IRON)
    world.gives_up("+8613800000004", "pbx:1.4", waited=9.9)
    world.gives_up("anonymous", "pbx:1.5")
    world.gives_up("+99800000004", "pbx:1.6")
    await world.rescues.turn()
    rescues = await listed(world)
    assert {call: (one.state, one.due_at - NOW) for call, one in rescues.items()} == {
        "pbx:1.1": (R.OPEN, 1800.0),
        "pbx:1.2": (R.OPEN, 7200.0),
        "pbx:1.5": (R.NOT_REACHABLE, 7200.0),
        "pbx:1.6": (R.NOT_REACHABLE, 7200.0),
    }


async def test_giving_up_twice_makes_one_rescue_with_the_first_deadline(world):
    world.gives_up(call="pbx:1.1")
    world.time += 100
    world.gives_up(call="pbx:1.2")
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    assert (rescue.times, rescue.due_at) == (2, NOW + 7200)


async def test_it_closes_itself_when_he_gets_through(world):
    world.gives_up()
    await world.rescues.turn()
    world.time += 60
    world.gives_up(call="pbx:1.2", outcome=Outcome.ANSWERED)
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    assert (rescue.state, rescue.why) == (R.CAME_BACK, "talked_to_us")


async def test_a_callback_that_is_kept_closes_it_and_one_that_is_owed_makes_none(world):
    world.gives_up()
    await world.rescues.turn()
    callback = await world.ask()
    world.gives_up(call="pbx:1.2")
    await world.rescues.turn()
    assert len(await listed(world)) == 1
    world.floor.ready("101")
    await world.turn()
    world.shows(callback, lasts=False, rung=True, talk=20.0)
    await world.turn()
    (rescue,) = (await listed(world)).values()
    assert rescue.state is R.CAME_BACK


async def test_claimed_called_and_reached(world):
    world.gives_up()
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    with pytest.raises(NotPossibleNow, match="ready"):
        await world.rescues.call(rescue.id, ANN)
    world.floor.ready("101", "102")
    await world.rescues.claim(rescue.id, ANN)
    with pytest.raises(TooLate):
        await world.rescues.claim(rescue.id, BEN)
    world.never.add(rescue.number)
    with pytest.raises(NumberRefused):
        await world.rescues.call(rescue.id, ANN)
    world.never.clear()
    await world.rescues.call(rescue.id, ANN)
    assert [(one.agent, one.goal.shown) for one in world.floor.made] == [("101", rescue.number)]
    world.shows(rescue, lasts=False, rung=True)
    await world.rescues.turn()
    assert (await world.rescues.get(rescue.id)).state is R.CLAIMED
    await world.rescues.call(rescue.id, ANN)
    world.shows(rescue, lasts=False, rung=True, talk=15.0)
    await world.rescues.turn()
    assert (await world.rescues.get(rescue.id)).state is R.REACHED


async def test_a_customer_is_not_called_for_his_rescue_and_his_callback_at_once(world):
    world.gives_up()
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    callback = await world.ask()
    world.floor.ready("101", "102")
    await world.rescues.claim(rescue.id, ANN)
    await world.rescues.call(rescue.id, ANN)
    await world.turn()
    assert len(world.floor.made) == 1
    world.shows(rescue, lasts=False, rung=True)
    await world.rescues.turn()
    await world.turn()
    assert len(world.floor.made) == 2
    with pytest.raises(NotPossibleNow, match="on the telephone"):
        await world.rescues.call(rescue.id, ANN)
    world.shows(callback, lasts=False, rung=True)
    await world.turn()
    await world.rescues.call(rescue.id, ANN)
    world.shows(rescue, lasts=False, rung=True, talk=20.0)
    await world.rescues.turn()
    assert (await world.desk.get(callback.id)).why == "talked_to_us"


async def test_who_talks_to_us_already_is_not_called(world):
    world.gives_up()
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    callback = await world.ask()
    world.floor.ready("101")
    await world.rescues.claim(rescue.id, ANN)
    for engaged in (callback.number, "101"):
        world.floor.talking = {engaged}
        await world.turn()
        with pytest.raises(NotPossibleNow):
            await world.rescues.call(rescue.id, ANN)
    assert world.floor.made == []


async def test_who_hangs_up_while_he_is_asked_is_to_be_found(world):
    world.floor.callers = [caller("+8613800000001", "pbx:9.9", NOW - 100, 1_999_999_900)]
    await world.turn()
    world.floor.callers = []
    await world.turn(61)
    (rescue,) = await world.store.open_rescues()
    assert (rescue.first_call, rescue.number, rescue.waited) == ("pbx:9.9", "+8613800000001", 101.0)


async def test_who_was_dropped_by_his_last_line_is_to_be_found_when_his_call_is_over(world):
    first, last = (
        visit(NOW, "+8613800000001", "pbx:1.1", outcome=Outcome.TIMEOUT)._replace(number_in_call=number)
        for number in (1, 2)
    )
    world.past = [first, last]
    for one in world.past:
        world.rescues.visit_ended(VisitEnded(NOW, "pbx:1.1", one))
    world.floor.seen["pbx:1.1"] = Progress(lasts=True, rung=False, talk=None)
    await world.rescues.turn()
    assert await world.store.open_rescues() == []
    del world.floor.seen["pbx:1.1"]
    await world.rescues.turn()
    (rescue,) = await world.store.open_rescues()
    assert rescue.id == "pbx:1.1.2"


async def test_what_only_the_ledger_knows_is_taken_in_too(world):
    found = [
        visit(NOW - 900, "+8613800000001", "pbx:1.1"),
        visit(NOW - 900, "+8613800000002", "pbx:1.2"),
        visit(NOW - 90_000, "+8613800000003", "pbx:1.3"),
    ]
    world.past = [visit(NOW - 300, "+8613800000002", "pbx:1.4", outcome=Outcome.ANSWERED)]
    for _ in range(2):
        for one in found:
            record = SimpleNamespace(visits=(one,))
            world.rescues.call_corrected(CallCorrected(NOW, one.call, record, "gap"))
        await world.rescues.turn()
    assert list(await listed(world)) == ["pbx:1.1"]


async def test_withheld_callers_of_a_switch_with_a_long_name_each_stand_for_themselves(world):
    for number in (1, 2):
        call = f"headquarters-shanghai-pudong:tierline-1767224806.{number}"
        world.gives_up(None, call)
        world.gives_up(None, call)  # told twice
    await world.rescues.turn()
    assert len(await listed(world)) == 2


async def test_the_claim_of_whoever_has_gone_lapses(world):
    world.gives_up()
    await world.rescues.turn()
    (rescue,) = (await listed(world)).values()
    await world.rescues.claim(rescue.id, ANN)
    world.floor.gone = {"101"}
    world.time += 301
    await world.rescues.turn()
    assert (await world.rescues.get(rescue.id)).state is R.OPEN
    await world.rescues.claim(rescue.id, BEN)


async def test_overdue_is_told_once(world):
    world.gives_up()
    await world.rescues.turn()
    world.time += 7201
    await world.rescues.turn()
    await world.rescues.turn()
    await world.news.turn()
    assert [change.step for change in world.told] == ["abandon", "overdue"]
    assert world.rescues.overdue() == 1


async def test_what_happened_while_nobody_listened_is_caught_up_with_once(world):
    world.past = [
        visit(NOW - 300, "+8613800000001", "pbx:1.1"),
        visit(NOW - 200, "+8613800000002", "pbx:1.2"),
        visit(NOW - 100, "+8613800000002", "pbx:1.3", outcome=Outcome.ANSWERED),
    ]
    for _ in range(2):
        world.begin()
        await world.rescues.catch_up()
        await world.rescues.turn()
    states = {call: one.state for call, one in (await listed(world)).items()}
    assert states == {"pbx:1.1": R.OPEN, "pbx:1.2": R.CAME_BACK}
