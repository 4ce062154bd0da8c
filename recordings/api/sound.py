"""A recording's sound as an answer, whole or in part. Every listening is written down before its first byte."""

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from cti.domain.access import User
from recordings.domain.naming import RecordingId
from recordings.domain.recording import Recording
from recordings.service.archivist import Archivist, Listening
from recordings.service.listeners import Listeners

MEDIA_TYPE: Final = "audio/wav"
SOUND: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: {}}},
    206: {"content": {MEDIA_TYPE: {}}},
    416: {},
}
"""What a route that serves sound may answer."""
_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})", re.ASCII)


class PeaksView(BaseModel):
    """`points` are [lowest, highest] sample, -1 to 1, of equally long stretches; `lanes` the same of each channel.

    Of two lanes the first is the customer's, the second the agent's.
    """

    recording: str
    duration_seconds: float
    points: list[tuple[float, float]]
    lanes: list[list[tuple[float, float]]]


class ByteRange(NamedTuple):
    """From `start` up to, not including, `stop`. `partial`: a part was asked for, be it all of it."""

    start: int
    stop: int
    partial: bool


async def served(
    archivist: Archivist, listeners: Listeners, recording: RecordingId, request: Request, user: User
) -> Response:
    """What the request asks of it."""
    async with listeners.turn:
        found = await archivist.get(recording)
        opened = await archivist.open(found)
        with ExitStack() as undone:
            undone.callback(opened.close)
            answer = _answer(found, opened, request)
            if isinstance(answer, Response):
                return answer
            await listeners.write_down(user, found.id, request.state.entrance)
            undone.pop_all()
    headers = _headers(found, answer, opened.size)
    return StreamingResponse(_bytes(opened, answer), 206 if answer.partial else 200, headers, MEDIA_TYPE)


async def announced(archivist: Archivist, listeners: Listeners, recording: RecordingId) -> Response:
    """How it would be answered, without the sound."""
    async with listeners.turn:
        found = await archivist.get(recording)
        opened = await archivist.open(found)
    opened.close()
    headers = _headers(found, ByteRange(0, opened.size, partial=False), opened.size)
    return Response(None, 200, headers, MEDIA_TYPE)


async def wave(archivist: Archivist, recording: RecordingId) -> PeaksView:
    waveform = await archivist.waveform(await archivist.get(recording))
    return PeaksView(
        recording=recording,
        duration_seconds=waveform.recording.duration_seconds or 0.0,
        points=list(waveform.points),
        lanes=[list(lane) for lane in waveform.lanes],
    )


async def _bytes(opened: Listening, asked: ByteRange) -> AsyncIterator[bytes]:
    try:
        async for piece in opened.read(asked.start, asked.stop):
            yield piece
    finally:
        opened.close()


def asked_range(header: str | None, size: int) -> ByteRange | None:
    """The part a Range header asks for, the whole when it asks nothing we understand, None when it cannot be given.

    One range is served; a list of ranges is answered with the whole, as HTTP allows.
    """
    match = None if header is None else _RANGE.fullmatch(header.strip().lower().replace(" ", ""))
    if match is None or match.group(1) == match.group(2) == "":
        return ByteRange(0, size, partial=False)
    first, last = match.groups()
    if first == "":
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), size if last == "" else min(int(last) + 1, size)
        if last != "" and int(last) < start:
            return ByteRange(0, size, partial=False)  # not a range at all: as if it were not there
    return ByteRange(start, stop, partial=True) if start < stop else None


def _answer(recording: Recording, opened: Listening, request: Request) -> ByteRange | Response:
    """Which bytes to send, or the answer that needs none."""
    etag = _etag(recording)
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=_common(recording))
    wanted = request.headers.get("range")
    if request.headers.get("if-range", etag) != etag:
        wanted = None
    asked = asked_range(wanted, opened.size)
    if asked is None:
        return Response(
            status_code=416, headers=_common(recording) | {"content-range": f"bytes */{opened.size}"}
        )
    return asked


def _etag(recording: Recording) -> str:
    return f'"{recording.sha256}"'


def _common(recording: Recording) -> dict[str, str]:
    return {
        "accept-ranges": "bytes",
        "etag": _etag(recording),
        "cache-control": "private, no-store",  # each listening is asked for anew, and written down
        "x-content-type-options": "nosniff",
    }


def _headers(recording: Recording, asked: ByteRange, size: int) -> dict[str, str]:
    headers = _common(recording) | {
        "content-length": str(asked.stop - asked.start),
        "content-disposition": f'inline; filename="{recording.file}"',
    }
    if asked.partial:
        headers["content-range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
    return headers
