"""Ten calls on the reviewers' desk of a whole installation, what its reviewers are to say of them, and its HTTP side on a port."""

import asyncio
from contextlib import asynccontextmanager

import uvicorn

from config.server import create_app
from cti.domain.access import Role
from simulator.scenario import Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.config.house import PASSWORD, open_house, sampled, until
from tests.whole.quality_pages import Answer, Building, building
from tools.pbx import free_port

CALLS, TALK = 10, 8.0
QUEUES = {"support": ("101", 4), "billing": ("102", 3), "returns": ("103", 3)}
SUMMARY = ["yy", "yy", "yn", "yn", "ny", "ny", "yy", "nn", "nn", "nn"]
SETTLED = ["yy", "nn", "yy", "yy", "yy", "yn", "yy", "yy", "yy", "yy"]
WORDS = {"y": "yes", "n": "no"}
COACHED, CHANGED, UPHELD, DISCUSSED = 0, 1, 2, 9  # which of the ten, the first four are of agent 101


def day() -> Scenario:
    """As many calls as each queue's agent is to have, one after the other."""
    calls, agents = [], []
    for place, (queue, (agent, count)) in enumerate(QUEUES.items()):
        agents.append(ScriptedAgent(agent, (queue,), answers_after=0.2))
        for turn in range(count):
            number = f"+120255501{10 * place + turn:02}"
            calls.append(ScriptedCall(0.2 + 0.1 * place, number, queue, talk=TALK))
    queues = tuple(ScriptedQueue(name, ring=5.0) for name in QUEUES)
    return Scenario(queues, tuple(agents), tuple(calls), 4 * (TALK + 4))


@asynccontextmanager
async def opened(folder):
    """Ten calls on the desk, each with a second, blind look; nobody is given work, everybody takes it."""
    policies = sampled(folder, "share: 0.25", "share: 1")
    file = policies["folder"] / "sampling.yaml"
    text = (
        file.read_text(encoding="utf-8")
        .replace("share: 0.1", "share: 1")
        .replace("assign: true", "assign: false")
    )
    file.write_text(text, encoding="utf-8")
    async with SimulatedSwitch(folder / "pbx", systemname="sim") as switch:
        given = {
            "ami": {"host": "127.0.0.1", "port": switch.ami_port},
            "recordings": {"incoming": switch.monitor, "store": folder / "recordings"},
            "after_call_work_seconds": 0.3,
            "policies": policies,
        }
        async with open_house(folder, **given) as house:
            for login in ("second", "third"):
                await house.accounts.add(login, PASSWORD, login.title(), Role.REVIEWER, None, "en")
            await until(lambda: house.first.link.state == "up", 30)
            await switch.play(day())
            async with served(house) as address, building(address) as rooms:
                yield rooms


@asynccontextmanager
async def served(house):
    port = free_port()
    config = uvicorn.Config(
        create_app(house), port=port, log_config=None, ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started, 30)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


def answers(card, place: int, reviewer: int):
    """What the first (0) or the second (1) reviewer says of the call at this place."""
    said = {
        item["id"]: Answer("yes" if item["kind"] == "yes_no" else 4)
        for section in card["sections"]
        for item in section["items"]
    }
    said["summary"] = Answer(WORDS[SUMMARY[place][reviewer]])
    said["anything_else"] = Answer(WORDS[SETTLED[place][reviewer]])
    said["listening"] = Answer(2 + place % 3)
    said["clarity"] = Answer(2)
    if place % 4 == 2:
        said["required_wording"], said["empathy"] = Answer("na"), Answer("na")
    if place == 5:
        said["privacy"] = Answer("no", "gave the address away")
    if place == COACHED:
        said["need"] = Answer(1, "guessed twice", 1)
    return said


async def on_the_desk(rooms: Building) -> dict[str, int]:
    """Recording -> its place among the ten: agent 101's first."""
    await rooms.open("reviewer", "/reviews")

    async def found():
        return (await rooms.ask("reviewer", "/reviews?state=open&limit=100"))["items"]

    async with asyncio.timeout(90):  # they are drawn by a job that comes every twenty seconds
        while len(reviews := await found()) < 2 * CALLS:
            await asyncio.sleep(0.3)
    firsts = sorted(
        (one for one in reviews if one["purpose"] == "score"), key=lambda one: (one["agent"], one["id"])
    )
    assert [one["agent"] for one in firsts] == [
        agent for agent, count in QUEUES.values() for _ in range(count)
    ]
    return {one["recording"]: place for place, one in enumerate(firsts)}
