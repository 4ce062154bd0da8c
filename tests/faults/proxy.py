"""A TCP line that can be made bad while it is in use: it stands between the server and whatever the server talks to.

It runs in a thread of its own, so that a test that waits does not stop the bytes. All methods may be called from anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: closing sends RST
PIECE = 65536


async def let_in(server: asyncio.Server) -> None:
    """Take no more connections, and finish with those accepted: closing a server in between leaves their sockets open."""
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(5):  # asyncio makes a transport in a task, two turns after it accepted
        await asyncio.sleep(0)


@dataclass(eq=False)
class _Line:
    """One connection through the proxy: `near` is who called, `far` who was called."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def end(self, *, reset: bool) -> None:
        for task in self.tasks:
            task.cancel()
        for side in (self.near, self.far):
            if reset:
                with contextlib.suppress(OSError, ValueError):
                    side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                side.transport.abort()
            else:
                side.close()


class FaultProxy:
    """`with FaultProxy(port) as line: connect to line.port`. Whole and fast until told otherwise.

    `latency` seconds a piece is late, each way; `slices` bytes at most a piece; `rate` bytes a second at most each way.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        # bound and not listening: the port is ours from now on, and refuses until `open`
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((HOST, 0))
        self.port: int = self._reserved.getsockname()[1]
        self.latency = 0.0
        self.slices = 0
        self.rate = 0.0
        self.carried = 0  # bytes that went from the far side to the near one
        self.accepted = 0
        self._moving = asyncio.Event()
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None
        self._shutting = False
        self._sides: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self._limit: tuple[int, bool] | None = None  # the byte at which lines end, and whether by RST
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._moving.set)
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._reserved.close()

    # --- what can be done to it ------------------------------------------------------------------------------

    def open(self) -> None:
        """Take connections (again)."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def refuse(self) -> None:
        """Connections are refused from now on; those that stand go on."""
        asyncio.run_coroutine_threadsafe(self._deafen(), self._loop).result(10)

    def cut(self, *, reset: bool = True) -> None:
        """Every line ends now, by RST, or in order when not `reset`."""
        self._do(lambda: self._end(reset=reset))

    def cut_at(self, number: int, *, reset: bool = False) -> None:
        """Every line ends after so many more bytes to the near side; the next ones are whole again."""
        self._do(lambda: setattr(self, "_limit", (self.carried + number, reset)))

    def freeze(self) -> None:
        """Half-open: sockets stay, nothing moves, new connections are taken and left alone."""
        self._do(self._moving.clear)

    def thaw(self) -> None:
        self._do(self._moving.set)

    def dead(self) -> None:
        """As when the other machine is off: refused, and what stood is reset."""
        self.refuse()
        self.cut()

    def whole(self) -> None:
        """All faults off."""
        self.latency, self.slices, self.rate = 0.0, 0, 0.0
        self._do(lambda: setattr(self, "_limit", None))
        self.thaw()
        self.open()

    @property
    def standing(self) -> int:
        """Connections right now."""
        return len(self._lines)

    # --- inside ----------------------------------------------------------------------------------------------

    def _do(self, work: Callable[[], Any]) -> None:
        done = threading.Event()

        def run() -> None:
            try:
                work()
            finally:
                done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(
                self._take, HOST, self.port, limit=PIECE, reuse_address=True
            )

    async def _deafen(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await let_in(server)
            server.close()

    async def _shut(self) -> None:
        await self._deafen()
        self._shutting = True
        self._end(reset=True)
        # What is still on its way in has sockets of its own. It is waited for, not cancelled: a task cancelled
        # before its first step would leave its socket open.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others, return_exceptions=True)
        for side in self._sides:  # a line that ended in order may still have bytes nobody reads
            side.transport.abort()
        await asyncio.sleep(0)  # transports close their sockets one turn after they are aborted

    def _end(self, *, reset: bool) -> None:
        for line in list(self._lines):
            line.end(reset=reset)

    async def _take(self, near_in: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            far_in, far = await asyncio.open_connection(HOST, self.target, limit=PIECE)
        except OSError:
            near.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            near.transport.abort()
            return
        if self._shutting:
            near.transport.abort()
            far.transport.abort()
            return
        for side in (near, far):
            side.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sides.update((near, far))
        line = _Line(near, far)
        self._lines.add(line)
        line.tasks = [
            self._loop.create_task(self._carry(near_in, far, line, down=False)),
            self._loop.create_task(self._carry(far_in, near, line, down=True)),
        ]
        await asyncio.wait(line.tasks)
        self._lines.discard(line)
        line.end(reset=False)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: _Line, *, down: bool
    ) -> None:
        """Bytes of one way, until it ends; the other way may go on."""
        with contextlib.suppress(OSError):
            while piece := await self._piece(source):
                if self.latency:
                    await asyncio.sleep(self.latency)
                await self._moving.wait()
                if down and self._limit is not None:
                    room, reset = self._limit[0] - self.carried, self._limit[1]
                    if len(piece) >= room:
                        await self._last(sink, piece[: max(0, room)])
                        self._limit = None
                        self._loop.call_soon(partial(self._end, reset=reset))
                        return
                self.carried += len(piece) if down else 0
                sink.write(piece)
                await sink.drain()
                if self.rate:
                    await asyncio.sleep(len(piece) / self.rate)
            await self._moving.wait()
            if sink.can_write_eof():
                sink.write_eof()

    async def _piece(self, source: asyncio.StreamReader) -> bytes:
        most = self.slices or (max(1, int(self.rate / 20)) if self.rate else PIECE)
        return await source.read(most)

    async def _last(self, sink: asyncio.StreamWriter, rest: bytes) -> None:
        self.carried += len(rest)
        sink.write(rest)
        await sink.drain()
