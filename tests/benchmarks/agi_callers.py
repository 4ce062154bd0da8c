"""Callers on their way into a queue: the requests Asterisk makes, its replies, and how long each waited."""

import asyncio
import itertools
import random
import sys
import time
from typing import Any

from tests.benchmarks.children import obey, run, say

HEADER = (
    "agi_network: yes\nagi_network_script: route\nagi_request: agi://127.0.0.1/route\nagi_channel: PJSIP/trunk-{n:08x}\n"
    "agi_language: en\nagi_type: PJSIP\nagi_uniqueid: pbx-1780000000.{n}\nagi_version: 22.10.1\nagi_callerid: +1555{c:07d}\n"
    "agi_calleridname: Anna Aalto\nagi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\n"
    "agi_dnid: 5550100\nagi_rdnis: unknown\nagi_context: tierline-queue\nagi_extension: support\nagi_priority: 4\n"
    "agi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 140231\nagi_arg_1: support\n\n"
)
REPLY = b"200 result=1\n"


class Caller(asyncio.Protocol):
    """One request. `over` is done when the server parts; its result is whether both variables were set."""

    def __init__(self, header: bytes) -> None:
        self._header, self._commands = header, 0
        self.over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._header)

    def data_received(self, data: bytes) -> None:
        commands = data.count(b"\n")
        self._commands += commands
        self._transport.write(REPLY * commands)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(self._commands == 2)


class Callers:
    """Every call has an id of its own, and a number of so many different ones."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = itertools.count()
        self._random = random.Random(1)

    async def _call(self, took: list[float], numbers: int) -> bool:
        header = HEADER.format(n=next(self._numbers), c=self._random.randrange(numbers)).encode()
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(lambda: Caller(header), "127.0.0.1", self._port)
        told = await caller.over
        took.append(time.perf_counter() - began)
        return told

    async def paced(self, a_second: float, seconds: float, numbers: int) -> dict[str, Any]:
        """Callers come at random, so many a second."""
        took: list[float] = []
        calls, until = [], time.monotonic() + seconds
        due = time.monotonic()
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            calls.append(asyncio.create_task(self._call(took, numbers)))
            due += self._random.expovariate(a_second)
        told = await asyncio.gather(*calls)
        return {"took": took, "untold": told.count(False)}

    async def crowd(self, callers: int, seconds: float, numbers: int) -> dict[str, Any]:
        """So many callers at a time, each with the next call as soon as one is over."""
        took: list[float] = []
        untold = 0
        until = time.monotonic() + seconds

        async def one() -> None:
            nonlocal untold
            while time.monotonic() < until:
                untold += not await self._call(took, numbers)

        await asyncio.gather(*(one() for _ in range(callers)))
        return {"took": took, "untold": untold, "a_second": len(took) / seconds}


async def main(asked: dict[str, Any]) -> None:
    callers = Callers(asked["port"])
    say(ready=True)
    await obey(callers.paced, callers.crowd)


if __name__ == "__main__":
    run(main, sys.argv[1])
