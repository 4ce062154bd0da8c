"""Two switches under one server: ids never collide, and one that is down takes nothing from the other."""

import asyncio

import pytest

from cti.domain.access import Role
from simulator.scenario import Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.config.house import client, open_house, until
from tools.ledger_truth import visits as ledger_visits
from tools.pbx import free_port

QUEUE = (ScriptedQueue("support", ring=3.0),)


def scenario(agent, *calls, length=6.0):
    return Scenario(QUEUE, (ScriptedAgent(agent, ("support",), answers_after=0.3),), calls, length)


@pytest.fixture
async def stage(tmp_path):
    """Both have a queue `support`, and number their channels alike: the second has the first one's systemname."""
    port = free_port()
    async with (
        SimulatedSwitch(tmp_path / "a", fastagi=("127.0.0.1", port), systemname="sim") as here,
        SimulatedSwitch(tmp_path / "b", fastagi=("127.0.0.1", port), systemname="sim") as there,
    ):
        second = {
            "ami": {"pbx": "pbx2", "host": "127.0.0.1", "port": there.ami_port},
            "recordings_incoming": there.monitor,
            "ledger": {"file": there.queue_log, "settle_seconds": 1},
        }
        given = {
            "ami": {"host": "127.0.0.1", "port": here.ami_port},
            "ledger": {"file": here.queue_log, "settle_seconds": 1},
            "fastagi": {"port": port},
            "recordings": {"incoming": here.monitor, "store": tmp_path / "recordings"},
            "after_call_work_seconds": 0.0,
            "switches": [second],
        }
        async with open_house(tmp_path, **given) as house:
            await until(lambda: all(branch.up for branch in house.branches))
            yield here, there, house


@pytest.mark.timeout(90)
async def test_calls_of_both_are_told_apart_and_counted_together(stage):
    here, there, house = stage
    await asyncio.gather(
        here.play(scenario("101", ScriptedCall(0.1, "+12025550101", "support", talk=1.0))),
        there.play(scenario("201", ScriptedCall(0.1, "+12025550102", "support", talk=1.0))),
    )
    await house.books.flush()
    async with client(house, Role.ADMINISTRATOR) as browser:
        calls = (await browser.get("/api/v1/calls")).json()["items"]
        assert sorted(call["call_id"].partition(":")[0] for call in calls) == ["pbx1", "pbx2"]
        assert sorted((call["agent"], call["outcome"]) for call in calls) == [
            ("101", "answered"),
            ("201", "answered"),
        ]
        floor = (await browser.get("/api/v1/floor")).json()
        assert floor["pbx"].keys() == {"pbx1", "pbx2"}
        assert [(queue["queue"], queue["answered"]) for queue in floor["queues"]] == [("support", 2)]
        assert [(agent["agent"], agent["pbx"]) for agent in floor["agents"]] == [
            ("101", "pbx1"),
            ("201", "pbx2"),
        ]
        (kpi,) = (await browser.get("/api/v1/kpi")).json()["items"]
        assert kpi["answered"] == 2
        metrics = (await browser.get("/metrics")).text
    for pbx in ("pbx1", "pbx2"):
        answered = f'cti_visits_total{{outcome="answered",pbx="{pbx}",queue="support",tier="iron"}} 1.0'
        assert answered in metrics
        assert f'cti_ami_up{{pbx="{pbx}"}} 1.0' in metrics
    for switch in (here, there):
        (truth,) = ledger_visits(switch.queue_log.read_text())
        assert truth["outcome"] == "answered"


@pytest.mark.timeout(90)
async def test_one_down_degrades_its_part_alone(stage):
    here, there, house = stage
    await there.__aexit__(None, None, None)
    await until(lambda: not house.branches[1].up)
    assert house.first.up
    async with client(house, Role.ADMINISTRATOR) as browser:
        reasons = (await browser.get("/health/ready")).json()["reasons"]
        assert any("pbx2" in reason for reason in reasons)
        assert not any("pbx1" in reason for reason in reasons if "broker" not in reason)
        await here.play(scenario("101", ScriptedCall(0.1, "+12025550101", "support", talk=1.0)))
        await house.books.flush()
        (call,) = (await browser.get("/api/v1/calls")).json()["items"]
        assert call["outcome"] == "answered"
        links = (await browser.get("/api/v1/operations")).json()["links"]
        assert [(link["pbx"], link["state"]) for link in links] == [("pbx1", "up"), ("pbx2", "down")]
