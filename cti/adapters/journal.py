"""The journal: all that the call model was told, kept in the order it was told, so that it can be told again.

Theory of operation. Entries are numbered from 1; the number is the entry's *position*. Appending is a list append on the
hot path and never fails or waits. A writer takes what gathered, well within 50 ms, and waits for the disk on a thread of
its own; `durable` is the last position that survives a power cut. While the disk refuses, entries wait in memory up to a
limit and are then let go; what follows begins a segment at a later position, so that a reader sees the hole.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cti.adapters.journal_entries import knowledge_bytes, signal_bytes
from cti.adapters.journal_files import (
    SEGMENT_BYTES,
    Entry,
    Kind,
    SegmentWriter,
    Tail,
    last_position,
    prune,
    record,
)
from cti.domain.errors import JournalInUse
from cti.domain.events import CallerRecognised
from cti.domain.signals import Signal
from cti.ports import Clock

log = logging.getLogger(__name__)

PAUSE = 0.02  # seconds for which entries gather before they are written together
RETRY = 0.5  # seconds between attempts while the disk refuses
WAITING_BYTES = 64 << 20  # what may wait in memory for a disk that refuses


class Journal:
    """The journal of one switch, in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        waiting_bytes: int = WAITING_BYTES,
        pause: float = PAUSE,
    ) -> None:
        """Nothing is touched before `open`."""
        self.folder = folder
        self.position = 0  # of the entry told last
        self.durable = 0
        self.failing_since: float | None = None
        self.reason = ""
        self.let_go = 0  # entries that a refusing disk cost
        self.cut = 0  # bytes of torn tails
        self._clock = clock
        self._waiting_bytes, self._pause = waiting_bytes, pause
        self._writer = SegmentWriter(folder, segment_bytes)
        self._disk = ThreadPoolExecutor(1, "journal")
        self._lock: int | None = None
        self._records: list[bytes] = []
        self._first = 1  # position of the first entry of `_records`
        self._bytes = 0
        self._messages: list[bytes] = []  # of one read: they become one record
        self._messages_at = 0.0
        self._arrived, self._settled = asyncio.Event(), asyncio.Event()
        self._woken = False

    # telling: the hot path

    def message(self, frame: bytes, at: float) -> None:
        """A message is about to be told."""
        if at != self._messages_at:
            self._close_record()
            self._messages_at = at
        self._messages.append(frame)
        self.position += 1
        if not self._woken:
            self._wake()

    def held(self) -> None:
        """Messages are kept back from here on, until `released`."""
        self._append(Kind.HELD, self._clock.now())

    def released(self) -> None:
        """What was kept back is about to be told."""
        self._append(Kind.RELEASED, self._clock.now())

    def signal(self, signal: Signal) -> None:
        """The line itself is about to tell something."""
        self._append(Kind.SIGNAL, signal.at, signal_bytes(signal))

    def knowledge(self, event: CallerRecognised) -> None:
        """The model is about to learn who calls."""
        self._append(Kind.KNOWLEDGE, event.at, knowledge_bytes(event))

    def tick(self, at: float) -> None:
        """So much time has passed, by the switch's clock, that something is concluded from it."""
        self._append(Kind.TICK, at)

    def _append(self, kind: Kind, at: float, payload: bytes = b"") -> None:
        self._close_record()
        self._put(kind, at, (payload,))
        self.position += 1
        self._wake()

    def _wake(self) -> None:
        self._woken = True
        self._arrived.set()

    def _close_record(self) -> None:
        if self._messages:
            messages, self._messages = self._messages, []
            self._put(Kind.MESSAGE, self._messages_at, messages)

    def _put(self, kind: Kind, at: float, payloads: "list[bytes] | tuple[bytes]") -> None:
        made = record(kind, at, payloads)
        self._records.append(made)
        self._bytes += len(made)

    # opening and reading

    def claim(self) -> None:
        """One server at a time: another one must touch nothing. Raises JournalInUse.

        A disk that refuses is no error: `failing_since` says so, and what is told waits for it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except OSError as problem:
            self._refused(problem)

    def open(self, at_least: int = 0) -> None:
        """Take up what is there and go on behind it, and behind `at_least`; claims the journal as `claim` does."""
        self.claim()
        last = 0
        try:
            last, self.cut = last_position(self.folder)
        except OSError as problem:
            self._refused(problem)
        self.position = self.durable = max(last, at_least)
        self._first = self.position + 1

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise JournalInUse(str(self.folder)) from None
        self._lock = lock

    def read(self, after: int = 0) -> Iterator[Entry]:
        """What is on disk behind a position."""
        return Tail(self.folder, after).new()

    # writing

    @property
    def backlog(self) -> int:
        """Entries that are not safe yet."""
        return self.position - self.durable

    async def synced(self, position: int) -> None:
        """Return when everything up to `position` is safe, or when the disk refuses: then nobody waits for it."""
        while self.durable < position and self.failing_since is None:
            self._settled.clear()
            await self._settled.wait()

    async def run(self) -> None:
        """Write until cancelled; what is left then is written too."""
        try:
            while True:
                await self._arrived.wait()
                await asyncio.sleep(self._pause)
                await self._write()
                if self.failing_since is not None:
                    await asyncio.sleep(RETRY)
                    self._wake()
        finally:
            await self._write()
            self.close()

    async def _write(self) -> None:
        self._arrived.clear()
        self._woken = False
        self._close_record()
        if not self._records and self.failing_since is None:
            return  # but where the disk refused, all may have been let go: then the hole itself is to be written
        records, size, first, last = self._records, self._bytes, self._first, self.position
        self._records, self._bytes, self._first = [], 0, last + 1
        write = asyncio.get_running_loop().run_in_executor(
            self._disk, self._writer.write, b"".join(records), first, last, self._clock.now()
        )
        try:
            await asyncio.shield(write)
        except OSError as problem:
            self._refused(problem)
            if size + self._bytes > self._waiting_bytes:
                self.let_go += last - first + 1
            else:
                self._records[:0] = records
                self._bytes += size
                self._first = first
        else:
            if self.failing_since is not None:
                log.warning("journal: the disk takes entries again")
            self.failing_since, self.reason = None, ""
            self.durable = last
        self._settled.set()

    def _refused(self, problem: OSError) -> None:
        if self.failing_since is None:
            self.failing_since = self._clock.now()
            log.error("journal: the disk refuses (%s); calls go on without it", problem.strerror)
        self.reason = problem.strerror or type(problem).__name__

    async def prune(self, needed: int, oldest: float, most_bytes: int) -> int:
        """Delete what nobody needs: see `journal_files.prune`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, prune, self.folder, needed, oldest, most_bytes)

    def close(self) -> None:
        """Let another server have it."""
        self._disk.shutdown()
        self._writer.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
