"""A small AMI socket for the harness: it shares nothing with the product, so that it can bear witness against it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import BinaryIO, Self

Frame = dict[str, str]


class AmiRefused(Exception):
    """Asterisk refused an action of the harness; the sentence is Asterisk's."""


class AmiLine:
    """One session: actions with their answers, and every event in order. Values are bytes read as Latin-1."""

    def __init__(self, tap: BinaryIO | None = None) -> None:
        self.events: list[Frame] = []
        self.banner = b""
        self._tap = tap
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._listeners: list[Callable[[Frame], None]] = []
        self._news = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, host: str, port: int, name: str, secret: str, *, events: str = "on") -> Self:
        stream, self._writer = await asyncio.open_connection(host, port)
        self.banner = await stream.readline()
        if self._tap:
            self._tap.write(self.banner)
        self._reader = asyncio.get_running_loop().create_task(self._read(stream))
        try:
            await self.action("Login", Username=name, Secret=secret, Events=events)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._reader:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._writer:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def action(self, name: str, timeout: float = 30.0, /, **headers: str) -> Frame:
        """Ask, and return the answer; headers may end in `_` where Python wants it."""
        if self._writer is None:
            raise AmiRefused("The harness is not connected.")
        number = f"harness-{next(self._numbers)}"
        lines = [f"Action: {name}", f"ActionID: {number}"]
        lines += [f"{key.rstrip('_')}: {value}" for key, value in headers.items()]
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        try:
            frame: Frame = await asyncio.wait_for(answer, timeout)
        finally:
            del self._answers[number]
        if frame.get("Response") == "Error":
            raise AmiRefused(f"{name}: {frame.get('Message')}")
        return frame

    async def variable(self, channel: str, name: str) -> str:
        return (await self.action("Getvar", Channel=channel, Variable=name)).get("Value", "")

    def listen(self, listener: Callable[[Frame], None]) -> None:
        self._listeners.append(listener)

    async def until(self, wanted: Callable[[Frame], bool], timeout: float = 15.0, start: int = 0) -> Frame:
        """The first event from number `start` on that is wanted, now or later."""
        return self.events[await self.number(wanted, timeout, start)]

    async def number(self, wanted: Callable[[Frame], bool], timeout: float = 15.0, start: int = 0) -> int:
        """As `until`: the event's place in `events`."""

        async def look() -> int:
            place = start
            async with self._news:
                while True:
                    while place < len(self.events):
                        if wanted(self.events[place]):
                            return place
                        place += 1
                    await self._news.wait()

        return await asyncio.wait_for(look(), timeout)

    async def event(self, name: str, timeout: float = 15.0, start: int = 0, **headers: str) -> Frame:
        wanted = {"Event": name, **headers}
        return await self.until(lambda frame: wanted.items() <= frame.items(), timeout, start)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        buffer = b""
        while chunk := await stream.read(65536):
            if self._tap:
                self._tap.write(chunk)
            *frames, buffer = (buffer + chunk).split(b"\r\n\r\n")
            for raw in frames:
                await self._take(_frame(raw))

    async def _take(self, frame: Frame) -> None:
        if "Event" not in frame:
            answer = self._answers.get(frame.get("ActionID", ""))
            if answer and not answer.done():
                answer.set_result(frame)
            return
        async with self._news:
            self.events.append(frame)
            self._news.notify_all()
        for listener in self._listeners:
            listener(frame)


def _frame(raw: bytes) -> Frame:
    """Of repeated headers the first counts."""
    frame: Frame = {}
    for line in raw.decode("latin-1").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            frame.setdefault(key, value.removeprefix(" "))
    return frame
