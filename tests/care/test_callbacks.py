"""A promise from the asking to its end: who is rung, in which order, and what counts as kept."""

import pytest

from care.api import must_see
from care.domain.callback import CallbackState
from care.domain.errors import CallbackUnknown, NumberRefused, TooLate
from care.service.callbacks import Wish
from cti.adapters.database import connect
from cti.domain.errors import NotPossibleNow, SwitchRefused, SwitchUnreachable
from cti.domain.identifiers import Tier
from tests.care.world import ANN, BEN, CHIEF, NOW, SUPPORT, World, caller, standing
from tests.shapes import shaped

S = CallbackState


@pytest.fixture
async def world(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{shaped(tmp_path / 'care.db')}")
    yield World(engine)
    await engine.dispose()


async def test_kept_by_a_conversation_and_by_nothing_shorter(world):
    callback = await world.ask()
    world.floor.ready("101")
    await world.turn()
    attempt = world.floor.made[0]
    assert (attempt.agent, attempt.goal.shown, attempt.channel) == ("101", callback.number, "cb-c0-1")
    assert await world.state(callback) is S.RINGING_AGENT
    world.shows(callback, rung=True)
    await world.turn()
    assert await world.state(callback) is S.RINGING_CUSTOMER
    world.shows(callback, rung=True, talk=0.0)
    await world.turn()
    assert await world.state(callback) is S.TALKING
    world.shows(callback, lasts=False, rung=True, talk=14.9)
    await world.turn()
    missed = await world.desk.get(callback.id)
    assert (missed.state, missed.why, missed.attempts) == (S.WAITING, "cut_short", 1)
    await world.turn(599)
    assert len(world.floor.made) == 1
    await world.turn(2)
    assert world.floor.made[1].channel == "cb-c0-2"
    world.shows(callback, lasts=False, rung=True, talk=15.0)
    await world.turn()
    assert await world.state(callback) is S.KEPT
    assert world.attempts.kept == {("support", Tier.GOLD): 1}
    assert await world.steps(callback) == [
        "ask", "ring", "pick_up", "connect", "miss", "ring", "keep",
    ]  # fmt: skip


async def test_the_agent_who_declines_is_passed_by_and_the_customer_was_never_rung(world):
    callback = await world.ask()
    world.floor.ready("101", "102")
    await world.turn()
    first = world.floor.made[0].agent
    world.shows(callback, lasts=False)
    await world.turn()
    missed = await world.desk.get(callback.id)
    assert (missed.state, missed.why, missed.attempts) == (S.WAITING, "agent_declined", 0)
    await world.turn(6)
    assert world.floor.made[1].agent != first


async def test_after_the_last_attempt_it_has_failed(world):
    callback = await world.ask()
    world.floor.ready("101")
    for _ in range(3):
        await world.turn(700)
        world.shows(callback, lasts=False, rung=True)
        await world.turn()
    failed = await world.desk.get(callback.id)
    assert (failed.state, failed.why, failed.attempts) == (S.FAILED, "not_reached", 3)


async def test_not_reached_in_time_it_expires_and_a_talk_that_came_too_late_does_not_keep_it(world):
    never, late = await world.ask(), await world.ask("+8613800000002")
    world.floor.ready("101")
    await world.turn(never.due_at - NOW - 5)
    assert world.floor.made[0].goal.shown == never.number
    world.shows(never, rung=True, talk=3.0)
    await world.turn()
    await world.turn(20)
    assert [await world.state(one) for one in (never, late)] == [S.TALKING, S.EXPIRED]
    world.shows(never, lasts=False, rung=True, talk=21.0)
    await world.turn()
    ended = await world.desk.get(never.id)
    assert (ended.state, ended.why) == (S.EXPIRED, "late")


async def test_nobody_who_stands_before_is_passed_and_nobody_behind_goes_first(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.floor.lines = standing(callback.priority + 1, callback.priority - 1)
    await world.turn()
    assert world.floor.made == []
    world.floor.lines = standing(callback.priority - 1)
    await world.turn()
    assert len(world.floor.made) == 1


async def test_who_calls_himself_stands_in_his_old_place_and_is_handed_over_when_he_is_answered(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.time += 100
    world.floor.callers = [caller(callback.number, "pbx:9.9", world.time, callback.priority - 300)]
    await world.turn()
    assert world.floor.places == [("pbx:9.9", callback.priority)]
    assert (await world.state(callback), world.floor.made) == (S.WAITING, [])  # he is on the telephone
    await world.answered()
    assert await world.state(callback) is S.HANDED_OVER


async def test_who_calls_himself_and_gives_up_is_called_all_the_same(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.time += 100
    world.floor.callers = [caller(callback.number, "pbx:9.9", world.time, callback.priority - 300)]
    await world.turn()
    world.gives_up(call="pbx:9.9")
    await world.rescues.turn()
    world.floor.callers = []
    await world.turn()
    assert [one.goal.shown for one in world.floor.made] == [callback.number]


async def test_a_line_of_which_we_hear_no_more_hands_nothing_over(world):
    world.floor.callers = [caller("+8613800000001", "pbx:9.9", NOW - 20, 1_999_999_900)]
    world.time += 5
    promised = await world.desk.accept(Wish(SUPPORT, "+8613800000001", "key", call="pbx:9.9"))
    await world.turn()
    assert (await world.state(promised), world.floor.places) == (S.WAITING, [])


async def test_who_talked_while_we_rang_him_is_not_rung_again(world):
    callback = await world.ask()
    world.floor.ready("101")
    await world.turn()
    await world.answered()
    world.shows(callback, lasts=False, rung=True)
    await world.turn()
    await world.rescues.turn()
    assert await world.state(callback) is S.HANDED_OVER


async def test_a_time_he_chose_is_not_lost_by_a_call_about_something_else(world):
    callback = await world.ask(not_before=NOW + 80_000)
    world.time += 100
    await world.answered()
    assert await world.state(callback) is S.WAITING


async def test_an_offer_the_switch_refused_is_made_again_and_one_that_may_be_under_way_is_not(world):
    world.floor.callers = [caller("+8613800000001", "pbx:9.9", NOW - 100, 1_999_999_900)]
    world.floor.fault = SwitchRefused()
    await world.turn()
    assert await world.store.open_callbacks() == []
    world.floor.fault = SwitchUnreachable()
    await world.turn()
    (offered,) = await world.store.open_callbacks()
    world.floor.fault = None
    await world.turn()
    assert (offered.state, world.floor.withdrawn) == (S.OFFERED, [])


async def test_only_the_wait_in_this_line_counts_for_an_offer(world):
    passed_on = caller("+8613800000001", "pbx:9.9", NOW - 900, 1_999_999_000, since=NOW - 10)
    world.floor.callers = [passed_on]
    await world.turn()
    assert world.floor.withdrawn == []
    await world.turn(80)
    assert world.floor.withdrawn == [passed_on.channel_name]


async def test_whoever_is_owed_a_callback_is_not_taken_out_of_his_old_place(world):
    callback = await world.ask()
    world.floor.callers = [caller(callback.number, "pbx:9.9", NOW - 600, callback.priority, since=NOW + 1)]
    await world.turn(200)
    assert world.floor.withdrawn == []


async def test_a_head_start_that_grew_counts_for_promises_too_and_one_that_shrank_takes_nothing(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.floor.lines = standing(callback.priority + 100)
    await world.turn()
    world.credit = -50
    await world.turn()
    assert world.floor.made == []
    world.credit = 200
    await world.turn()
    assert len(world.floor.made) == 1


async def test_an_offer_is_made_once_and_taken_or_left(world):
    waits = caller("+8613800000001", "pbx:9.9", NOW - 100, 1_999_999_900)
    world.floor.callers = [waits]
    await world.turn()
    (offered,) = await world.store.open_callbacks()
    assert (offered.state, offered.priority) == (S.OFFERED, waits.priority)
    assert world.floor.withdrawn == [waits.channel_name]
    await world.turn()  # still on his way out of the line
    assert await world.state(offered) is S.OFFERED
    world.floor.callers = []
    await world.turn()
    world.floor.callers = [waits]  # he let it be
    await world.turn()
    assert await world.state(offered) is S.CANCELLED
    await world.turn()
    assert world.floor.withdrawn == [waits.channel_name]

    other = waits._replace(call="pbx:9.8", number="+8613800000002")
    world.floor.callers = [other]
    await world.turn()
    taken = await world.desk.accept(Wish(SUPPORT, other.number, "key"))
    again = await world.desk.accept(Wish(SUPPORT, other.number, "key"))
    assert (taken.state, again.id, taken.priority) == (S.WAITING, taken.id, other.priority)


async def test_a_server_that_died_after_asking_the_switch_does_not_ask_again(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.floor.fault = SwitchUnreachable()
    await world.turn()
    world.begin()
    await world.turn()
    assert (len(world.floor.made), await world.state(callback)) == (1, S.RINGING_AGENT)
    world.shows(callback, lasts=False, rung=True, talk=40.0)
    await world.turn()
    assert await world.state(callback) is S.KEPT


async def test_a_call_nobody_heard_of_comes_to_nothing_and_is_tried_again(world):
    callback = await world.ask()
    world.floor.ready("101")
    await world.turn()
    world.begin()
    await world.turn(world.policy.watch_seconds - 1)
    assert await world.state(callback) is S.RINGING_AGENT
    await world.turn(2)
    missed = await world.desk.get(callback.id)
    # No telephone of the agent's was seen: the customer was not rung, and another agent is next.
    assert (missed.state, missed.why, missed.attempts) == (S.WAITING, "unheard", 0)
    world.floor.ready("101", "102")
    await world.turn(601)
    assert world.floor.made[-1].agent == "102"
    world.shows(callback, rung=True)
    await world.turn()
    world.floor.seen.clear()
    await world.turn(world.policy.watch_seconds + 1)
    assert (await world.desk.get(callback.id)).attempts == 1


async def test_what_the_switch_refuses_rings_nobody(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.floor.fault = SwitchRefused()
    await world.turn()
    missed = await world.desk.get(callback.id)
    assert (missed.state, missed.attempts) == (S.WAITING, 0)


async def test_a_number_that_has_been_forbidden_meanwhile_is_not_called(world):
    callback = await world.ask()
    world.floor.ready("101")
    world.never.add(callback.number)
    await world.turn()
    refused = await world.desk.get(callback.id)
    assert (refused.state, refused.why, world.floor.made) == (S.CANCELLED, "never_called", [])


async def test_one_that_is_claimed_is_made_by_whoever_claimed_it(world):
    callback = await world.ask()
    world.floor.lines = standing(callback.priority + 100)
    await world.desk.claim(callback.id, BEN)
    with pytest.raises(TooLate):
        await world.desk.claim(callback.id, ANN)
    world.floor.ready("101")
    await world.turn()
    assert world.floor.made == []
    world.floor.ready("101", "102")
    await world.turn()
    assert world.floor.made[0].agent == "102"


async def test_a_claim_lapses_when_its_agent_has_gone_or_half_of_the_time_has(world):
    callback = await world.ask()
    await world.desk.claim(callback.id, BEN)
    await world.turn(400)
    assert await world.state(callback) is S.CLAIMED
    world.floor.gone = {"102"}
    await world.turn()
    freed = await world.desk.get(callback.id)
    assert (freed.state, freed.agent, freed.why) == (S.WAITING, None, "claim_lapsed")
    world.floor.gone = set()
    await world.desk.claim(callback.id, BEN)
    await world.turn((callback.due_at - world.time) / 2 + 1)
    assert await world.state(callback) is S.WAITING


async def test_a_colleagues_claim_is_his_and_a_supervisors(world):
    callback = await world.ask()
    await world.desk.claim(callback.id, BEN)
    for act in (world.desk.release(callback.id, ANN), world.desk.cancel(callback.id, ANN, "no")):
        with pytest.raises(TooLate):
            await act
    with pytest.raises(TooLate):
        await world.desk.reschedule(callback.id, ANN, NOW + 100)
    hidden = await world.desk.page([], None, None, 10, 0, frozenset({"101"}))
    seen = await world.desk.page([], None, None, 10, 0, frozenset({"102"}))
    assert (hidden.total, [one.id for one in seen.items]) == (0, [callback.id])
    with pytest.raises(CallbackUnknown):
        must_see(seen.items[0], frozenset({"101"}), CallbackUnknown)
    must_see(seen.items[0], None, CallbackUnknown)
    assert (await world.desk.release(callback.id, CHIEF)).state is S.WAITING


@pytest.mark.parametrize("when", [0.0, 1e300, float("inf"), float("nan")])
async def test_a_time_that_is_none_promises_nothing(world, when):
    with pytest.raises(NotPossibleNow, match="at most thirty days"):
        await world.ask(not_before=when)
    assert await world.store.open_callbacks() == []


async def test_refused_with_one_sentence(world):
    with pytest.raises(NumberRefused, match="let calls go there"):
        await world.ask("+99123456789")
    with pytest.raises(NumberRefused, match="withheld"):
        await world.ask("anonymous")
    with pytest.raises(NotPossibleNow, match="Nobody serves the queue kitchen"):
        await world.desk.ask(Wish("kitchen", "+8613800000001", "api"))
    with pytest.raises(NotPossibleNow, match="at most thirty days"):
        await world.desk.reschedule((await world.ask()).id, ANN, NOW - 3600)


async def test_in_a_surge_it_is_offered_sooner(world):
    policy, queue = world.policy, SUPPORT
    assert policy.offer.in_surge[Tier.GOLD] < policy.offer.after_seconds[Tier.GOLD]
    waited = policy.offer.in_surge[Tier.GOLD]
    assert not policy.offers(queue, Tier.GOLD, waited, None)
    surging = policy._replace(surging=lambda: frozenset({queue}))
    assert surging.offers(queue, Tier.GOLD, waited, None)
    assert not surging.offers(queue, Tier.GOLD, waited - 1, None)
    assert not surging.offers("another", Tier.GOLD, waited, None)
    assert not surging.offers(queue, Tier.LEAD, surging.offer.in_surge[Tier.LEAD] - 1, None)
    kept = surging._replace(offer=surging.offer._replace(in_surge={}))
    assert not kept.offers(queue, Tier.GOLD, waited, None)
