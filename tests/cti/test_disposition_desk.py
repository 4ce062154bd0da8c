"""How calls end: given, owed, corrected, and told to the switch's ledger."""

from datetime import UTC
from pathlib import Path

import pytest

from cti.adapters.desk_states_file import read_policy
from cti.domain import events
from cti.domain.access import Role, User
from cti.domain.desk_states import Ending
from cti.domain.errors import NotAllowed, NotPossibleNow, QuestionRefused, SwitchUnreachable, Unknown
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.jobs import Job
from cti.domain.ledger_reader import LedgerReader
from cti.domain.records import Direction, SegmentRecord
from cti.service.disposition_desk import GRACE, SETTLE_DISPOSITION, DispositionDesk

SHIPPED = read_policy(Path(__file__).parents[2] / "config" / "policies" / "desk-states.yaml")
CALL, CHANNEL, SALES = CallId("p:1.1"), ChannelId("1.2"), QueueName("sales")
AGENT = User("1", "anna", "Anna", Role.AGENT, AgentId("101"), "en")
OTHER = AGENT._replace(login="bert", agent=AgentId("102"))
SUPERVISOR = User("2", "grace", "Grace", Role.SUPERVISOR, None, "en")
NOON = 1_800_014_400.0
REQUIRED = SHIPPED._replace(other_ending=SHIPPED.other_ending._replace(required=True))


class Shelf:
    """Versions by conversation, in memory."""

    def __init__(self):
        self.kept, self.in_ledger = [], set()

    async def newest(self, call, channel):
        mine = [one for one in self.kept if (one.call, one.channel) == (call, channel)]
        return max(mine, key=lambda one: one.version, default=None)

    async def add(self, given):
        if any(one[:3] == given[:3] for one in self.kept):
            return False
        self.kept.append(given)
        return True

    async def of_agent(self, agent, since, code=None):
        return [one for one in self.kept if one.agent == agent and code in (None, one.code)]

    async def segment(self, call, channel):
        return None

    async def untold(self, pbx, limit):
        mine = [one for one in self.kept if one.call.startswith(f"{pbx}:")]
        return [one for one in mine if one[:3] not in self.in_ledger]

    async def told(self, given):
        self.in_ledger.add(given[:3])


class Asked:
    def __init__(self):
        self.due = {}

    def ask(self, kind, subject, payload=None, *, at=None, every_seconds=None):
        self.due.setdefault((kind, subject), Job(kind, subject, payload or {}, 0.0, at))

    def drop(self, kind, subject):
        self.due.pop((kind, subject), None)


class Ledger:
    """A switch that writes lines as Asterisk does."""

    def __init__(self):
        self.lines, self.gone = [], False

    async def write_ledger(self, queue, event, uniqueid, interface, message):
        if self.gone:
            raise SwitchUnreachable
        self.lines.append(f"1800014400|{uniqueid}|{queue}|{interface}|{event}|{message}")


class House:
    def __init__(self, policy=SHIPPED):
        self.at = NOON
        self.segment = SegmentRecord(
            CALL, PbxName("p"), AgentId("101"), CHANNEL, SALES, None, NOON - 60, NOON, 60.0, 0.0, 0, False, None,
            Direction.INBOUND,
        )  # fmt: skip
        self.warned = []
        self.shelf, self.jobs, self.ledger = Shelf(), Asked(), Ledger()
        self.desk = DispositionDesk(
            policy,
            self.shelf,
            self.jobs,
            self,
            UTC,
            lambda call: [self.segment] if call == CALL else (),
            150.0,
            lambda user, agents: None,
            self.warned.append,
        )
        self.desk.switches = {PbxName("p"): self.ledger}

    def now(self):
        return self.at

    @property
    def owed(self):
        return self.jobs.due.get((SETTLE_DISPOSITION, f"{CALL} {CHANNEL}"))


async def test_given_and_corrected_each_a_version():
    house = House()
    first = await house.desk.give(AGENT, CALL, CHANNEL, "solved", " fine ", 0)
    assert (first.version, first.note, first.agent, first.queue, first.given_by) == (
        1, "fine", "101", "sales", "anna",
    )  # fmt: skip
    with pytest.raises(NotPossibleNow, match="meanwhile"):
        await house.desk.give(SUPERVISOR, CALL, CHANNEL, "complaint", "", 0)
    second = await house.desk.give(SUPERVISOR, CALL, CHANNEL, "complaint", "", 1)
    assert [one.code for one in house.shelf.kept] == ["solved", "complaint"]
    assert await house.shelf.newest(CALL, CHANNEL) == second
    assert house.desk.given == {("sales", "solved"): 1, ("sales", "complaint"): 1}


