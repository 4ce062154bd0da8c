"""Takes somebody out of journals and checkpoints: every byte changed is replaced by another, so all positions stay.

A segment that is finished is written anew beside the old one, which it replaces. The newest may be written to by a running
server: its records are changed where they lie, each with its checksum in one write, which its reader takes for whole or,
for a moment, for not yet written.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cti.adapters.checkpoint import PREFIX
from cti.adapters.journal_files import changed_records, segments
from cti.domain.erasing import Blanking, Person


class JournalPlace:
    """A `Place`: the journal of one switch, with its checkpoints."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def learn(self, person: Person) -> Person:
        """It knows nothing that the books do not."""
        return person

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        return await asyncio.to_thread(self._erase, blanking)

    def _erase(self, blanking: Blanking) -> dict[str, int]:
        if not self._folder.is_dir():
            return {}
        found = segments(self._folder)
        records = sum(_segment(segment.file, blanking, newest=segment == found[-1]) for segment in found)
        checkpoints = sum(_checkpoint(file, blanking) for file in self._checkpoints())
        counts = {"journal records": records, "checkpoints": checkpoints}
        return {name: count for name, count in counts.items() if count}

    def _checkpoints(self) -> Iterator[Path]:
        yield from (file for file in self._folder.glob(f"{PREFIX}*") if file.is_file())


def _segment(file: Path, blanking: Blanking, *, newest: bool) -> int:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return 0  # deleted meanwhile, for its time was over
    changes = list(changed_records(data, blanking.frame))
    if not changes:
        return 0
    if newest:
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for place, record in changes:
                os.pwrite(descriptor, record, place)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    else:
        _replace(file, _patched(data, changes))
    return len(changes)


def _patched(data: bytes, changes: Iterable[tuple[int, bytes]]) -> bytes:
    made = bytearray(data)
    for place, record in changes:
        made[place : place + len(record)] = record
    return bytes(made)


def _checkpoint(file: Path, blanking: Blanking) -> int:
    try:
        head, _, data = file.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return 0
    made = blanking.packed(data)
    if made == data:
        return 0
    mark = head.partition(b" ")[0]
    _replace(file, mark + b" " + hashlib.sha256(made).hexdigest().encode() + b"\n" + made)
    return 1


def _replace(file: Path, data: bytes) -> None:
    part = file.with_name(f".{file.name}.part")
    shown = file.stat()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as made:
            made.write(data)
            made.flush()
            os.fsync(made.fileno())
        os.utime(part, ns=(shown.st_atime_ns, shown.st_mtime_ns))
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
