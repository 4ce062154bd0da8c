"""The switches as promises see them: what is not in the store yet is not "unheard"."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from config import care_floor
from config.care import make_care
from config.care_floor import NOT_KNOWN_YET, SwitchFloor
from cti.adapters.database import connect
from cti.adapters.dialling_policy_file import read_policy
from cti.domain.agents import AgentState
from cti.domain.identifiers import CallId, PbxName
from cti.domain.records import Direction
from customers.adapters.dialling_plan import DiallingPlan
from customers.adapters.numbering import NumberingPlan
from routing.adapters.policy_file import load
from routing.domain.hours import Holiday, QueueHours, Span

POLICY = read_policy(Path("config/policies/dialling.yaml"), "CN")
PBX, CALL = PbxName("pbx"), CallId("pbx:cb-c0-1")


class Books:
    """What was heard is in the store from the next flush on."""

    def __init__(self, *, hangs=False):
        self.stored, self.hangs = None, hangs

    async def flush(self):
        if self.hangs:
            await asyncio.Event().wait()
        self.stored = {
            "direction": Direction.OUTBOUND,
            "segments": [{"agent": "101", "began_at": 0.0, "talk_seconds": 200.0, "hold_seconds": 0.0}],
        }

    async def call(self, call):
        return self.stored if call == CALL else None


def agent(ident, interface):
    return SimpleNamespace(id=ident, interface=interface, state=AgentState.READY, since=0.0, memberships={})


AGENTS = [agent("101", "PJSIP/101"), agent("102", "Local/102@agents/n"), agent("103", "PJSIP/trunk")]


def floor(books, *, up=True):
    live = [SimpleNamespace(caller_number="138 0013 8000"), SimpleNamespace(caller_number=None)]
    monitor = SimpleNamespace(record=lambda call: None, agents=lambda: AGENTS, records=lambda: live)
    branch = SimpleNamespace(pbx=PBX, up=up, monitor=monitor)
    return SwitchFloor({PBX: branch}, books, books.flush, NumberingPlan("CN").normalise, POLICY, None)


async def test_a_talk_that_just_ended_is_read_from_the_store_although_the_books_come_later():
    seen = await floor(Books()).progress(CALL)
    assert seen is not None and not seen.lasts and seen.talk.seconds == 200.0


async def test_while_the_books_hang_or_the_switch_is_away_nothing_is_known_and_nothing_is_concluded(
    monkeypatch,
):
    monkeypatch.setattr(care_floor, "FLUSH_SECONDS", 0.01)
    assert await floor(Books(hangs=True)).progress(CALL) == NOT_KNOWN_YET
    assert await floor(Books(), up=False).progress(CallId("pbx:other")) == NOT_KNOWN_YET
    assert await floor(Books()).progress(CallId("pbx:other")) is None


def test_only_telephones_of_the_switch_are_rung():
    assert [one.agent for one in floor(Books()).free()] == ["101"]
    assert floor(Books(), up=False).free() == []


def test_whoever_talks_to_us_is_engaged_however_his_number_is_written():
    assert floor(Books()).engaged("+8613800138000")
    assert not floor(Books()).engaged("+8613900138000")


def test_hours_and_head_starts_are_those_of_the_routing_policy_as_it_is_now(tmp_path):
    holiday = date(2027, 1, 18)
    monday = Span(9 * 60, 18 * 60)
    hours = QueueHours(
        tuple((monday,) for _ in range(7)),
        {holiday: Holiday({"en": "Holiday", "zh": "假日"}, ())},
        0,
        "announce",
    )
    shipped = load(Path("config/policies/routing.yaml"))
    live = [shipped]
    policies, zone = Path("config/policies"), ZoneInfo("Asia/Shanghai")
    numbers = DiallingPlan("CN"), POLICY
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'care.db'}")
    customers = SimpleNamespace(normalise=None)
    care = make_care(
        (policies, zone), numbers, None, engine, [], customers, lambda: live[0], None, None, None
    )
    noon = datetime(2027, 1, 18, 12, tzinfo=zone).timestamp()
    assert care.policy.hours_of("support").is_open(noon)
    live[0] = shipped._replace(hours={"support": hours})
    assert not care.policy.hours_of("support").is_open(noon)
    assert care.policy.hours_of("sales").is_open(noon)
    due = care.policy.hours_of("support").after_open_seconds(noon, 3600)
    assert datetime.fromtimestamp(due, zone) == datetime(2027, 1, 19, 10, tzinfo=zone)
