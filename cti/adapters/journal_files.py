"""How the journal lies on disk: segments of checksummed records, each segment named by the position of its first entry.

A record holds one entry, or the messages of one read. Whatever stands behind the first broken record of a segment is not
read: a torn tail costs what was written last, never what was written before.
"""

import logging
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

SEGMENT_BYTES = 64 << 20
SEGMENT_SECONDS = 3600.0

_SUFFIX = ".journal"
_BETWEEN = b"\r\n\r\n"  # between the messages of one record, as on the wire
_MAGIC = b"TLJ1"
_HEAD = struct.Struct("<4sQ")  # magic, position of the first entry
_CHECKSUM = struct.Struct("<I")  # of all that follows in the record
_RECORD = struct.Struct("<IIBd")  # bytes of payload, entries, kind, when received


class Kind(IntEnum):
    """What an entry is."""

    MESSAGE = 1  # as it came over the wire, believed and told
    HELD = 2  # from here on messages wait for a snapshot
    RELEASED = 3  # they have waited long enough, and are told now
    SIGNAL = 4  # what the line itself has to tell: a snapshot, a loss, a restart
    KNOWLEDGE = 5  # who a caller is
    TICK = 6  # time that has passed
    HOLE = 7  # never written: what a reader makes of positions that are missing


class Entry(NamedTuple):
    """One thing that was told. `at`: when it was received, in seconds since 1970, by our clock."""

    position: int
    kind: Kind
    at: float
    payload: bytes


class _Record(NamedTuple):
    kind: Kind
    at: float
    entries: int
    payload: bytes
    end: int  # of the record, in the segment


class Segment(NamedTuple):
    first: int
    file: Path


def record(kind: Kind, at: float, payloads: Sequence[bytes]) -> bytes:
    """One record of the file; only messages may be many."""
    payload = _BETWEEN.join(payloads)
    described = _RECORD.pack(len(payload), len(payloads), kind, at) + payload
    return _CHECKSUM.pack(zlib.crc32(described)) + described


def segments(folder: Path) -> list[Segment]:
    """In order."""
    files = folder.glob(f"*{_SUFFIX}")
    return sorted(Segment(int(file.stem), file) for file in files if file.stem.isdigit())


def _records(data: bytes, start: int) -> Iterator[_Record]:
    """The records in these bytes of a segment, up to the first that is broken or not yet whole. `start`: where they stand."""
    view, place, fixed = memoryview(data), 0, _CHECKSUM.size + _RECORD.size
    while place + fixed <= len(view):
        (checksum,) = _CHECKSUM.unpack_from(view, place)
        size, entries, kind, at = _RECORD.unpack_from(view, place + _CHECKSUM.size)
        end = place + fixed + size
        if end > len(view) or zlib.crc32(view[place + _CHECKSUM.size : end]) != checksum:
            return
        yield _Record(Kind(kind), at, entries, bytes(view[place + fixed : end]), start + end)
        place = end


def changed_records(data: bytes, change: Callable[[bytes], bytes]) -> Iterator[tuple[int, bytes]]:
    """Records of a whole segment that `change`, which keeps each length, makes others of: where they stand, and how."""
    if not _is_segment(data):
        return
    place = _HEAD.size
    for read in _records(data[_HEAD.size :], _HEAD.size):
        payloads = read.payload.split(_BETWEEN) if read.kind is Kind.MESSAGE else [read.payload]
        made = [change(payload) for payload in payloads]
        if made != payloads:
            yield place, record(read.kind, read.at, made) if read.entries == len(made) else _again(read, made)
        place = read.end


def _again(read: _Record, payloads: Sequence[bytes]) -> bytes:
    """A record whose messages have the mark between two of them inside."""
    payload = _BETWEEN.join(payloads)
    described = _RECORD.pack(len(payload), read.entries, read.kind, read.at) + payload
    return _CHECKSUM.pack(zlib.crc32(described)) + described


def _is_segment(data: bytes) -> bool:
    return len(data) >= _HEAD.size and data.startswith(_MAGIC)


