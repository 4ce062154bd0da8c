"""A switch that only prints: lets two accounts in, shows an empty floor, and tells a stream when asked to.

`prepare` makes a stream, `flood` tells it as fast as the reader reads, `play` makes one and tells every event at its
own time. Its answers are lines of JSON; what rang when is told by the monotonic clock, the same for all children.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.children import obey, run, say
from tests.benchmarks.stream import BANNER, Frame, Planned, Stream

PIECE = 128  # events, some 64 kB
AHEAD = 1.0  # seconds to make a stream before it begins


class Switch:
    """What it answers, and to whom it tells the stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._listener: asyncio.StreamWriter | None = None
        self._frames: list[Frame] = []
        self._began = time.monotonic()

    @property
    def _uptime(self) -> int:
        return int(time.monotonic() - self._began)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BANNER)
        try:
            while True:
                action = await reader.readuntil(b"\r\n\r\n")
                self._answer(dict(_fields(action)), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, fields: dict[str, str], writer: asyncio.StreamWriter) -> None:
        action = fields.get("action", "").lower()
        marked = f"ActionID: {fields['actionid']}\r\n" if "actionid" in fields else ""
        text = f"Response: Success\r\n{marked}Message: done\r\n\r\n"
        if action == "login":
            if fields.get("events", "on").lower() == "on":
                self._listener = writer
                text += f"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: {self._uptime}\r\nStatus: Fully Booted\r\n\r\n"
        elif action == "ping":
            text = f"Response: Success\r\n{marked}Ping: Pong\r\nTimestamp: {time.time():.6f}\r\n\r\n"
        elif action in {"coreshowchannels", "queuestatus"}:
            text = f"Response: Success\r\n{marked}EventList: start\r\nMessage: will follow\r\n\r\n"
            text += (
                f"Event: {fields['action']}Complete\r\n{marked}EventList: Complete\r\nListItems: 0\r\n\r\n"
            )
        writer.write(text.encode())

    def introduce(self, agents: int) -> dict[str, Any]:
        self._frames = self._stream.introduce(agents, time.time())
        return {"events": len(self._frames), "until": self._stream.told}

    def prepare(self, calls: int, hold: float | None = None, over: int = 0) -> dict[str, Any]:
        """`hold`: seconds of the stream after which it stops, with the calls that then last.

        `over`: the first stream begins so early that so many calls are over by now.
        """
        first = self._stream.told
        begin = time.time() - over / self._stream.rate
        planned, frames = self._stream.play(calls, begin if self._frames == [] else None)
        if hold is not None:
            frames = [frame for frame in frames if frame.at <= frames[0].at + hold]
        self._frames = frames
        return {"events": len(frames), "until": first + len(frames), **_plan(planned)}

    async def flood(self, a_second: float = float("inf")) -> dict[str, Any]:
        """`a_second`: at most so many events."""
        assert self._listener is not None
        began = time.monotonic()
        # whole frames only: an answer to a ping goes in between
        for start in range(0, len(self._frames), PIECE):
            self._listener.write(b"".join(frame.data for frame in self._frames[start : start + PIECE]))
            await self._listener.drain()
            await asyncio.sleep(max(0.0, began + start / a_second - time.monotonic()))
        return {"began": began}

    async def play(self, events_a_second: float, seconds: float) -> dict[str, Any]:
        assert self._listener is not None
        calls = int(events_a_second * seconds / EVENTS_A_CALL)
        begin = time.time() + AHEAD
        planned, frames = self._stream.play(calls, begin)
        rang: dict[str, float] = {}
        due, ahead = iter(frames[:-1]), time.monotonic() - time.time()
        frame = next(due, None)
        while frame is not None:
            now = time.monotonic() - ahead
            together = bytearray()
            while frame is not None and frame.at <= now:
                together += frame.data
                if frame.rings is not None:
                    rang[frame.rings] = time.monotonic()
                frame = next(due, None)
            if together:
                self._listener.write(bytes(together))
            await asyncio.sleep(0.0005)
        return {"rang": rang, "events": len(frames), **_plan(planned)}


EVENTS_A_CALL = 50


def _plan(planned: list[Planned]) -> dict[str, Any]:
    return {
        "calls": len(planned),
        "outcomes": Counter(plan.outcome for plan in planned),
        "pops": [f"{plan.uniqueid}/{agent}" for plan in planned for agent in plan.rung],
    }


def _fields(action: bytes) -> Iterator[tuple[str, str]]:
    for line in action.decode().split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


async def main(asked: dict[str, Any]) -> None:
    switch = Switch(Stream(live=asked["live"]))
    server = await asyncio.start_server(switch.serve, "127.0.0.1", 0, limit=1 << 20)
    say(port=server.sockets[0].getsockname()[1])
    await obey(switch.introduce, switch.prepare, switch.flood, switch.play)


if __name__ == "__main__":
    run(main, sys.argv[1])
