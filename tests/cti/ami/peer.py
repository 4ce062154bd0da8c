"""A small scripted AMI peer: answers as told, in whatever slices, or not at all."""

import asyncio
from collections.abc import Callable
from typing import Self


def event(name: str, number: int | None = None, at: float = 1795311238.5, **headers: object) -> bytes:
    """An event as Asterisk prints it."""
    lines = [f"Event: {name}", "Privilege: call,all"]
    if number is not None:
        lines += [f"Timestamp: {at:.6f}", f"SequenceNumber: {number}"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


class Peer:
    """Listens on loopback. `events` are the sockets that signed in to hear; `said` every action that came."""

    def __init__(self) -> None:
        self.port = 0
        self.said: list[dict[str, str]] = []
        self.connections = 0
        self.events: list[asyncio.StreamWriter] = []
        self.actions: list[asyncio.StreamWriter] = []
        self.secrets = {"hears": "a", "asks": "b"}
        self.channels: list[dict[str, object]] = []
        self.queue_items: list[tuple[str, dict[str, object]]] = []
        self.uptime = 100
        self.boots = True  # whether FullyBooted is told
        self.slice = 0  # bytes of each write; 0: all at once
        self.mute = False
        self.after_login = b""  # comes in one write with the answer to the login
        self.replies: dict[str, Callable[[dict[str, str]], bytes]] = {}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self.drop()
            await self._server.wait_closed()
            self._server = None

    def drop(self) -> None:
        for writer in (*self.events, *self.actions):
            writer.transport.abort()
        self.events.clear()
        self.actions.clear()

    async def tell(self, data: bytes) -> None:
        for writer in self.events:
            await self._write(writer, data)

    def asked(self, action: str) -> list[dict[str, str]]:
        return [said for said in self.said if said["Action"] == action]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                frame = (await reader.readuntil(b"\r\n\r\n")).decode()
                said = dict(line.split(": ", 1) for line in frame.strip().split("\r\n"))
                self.said.append(said)
                if not self.mute:
                    await self._write(writer, self._reply(said, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _reply(self, said: dict[str, str], writer: asyncio.StreamWriter) -> bytes:
        mark = f"ActionID: {said['ActionID']}\r\n"
        if said["Action"] in self.replies:
            return self.replies[said["Action"]](said)
        match said["Action"]:
            case "Login" if self.secrets.get(said["Username"]) != said["Secret"]:
                return f"Response: Error\r\n{mark}Message: Authentication failed\r\n\r\n".encode()
            case "Login":
                hears = said["Events"] == "on"
                (self.events if hears else self.actions).append(writer)
                booted = (
                    event("FullyBooted", Uptime=self.uptime, LastReload=1) if hears and self.boots else b""
                )
                extra = self.after_login if hears else b""
                return (
                    f"Response: Success\r\n{mark}Message: Authentication accepted\r\n\r\n".encode()
                    + booted
                    + extra
                )
            case "Ping":
                return (
                    f"Response: Success\r\n{mark}Ping: Pong\r\nTimestamp: 1795311240.250000\r\n\r\n".encode()
                )
            case "CoreShowChannels":
                return self.list(said, [("CoreShowChannel", channel) for channel in self.channels])
            case "QueueStatus":
                return self.list(said, self.queue_items)
            case _:
                return f"Response: Success\r\n{mark}Message: Done\r\n\r\n".encode()

    @staticmethod
    def list(
        said: dict[str, str], items: list[tuple[str, dict[str, object]]], ending: str = "Complete"
    ) -> bytes:
        mark = f"ActionID: {said['ActionID']}\r\n"
        parts = [f"Response: Success\r\n{mark}EventList: start\r\nMessage: List will follow\r\n\r\n"]
        for name, headers in items:
            lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
            parts.append(f"Event: {name}\r\n{mark}{lines}\r\n")
        parts.append(
            f"Event: {said['Action']}Complete\r\n{mark}EventList: {ending}\r\nListItems: {len(items)}\r\n\r\n"
        )
        return "".join(parts).encode()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        size = self.slice or len(data) or 1
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            if self.slice:
                await asyncio.sleep(0)
