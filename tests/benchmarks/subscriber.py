"""Whoever waits for pops at the broker: a raw MQTT 3.1.1 client, so that what is measured is not the measuring.

Says when each pop first arrived (monotonic clock) and how many publications there were, each time it is asked.
"""

import asyncio
import json
import sys
import time
from typing import Any

from tests.benchmarks.children import obey, run, say

CONNECT, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ = 0x10, 0x30, 0x40, 0x82, 0xC0


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | (0x80 if size else 0))
        if not size:
            return bytes(out)


def _text(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _length(len(body)) + body


class Subscriber(asyncio.Protocol):
    """`arrived`: when each ringing pop first came; `by_topic`: publications by the last word of their topic."""

    def __init__(self, topics: list[str], user: str, password: str) -> None:
        self._topics, self._user, self._password = topics, user, password
        self._buffer = bytearray()
        self.arrived: dict[str, float] = {}
        self.by_topic: dict[str, int] = {}
        self.subscribed = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        body = (
            _text("MQTT")
            + bytes([4, 0xC2, 0, 0])
            + _text("benchmark")
            + _text(self._user)
            + _text(self._password)
        )
        transport.write(_packet(CONNECT, body))
        wanted = b"".join(_text(topic) + b"\x01" for topic in self._topics)
        transport.write(_packet(SUBSCRIBE, b"\x00\x01" + wanted))

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        buffer, start = self._buffer, 0
        buffer += data
        while (end := self._packet_end(start)) is not None:
            head, end = end
            kind = buffer[start]
            if kind & 0xF0 == PUBLISH:
                self._take(kind, bytes(buffer[head:end]), now)
            elif kind == 0x90:
                self.subscribed.set()
            start = end
        del buffer[:start]

    def _packet_end(self, start: int) -> tuple[int, int] | None:
        size, shift, at = 0, 0, start + 1
        while at < len(self._buffer):
            byte = self._buffer[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return (at, at + size) if at + size <= len(self._buffer) else None
        return None

    def _take(self, kind: int, body: bytes, now: float) -> None:
        size = int.from_bytes(body[:2], "big") + 2
        topic = body[2:size].decode()
        if kind & 0x06:
            self.transport.write(bytes([PUBACK, 2]) + body[size : size + 2])
            size += 2
        word = topic.rpartition("/")[2]
        self.by_topic[word] = self.by_topic.get(word, 0) + 1
        if word == "screen-pop":
            pop = json.loads(body[size:])
            if pop["state"] == "ringing":
                self.arrived.setdefault(pop["id"], now)


async def main(asked: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    _, subscriber = await loop.create_connection(
        lambda: Subscriber(asked["topics"], asked["user"], asked["password"]), "127.0.0.1", asked["port"]
    )
    await subscriber.subscribed.wait()
    say(subscribed=True)

    def look() -> dict[str, Any]:
        return {"arrived": subscriber.arrived, "by_topic": subscriber.by_topic}

    await obey(look)


if __name__ == "__main__":
    run(main, sys.argv[1])
