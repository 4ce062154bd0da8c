"""Follows a file that only grows, by inode and offset: through rotation, copytruncate and half-written lines.

The place in a file is durable: its inode, the offset behind the last whole line, and the bytes before it, because inodes
are used again and a truncated file may have grown past the old offset. When the name leads to another file, the old one
is looked for beside it and read to its end first; then those written after it, in order; then the new one. An old file
that cannot be found again, compressed or deleted, leaves a hole, and the hole is told.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 18
"""Bytes read in one step; more than the longest line Asterisk writes by far."""
WITNESS = 64
"""Bytes before the offset that prove it is the same file."""


PATIENCE = 5
"""Looks in one step, when the files are being renamed at this very moment."""


class _Moved(Exception):
    """The files were renamed while they were looked at."""


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
        """Files are told apart by what is open, never by name: names move while one looks."""
        try:
            for _ in range(PATIENCE):
                with ExitStack() as opened:
                    try:
                        return self._read(place, opened)
                    except _Moved:
                        continue
        except FileNotFoundError:
            return Tail([], place, TailState.MISSING, hole=False, behind=0)
        except OSError:
            return Tail([], place, TailState.UNREADABLE, hole=False, behind=0)
        return Tail([], place, TailState.READING, hole=False, behind=0)

    def _read(self, place: Mapping[str, Any] | None, opened: ExitStack) -> Tail:
        if place is None:
            return self._step(opened.enter_context(self._path.open("rb")), 0, last=True, hole=False)
        # The new file first: once it has content, nobody writes to the old one any more.
        renewed = self._renewed(place)
        old = self._find(place, opened)
        if old is not None:
            step = self._step(old, int(place["offset"]), last=not renewed, hole=False)
            if step.lines or not renewed or step.state is TailState.READING:
                return step
        following, current = self._following(old, opened)
        return self._step(following, 0, last=current, hole=old is None)

    def _renewed(self, place: Mapping[str, Any]) -> bool:
        """Whether the name leads to another file, which has been written to."""
        try:
            with self._path.open("rb") as file:
                return not _is(file, place) and _size(file) > 0
        except FileNotFoundError:
            return False

    def _find(self, place: Mapping[str, Any], opened: ExitStack) -> BinaryIO | None:
        """The file this place is in, under whatever name beside ours."""
        files = []
        for path in [self._path, *self._siblings()]:
            try:
                files.append(opened.enter_context(path.open("rb")))
            except OSError:
                continue
        same = next((file for file in files if _is(file, place)), None)
        if same is not None:
            return same
        # copytruncate: another inode with the same bytes
        return next((file for file in files if _witnessed(file, place)), None)

    def _following(self, old: BinaryIO | None, opened: ExitStack) -> tuple[BinaryIO, bool]:
        """The file written next after this one, and whether it is our own, the last. Without the old one: our own."""
        ours = self._path.stat().st_ino
        since = None if old is None else os.fstat(old.fileno())
        later: list[tuple[int, int, BinaryIO]] = []
        for path in self._siblings() if since is not None else ():
            file = opened.enter_context(path.open("rb"))
            told = os.fstat(file.fileno())
            if since is not None and told.st_mtime_ns > since.st_mtime_ns and told.st_ino != ours:
                later.append((told.st_mtime_ns, told.st_ino, file))
        current = opened.enter_context(self._path.open("rb"))
        if os.fstat(current.fileno()).st_ino != ours:
            raise _Moved  # rotated between the two looks: what was ours is among the others now
        if later:
            return min(later, key=lambda one: one[:2])[2], False
        return current, True

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
