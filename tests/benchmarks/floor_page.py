"""The floor page under load: a picture of five hundred agents and two hundred waiting callers, and 200 changes a second.

Frames are counted by the browser itself (`requestAnimationFrame`), beside those of an empty page on the same machine.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.web import fake_stories as stories
from tests.web.conftest import FLAGS
from tests.web.fake_api import FakeServer

AGENTS, WAITING, QUEUES = 500, 200, 12
CHANGES = 200
"""A second."""
TICKS = 4
"""A second: how often the server looks at the floor (`FLOOR_SECONDS`)."""

FRAMES = """async seconds => {
  const late = []
  let last = performance.now()
  const until = last + seconds * 1000
  while (last < until) {
    const now = await new Promise(requestAnimationFrame)
    late.push(now - last)
    last = now
  }
  return late.slice(1)
}"""


class Seen(NamedTuple):
    """Milliseconds between frames, of the floor and of an empty page; bytes a second a page is sent, before and now.

    `busy`: the share of its time the page's main thread was at work, in processor time, so that others on the machine
    do not count.
    """

    frames: list[float]
    empty: list[float]
    busy: float
    whole_bytes: float
    change_bytes: float


def picture(now: float) -> dict[str, Any]:
    """A large floor, in the shapes of the real one."""
    small = stories.floor(now)
    names = [f"queue-{number:02}" for number in range(QUEUES)]
    states = [state for _, _, state, _, _ in stories.AGENTS]
    waiting = []
    for number in range(WAITING):
        row = small["waiting"][number % len(small["waiting"])]
        place = f"{1767225600 + number}.{number}"
        mine = {
            "queue": names[number % QUEUES],
            "uniqueid": place,
            "call": f"pbx:{place}",
            "joined_at": now - number,
        }
        waiting.append(row | mine)
    agents = [
        small["agents"][number % len(states)]
        | {"agent": str(1000 + number), "queues": [names[number % QUEUES], names[(number + 1) % QUEUES]]}
        for number in range(AGENTS)
    ]
    queues = [
        small["queues"][0] | {"queue": name, "tiers": dict(small["queues"][0]["tiers"])} for name in names
    ]
    trend = [row | {"queue": name} for row in small["trend"] if row["queue"] == "support" for name in names]
    return small | {"queues": queues, "waiting": waiting, "agents": agents, "trend": trend}


def moved(floor: dict[str, Any], times: int, chance: random.Random, serial: int) -> dict[str, Any]:
    """The floor after so many things happened: an agent's state, a caller who came and one who left, a count."""
    agents, waiting = list(floor["agents"]), list(floor["waiting"])
    queues, now = list(floor["queues"]), time.time()
    for number in range(times):
        match number % 4:
            case 0 | 1:
                place = chance.randrange(len(agents))
                state = chance.choice([state for _, _, state, _, _ in stories.AGENTS])
                agents[place] = agents[place] | {"state": state, "since": now}
            case 2:
                gone = waiting.pop(chance.randrange(len(waiting)))
                uniqueid = f"{serial}.{number}"
                waiting.append(gone | {"uniqueid": uniqueid, "call": f"pbx:{uniqueid}", "joined_at": now})
            case _:
                place = chance.randrange(len(queues))
                queues[place] = queues[place] | {"answered": queues[place]["answered"] + 1}
    return floor | {"at": now, "agents": agents, "waiting": waiting, "queues": queues}


async def feed(server: FakeServer, floor: dict[str, Any], a_second: int, seconds: float) -> int:
    """Tell changes, each `1/a_second` after the other; returns the bytes they took."""
    chance, sent = random.Random(7), 0
    began = time.monotonic()
    for serial in range(int(a_second * seconds)):
        floor = moved(floor, max(1, CHANGES // a_second), chance, serial)
        frame = server.feed.next(floor)
        if frame is not None:
            sent += len(orjson.dumps(frame))
            for socket in list(server.sockets):
                await socket.send_json(frame | {"seq": 0})
        await asyncio.sleep(max(0.0, began + (serial + 1) / a_second - time.monotonic()))
    return sent


class LargeFloor(FakeServer):
    """The fake server with a large floor."""

    def __init__(self) -> None:
        super().__init__()
        self.large = picture(time.time())

    def floor(self) -> dict[str, Any]:
        return self.large | self.proof


def opened(page: Page, server: FakeServer) -> None:
    base = f"http://127.0.0.1:{server.port}"
    page.request.post(f"{base}/api/v1/session", data={"login": "supervisor", "password": "demo"})
    page.goto(f"{base}/floor")
    page.get_by_test_id("agent-card").nth(AGENTS - 1).wait_for(state="attached")
    page.wait_for_timeout(1500)


def thread_seconds(devtools: CDPSession) -> float:
    told = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    return float(told["TaskDuration"])


def measured(seconds: float, a_second: int = CHANGES) -> Seen:
    """`a_second`: messages; together they carry 200 changes."""
    server = LargeFloor().start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            empty = page.evaluate(FRAMES, seconds)
            opened(page, server)
            assert server.loop is not None
            feeding = asyncio.run_coroutine_threadsafe(
                feed(server, server.floor(), a_second, seconds + 1), server.loop
            )
            devtools = page.context.new_cdp_session(page)
            devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = thread_seconds(devtools)
            frames = page.evaluate(FRAMES, seconds)
            busy = (thread_seconds(devtools) - before) / (sum(frames) / 1000)
            sent = feeding.result(seconds + 30)
            browser.close()
    finally:
        server.stop()
    whole = len(orjson.dumps(server.feed.whole()))
    return Seen(frames, empty, busy, whole * TICKS, sent / (seconds + 1))


if __name__ == "__main__":
    seen = measured(
        float(sys.argv[1]) if len(sys.argv) > 1 else 8.0, int(sys.argv[2]) if len(sys.argv) > 2 else CHANGES
    )
    for name, frames in (("floor", seen.frames), ("empty", seen.empty)):
        ordered = sorted(frames)
        print(
            name, f"{len(frames) / sum(frames) * 1000:.1f} a second,",
            f"p50 {ordered[len(ordered) // 2]:.1f} p99 {ordered[int(len(ordered) * 0.99)]:.1f} most {ordered[-1]:.1f} ms",
        )  # fmt: skip
    print(f"main thread busy {seen.busy:.0%}")
    print(f"whole {seen.whole_bytes:,.0f} bytes a second, changes {seen.change_bytes:,.0f}")
