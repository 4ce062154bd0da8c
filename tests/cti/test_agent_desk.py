"""After-call work begins and ends by itself; agents change their own state."""

import asyncio

import pytest

from cti.domain import events
from cti.domain.agents import Roster
from cti.domain.errors import NotPossibleNow, SwitchUnreachable, Unknown
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.jobs import Job
from cti.domain.records import Direction, SegmentRecord
from cti.domain.signals import MemberRemoved, MemberSeen
from cti.service.agent_desk import AgentDesk


class RecordingSwitch:
    """Remembers what it was asked, and tells the roster what a switch would tell."""

    def __init__(self, roster):
        self.asked, self._roster, self.gone = [], roster, False

    async def pause(self, interface, paused, reason, queue=None):
        if self.gone:
            raise SwitchUnreachable
        self.asked.append((interface, paused, reason))
        self._roster.hear(member(paused=paused, reason=reason))


class Clock:
    at = 1000.0

    def now(self):
        return self.at


def member(*, paused=False, reason="", status=1, queue="support", agent="101"):
    phone = f"PJSIP/{agent}"
    return MemberSeen(
        1000.0, QueueName(queue), AgentId(agent), phone, phone, status, paused, reason, False, 0
    )


def segment(queue="support"):
    return events.SegmentEnded(
        1000.0,
        CallId("c"),
        SegmentRecord(
            CallId("c"), PbxName("p"), AgentId("101"), ChannelId("x"), QueueName(queue) if queue else None, None,
            990.0, 1000.0, 10.0, 0.0, 0, False, None, Direction.INBOUND,
        ),
    )  # fmt: skip


class AskedJobs:
    """What lies with the store of jobs: what is asked for again stays as it was."""

    def __init__(self):
        self.due = {}

    def ask(self, kind, subject, payload=None, *, at=None, every_seconds=None):
        self.due.setdefault((kind, subject), at)

    def drop(self, kind, subject):
        self.due.pop((kind, subject), None)


def desk(wrap_up=30.0, jobs=None):
    roster, clock = Roster(), Clock()
    roster.hear(member())
    switch = RecordingSwitch(roster)
    made = AgentDesk(switch, roster.agents.get, clock, wrap_up, jobs or AskedJobs())
    return made, switch, clock, roster


async def run_for(made, turns=5):
    turn = 0

    async def sleep(_seconds):
        nonlocal turn
        turn += 1
        if turn >= turns:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        await made.run(sleep)


async def test_after_call_work_begins_with_the_segments_end_and_ends_at_the_cap():
    made, switch, clock, _ = desk()
    made.begin_wrap_up(segment())
    await run_for(made)
    assert switch.asked == [("PJSIP/101", True, "ACW")]
    clock.at += 29.9
    await run_for(made)
    assert len(switch.asked) == 1
    clock.at += 0.1
    await run_for(made)
    assert switch.asked[1:] == [("PJSIP/101", False, "")]


async def test_the_switchs_answer_may_overtake_its_events():
    """The answer comes on one line, what happened before it on the other: still ready, then working after the call."""
    made, switch, clock, roster = desk()
    switch._roster = Roster()  # tells somebody else
    made.begin_wrap_up(segment())
    await run_for(made)
    assert switch.asked == [("PJSIP/101", True, "ACW")]
    made.leave_wrap_up(events.AgentReady(clock.at, AgentId("101")))
    for event in roster.hear(member(paused=True, reason="ACW")):
        made.enter_wrap_up(event)
    clock.at += 29.9
    await run_for(made)
    assert len(switch.asked) == 1
    clock.at += 0.1
    await run_for(made)
    assert switch.asked[1:] == [("PJSIP/101", False, "")]


async def test_whoever_is_found_in_after_call_work_comes_out_of_it_though_the_switch_refuses_once():
    made, switch, clock, roster = desk()
    for event in roster.hear(member(paused=True, reason="ACW")):
        made.enter_wrap_up(event)
    clock.at += 30
    switch.gone = True
    await run_for(made)
    switch.gone = False
    await run_for(made)
    assert switch.asked == []
    clock.at += 2
    await run_for(made)
    assert switch.asked == [("PJSIP/101", False, "")]


async def test_no_after_call_work_without_a_queue_or_when_switched_off_or_on_a_break():
    made, switch, _, roster = desk()
    made.begin_wrap_up(segment(queue=None))
    roster.hear(member(paused=True, reason="Lunch"))
    made.begin_wrap_up(segment())
    await run_for(made)
    off, off_switch, _, _ = desk(wrap_up=0)
    off.begin_wrap_up(segment())
    await run_for(off)
    assert switch.asked == off_switch.asked == []


async def test_an_agent_who_is_ready_early_is_not_unpaused_again():
    made, switch, clock, _ = desk()
    made.begin_wrap_up(segment())
    await run_for(made)
    await made.end_wrap_up(AgentId("101"))
    made.leave_wrap_up(events.AgentReady(clock.at, AgentId("101")))
    clock.at += 60
    await run_for(made)
    assert [paused for _, paused, _ in switch.asked] == [True, False]


