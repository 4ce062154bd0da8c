"""Processes beside the server that hear recordings: few, polite, and gone when the server is."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import connection
from typing import Any, TypeVar

from recordings.adapters.hearing import hear
from recordings.domain.errors import AudioGone, HearingFailed
from recordings.domain.speech import Heard
from recordings.ports import Place

Result = TypeVar("Result")

HEARING_SECONDS = 300.0
"""Longer than a day of sound takes: whatever needs more is stuck."""
_LEAST_PRIORITY = 19


Where = Callable[[str], Awaitable[Place]]
"""Where the store keeps what it has at a path."""


class SideProcesses:
    """Processes are begun with the first work, and anew when one of them died."""

    def __init__(self, count: int, seconds: float) -> None:
        """`seconds` is how long one piece of work may take."""
        self._count, self._seconds = count, seconds
        self._pool: ProcessPoolExecutor | None = None

    async def do(self, work: Callable[..., Result], *given: Any) -> Result:
        """Raises what the work raises, or HearingFailed when its process died or did not end in time."""
        pool = self._pool = self._pool or self._new()
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
        except (BrokenProcessPool, TimeoutError) as fault:
            if self._pool is pool:
                self._pool = None
                _end(pool)
            raise HearingFailed from fault

    def close(self) -> None:
        if self._pool is not None:
            _end(self._pool)
            self._pool = None

    def _new(self) -> ProcessPoolExecutor:
        spawn = multiprocessing.get_context("spawn")  # a fork would take the server's sockets and locks along
        return ProcessPoolExecutor(self._count, spawn, _begin)


class HearingPool:
    """The ear, in processes of its own."""

    def __init__(self, workers: int, place: Where, seconds: float = HEARING_SECONDS) -> None:
        self._processes, self._place = SideProcesses(workers, seconds), place
        self.close = self._processes.close

    async def hear(self, path: str) -> Heard:
        """Raises NotWhole, AudioGone, KeyUnknown, AudioDamaged, or HearingFailed when the process died or did not end in time."""
        try:
            return await self._processes.do(_hear, await self._place(path))
        except FileNotFoundError as gone:
            raise AudioGone from gone


def _end(pool: ProcessPoolExecutor) -> None:
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(OSError, ValueError):
            process.kill()


def _begin() -> None:
    """What a process does first: let everybody else go before, and end with the server however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's: the server ends us in its time
    os.nice(_LEAST_PRIORITY)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)


def _hear(place: Place) -> Heard:
    with place.open() as file:
        return hear(file)
