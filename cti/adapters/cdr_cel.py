"""The switch's other two ledgers, as CSV files: CEL (who was in which bridge, to the microsecond) and CDR (calls, to the second).

Both are evidence beside `queue_log`, never its equal: bridge times are better than whole seconds, and a CDR knows when a
call that we never heard began and ended. What they tell is kept for a while in memory; after a start the end of each file
is read again. Columns are those of the shipped `cel_custom.conf` and of `newcdrcolumns=yes`.
"""

import asyncio
import csv
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from struct import Struct
from typing import Any, TypeVar

from cti.adapters.file_tail import FileTail, TailState
from cti.domain.corrections import SeenCall
from cti.domain.identifiers import ChannelId
from cti.domain.ledger_visits import LedgerEntry

LEGS, CALLS = 10_000, 5_000
"""Remembered: a call has two legs or more, so both reach back as far. Some ten minutes of the busiest floor; what they tell
is asked for within a minute or two of a call's end."""
LOOK_BACK = 32 << 20
"""Bytes of each file that are read after a start."""
STEPS = 64
"""Pieces of a file read at most in one go."""
CLOSE = 2.0
"""A bridge entered so many seconds before the answer, by the ledger's cut seconds, belongs to it."""

_SPAN = Struct("dd")

Fact = TypeVar("Fact")


class SwitchFiles:
    """Both are optional: without them it knows nothing, and says so by None."""

    def __init__(self, cdr: Path | None, cel: Path | None, zone: tzinfo = UTC) -> None:
        """`zone` is that of the CDR's times: UTC with `usegmtime=yes`."""
        self._zone = zone
        self._files: list[tuple[Path, FileTail, Callable[[list[str]], None]]] = []
        if cel is not None:
            self._files.append((cel, FileTail(cel), self._cel))
        if cdr is not None:
            self._files.append((cdr, FileTail(cdr), self._cdr))
        self._places: dict[Path, Mapping[str, Any] | None] = {}
        self._entered: dict[tuple[str, str], float] = {}
        self._spans: OrderedDict[str, bytes] = OrderedDict()  # packed: many, and seldom read
        self._calls: OrderedDict[str, SeenCall] = OrderedDict()

    async def refresh(self) -> None:
        """Read what was written since the last time."""
        if self._files:
            await asyncio.to_thread(self._refresh)

    def _refresh(self) -> None:
        for path, tail, take in self._files:
            if path not in self._places:
                self._places[path] = _near_the_end(path)
            for _ in range(STEPS):
                step = tail.read(self._places[path])
                self._places[path] = step.place
                for row in csv.reader(_csv_lines(step.lines)):
                    take(row)
                if step.state is not TailState.READING:
                    break

    def bridged(self, entry: LedgerEntry) -> float | None:
        if entry.agent_channel is None or entry.outcome_at is None or entry.settled_at is None:
            return None
        mine = [
            until - since
            for since, until in self._spans_of(entry.agent_channel)
            if entry.outcome_at - CLOSE <= since <= entry.settled_at + CLOSE
        ]
        return sum(mine) if mine else None

    def leg(self, channel: ChannelId) -> tuple[float, float] | None:
        spans = self._spans_of(channel)
        if not spans:
            return None
        return sum(until - since for since, until in spans), max(until for _, until in spans)

    def _spans_of(self, channel: ChannelId) -> list[tuple[float, float]]:
        """When this leg was in bridges: since, until."""
        return list(_SPAN.iter_unpack(self._spans.get(channel, b"")))

    def in_bridge(self, channel: ChannelId) -> bool:
        return any(one == channel for one, _ in self._entered)

    def seen(self, uniqueid: str) -> SeenCall | None:
        return self._calls.get(uniqueid)

    def _cel(self, row: list[str]) -> None:
        if len(row) < 14 or row[0] not in {"BRIDGE_ENTER", "BRIDGE_EXIT"}:
            return
        try:
            at, bridge = float(row[1]), str(json.loads(row[13])["bridge_id"])
        except (ValueError, KeyError, TypeError):
            return
        channel = row[10]
        if row[0] == "BRIDGE_ENTER":
            self._entered[channel, bridge] = at
            if len(self._entered) > LEGS:
                del self._entered[next(iter(self._entered))]
            return
        since = self._entered.pop((channel, bridge), None)
        if since is not None:
            self._spans[channel] = self._spans.get(channel, b"") + _SPAN.pack(since, at)
            self._spans.move_to_end(channel)  # or a long call would lose its first conversation
            _bound(self._spans, LEGS)

    def _cdr(self, row: list[str]) -> None:
        if len(row) < 17 or not row[16]:
            return
        started, ended = (self._moment(row[place]) for place in (9, 11))
        if started is None or ended is None:
            return
        name = row[4].partition('" <')[0].removeprefix('"') if row[4].startswith('"') else None
        known = self._calls.get(row[16])
        if known is not None:  # one row a leg: the call spans them
            started, ended = min(started, known.started_at), max(ended, known.ended_at)
        self._calls[row[16]] = SeenCall(started, ended, name or None)
        self._calls.move_to_end(row[16])
        _bound(self._calls, CALLS)

    def _moment(self, text: str) -> float | None:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self._zone).timestamp()
        except ValueError:
            return None


def _bound(kept: OrderedDict[str, Fact], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def _csv_lines(lines: Iterable[tuple[str, bool]]) -> list[str]:
    """A quote that a cut line left open would swallow all that follows: lines are read one by one."""
    return [text for text, whole in lines if whole and text.count('"') % 2 == 0]


def _near_the_end(path: Path) -> Mapping[str, Any] | None:
    """A place so far before the end that what is missing is too old to matter; None: from the beginning."""
    try:
        told = path.stat()
    except OSError:
        return None
    if told.st_size <= LOOK_BACK:
        return None
    with path.open("rb") as file:
        offset = told.st_size - LOOK_BACK
        file.seek(offset)
        offset += len(file.readline())
        begin = max(0, offset - 64)
        file.seek(begin)
        witness = file.read(offset - begin).hex()
    return {"device": told.st_dev, "inode": told.st_ino, "offset": offset, "witness": witness}
