"""Supervisors: no row, no ear; one at a time; what is told to whom; callers who wait; notes."""

import asyncio
from types import SimpleNamespace

import pytest

from cti.domain import events
from cti.domain.calls import Calls
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.notes import Addressees
from cti.domain.own_calls import LegState, OwnCall, WaitingLeg
from cti.domain.signals import (
    ChannelClosed,
    ChannelOpened,
    ChannelSeen,
    SnapshotTaken,
    SpyingStarted,
    SpyingStopped,
)
from cti.domain.supervision import SpyMode
from cti.service.call_monitor import CallMonitor
from cti.service.control_desk import Line
from cti.service.note_desk import NoteDesk
from cti.service.supervision import SupervisionDesk
from cti.service.waiting_desk import WaitingDesk
from tests.cti.controlling import ANNA, CLOCK, POLICY, SAM, AskedSwitch, Audit, Seen

CALL = CallId("p:1")


class Phones:
    def __init__(self):
        self.phone_of = {"sip_user": "200", "password": "x"}

    async def phone(self, user):
        return self.phone_of


class Desks:
    """The open screens of agents."""

    def __init__(self):
        self.told = []

    def tell(self, agent, frame):
        self.told.append((agent, frame))


class House:
    def __init__(self, policy=POLICY):
        self.switch, self.seen, self.audit, self.screens = AskedSwitch(), Seen(), Audit(), Desks()
        self.phones, self.writing = Phones(), []
        self.lines = {PbxName("p"): Line(self.switch, self.seen)}
        tokens = iter("abcdef")
        self.desk = SupervisionDesk(
            self.lines,
            policy,
            self.phones,
            self.audit,
            self.screens,
            CLOCK,
            lambda: next(tokens),
            self.spawn,
            lambda _: frozenset(),
        )

    def spawn(self, work):
        self.writing.append(asyncio.ensure_future(work))

    def talks(self, agent="101"):
        self.seen.calls[agent] = [OwnCall(CALL, f"PJSIP/{agent}-00000001", LegState.TALKING)]


async def test_the_row_comes_before_the_ear():
    house = House()
    house.talks()
    house.audit.broken = True
    with pytest.raises(OSError, match="no database"):
        await house.desk.spy(SAM, AgentId("101"), SpyMode.LISTEN)
    assert house.switch.asked == []
    house.audit.broken = False
    await house.desk.spy(SAM, AgentId("101"), SpyMode.WHISPER)
    [(_, call)] = house.switch.asked
    assert (call.endpoint, call.context, call.exten) == ("PJSIP/200", "cti-supervise", "whisper")
    assert call.variables == {"CTI_SPIED": "PJSIP/101-00000001"}
    assert house.audit.rows == [("sam", "spy.whisper", "agent 101 call p:1")]


async def test_start_and_end_are_told_and_kept():
    house = House()
    house.talks()
    await house.desk.spy(SAM, AgentId("101"), SpyMode.BARGE)
    leg = house.switch.asked[0][1].channel
    assert not house.desk.marked(AgentId("101"))
    house.desk.started(events.SupervisionStarted(1.0, leg))
    assert house.desk.marked(AgentId("101"))
    house.desk.ended(events.SupervisionEnded(2.0, leg))
    house.desk.ended(events.SupervisionEnded(2.0, leg))
    await asyncio.gather(*house.writing)
    assert house.screens.told == [
        ("101", {"type": "supervised", "mode": "barge"}),
        ("101", {"type": "supervised", "mode": None}),
    ]
    assert [action for _, action, _ in house.audit.rows] == [
        "spy.barge",
        "spy.barge.began",
        "spy.barge.ended",
    ]


async def begun(house, mode=SpyMode.LISTEN):
    house.talks()
    await house.desk.spy(SAM, AgentId("101"), mode)
    leg = house.switch.asked[-1][1].channel
    house.desk.started(events.SupervisionStarted(1.0, leg))
    return leg


async def ended(house):
    await asyncio.gather(*house.writing)
    told = not house.desk.marked(AgentId("101")) and house.screens.told[-1][1]["mode"] is None
    return told and house.audit.rows[-1][1] == "spy.listen.ended"


async def test_an_end_the_switch_could_not_tell_is_found_by_what_is_there():
    house = House()
    leg = await begun(house)
    house.seen.supervising = frozenset({leg})
    house.desk.heard_again(events.HearingResumed(2.0, PbxName("p")))
    assert house.desk.marked(AgentId("101"))  # the line was away, the ear was not
    house.seen.supervising = frozenset()
    house.desk.heard_again(events.HearingResumed(3.0, PbxName("other")))
    assert house.desk.marked(AgentId("101"))
    house.desk.heard_again(events.HearingResumed(3.0, PbxName("p")))
    assert await ended(house)


