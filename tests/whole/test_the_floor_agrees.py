"""Floor, API, Prometheus and the lists behind the numbers say the same at the same moment, and what the ledger says."""

import asyncio
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cti.domain.access import Role
from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.config.house import client, open_house, until
from tools.ledger_truth import visits as ledger_visits
from tools.pbx import free_port

BOOK = """name,tier,numbers,company
Petra Platinum,platinum,+12025550101,Northgate
李铁,iron,+12025550102,
Gustav Gold,gold,+12025550103,
"""
TIERS = {"+12025550101": "platinum", "+12025550102": "iron", "+12025550103": "gold"}

DAY = Scenario(
    (ScriptedQueue("support", ring=2.0), ScriptedQueue("sales", ring=2.0)),
    (ScriptedAgent("101", ("support",), answers_after=0.3), ScriptedAgent("102", (), answers_after=0.3)),
    (
        ScriptedCall(0.1, "+12025550101", "support", talk=1.0, ended_by=EndedBy.AGENT),
        ScriptedCall(0.3, "+12025550103", "sales", patience=1.2),
        ScriptedCall(2.6, "+12025550102", "support", talk=12.0, ended_by=EndedBy.AGENT),
        ScriptedCall(3.4, "+12025550101", "support", patience=11.0),
        ScriptedCall(3.6, "+12025550102", "sales", patience=11.0),
    ),
    18.0,
)
"""Between the fifth and the twelfth second nothing happens: one is in conversation, two wait."""


@pytest.fixture
async def stage(tmp_path):
    port = free_port()
    async with SimulatedSwitch(tmp_path / "pbx", fastagi=("127.0.0.1", port), systemname="sim") as switch:
        given = {
            "ami": {"host": "127.0.0.1", "port": switch.ami_port},
            "fastagi": {"port": port},
            "after_call_work_seconds": 0.5,
        }
        async with open_house(tmp_path, **given) as house:
            await house.customers.import_bytes("book.csv", BOOK.encode(), "test")
            await until(lambda: house.first.link.state == "up")
            yield switch, house


async def told_by_metrics(browser) -> dict[str, Counter]:
    """Name -> (queue, tier or what else distinguishes) -> number."""
    found: dict[str, Counter] = {}
    for family in text_string_to_metric_families((await browser.get("/metrics")).text):
        for sample in family.samples:
            place = tuple(sample.labels.get(name) for name in ("queue", "tier", "outcome", "state"))
            found.setdefault(sample.name, Counter())[place] += sample.value
    return found


def summed(counter: Counter, **wanted: str) -> float:
    names = ("queue", "tier", "outcome", "state")
    return sum(
        value
        for place, value in counter.items()
        if all(dict(zip(names, place, strict=True))[name] == value_ for name, value_ in wanted.items())
    )