def last_position(folder: Path) -> tuple[int, int]:
    """The last position that was told and kept or let go, 0 when there is none, and how many torn bytes were cut off."""
    cut = 0
    for first, file in reversed(segments(folder)):
        data = file.read_bytes()
        if not _is_segment(data):
            file.unlink()  # not even begun
            cut += len(data)
            continue
        last, whole = first - 1, _HEAD.size  # entries up to there were told, if they were not let go
        for read in _records(data[_HEAD.size :], _HEAD.size):
            last, whole = last + read.entries, read.end
        if len(data) > whole:
            log.warning("journal: %d torn bytes cut from the end of %s", len(data) - whole, file.name)
            os.truncate(file, whole)
            cut += len(data) - whole
        return last, cut
    return 0, cut


class Tail:
    """Reads behind a position, and goes on reading what another process writes.

    Missing entries are one HOLE: at its first position, with its last as payload.
    """

    def __init__(self, folder: Path, after: int = 0) -> None:
        self._folder, self._expected = folder, after + 1
        self._segment: Segment | None = None
        self._offset = self._position = 0

    def new(self) -> Iterator[Entry]:
        """The entries that have come since the last time, up to the last whole one on disk."""
        while True:
            found = segments(self._folder)
            segment = self._segment
            if segment is None:
                if not found:
                    return
                before = [other for other in found if other.first <= self._expected]
                segment = before[-1] if before else found[0]
                yield from self._begin(segment)
            yield from self._rest(segment)
            following = next((other for other in found if other.first > segment.first), None)
            if (
                following is None
            ):  # listed before we read: else what was read was all there will be of this one
                return
            yield from self._begin(following)

    def _begin(self, segment: Segment) -> Iterator[Entry]:
        self._segment, self._offset, self._position = segment, 0, segment.first
        if segment.first > self._expected:
            yield Entry(self._expected, Kind.HOLE, 0.0, b"%d" % (segment.first - 1))
            self._expected = segment.first

    def _rest(self, segment: Segment) -> Iterator[Entry]:
        with segment.file.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        if self._offset == 0:
            if not _is_segment(data):
                return
            data, self._offset = data[_HEAD.size :], _HEAD.size
        for read in _records(data, self._offset):
            self._offset = read.end
            position, self._position = self._position, self._position + read.entries
            if self._position <= self._expected:
                continue
            payloads = read.payload.split(_BETWEEN) if read.kind is Kind.MESSAGE else (read.payload,)
            for position_of, payload in enumerate(payloads, position):
                if position_of >= self._expected:
                    self._expected = position_of + 1
                    yield Entry(position_of, read.kind, read.at, payload)


class SegmentWriter:
    """Appends records, and returns when the disk has them. Raises OSError, after which the same may be tried again."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder, self._segment_bytes = folder, segment_bytes
        self._file: int | None = None
        self._size = self._next = 0
        self._begun = 0.0

    def write(self, data: bytes, first: int, last: int, now: float) -> None:
        """Records that hold the entries `first` to `last`."""
        full = self._size + len(data) > self._segment_bytes or now - self._begun > SEGMENT_SECONDS
        file = self._file
        if file is None or full or first != self._next:
            file = self._begin(first, now)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(file, view) :]
            os.fdatasync(file)
        except OSError:
            self.close()  # what it has of these is torn; they go into a segment of their own
            raise
        self._size += len(data)
        self._next = last + 1

    def _begin(self, first: int, now: float) -> int:
        self.close()
        path = self._folder / f"{first:016d}{_SUFFIX}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, _HEAD.pack(_MAGIC, first))
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError:
            os.close(file)
            raise
        self._file, self._size, self._begun = file, _HEAD.size, now
        return file

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def prune(folder: Path, needed: int, oldest: float, most_bytes: int) -> int:
    """Delete segments that nobody needs (entries from `needed` on are needed) and that are too old, or too much.

    `oldest` is a time in seconds since 1970, `most_bytes` what all may take together. Returns how many went.
    """
    found = segments(folder)
    sizes = {segment: segment.file.stat() for segment in found}
    total = sum(stat.st_size for stat in sizes.values())
    gone = 0
    for segment, following in pairwise(found):
        stat = sizes[segment]
        if following.first > needed or (stat.st_mtime >= oldest and total <= most_bytes):
            break
        segment.file.unlink()
        total -= stat.st_size
        gone += 1
    return gone
