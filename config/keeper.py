"""The keeper of checkpoints: follows one journal from a process of its own, so that the server never stops to write one.

It tells the journal to calls of its own, as a start would, and writes down every now and then how they stand. It ends with
the server: when its standard input closes. Nothing depends on it but how long a start takes.
"""

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from cti.adapters.ami.memory import checkpoints
from cti.adapters.ami.retelling import Retelling
from cti.adapters.journal_files import Entry, Tail
from cti.domain.calls import Calls
from cti.domain.identifiers import PbxName

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
EVERY_ENTRIES = 20_000
EVERY_SECONDS = 30.0
STEP = 500
"""Entries told before it looks whether the server still lives."""


class Keeper:
    """Follows one journal."""

    def __init__(self, folder: Path, pbx: PbxName, fallback: str, after: int) -> None:
        """`after`: no checkpoint beyond this position is believed; entries up to it stand in the books."""
        self._checkpoints = checkpoints(folder)
        found = self._checkpoints.newest(after)
        self.position: int = found.position if found else 0
        self.calls: Calls = found.state if found else Calls(pbx)
        self._tail = Tail(folder, self.position)
        self._new: Iterator[Entry] | None = None
        self._retelling = Retelling(fallback)
        self._since = 0
        self._written_at = time.monotonic()

    def follow(self, most: int = STEP) -> bool:
        """Tell some of what is new; False when there is no more for now."""
        self._new = self._new or self._tail.new()
        some = list(islice(self._new, most))
        for entry in some:
            for told in self._retelling.told((entry,)):
                self.calls.learn(told.what)
            self.position = entry.position
        self._since += len(some)
        if len(some) < most:
            self._new = None
        return self._new is not None

    def is_due(self) -> bool:
        """Time for a checkpoint; never while messages wait for a snapshot."""
        if not self._since or self._retelling.holds:
            return False
        return self._since >= EVERY_ENTRIES or time.monotonic() >= self._written_at + EVERY_SECONDS

    def write(self) -> None:
        self._since, self._written_at = 0, time.monotonic()
        try:
            self._checkpoints.write(self.position, self.calls)
        except OSError as problem:  # a full disk: the server says so already
            log.warning("no checkpoint: %s", problem.strerror)


def main() -> None:
    """`python -m config.keeper FOLDER PBX FALLBACK AFTER`."""
    folder, pbx, fallback, after = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server, which got it too, closes our input in time
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # whoever else wants the processor goes first
    keeper = Keeper(Path(folder), PbxName(pbx), fallback, int(after))
    wait = 0.0
    while not select.select([sys.stdin], [], [], wait)[0]:
        wait = 0.0 if keeper.follow() else LOOK_SECONDS
        if keeper.is_due():
            keeper.write()


if __name__ == "__main__":
    main()