async def total(browser, **asked: str) -> int:
    answer = await browser.get("/api/v1/calls", params={"limit": 1, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()["total"]


async def compare(house, browser) -> dict:
    """The floor, after everything else was held against it."""
    await house.books.flush()
    floor = (await browser.get("/api/v1/floor")).json()
    queues = {row["queue"]: row for row in (await browser.get("/api/v1/queues")).json()["items"]}
    metrics = await told_by_metrics(browser)
    by_queue = (await browser.get("/api/v1/kpi?group_by=queue")).json()["items"]
    whole = (await browser.get("/api/v1/kpi")).json()["items"][0]
    quarters = (await browser.get("/api/v1/kpi?interval=900&group_by=queue")).json()["items"]

    for row in floor["queues"]:
        beside = queues[row["queue"]] | {"longest_wait_seconds": row["longest_wait_seconds"]}
        clock = {"tiers"}  # whose longest waits moved on between two requests
        assert {k: v for k, v in row.items() if k not in clock} == {
            k: v for k, v in beside.items() if k not in clock
        }
        kpi = next((item for item in by_queue if item["group"] == row["queue"]), None)
        for name in ("offered", "answered", "abandoned", "blocked", "answer_rate"):
            assert row[name] == (kpi[name] if kpi else (0 if name != "answer_rate" else None)), name
        assert row["service_level"] == (kpi["service_level"]["value"] if kpi else None)
        here = {"queue": row["queue"]}
        for tier, cell in row["tiers"].items():
            at = here | {"tier": tier}
            assert cell["waiting"] == summed(metrics["cti_waiting"], **at)
            assert cell["offered"] == summed(metrics["cti_calls_offered_total"], **at)
            assert cell["answered"] == summed(metrics["cti_visits_total"], outcome="answered", **at)
            assert cell["abandoned"] == summed(metrics["cti_visits_total"], outcome="abandoned", **at)
            assert cell["answered_in_target"] == summed(metrics["cti_answered_within_target_total"], **at)
            assert cell["offered"] == await total(browser, each="visit", **at)
            assert cell["waiting"] == await total(browser, each="visit", fate="waiting", **at)
            assert cell["answered"] == await total(browser, each="visit", fate="answered", **at)
            assert cell["abandoned"] == await total(browser, each="visit", fate="abandoned", **at)
            within = await total(browser, each="visit", fate="answered", waited="within", **at)
            beyond = await total(browser, each="visit", fate="answered", waited="beyond", **at)
            assert (cell["answered_in_target"], cell["answered"]) == (within, within + beyond)
        assert row["blocked"] == await total(browser, each="blocked", **here)
        assert row["flowed_out"] == await total(browser, each="visit", fate="flowed_out", **here)
        assert row["longest_wait_seconds"] == pytest.approx(
            summed(metrics["cti_longest_wait_seconds"], **here), abs=1.0
        )
        assert row["agents_ready"] == summed(metrics["cti_agents"], state="ready", **here)
    tiles = floor["tiles"]
    for name in ("offered", "answered", "abandoned", "blocked", "answer_rate", "abandon_rate", "asa_seconds"):
        assert tiles[name] == whole[name], name
    assert (tiles["service_level"], tiles["aht_seconds"]) == (
        whole["service_level"]["value"],
        whole["aht_seconds"],
    )
    assert tiles["waiting"] == len(floor["waiting"]) == await total(browser, each="visit", fate="waiting")
    for agent in floor["agents"]:
        assert agent["handled"] == await total(browser, each="segment", agent=agent["agent"])
    counted = ("offered", "answered", "abandoned")
    trend = {
        (row["from"], row["queue"]): tuple(row[name] for name in counted)
        for row in floor["trend"]
        if row["queue"]
    }
    told = {(item["from"], item["group"]): tuple(item[name] for name in counted) for item in quarters}
    assert trend == {place: counts for place, counts in told.items() if any(counts)}
    return floor


@pytest.mark.timeout(120)
async def test_floor_api_metrics_lists_and_ledger_agree(stage) -> None:
    switch, house = stage
    playing = asyncio.ensure_future(switch.play(DAY))
    async with client(house, Role.SUPERVISOR) as browser:
        await until(lambda: len(house.floor()["waiting"]) == 2 and house.floor()["tiles"]["talking"] == 1)
        floor = await compare(house, browser)
        assert (floor["tiles"]["waiting"], floor["tiles"]["offered"]) == (2, 5)
        await playing
        await until(lambda: house.monitor.live_calls() == 0)
        floor = await compare(house, browser)
    truth = Counter()
    for visit in ledger_visits(switch.queue_log.read_text()):
        truth[visit["queue"], TIERS[visit["number"]], visit["outcome"]] += 1
    told = Counter(
        {
            (row["queue"], tier, what): cell[what]
            for row in floor["queues"]
            for tier, cell in row["tiers"].items()
            for what in ("answered", "abandoned")
        }
    )
    assert +told == truth


async def test_what_cannot_be_answered_is_said_in_one_sentence(stage) -> None:
    _, house = stage
    async with client(house, Role.SUPERVISOR) as browser:
        answer = await browser.get("/api/v1/calls?fate=waiting")
        assert (answer.status_code, answer.json()["error"].endswith("add each=visit.")) == (422, True)
        answer = await browser.get("/api/v1/calls?each=visit&search=anna")
        assert (answer.status_code, answer.json()["error"].endswith("leave out `each`.")) == (422, True)
