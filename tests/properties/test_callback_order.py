"""What holds for callbacks whatever happens: order, no storm, no number twice, and a table without a way out of an end."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from care.domain.callback import (
    ENDED,
    IN_FLIGHT,
    LIFE,
    Callback,
    CallbackState,
    Conversation,
    Progress,
    Step,
    concluded,
    ringing,
)
from care.domain.hours import OpeningHours
from care.domain.turn import FreeAgent, Standing, begins
from cti.domain.identifiers import AgentId, PbxName, QueueName, Tier
from tests.care.world import NOW, policy

QUEUES = [QueueName("support"), QueueName("sales")]
PBX = PbxName("pbx")
POLICY = policy()


@st.composite
def callbacks(draw):
    return Callback(
        id=f"c{draw(st.integers(0, 10**6))}",
        pbx=PBX,
        queue=draw(st.sampled_from(QUEUES)),
        number=f"+86138000000{draw(st.integers(0, 5))}",
        tier=draw(st.sampled_from(Tier)),
        customer=None,
        name=None,
        source="key",
        reason="",
        first_call=None,
        joined_at=NOW - draw(st.integers(0, 1000)),
        priority=draw(st.integers(-5, 5)),
        created_at=NOW,
        not_before=NOW + draw(st.integers(-2, 2)),
        due_at=NOW + draw(st.integers(-1, 100)),
        state=draw(st.sampled_from([CallbackState.WAITING, CallbackState.CLAIMED, *IN_FLIGHT])),
        changed_at=NOW,
        agent=draw(st.sampled_from([None, "101", "102"])),
    )


agents = st.lists(st.sampled_from(["101", "102", "103"]), unique=True).flatmap(
    lambda names: st.tuples(
        *(
            st.builds(
                FreeAgent,
                st.just(PBX),
                st.just(AgentId(name)),
                st.floats(0, NOW),
                st.dictionaries(st.sampled_from(QUEUES), st.integers(0, 3)),
            )
            for name in names
        )
    )
)
lines = st.dictionaries(
    st.tuples(st.just(PBX), st.sampled_from(QUEUES)),
    st.lists(st.builds(Standing, st.integers(-5, 5), st.floats(NOW - 1000, NOW)), max_size=4),
)


numbers = st.sets(st.integers(0, 5).map(lambda last: f"+86138000000{last}"))


@given(st.lists(callbacks(), max_size=8, unique_by=lambda one: one.id), lines, agents, numbers)
def test_in_turn_one_agent_each_and_no_number_twice(owed, line, free, engaged):
    begun = begins(owed, line, free, set(), NOW, engaged=engaged)
    called = [*engaged, *(one.number for one in owed if one.state in IN_FLIGHT)]
    numbers = [begin.callback.number for begin in begun]
    assert len(set(numbers)) == len(numbers) and not set(numbers) & set(called)
    used = [begin.agent for begin in begun]
    assert len(set(used)) == len(used) <= len(free)
    busy = {one.agent for one in owed if one.state in IN_FLIGHT}
    assert not busy & set(used)
    for callback, agent in begun:
        assert callback.not_before <= NOW < callback.due_at
        assert any(one.agent == agent and callback.queue in one.penalties for one in free)
        if callback.state is CallbackState.WAITING:
            for waiting in line.get((PBX, callback.queue), ()):
                before = (-waiting.priority, waiting.joined_at) < (-callback.priority, callback.joined_at)
                assert not before
        else:
            assert agent == callback.agent


@given(st.lists(callbacks(), max_size=8, unique_by=lambda one: one.id), agents)
def test_whoever_waits_longer_is_never_left_while_an_agent_serves_a_later_one(owed, free):
    begun = begins(owed, {}, free, set(), NOW)
    chosen = {begin.callback.id: begin.agent for begin in begun}
    for earlier in owed:
        if earlier.state is not CallbackState.WAITING or earlier.id in chosen:
            continue
        may = earlier.not_before <= NOW < earlier.due_at
        called = any(
            one.number == earlier.number and one.id != earlier.id
            for one in owed
            if one.id in chosen or one.state in IN_FLIGHT
        )
        for later, agent in begun:
            behind = (-later.priority, later.joined_at) > (-earlier.priority, earlier.joined_at)
            serves = any(one.agent == agent and earlier.queue in one.penalties for one in free)
            assert not (may and behind and serves and not called and later.state is CallbackState.WAITING)


@given(callbacks(), st.booleans(), st.none() | st.floats(0, 100), st.integers(0, 3), st.floats(0, 200))
def test_kept_only_by_a_long_enough_talk_in_time(callback, rung, talk, attempts, later):
    callback = callback._replace(state=CallbackState.WAITING, attempts=attempts)
    begun = ringing(callback, AgentId("101"), NOW)
    spoken = None if talk is None else Conversation(AgentId("101"), NOW + later, talk)
    step, after = concluded(begun, Progress(False, rung, spoken), NOW + later + (talk or 0), POLICY)
    in_time = talk is not None and talk >= 15 and NOW + later + 15 <= callback.due_at
    assert (after.state is CallbackState.KEPT) == in_time
    assert after.attempts <= max(attempts, POLICY.attempts) + 1
    assert after.revision == begun.revision + 1
    if not rung and talk is None:
        assert after.attempts == attempts
        assert step is not Step.KEEP


def test_an_end_is_an_end_and_everything_leads_to_one():
    assert {state for state, steps in LIFE.items() if not steps} == ENDED
    for state in set(CallbackState) - ENDED:
        assert ENDED & set(LIFE[state].values())
    reached = {after for steps in LIFE.values() for after in steps.values()}
    assert reached | {CallbackState.OFFERED} == set(CallbackState)


def of_week(spans):
    return OpeningHours(ZoneInfo("Asia/Shanghai"), lambda day: spans.get(day.weekday(), ()))


def test_a_house_that_is_open_through_the_night_does_not_close_at_midnight():
    hours = of_week({day: [(0, 1440)] for day in range(6)})
    monday = next(
        NOW + day * 86_400
        for day in range(7)
        if datetime.fromtimestamp(NOW + day * 86_400, hours.zone).weekday() == 0
    )
    midnight = datetime.fromtimestamp(monday, hours.zone).replace(hour=0, minute=0, second=0).timestamp()
    assert hours.closes_in(midnight + 86_399) == 1 + 5 * 86_400
    sunday = midnight + 6 * 86_400
    assert (hours.is_open(sunday - 1), hours.is_open(sunday)) == (True, False)
    assert hours.next_opening(sunday) == sunday + 86_400


week = st.dictionaries(
    st.integers(0, 6),
    st.lists(st.sampled_from([(0, 60), (480, 720), (780, 1080), (1200, 1440)]), unique=True).map(sorted),
)


@given(week, st.integers(0, 14 * 86_400), st.integers(1, 40_000))
def test_open_time_is_counted_minute_by_minute(spans, into, seconds):
    """Against a count of every open minute."""
    hours, start = of_week(spans), NOW + into // 60 * 60
    seconds = seconds // 60 * 60 or 60
    if not any(spans.values()):
        assert not hours.is_open(start)
        return
    due = hours.after_open_seconds(start, seconds)
    counted = min(due, start + 12 * 86_400)  # a house that hardly opens is not counted to the end
    open_seconds = 60 * sum(hours.is_open(minute) for minute in range(int(start), int(counted), 60))
    assert open_seconds == seconds if counted == due else open_seconds <= seconds


def test_a_house_open_an_hour_a_week_keeps_its_promise_in_open_time():
    """Six hours and a minute are two months of such weeks, more than one look ahead."""
    hours = of_week({0: [(0, 60)]})
    monday = datetime(2026, 11, 2, tzinfo=hours.zone)
    assert hours.after_open_seconds(monday.timestamp(), 6 * 3600 + 60) == (
        datetime(2026, 12, 14, 0, 1, tzinfo=hours.zone).timestamp()
    )


def test_four_hours_from_friday_at_five_are_due_on_monday_at_noon():
    friday_17 = 1_800_000_000.0 - 1_800_000_000 % 86_400 + 9 * 3600  # some day at 17:00 in Shanghai
    while (friday_17 // 86_400 + 3) % 7 != 4:  # 1970-01-01 was a Thursday
        friday_17 += 86_400
    office = of_week({day: [(540, 1080)] for day in range(5)})
    assert office.after_open_seconds(friday_17, 4 * 3600) == friday_17 + 2 * 86_400 + 19 * 3600
    assert (
        OpeningHours(ZoneInfo("Asia/Shanghai")).after_open_seconds(friday_17, 4 * 3600)
        == friday_17 + 4 * 3600
    )