async def test_no_supervision_outlives_its_call():
    house = House()
    await begun(house)
    house.desk.merged(events.CallsMerged(2.0, CallId("p:9"), CALL))
    house.desk.call_cleared(SimpleNamespace(call=CALL))
    assert house.desk.marked(AgentId("101"))
    house.desk.call_cleared(SimpleNamespace(call=CallId("p:9")))
    assert await ended(house)


async def test_the_switch_of_the_call_is_asked_to_end_it():
    house = House()
    leg = await begun(house)
    other = AskedSwitch()
    other.refuses = True
    house.lines = {PbxName("o"): Line(other, house.seen), **house.lines}
    house.desk._lines = house.lines
    await house.desk.stop(SAM, AgentId("101"))
    assert house.switch.asked[-1] == ("hang_up", leg)


def test_a_snapshot_shows_which_supervisors_are_there():
    monitor = CallMonitor(PbxName("p"), lambda _: None, CLOCK, None)
    legs = [
        ChannelSeen(ChannelId(name), f"PJSIP/{name}", ChannelId(name), None, None, None, 1.0)
        for name in ("cti-spy-a", "1.1")
    ]
    monitor.hear(SnapshotTaken(1.0, tuple(legs), (), ()))
    assert monitor.supervising == {"cti-spy-a"}


async def test_an_agent_is_told_only_where_policy_says_so():
    house = House(POLICY._replace(mark_supervised=False))
    house.talks()
    await house.desk.spy(SAM, AgentId("101"), SpyMode.LISTEN)
    house.desk.started(events.SupervisionStarted(1.0, house.switch.asked[0][1].channel))
    assert house.screens.told == []
    assert not house.desk.marked(AgentId("101"))


async def test_one_supervisor_in_a_call_and_a_telephone_nobody_answers_frees_it():
    house = House()
    house.talks()
    await house.desk.spy(SAM, AgentId("101"), SpyMode.LISTEN)
    with pytest.raises(NotPossibleNow, match="already"):
        await house.desk.spy(SAM, AgentId("101"), SpyMode.BARGE)
    CLOCK.time += 60
    await house.desk.spy(SAM, AgentId("101"), SpyMode.BARGE)
    assert len(house.switch.asked) == 2


async def test_who_may_not_and_who_cannot():
    house = House()
    with pytest.raises(Unknown):
        await house.desk.spy(SAM, AgentId("999"), SpyMode.LISTEN)
    with pytest.raises(NotPossibleNow, match="talks to nobody"):
        await house.desk.spy(SAM, AgentId("101"), SpyMode.LISTEN)
    house.talks("102")
    with pytest.raises(Unknown):
        await house.desk.spy(ANNA, AgentId("102"), SpyMode.LISTEN)  # an agent supervises nobody
    house.phones.phone_of = None
    with pytest.raises(NotPossibleNow, match="no telephone"):
        await house.desk.spy(SAM, AgentId("102"), SpyMode.LISTEN)
    assert house.switch.asked == []


def test_a_supervisors_leg_is_part_of_no_call():
    calls, leg = Calls(PbxName("p")), ChannelId("cti-spy-a")
    told = [
        *calls.hear(ChannelOpened(1.0, leg, "PJSIP/200-00000001", leg, "200", None, "s")),
        *calls.hear(SpyingStarted(2.0, leg)),
        *calls.hear(SpyingStarted(2.0, ChannelId("tierline-1.1"))),  # somebody else's, not ours
        *calls.hear(SpyingStopped(3.0, leg)),
        *calls.hear(ChannelClosed(4.0, leg, "PJSIP/200-00000001", leg, 16)),
    ]
    assert told == [events.SupervisionStarted(2.0, leg), events.SupervisionEnded(3.0, leg)]
    assert calls.live == {}


class Routers:
    def __init__(self):
        self.told, self.knows = [], True

    def put_first(self, *said):
        self.told.append(("first", *said))
        return self.knows

    def will_move(self, *said):
        self.told.append(("move", *said))

    def taken(self, *said):
        self.told.append(("taken", *said))


