"""The guard over agents whom calls cannot reach, with a roster that hears what a switch would tell."""

from types import SimpleNamespace

import pytest

from cti.domain import events
from cti.domain.agents import Roster
from cti.domain.errors import SwitchUnreachable
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.reachability import Cause, Patience
from cti.domain.records import OfferResult
from cti.domain.signals import MemberSeen
from cti.service.phantom_guard import PhantomGuard
from cti.service.several import CallMonitors

AGENT, QUEUE = AgentId("101"), QueueName("support")
WELL, GONE, TALKING = 1, 5, 2


class Book:
    """Who is out, as a table keeps it."""

    def __init__(self):
        self.rows, self.broken = {}, False

    async def all(self):
        return list(self.rows.values())

    async def keep(self, one):
        if self.broken:
            raise OSError("no database")
        self.rows[one.agent] = one

    async def forget(self, agent):
        self.rows.pop(agent, None)


class House:
    def __init__(self):
        self.now_at, self.up, self.refuses, self.hidden = 1000.0, True, False, False
        self.status, self.paused, self.reason = WELL, False, ""
        self.roster = Roster()
        self.deeds, self.audit, self.warned = [], [], []
        self.rosters = {PbxName("p1"): self.roster}
        self.book = Book()
        self.begin()
        self.tell()

    def begin(self):
        """A server begins."""
        monitors = {
            pbx: SimpleNamespace(agents=lambda roster=roster: list(roster.agents.values()))
            for pbx, roster in self.rosters.items()
        }
        self.guard = PhantomGuard(
            Patience(silent_seconds=12, missed_calls=3, hold_seconds=5, recover_seconds=5),
            CallMonitors(monitors),
            self,
            lambda agent: self.up,
            SimpleNamespace(now=lambda: self.now_at),
            self.record,
            self.warned.append,
            self.book,
        )

    async def restart(self):
        self.begin()
        await self.guard.open()

    def tell(self, status=None, *, paused=None, reason=None, pbx="p1"):
        """The switch says how the member stands."""
        self.status = self.status if status is None else status
        self.paused = self.paused if paused is None else paused
        self.reason = self.reason if reason is None else reason
        phone = f"PJSIP/{AGENT}"
        self.rosters[pbx].hear(
            MemberSeen(
                self.now_at, QUEUE, AGENT, phone, phone, self.status, self.paused, self.reason,
                self.status == TALKING, 0,
            )
        )  # fmt: skip

    async def not_ready(self, agent, reason):
        if self.refuses:
            raise SwitchUnreachable
        self.deeds.append(("out", self.now_at))
        self.tell(paused=True, reason=reason)

    async def ready(self, agent):
        self.deeds.append(("back", self.now_at))
        self.tell(paused=False, reason="")

    async def record(self, user, action, subject):
        self.audit.append((user.login, action, subject))

    async def seconds(self, count, *, page=None):
        """Time goes by; `page`: it says every two seconds that it lives."""
        for _ in range(count):
            self.now_at += 1
            if page is not None and int(self.now_at) % 2 == 0:
                self.guard.present(AGENT, phone=page, hidden=self.hidden)
            await self.guard.look()

    def miss(self, result=OfferResult.RING_NO_ANSWER):
        self.guard.diverted(
            events.CallDiverted(self.now_at, CallId("c"), AGENT, ChannelId("x"), QUEUE, result, 15.0)
        )

    @property
    def did(self):
        return [deed for deed, _ in self.deeds]


def out_of(house):
    [(agent, known)] = house.guard.taken_out()
    assert agent == AGENT
    return known


@pytest.fixture
def house():
    return House()


async def test_a_telephone_that_is_gone_and_comes_back(house):
    await house.seconds(10)
    house.tell(GONE)
    await house.seconds(20)
    assert house.did == ["out"]
    assert out_of(house).cause is Cause.DEVICE
    assert house.audit == [("server", "agent.taken_out.device", AGENT)]
    assert house.guard.caught == {"device": 1}
    house.tell(WELL)
    await house.seconds(20)
    assert house.did == ["out", "back"]
    assert house.guard.taken_out() == []
    assert house.book.rows == {}
    assert house.warned == [AGENT, AGENT]


async def test_a_name_whose_telephone_was_never_there_is_not_at_work(house):
    house.tell(GONE)
    await house.seconds(120)
    assert house.did == []
    await house.seconds(20, page=True)  # his page lives, his telephone does not
    assert house.did == ["out"]


async def test_a_page_that_dies_is_caught_within_twenty_seconds(house):
    await house.seconds(30, page=True)
    died = house.now_at
    await house.seconds(30)
    assert house.did == ["out"]
    assert house.deeds[0][1] - died <= 20
    assert out_of(house).cause is Cause.SILENT_PAGE
    await house.seconds(10, page=True)
    assert house.did == ["out", "back"]


async def test_a_telephone_on_the_desk_is_judged_without_a_page(house):
    await house.seconds(10, page=False)
    await house.seconds(600)
    assert house.did == []


async def test_calls_that_ring_out_one_after_another(house):
    house.miss()
    house.miss(OfferResult.CANCELLED)  # the caller left: nobody's fault
    house.miss()
    await house.seconds(10)
    assert house.did == []
    house.miss()
    await house.seconds(10)
    assert house.did == ["out"]
    await house.seconds(600)
    assert house.did == ["out"]  # nothing but himself proves that he is back
    await house.ready(AGENT)
    await house.seconds(60)
    assert house.did == ["out", "back"]


