"""panoramisk's FastAGI server as its documentation shows it, answering what ours answers, knowing nobody."""

import asyncio
import sys
from typing import Any

from panoramisk import fast_agi

from tests.benchmarks.children import obey, run, say


async def route(request: Any) -> None:
    await request.send_command("SET VARIABLE QUEUE_PRIO 1500000000")
    await request.send_command("SET VARIABLE CTI_TIER iron")


async def main(_asked: dict[str, Any]) -> None:
    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("route", route)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await obey()


if __name__ == "__main__":
    run(main, sys.argv[1])
