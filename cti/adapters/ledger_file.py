"""The switch's ledger as a file: `queue_log`."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cti.adapters.file_tail import FileTail, TailState
from cti.ports import Reading


class LedgerFile:
    """Reads in a thread, a bounded piece a step; the caller keeps the place."""

    def __init__(self, path: Path) -> None:
        self._tail = FileTail(path)

    async def read(self, place: Mapping[str, Any] | None, now: float) -> Reading:  # noqa: ARG002  a file knows no hour
        step = await asyncio.to_thread(self._tail.read, place)
        return Reading(
            step.lines, step.place, step.state is TailState.AT_END, step.state.value, step.hole, step.behind
        )


def whole_file(path: Path, chunk: int = 1 << 18) -> Iterator[tuple[list[tuple[str, bool]], int]]:
    """A finished file from its first line to its last, piece by piece, and how many bytes were read so far."""
    with path.open("rb") as file:
        rest, read = b"", 0
        while block := file.read(chunk):
            read += len(block)
            end = block.rfind(b"\n") + 1
            if end:
                yield [(line, True) for line in _lines(rest + block[:end])], read
                rest = block[end:]
            elif len(rest) < chunk:
                rest += block
        if rest:
            yield [(line, False) for line in _lines(rest)], read


def _lines(block: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in block.split(b"\n") if line]
