"""On the real switch: who has the skill rings while he is free, a customer's own agent first, overflow keeps the place."""

import asyncio
import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest

from simulator.scenario import Scenario, ScriptedAgent, ScriptedQueue
from tests.live.house.installation import OPERATOR, SUPERVISOR, House, everything, get
from tests.live.switch import SippCaller, Stage, site_for
from tests.servers import REPOSITORY
from tools.ledger_truth import truth

pytestmark = pytest.mark.timeout(300)
POLICY = """
skills:
  agents: {"101": {english: 9}, "102": {english: 5}}
  queues:
    support: {weights: {english: 1}, needs: [{dialled: "5550100", least: 7, widen: 5}]}
preferred:
  sales: {agents: [owner], seconds: 5}
overflow:
  lobby: [{after: 5, to: sales}]
"""
OWNED, NOT_ANSWERED = "+12025550171", "+12025550172"
BOOK = f"name,tier,numbers,owner\nOwned,gold,{OWNED},103\nLeft ringing,gold,{NOT_ANSWERED},104\n"
OWN_QUEUES = "\n".join(
    f"[agent-{name}](tierline)\nmember => PJSIP/{name},0,{name}" for name in ("103", "104")
)


def site() -> dict[str, str]:
    queues = (
        ScriptedQueue("support", "rrmemory", ring=3.0, join_empty=False),
        ScriptedQueue("sales", "rrmemory", ring=3.0, join_empty=False),
        ScriptedQueue("lobby", "rrmemory", ring=3.0, join_empty=True),
    )
    agents = (
        ScriptedAgent("101", ("support",)),
        ScriptedAgent("102", ("support",)),
        ScriptedAgent("105", ("sales",)),
    )
    texts = site_for(Scenario(queues, agents, (), 0))
    # Queues of their own for two who have customers of their own.
    return {**texts, "queues.conf": texts["queues.conf"] + "\n" + OWN_QUEUES + "\n"}


@pytest.fixture
def house(tmp_path: Path):
    policies = tmp_path / "policies"
    shutil.copytree(REPOSITORY / "config" / "policies", policies)
    file = policies / "routing.yaml"
    kept = [line for line in file.read_text("utf-8").splitlines() if line not in {"skills: {}", "preferred: {}", "overflow: {}"}]  # fmt: skip
    file.write_text("\n".join(kept) + POLICY, "utf-8")
    settings = {"CTI_POLICIES__FOLDER": str(policies), "CTI_LEDGER__SETTLE_SECONDS": "2"}
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    with House(
        tmp_path, url, [SUPERVISOR, OPERATOR], customers=BOOK, site=site(), settings=settings, ledger=True
    ) as house:
        yield house
        assert house.server.complaints() == []


async def penalties(stage: Stage) -> dict[str, str]:
    start = len(stage.ami.events)
    await stage.ami.action("QueueStatus", Queue="support")
    end = await stage.ami.number(lambda event: event["Event"] == "QueueStatusComplete", 30, start)
    members = [event for event in stage.ami.events[start:end] if event["Event"] == "QueueMember"]
    return {member["Name"]: member["Penalty"] for member in members}


async def calls(stage: Stage, dialled: str, number: str) -> tuple[SippCaller, str]:
    phone = await stage.caller(dialled, number)
    return phone, await stage.channel(phone.call_id, "PJSIP/trunk-")


async def answered_by(stage: Stage, channel: str, seconds: float = 30) -> str:
    return (await stage.ami.event("AgentConnect", seconds, 0, Channel=channel))["MemberName"]


async def test_skills_preferred_agents_and_overflow(house: House) -> None:
    async with Stage(house.pbx) as stage:
        for name in ("101", "102", "103", "105"):
            await stage.agent(name, answers_after=0.3)
        await stage.agent("104", answers_after=None)
        deadline = time.monotonic() + 30
        while {name: p for name, p in (await penalties(stage)).items() if name in {"101", "102"}} != {
            "101": "1",
            "102": "5",
        }:
            assert time.monotonic() < deadline, await penalties(stage)
            await asyncio.sleep(0.5)

        # With the skill, while he is free: a round robin would take turns.
        for place in range(3):
            phone, channel = await calls(stage, "5550100", f"+1202555019{place}")
            assert await answered_by(stage, channel) == "101"
            await phone.hang_up()
            await asyncio.sleep(3.0)  # his after-call work

        # While he is busy the call waits for him, and takes less after two steps of five seconds.
        busy, channel = await calls(stage, "5550100", "+12025550194")
        assert await answered_by(stage, channel) == "101"
        waits, channel = await calls(stage, "5550100", "+12025550195")
        assert await answered_by(stage, channel) == "102"
        await busy.hang_up()
        await waits.hang_up()

        # An owner counts when the customer is known in time: a busy machine reads its book too late.
        with closing(house.client(SUPERVISOR)) as client:
            for number in (OWNED, NOT_ANSWERED):
                get(client, "/customers/lookup", number=number)
            deadline = time.monotonic() + 30
            while {"103", "104"} - {
                one["agent"] for one in get(client, "/floor")["agents"] if one["state"] == "ready"
            }:
                assert time.monotonic() < deadline, "103 and 104 do not become ready"
                await asyncio.sleep(0.2)

        own, channel = await calls(stage, "5550101", OWNED)
        assert await answered_by(stage, channel) == "103"
        await own.hang_up()
        passed_over, channel = await calls(stage, "5550101", NOT_ANSWERED)
        assert await answered_by(stage, channel) in {"103", "105"}
        await passed_over.hang_up()
        await asyncio.sleep(3.0)

        sent_on, channel = await calls(stage, "lobby", "+12025550196")
        assert await answered_by(stage, channel) in {"103", "105"}
        await sent_on.hang_up()
        over = time.time()
        await asyncio.sleep(3.0)

    ledger = truth(house.pbx.queue_log.read_text())
    found = [
        (visit["queue"], visit["outcome"], visit.get("agent"))
        for visit in ledger
        if visit["queue"] != "sales"
    ]
    assert [visit["outcome"] for visit in ledger if visit["queue"] == "sales"] == ["answered", "answered"]
    assert found == [
        *[("support", "answered", "101")] * 4,
        ("support", "answered", "102"),
        ("agent-103", "answered", "103"),
        ("agent-104", "timeout", None),
        ("lobby", "withdrawn", None),
    ]
    widened = ledger[4]
    assert 9 <= widened["hold"] <= 20

    with closing(house.client(SUPERVISOR)) as client:
        told = [one["reasons"] for one in everything(client, "/routing/decisions")]
    assert "Waited 5 s in lobby: went on to sales." in told[0]
    assert any("Offered to 103 first, who looks after this customer, for 5 s." in one for one in told)
    with closing(house.client(OPERATOR)) as client:
        deadline = time.monotonic() + 30
        while True:
            [switch] = get(client, "/reconciliation")["switches"]
            if switch["verified_until"] is not None and switch["verified_until"] >= over:
                break
            assert time.monotonic() < deadline, switch
            await asyncio.sleep(0.5)
        assert not any(switch["drift"].values()), switch["drift"]
