"""The whole server as it is wired for an installation, watched from inside while a stream comes in."""

import asyncio
import ctypes
import gc
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from fastapi import WebSocket

from config.installation import Installation
from config.running import run_server, running
from config.settings import Policies, Settings
from config.wiring import reactions
from cti.adapters.ami.connection import LinkState
from cti.api import stream
from cti.domain.access import Role
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import Caller
from cti.service.screens import Screen
from tests.benchmarks.children import obey, run, say
from tests.benchmarks.sampling import Samples

PASSWORD = "a-long-enough-password"
SETTLED = 2.0  # seconds: the snapshots after the login are taken by then


def settings(asked: dict[str, Any]) -> Settings:
    """Those of an installation, but for after-call work, for which the switch would have to do something."""
    folder = Path(asked["folder"])
    (folder / "monitor").mkdir()
    policies = shutil.copytree(Policies().folder, folder / "policies")
    if "missing_after" in asked:
        _replace(
            policies / "recordings.yaml",
            "missing_after_seconds: 60",
            f"missing_after_seconds: {asked['missing_after']}",
        )
    return Settings(
        demo=True,
        log_level="error",
        region="US",
        after_call_work_seconds=0,
        ami={"host": "127.0.0.1", "port": asked["ami"]},
        database={"url": f"sqlite+aiosqlite:///{folder / 'tierline.db'}"},
        journal={"folder": folder / "journal"},
        mqtt={"url": asked["mqtt"], "call_events": asked["call_events"]},
        http={"port": asked.get("http", 8080)},
        fastagi={"port": asked.get("fastagi", 0)},
        recordings={"incoming": folder / "monitor", "store": folder / "recordings"},
        policies={"folder": policies},
    )


def _replace(file: Path, shipped: str, other: str) -> None:
    text = file.read_text()
    assert shipped in text, f"{file.name} ships no {shipped}"
    file.write_text(text.replace(shipped, other))


class Watched:
    """What can be asked of it."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._cpu = 0.0
        self._samples: Samples | None = None
        self.handed: dict[str, float] = {}

    def begin(self, sample: bool = False) -> dict[str, Any]:
        self._cpu = time.process_time()
        self._samples = Samples() if sample else None
        if self._samples is not None:
            self._samples.start()
        return {}

    async def watch(self, until: int) -> dict[str, Any]:
        """Until the event of this number is heard and all that was caused is written and published."""
        house = self._house
        numbering = house.first.link._protocol.numbering
        while numbering.next < until:
            await asyncio.sleep(0.005)
        await house.books.flush()
        while house.first.broker.backlog or house.first.broker.untold or house.recorder.backlog:
            await asyncio.sleep(0.002)
        ended, cpu = time.monotonic(), time.process_time() - self._cpu
        shares = self._samples.stop() if self._samples is not None else {}
        functions = self._samples.functions.most_common(150) if self._samples is not None else []
        return {"ended": ended, "cpu": cpu, "shares": shares, "functions": functions, **self.look()}

    def look(self) -> dict[str, Any]:
        house = self._house
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
        return {
            "handed": self.handed,
            "live": house.monitor.live_calls(),
            "resident": resident,
            "lost": house.first.broker.lost + house.books.writer.lost + house.recorder.lost,
            "failures": house.first.bus.failures.total() + house.first.link.traffic.failures,
            "unexpected": house.first.monitor.unexpected.total(),
            "set_aside": house.first.link.traffic.quarantined + house.first.link.traffic.gaps,
        }


async def cookies(house: Installation, agents: list[str], supervisors: int) -> list[str]:
    """Sessions of so many agents, then of so many supervisors, without the work of proving passwords."""
    people = [(agent, Role.AGENT, AgentId(agent)) for agent in agents]
    people += [(f"supervisor-{number}", Role.SUPERVISOR, None) for number in range(supervisors)]
    for login, role, agent in people:
        await house.accounts.add(login, PASSWORD, login, role, agent, "en")
    users = {one.user.login: one.user for one in await house.accounts.all()}
    opened = [
        await house.entrances.open_session(users[login], time.time(), Caller()) for login, _, _ in people
    ]
    return [f"cti_session={secret}" for secret in opened]


def note_when_handed_over() -> dict[str, float]:
    """Pop → when it was first written to a page's socket, by the monotonic clock."""
    handed: dict[str, float] = {}

    async def send(socket: WebSocket, screen: Screen) -> None:
        while (frame := await screen.next()) is not None:
            await socket.send_text(frame)
            if frame.startswith('{"type":"pop"'):
                now = time.monotonic()
                handed.setdefault(orjson.loads(frame)["pop"]["id"], now)

    stream._send = send
    return handed


def keep_to_the_path(house: Installation) -> None:
    """Leave out what is not on the way from frame to state, tallies, rows and pops: routing, recordings, telling others."""
    path = (None, house.first.monitor, house.first.bookkeeper, house.first.wallboard, house.popper)
    house.first.bus.connect(
        {
            event: [reaction for reaction in all_of_it if getattr(reaction, "__self__", None) in path]
            for event, all_of_it in reactions(house, house.first).items()
        }
    )


async def main(asked: dict[str, Any]) -> None:
    async with running(settings(asked)) as house:
        while house.first.link.state is not LinkState.UP or not house.first.broker.connected:
            await asyncio.sleep(0.01)
        for agent in asked.get("users", ()):
            await house.accounts.add(agent, PASSWORD, f"Agent {agent}", Role.AGENT, AgentId(agent), "en")
        if asked.get("supervisor"):
            await house.accounts.add(asked["supervisor"], PASSWORD, "Supervisor", Role.SUPERVISOR, None, "en")
        if asked["path_only"]:
            keep_to_the_path(house)
        serving = asyncio.create_task(run_server(house)) if "http" in asked else None
        await asyncio.sleep(SETTLED)
        watched = Watched(house)
        if "crowd" in asked:
            watched.handed = note_when_handed_over()
            say(cookies=await cookies(house, **asked["crowd"]))
        else:
            say(ready=True)
        await obey(watched.begin, watched.watch, watched.look)
        if serving is not None:
            serving.cancel()
            await asyncio.wait([serving], timeout=5)


if __name__ == "__main__":
    run(main, sys.argv[1])