async def test_an_unreachable_switch_does_not_stop_the_desk():
    made, switch, _, _ = desk()
    switch.gone = True
    made.begin_wrap_up(segment())
    await run_for(made)
    switch.gone = False
    made.begin_wrap_up(segment())
    await run_for(made)
    assert switch.asked == [("PJSIP/101", True, "ACW")]


async def test_who_is_done_while_another_is_being_ended_harms_nobody():
    made, switch, clock, roster = desk()
    for agent in ("101", "102"):
        for event in roster.hear(member(paused=True, reason="ACW", agent=agent)):
            if isinstance(event, events.AgentWorkingAfterCall):
                made.enter_wrap_up(event)
    pause = switch.pause

    async def slowly(interface, paused, reason, queue=None):
        roster.hear(member(agent="102"))  # meanwhile the other is done by himself
        made.leave_wrap_up(events.AgentReady(clock.at, AgentId("102")))
        await pause(interface, paused, reason, queue)

    switch.pause = slowly
    clock.at += 30
    await run_for(made)
    assert switch.asked == [("PJSIP/101", False, "")]


async def test_refusals_say_why():
    made, _, _, _ = desk()
    with pytest.raises(Unknown):
        await made.ready(AgentId("999"))
    with pytest.raises(NotPossibleNow):
        await made.not_ready(AgentId("101"), "ACW")
    with pytest.raises(NotPossibleNow):
        await made.end_wrap_up(AgentId("101"))


def job_of(jobs, asked_at=1000.0):
    ((kind, subject),) = jobs.due
    return Job(kind, subject, {}, asked_at, jobs.due[kind, subject])


async def test_a_job_keeps_the_time_and_is_dropped_when_the_work_ends_as_it_should():
    jobs = AskedJobs()
    made, switch, clock, roster = desk(jobs=jobs)
    for event in roster.hear(member(paused=True, reason="ACW")):
        made.enter_wrap_up(event)
    assert jobs.due == {("end_after_call_work", "101"): clock.at + 30 + 2}
    for event in roster.hear(member()):
        made.leave_wrap_up(event)
    assert jobs.due == {}
    assert switch.asked == []


async def test_after_a_restart_the_work_ends_when_it_would_have():
    jobs = AskedJobs()
    before, _, _, roster = desk(jobs=jobs)
    for event in roster.hear(member(paused=True, reason="ACW")):
        before.enter_wrap_up(event)
    made, switch, clock, roster = desk(jobs=jobs)
    roster.hear(MemberRemoved(1000.0, QueueName("support"), AgentId("101")))
    clock.at += 20
    assert await made.end_overdue(job_of(jobs)) == clock.at + 1, "nobody has told us of the agent yet"
    for event in roster.hear(member(paused=True, reason="ACW")):
        if isinstance(event, events.AgentWorkingAfterCall):
            made.enter_wrap_up(event)
    assert jobs.due == {("end_after_call_work", "101"): 1032.0}
    clock.at = 1032.0
    switch.gone = True
    with pytest.raises(SwitchUnreachable):
        await made.end_overdue(job_of(jobs))
    switch.gone = False
    assert await made.end_overdue(job_of(jobs)) is None
    assert switch.asked == [("PJSIP/101", False, "")]
    assert await made.end_overdue(job_of(jobs)) is None
    assert len(switch.asked) == 1, "doing it again changes nothing"


async def test_a_job_of_an_agent_who_came_out_of_it_while_we_were_down_is_dropped():
    jobs = AskedJobs()
    jobs.ask("end_after_call_work", "101", at=1010.0)
    made, _, clock, _ = desk(jobs=jobs)
    made.leave_wrap_up(events.AgentReady(clock.at, AgentId("101")))
    assert jobs.due == {}


async def test_a_job_for_somebody_off_duty_ends_after_an_hour():
    made, switch, clock, _ = desk()
    clock.at += 3600
    stranger = Job("end_after_call_work", "999", {}, 1000.0, 1032.0)
    assert await made.end_overdue(stranger) is None
    assert switch.asked == []


async def test_after_call_work_is_extended_so_often_and_no_more():
    roster, clock, jobs = Roster(), Clock(), AskedJobs()
    roster.hear(member())
    switch = RecordingSwitch(roster)
    made = AgentDesk(switch, roster.agents.get, clock, 30.0, jobs, 2, 60.0)
    agent = AgentId("101")
    with pytest.raises(NotPossibleNow, match="no after-call work"):
        made.extend(agent)
    for event in roster.hear(member(paused=True, reason="ACW")):
        made.enter_wrap_up(event)
    made.extend(agent)
    made.extend(agent)
    with pytest.raises(NotPossibleNow, match="as often as"):
        made.extend(agent)
    assert made.after_call_work(agent) == (1150.0, 0)
    assert list(jobs.due.values()) == [1152.0]  # who ends it if we die meanwhile
    clock.at += 149.9
    await run_for(made)
    assert switch.asked == []
    clock.at += 0.1
    await run_for(made)
    assert switch.asked == [("PJSIP/101", False, "")]