async def test_who_may_and_what_is_refused():
    house = House()
    with pytest.raises(NotAllowed, match="own calls"):
        await house.desk.give(OTHER, CALL, CHANNEL, "solved", "", 0)
    with pytest.raises(QuestionRefused):
        await house.desk.give(AGENT, CALL, CHANNEL, "nonsense", "", 0)
    with pytest.raises(Unknown):
        await house.desk.give(AGENT, CallId("p:9"), CHANNEL, "solved", "", 0)
    house.at += 86_400
    with pytest.raises(NotAllowed, match="earlier day"):
        await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 0)
    await house.desk.give(SUPERVISOR, CALL, CHANNEL, "solved", "", 0)
    assert len(house.shelf.kept) == 1


async def test_a_required_one_that_is_missing_is_recorded_and_stays_on_the_list():
    house = House(REQUIRED)
    house.desk.segment_ended(events.SegmentEnded(NOON, CALL, house.segment))
    job = house.owed
    assert job.next_at == NOON + 150.0 + GRACE
    await house.desk.settle(job)
    await house.desk.settle(job)  # the server died before it noted that this was done
    assert house.warned == ["101"]
    [none] = await house.desk.owed(AgentId("101"))
    assert (none.code, none.version, none.ended_at) == ("none_given", 1, NOON)
    await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 1)
    assert (await house.shelf.newest(CALL, CHANNEL)).code == "solved"
    assert house.desk.given == {("sales", "none_given"): 1, ("sales", "solved"): 1}


async def test_what_is_owed_can_be_given_on_a_later_day():
    house = House(REQUIRED)
    house.desk.segment_ended(events.SegmentEnded(NOON, CALL, house.segment))
    await house.desk.settle(house.owed)
    house.at += 3 * 86_400
    with pytest.raises(NotAllowed, match="own calls"):
        await house.desk.give(OTHER, CALL, CHANNEL, "solved", "", 1)
    await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 1)
    with pytest.raises(NotAllowed, match="earlier day"):  # it is owed no more
        await house.desk.give(AGENT, CALL, CHANNEL, "complaint", "", 2)


async def test_a_switch_that_is_away_keeps_no_other_waiting():
    house, there = House(), Ledger()
    await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 0)
    house.shelf.kept.append(house.shelf.kept[0]._replace(call=CallId("q:1.1")))
    house.ledger.gone = True
    house.desk.switches = {PbxName("p"): house.ledger, PbxName("q"): there}
    assert await house.desk.tell_ledger(None) > house.at
    assert there.lines == ["1800014400|1.1|sales|101|DISPOSITION|solved|1"]


async def test_work_that_ends_early_settles_early_and_one_given_owes_nothing():
    house = House(REQUIRED)
    house.desk.segment_ended(events.SegmentEnded(NOON, CALL, house.segment))
    house.at = NOON + 20
    house.desk.wrap_up_ended(events.WrapUpEnded(NOON + 20, CALL, AgentId("101"), CHANNEL, SALES, None, 20.0))
    assert house.owed.next_at == NOON + 20 + GRACE
    assert house.owed.payload["ended_at"] == repr(NOON)
    await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 0)
    assert house.owed is None


@pytest.mark.parametrize("ending", [Ending(()), SHIPPED.other_ending])
async def test_nothing_is_owed_where_nothing_is_required(ending):
    house = House(SHIPPED._replace(other_ending=ending))
    house.desk.segment_ended(events.SegmentEnded(NOON, CALL, house.segment))
    assert house.owed is None


async def test_the_ledger_is_told_once_whatever_dies_and_goes_on_being_understood():
    house = House()
    await house.desk.give(AGENT, CALL, CHANNEL, "solved", "", 0)
    house.ledger.gone = True
    assert await house.desk.tell_ledger(None) > house.at  # waits, and is never given up
    house.ledger.gone = False
    assert await house.desk.tell_ledger(None) is None
    assert await house.desk.tell_ledger(None) is None
    assert house.ledger.lines == ["1800014400|1.1|sales|101|DISPOSITION|solved|1"]
    reader = LedgerReader(PbxName("p"))
    for line in (
        "1800014300|1.1|sales|NONE|ENTERQUEUE||+49|1",
        "1800014310|1.1|sales|101|CONNECT|10|1.2|3",
        *house.ledger.lines,
        "1800014400|1.1|sales|101|COMPLETECALLER|10|90|1",
    ):
        reader.feed(line)
    [visit] = reader.visits
    assert (visit.outcome, visit.talk_seconds, reader.malformed, reader.orphans) == ("answered", 90.0, 0, 0)
    assert reader.unknown == {}
