"""Pages of agents: sign in, keep the live stream open, note when each pop came. Some that only read, and some that never do."""

import asyncio
import contextlib
import json
import sys
import time
from http.client import HTTPConnection
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks.children import obey, run, say
from tests.benchmarks.server import PASSWORD


def cookie(port: int, login: str) -> str:
    """A session's cookie."""
    line = HTTPConnection("127.0.0.1", port)
    body = json.dumps({"login": login, "password": PASSWORD})
    line.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    return (answer.getheader("Set-Cookie") or "").partition(";")[0]


async def watch(page: ClientConnection, arrived: dict[str, float]) -> None:
    async for text in page:
        now = time.monotonic()
        if not text.startswith('{"type":"pop"'):
            continue  # thirty pages share this process: reading each its picture of the floor would keep pops waiting here
        frame = json.loads(text)
        if frame["pop"]["state"] == "ringing":
            arrived.setdefault(frame["pop"]["id"], now)


async def read(page: ClientConnection) -> None:
    async for _ in page:
        pass


async def stall(port: int, signed_in: str) -> asyncio.StreamWriter:
    """A page that opens the stream and never reads it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(
        b"GET /api/v1/stream?changes=no HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        % (port, signed_in.encode())
    )
    await writer.drain()
    await reader.readline()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream transport has it
    return writer


async def main(asked: dict[str, Any]) -> None:
    """`signed_in`: cookies of agents who need not sign in first; `crowd`: cookies of screens that only read."""
    port, arrived = asked["http"], {}
    async with contextlib.AsyncExitStack() as pages:

        async def opened(signed_in: str) -> ClientConnection:
            address = f"ws://127.0.0.1:{port}/api/v1/stream?changes=no"  # as our own pages do
            headers = {"Cookie": signed_in}
            return await pages.enter_async_context(connect(address, additional_headers=headers))

        watching = []
        for agent in asked.get("agents", ()):
            signed_in = await asyncio.to_thread(cookie, port, agent)
            watching.append(asyncio.create_task(watch(await opened(signed_in), arrived)))
        for signed_in in asked.get("signed_in", ()):
            watching.append(asyncio.create_task(watch(await opened(signed_in), arrived)))
        reading = [asyncio.create_task(read(await opened(signed_in))) for signed_in in asked.get("crowd", ())]
        stalled = []
        if asked["stalled"]:
            signed_in = asked.get("staller") or await asyncio.to_thread(cookie, port, asked["supervisor"])
            stalled = [await stall(port, signed_in) for _ in range(asked["stalled"])]
        say(open=len(watching) + len(reading), stalled=len(stalled))

        def look() -> dict[str, Any]:
            return {"arrived": arrived}

        await obey(look)
        for page in (*watching, *reading):
            page.cancel()


if __name__ == "__main__":
    run(main, sys.argv[1])
