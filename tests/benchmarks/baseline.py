"""What it is compared with: panoramisk's own Manager as its documentation shows it, with one callback that only counts."""

import asyncio
import sys
import time
from typing import Any

from panoramisk.manager import Manager

from tests.benchmarks.children import obey, run, say


async def main(asked: dict[str, Any]) -> None:
    heard = 0

    def count(_manager: Any, _message: Any) -> None:
        nonlocal heard
        heard += 1

    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=asked["ami"],
        username="cti-events",
        secret="tierline-events",
        ping_delay=3600,
    )
    manager.register_event("*", count)
    await manager.connect()
    while not manager.authenticated:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    before = heard  # FullyBooted
    say(ready=True)

    began = 0.0

    def begin() -> dict[str, Any]:
        nonlocal began
        began = time.process_time()
        return {}

    async def watch(until: int) -> dict[str, Any]:
        while heard - before < until:
            await asyncio.sleep(0.005)
        return {"ended": time.monotonic(), "cpu": time.process_time() - began}

    await obey(begin, watch)
    manager.close()


if __name__ == "__main__":
    run(main, sys.argv[1])
