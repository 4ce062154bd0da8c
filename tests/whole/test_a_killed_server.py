"""A server on the simulated switch, killed with live calls and started again: the ledger finds all its calls in the books."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import orjson
import pytest
import websockets

from simulator.scenario import Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.servers import REPOSITORY
from tools.ledger_truth import visits as ledger_visits
from tools.pbx import free_port

AGENTS = tuple(ScriptedAgent(str(101 + place), ("support",), answers_after=0.4) for place in range(3))


class Server:
    """`cti serve` in a process of its own, to be killed."""

    def __init__(self, folder: Path, ami: int, fastagi: int) -> None:
        self.port, self.folder = free_port(), folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CTI_")},
            "PYTHONPATH": str(REPOSITORY),
            "CTI_DEMO": "true",
            "CTI_AMI__HOST": "127.0.0.1",
            "CTI_AMI__PORT": str(ami),
            "CTI_FASTAGI__PORT": str(fastagi),
            "CTI_HTTP__PORT": str(self.port),
            "CTI_MQTT__URL": f"mqtt://127.0.0.1:{free_port()}",
            "CTI_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'tierline.db'}",
            "CTI_JOURNAL__FOLDER": str(folder / "journal"),
            "CTI_RECORDINGS__INCOMING": str(folder / "pbx/monitor"),
            "CTI_RECORDINGS__STORE": str(folder / "recordings"),
            "CTI_LEDGER__FILE": str(folder / "pbx/log/queue_log"),
            "CTI_LEDGER__SETTLE_SECONDS": "1",
            "CTI_AFTER_CALL_WORK_SECONDS": "0.5",
        }
        self.process: subprocess.Popen | None = None

    async def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config", "serve"], cwd=self.folder, env=self.environment, stderr=log
            )
        async with asyncio.timeout(30):
            while not await self.links():
                await asyncio.sleep(0.05)

    async def links(self) -> bool:
        async with httpx.AsyncClient() as browser:
            try:
                answer = await browser.get(f"http://127.0.0.1:{self.port}/health/ready")
            except httpx.TransportError:
                return False
            return not any("switch" in reason for reason in answer.json()["reasons"])

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def cti(self, *words: str, said: str = "", **more: str) -> bytes:
        made = subprocess.run(
            [sys.executable, "-m", "config", *words],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            input=said.encode(),
            check=False,
        )
        assert made.returncode == 0, made.stderr.decode()
        return made.stdout


@pytest.fixture
async def stage(tmp_path):
    fastagi = free_port()
    async with SimulatedSwitch(tmp_path / "pbx", fastagi=("127.0.0.1", fastagi), systemname="sim") as switch:
        server = Server(tmp_path, switch.ami_port, fastagi)
        server.cti("user", "add", "boss", "--role", "supervisor", said="a-long-enough-password\n")
        await server.start()
        yield switch, server
        if server.process is not None:
            server.kill()


def calls(server, **more):
    lines = [orjson.loads(line) for line in server.cti("export", **more).splitlines()]
    return {line["call"]["call_id"]: line["call"] for line in lines if "call" in line}


def differing(server, truth):
    """What the books say otherwise than the ledger, visit by visit; nothing when all agree."""
    visits = {visit["uniqueid"]: visit for call in calls(server).values() for visit in call["visits"]}
    found = [f"{callid}: one side alone" for callid in visits.keys() ^ truth.keys()]
    for callid in visits.keys() & truth.keys():
        ours, theirs = visits[callid], truth[callid]
        if (ours["outcome"], ours["agent"]) != (theirs["outcome"], theirs["agent"]):
            found.append(f"{callid}: {ours['outcome']} {ours['agent']}")
        elif abs(ours["wait_seconds"] - theirs["hold"]) > 1 or abs(ours["talk_seconds"] - theirs["talk"]) > 1:
            found.append(
                f"{callid}: {ours['wait_seconds']} {ours['talk_seconds']}, {theirs['hold']} {theirs['talk']}"
            )
    return found


@pytest.mark.timeout(180)
async def test_every_call_is_whole_whether_it_was_heard_or_not(stage, tmp_path):
    switch, server = stage
    script = [ScriptedCall(at * 0.4, f"+1202555{1000 + at}", "support", talk=3.0) for at in range(12)]
    playing = asyncio.ensure_future(
        switch.play(Scenario((ScriptedQueue("support", ring=3.0),), AGENTS, tuple(script), 20.0))
    )
    for _ in range(3):
        await asyncio.sleep(2.0)
        server.kill()
        await server.start()
    await playing
    truth = {visit["callid"]: visit for visit in ledger_visits(switch.queue_log.read_text())}
    assert {visit["outcome"] for visit in truth.values()} == {"answered"}
    until = time.monotonic() + 30
    while found := differing(server, truth):
        assert time.monotonic() < until, found
        await asyncio.sleep(0.5)
    kept = calls(server)
    assert {call["state"] for call in kept.values()} == {"cleared"}
    assert {call["tier"] for call in kept.values()} == {"iron"}
    os.kill(server.process.pid, signal.SIGTERM)
    server.process.wait(20)

    # told again from its first entry, the journal gives the same to the byte
    elsewhere = f"sqlite+aiosqlite:///{tmp_path / 'again.db'}"
    server.cti("rebuild", "--database", elsewhere)
    again = server.cti("export", "--heard", CTI_DATABASE__URL=elsewhere)
    assert again.splitlines() == server.cti("export", "--heard").splitlines()


@pytest.mark.timeout(60)
async def test_a_page_that_comes_back_is_told_what_it_missed(stage):
    switch, server = stage
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as browser:
        answer = await browser.post(
            "/api/v1/session", json={"login": "boss", "password": "a-long-enough-password"}
        )
        headers = {"Cookie": f"cti_session={answer.cookies['cti_session']}"}
    address = f"ws://127.0.0.1:{server.port}/api/v1/stream"

    async def changes(page, until):
        seen = []
        async with asyncio.timeout(20):
            async for text in page:
                frame = orjson.loads(text)
                if frame["type"] == "change":
                    seen.append(frame)
                    if until(frame["change"]):
                        return seen
        return seen

    one = Scenario(
        (ScriptedQueue("support", ring=3.0),),
        AGENTS[:1],
        (ScriptedCall(0.1, "+12025551000", "support", talk=1.0),),
        4.0,
    )
    playing = asyncio.ensure_future(switch.play(one))
    async with websockets.connect(address, additional_headers=headers) as page:
        early = await changes(page, lambda change: change["event"] == "CallQueued")
    await playing
    await asyncio.sleep(1)
    server.kill()
    await server.start()  # sequence numbers outlive the process
    async with websockets.connect(address, additional_headers=headers) as page:
        await page.send(orjson.dumps({"type": "resume", "last_seen": early[-1]["seq"]}).decode())
        late = await changes(page, lambda change: change["event"] == "CallCleared")
    numbers = [frame["seq"] for frame in early + late]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    told = [frame["change"]["event"] for frame in early + late if "call" in frame["change"]]
    assert [told[0], told[-1]] == ["CallOffered", "CallCleared"]
    assert len({frame["change"]["id"] for frame in early + late}) == len(numbers)