def waiting(house):
    router = Routers()
    house.seen.waits[CALL] = WaitingLeg(CALL, QueueName("sales"), "PJSIP/trunk-00000001")
    return WaitingDesk(house.lines, {PbxName("p"): router}, POLICY, house.desk, house.audit), router


async def test_waiting_callers_are_moved_with_a_reason():
    house = House()
    desk, router = waiting(house)
    await desk.put_first(SAM, CALL, "complained")
    await desk.move(SAM, CALL, QueueName("support"), "knows it")
    await desk.take(SAM, CALL, None, "mine")
    await desk.take(SAM, CALL, AgentId("102"), "hers")
    assert router.told == [
        ("first", CALL, "Sam", "complained"),
        ("move", CALL, "support", "Sam", "knows it"),
        ("taken", CALL, "200", "Sam", "mine"),
        ("taken", CALL, "102", "Sam", "hers"),
    ]
    assert house.switch.asked == [
        ("send_to", "PJSIP/trunk-00000001", "tierline-queue", "support"),
        ("send_to", "PJSIP/trunk-00000001", "cti-take", "200"),
        ("send_to", "PJSIP/trunk-00000001", "cti-take", "102"),
    ]
    assert [action for _, action, _ in house.audit.rows] == [
        "waiting.put_first", "waiting.move", "waiting.take", "waiting.take",
    ]  # fmt: skip


async def test_who_is_answered_while_the_row_is_written_is_left_in_peace():
    house = House()
    desk, router = waiting(house)
    kept = house.audit.rows.append

    def answered(row):
        kept(row)
        house.seen.waits.clear()

    house.audit.rows = SimpleNamespace(append=answered)
    for deed in (
        lambda: desk.move(SAM, CALL, QueueName("support"), "knows it"),
        lambda: desk.take(SAM, CALL, None, "mine"),
    ):
        house.seen.waits[CALL] = WaitingLeg(CALL, QueueName("sales"), "PJSIP/trunk-00000001")
        with pytest.raises(NotPossibleNow, match="waits no more"):
            await deed()
    assert (house.switch.asked, router.told) == ([], [])


async def test_who_waits_no_more_is_not_moved():
    house = House()
    desk, router = waiting(house)
    with pytest.raises(NotPossibleNow, match="waits no more"):
        await desk.put_first(SAM, CallId("p:2"), "why")
    with pytest.raises(Unknown):
        await desk.put_first(SAM, CallId("other:1"), "why")
    with pytest.raises(NotPossibleNow, match="No agent serves"):
        await desk.move(SAM, CALL, QueueName("nowhere"), "why")
    house.talks("102")
    with pytest.raises(NotPossibleNow, match="has a call"):
        await desk.take(SAM, CALL, AgentId("102"), "why")
    router.knows = False
    with pytest.raises(NotPossibleNow, match="no place"):
        await desk.put_first(SAM, CALL, "why")
    assert house.switch.asked == []


class Shelf:
    def __init__(self):
        self.kept = []

    async def keep(self, notes):
        self.kept += notes


async def test_notes_reach_those_they_are_for():
    house, shelf = House(), Shelf()
    ids = iter("abcdef")
    desk = NoteDesk(
        shelf,
        lambda: [house.seen.agent(one) for one in ("101", "102", "101")],  # on two switches
        house.audit,
        house.screens,
        CLOCK,
        lambda: next(ids),
        lambda agent: frozenset({"emea"} if agent == "102" else ()),
    )
    assert await desk.send(SAM, "Lunch is late", Addressees()) == 2
    assert await desk.send(SAM, "Well done", Addressees(agent=AgentId("102"))) == 1
    with pytest.raises(NotPossibleNow, match="Nobody"):
        await desk.send(SAM, "Hello", Addressees(queue=QueueName("sales")))
    assert await desk.send(SAM, "Well done all", Addressees(team="emea", queue=QueueName("support"))) == 1
    with pytest.raises(NotPossibleNow, match="Nobody"):
        await desk.send(SAM, "Hello", Addressees(team="apac"))
    assert [(note.agent, note.text) for note in shelf.kept] == [
        ("101", "Lunch is late"), ("102", "Lunch is late"), ("102", "Well done"), ("102", "Well done all"),
    ]  # fmt: skip
    assert [agent for agent, _ in house.screens.told] == ["101", "102", "102", "102"]
    assert [subject for _, _, subject in house.audit.rows] == [
        "everybody, 2 agents", "agent 102, 1 agents", "queue support team emea, 1 agents",
    ]  # fmt: skip
    assert "Lunch" not in str(house.audit.rows)