async def test_who_answers_or_takes_a_break_is_there(house):
    for proof in (
        lambda: house.guard.established(SimpleNamespace(agent=AGENT)),
        lambda: house.guard.not_ready(events.AgentNotReady(1.0, AGENT, "break")),
    ):
        house.miss()
        house.miss()
        proof()
        house.miss()
        await house.seconds(10)
    assert house.did == []


async def test_never_while_somebody_talks(house):
    await house.seconds(5, page=True)
    house.tell(TALKING)
    await house.seconds(600)
    assert house.did == []


async def test_never_because_our_own_line_was_down_or_we_slept(house):
    await house.seconds(6, page=True)
    house.up = False
    house.tell(GONE)
    await house.seconds(120)
    assert house.did == []
    house.up = True
    house.tell(WELL)
    house.now_at += 600  # the server was stopped: it heard no page, and no page is to blame
    await house.seconds(10, page=True)
    assert house.did == []


async def test_a_break_is_left_alone(house):
    house.tell(GONE, paused=True, reason="break")
    await house.seconds(120)
    assert house.did == []


async def test_a_telephone_that_came_back_while_the_server_was_away_is_believed(house):
    await house.seconds(2)
    house.tell(GONE)
    await house.seconds(10)
    await house.restart()
    await house.seconds(60)
    assert out_of(house).cause is Cause.DEVICE
    house.tell(WELL)
    await house.seconds(10)
    assert house.did == ["out", "back"]
    assert house.book.rows == {}


async def test_a_restart_disproves_no_missed_calls(house):
    for _ in range(3):
        house.miss()
    await house.seconds(10)
    since = out_of(house).since
    await house.restart()
    await house.seconds(600)
    assert house.did == ["out"]
    assert out_of(house)[:3] == ("taken_out", since, Cause.MISSED_CALLS)
    await house.ready(AGENT)
    await house.seconds(60)
    assert house.did == ["out", "back"]
    assert house.book.rows == {}


async def test_a_silent_page_must_speak_to_the_next_server(house):
    await house.seconds(10, page=True)
    await house.seconds(30)
    await house.restart()
    await house.seconds(600)
    assert (house.did, out_of(house).cause) == (["out"], Cause.SILENT_PAGE)
    await house.seconds(10, page=True)
    assert house.did == ["out", "back"]


async def test_one_whose_cause_nobody_kept_says_himself_that_he_is_there(house):
    house.tell(paused=True, reason="unreachable")
    await house.seconds(60)
    assert house.did == []
    assert out_of(house).cause is Cause.MISSED_CALLS


async def test_a_database_that_is_away_keeps_nobody_in(house):
    await house.seconds(2)
    house.book.broken = True
    house.tell(GONE)
    await house.seconds(10)
    assert house.did == ["out"]


async def test_a_hidden_page_may_miss_one_call_less(house):
    house.miss()
    house.miss()
    await house.seconds(10, page=True)
    assert house.did == []
    house.hidden = True
    await house.seconds(10, page=True)
    assert house.did == ["out"]
    house.hidden = False
    await house.seconds(2, page=True)
    assert out_of(house).page_hidden  # when it happened


async def test_one_agent_on_several_switches_is_judged_once(house):
    """A member on the second one earlier today, who logged off there; then on both, one of the two telephones dead."""
    house.rosters[PbxName("p2")] = Roster()
    house.begin()
    house.tell(WELL, pbx="p2")
    house.rosters["p2"].agents[AGENT].memberships.clear()
    await house.seconds(2)
    house.tell(GONE)
    await house.seconds(10)
    assert house.did == ["out"]
    assert out_of(house).cause is Cause.DEVICE
    house.tell(WELL)
    await house.seconds(10)
    assert house.did == ["out", "back"]
    house.tell(WELL, pbx="p2")
    await house.seconds(2)
    house.tell(GONE, pbx="p2")
    await house.seconds(10)
    assert house.did == ["out", "back", "out"]


async def test_a_name_on_another_switch_whose_telephone_was_never_there_is_no_fault(house):
    house.rosters[PbxName("p2")] = Roster()
    house.begin()
    house.tell(GONE, pbx="p2")
    house.tell(WELL)
    await house.seconds(60)
    assert house.did == []


async def test_what_the_switch_refuses_is_tried_again_and_not_counted(house):
    await house.seconds(2)
    house.refuses = True
    house.tell(GONE)
    await house.seconds(20)
    assert (house.did, house.guard.caught, house.audit) == ([], {}, [])
    house.refuses = False
    await house.seconds(10)
    assert house.did == ["out"]


async def test_made_ready_by_hand_he_is_judged_anew(house):
    await house.seconds(4, page=True)
    await house.seconds(30)
    assert house.did == ["out"]
    await house.ready(AGENT)  # by a supervisor: he has a telephone on the desk today
    await house.seconds(300)
    assert house.did == ["out", "back"]


async def test_who_logs_off_is_forgotten(house):
    await house.seconds(4, page=True)
    house.roster.agents[AGENT].memberships.clear()
    await house.seconds(60)
    assert house.did == []
    house.tell(WELL)
    await house.seconds(60)
    assert house.did == []
