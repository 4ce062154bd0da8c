"""Follows a file that only grows, by inode and offset: through rotation, copytruncate and half-written lines.

The place in a file is durable: its inode, the offset behind the last whole line, and the bytes before it, because inodes
are used again and a truncated file may have grown past the old offset. When the name leads to another file, the old one
is looked for beside it and read to its end first; then those written after it, in order; then the new one. An old file
that cannot be found again, compressed or deleted, leaves a hole, and the hole is told.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 18
"""Bytes read in one step; more than the longest line Asterisk writes by far."""
WITNESS = 64
"""Bytes before the offset that prove it is the same file."""


class TailState(StrEnum):
    """What the last look at the file said."""

    READING = "reading"
    AT_END = "at_end"
    MISSING = "missing"  # it may come later
    UNREADABLE = "unreadable"


class Tail(NamedTuple):
    """One step. `lines` are (text, whole); a line that is not whole is the last of a file nobody writes any more."""

    lines: list[tuple[str, bool]]
    place: Mapping[str, Any] | None
    state: TailState
    hole: bool  # something before these lines was gone before it was read
    behind: int  # bytes known to be left


class FileTail:
    """Holds no place: the caller keeps it, and hands it in again. All of it waits for the disk: call it in a thread."""

    def __init__(self, path: Path, chunk: int = CHUNK) -> None:
        self._path, self._chunk = path, chunk

    def read(self, place: Mapping[str, Any] | None) -> Tail:
        try:
            return self._read(place)
        except FileNotFoundError:
            return Tail([], place, TailState.MISSING, hole=False, behind=0)
        except OSError:
            return Tail([], place, TailState.UNREADABLE, hole=False, behind=0)

    def _read(self, place: Mapping[str, Any] | None) -> Tail:
        if place is None:
            with self._path.open("rb") as file:
                return self._step(file, 0, last=True, hole=False)
        # The new file first: once it has content, nobody writes to the old one any more.
        renewed = self._renewed(place)
        old = self._find(place)
        if old is not None:
            with old.open("rb") as file:
                step = self._step(file, int(place["offset"]), last=not renewed, hole=False)
            if step.lines or not renewed or step.state is TailState.READING:
                return step
        following = self._following(old)
        with following.open("rb") as file:
            return self._step(file, 0, last=following == self._path, hole=old is None)

    def _renewed(self, place: Mapping[str, Any]) -> bool:
        """Whether the name leads to another file, which has been written to."""
        try:
            with self._path.open("rb") as file:
                return not _is(file, place) and _size(file) > 0
        except FileNotFoundError:
            return False

    def _find(self, place: Mapping[str, Any]) -> Path | None:
        """The file this place is in, under whatever name beside ours."""
        for path in [self._path, *self._siblings()]:
            try:
                with path.open("rb") as file:
                    if _is(file, place):
                        return path
            except OSError:
                continue
        for path in self._siblings():  # copytruncate: another inode with the same bytes
            try:
                with path.open("rb") as file:
                    if _witnessed(file, place):
                        return path
            except OSError:
                continue
        return None

    def _following(self, old: Path | None) -> Path:
        """The file written next after this one; our own at last. Without the old one: ours, whatever lay between."""
        if old is None or old == self._path:
            return self._path
        since = old.stat().st_mtime_ns
        later = sorted(
            (path.stat().st_mtime_ns, path.name, path)
            for path in self._siblings()
            if path != old and path.stat().st_mtime_ns > since
        )
        return later[0][2] if later else self._path

    def _siblings(self) -> list[Path]:
        """Rotated files: our name and something behind it, and not compressed."""
        name = self._path.name
        return sorted(
            path
            for path in self._path.parent.glob(f"{name}[.-]*")
            if path.suffix not in {".gz", ".bz2", ".xz", ".zst"} and path.is_file()
        )

    def _step(self, file: BinaryIO, offset: int, *, last: bool, hole: bool) -> Tail:
        """Lines from the offset on. `last`: the file may still grow, so a half-written line is waited for."""
        file.seek(offset)
        chunk = file.read(self._chunk)
        size = _size(file)
        end = chunk.rfind(b"\n") + 1
        if not end and len(chunk) == self._chunk:
            end = len(chunk)  # no line is that long: what it is, the reader says
        lines = [(text, True) for text in _texts(chunk[:end])]
        if end < len(chunk) and not last and offset + len(chunk) >= size:
            lines += [(text, False) for text in _texts(chunk[end:])]
            end = len(chunk)
        behind = max(0, size - offset - end)
        more = offset + len(chunk) < size
        state = TailState.READING if more else TailState.AT_END
        return Tail(lines, _place(file, offset + end), state, hole, behind)


def _texts(block: bytes) -> list[str]:
    """Lines by their line feeds alone: names may hold any other character."""
    return [line.decode("utf-8", "replace") for line in block.split(b"\n") if line]


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _place(file: BinaryIO, offset: int) -> dict[str, Any]:
    told = os.fstat(file.fileno())
    return {
        "device": told.st_dev,
        "inode": told.st_ino,
        "offset": offset,
        "witness": _witness(file, offset).hex(),
    }


def _witness(file: BinaryIO, offset: int) -> bytes:
    begin = max(0, offset - WITNESS)
    file.seek(begin)
    return file.read(offset - begin)


def _witnessed(file: BinaryIO, place: Mapping[str, Any]) -> bool:
    offset = int(place["offset"])
    return offset > 0 and _size(file) >= offset and _witness(file, offset).hex() == place["witness"]


def _is(file: BinaryIO, place: Mapping[str, Any]) -> bool:
    """The same inode, still with the bytes that stood before the offset."""
    told = os.fstat(file.fileno())
    same = (told.st_ino, told.st_dev) == (place["inode"], place["device"])
    return same and (int(place["offset"]) == 0 or _witnessed(file, place))
