"""An AMI client of few words, and readings of what it hears."""

import asyncio
import itertools
import re
from collections.abc import Iterable
from typing import Self

Frame = list[tuple[str, str]]
EVENTS = ("cti-events", "tierline-events")
ACTIONS = ("cti-actions", "tierline-actions")


def frames(raw: bytes) -> list[Frame]:
    """Frames in order, header by header; the banner is left out."""
    blocks = raw.decode("utf-8", "surrogateescape").partition("\r\n")[2].split("\r\n\r\n")
    return [[line.partition(": ")[::2] for line in block.split("\r\n")] for block in blocks if block.strip()]


def events(raw: bytes) -> list[dict[str, str]]:
    """What happened (no responses, no lists, nothing said to one session only)."""
    every = (dict(frame) for frame in frames(raw))
    return [event for event in every if "SequenceNumber" in event]


class Tap:
    """`async with Tap(port)`: logged in for events, everything heard is kept in `raw`."""

    def __init__(self, port: int, account: tuple[str, str] = EVENTS) -> None:
        self._port = port
        self._account = account
        self.raw = b""
        self.closed = asyncio.Event()
        self._ids = itertools.count(1)

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._task = asyncio.ensure_future(self._listen())
        user, secret = self._account
        self.greeting = await self.action("Login", Username=user, Secret=secret)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self._task

    async def _listen(self) -> None:
        try:
            while chunk := await self.reader.read(65536):
                self.raw += chunk
        except ConnectionError:
            pass
        self.closed.set()

    async def action(self, name: str, **headers: str) -> dict[str, str]:
        """The response to it."""
        mark = f"tap-{next(self._ids)}"
        lines = [
            f"Action: {name}",
            f"ActionID: {mark}",
            *(f"{key}: {value}" for key, value in headers.items()),
        ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(5):
            while True:
                for frame in self.heard():
                    if frame.get("ActionID") == mark and "Response" in frame:
                        return frame
                await asyncio.sleep(0.002)

    async def listing(self, name: str, **headers: str) -> list[dict[str, str]]:
        """The items of a list action, without its beginning and end."""
        start = await self.action(name, **headers)
        assert start["EventList"] == "start", start
        async with asyncio.timeout(5):
            while True:
                items = [frame for frame in self.heard() if frame.get("ActionID") == start["ActionID"]][1:]
                if items and items[-1].get("EventList") == "Complete":
                    assert int(items[-1]["ListItems"]) == len(items) - 1
                    return items[:-1]
                await asyncio.sleep(0.002)

    async def wait(self, event: str, count: int = 1, **match: str) -> dict[str, str]:
        """The count-th event like this, heard already or yet to come."""
        async with asyncio.timeout(10):
            while True:
                found = [
                    each
                    for each in self.heard()
                    if each.get("Event") == event and match.items() <= each.items()
                ]
                if len(found) >= count:
                    return found[count - 1]
                await asyncio.sleep(0.002)

    def heard(self) -> list[dict[str, str]]:
        whole = self.raw[: self.raw.rfind(b"\r\n\r\n") + 4] if b"\r\n\r\n" in self.raw else b""
        return [dict(frame) for frame in frames(whole)]


def ledger(lines: str | Iterable[str]) -> list[str]:
    """queue_log without what no two runs share: times, ids, bridge ids."""
    if isinstance(lines, str):
        lines = lines.splitlines()
    names: dict[str, str] = {}

    def alias(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"id{len(names) + 1}")

    kept = (line.partition("|")[2] for line in lines if line and "QUEUESTART" not in line)
    return [
        re.sub(r"\b[\w-]+-\d{10}\.\d+|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", alias, line)
        for line in kept
    ]
