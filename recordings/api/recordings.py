"""Recordings over HTTP: found, looked at, listened to. Every listening is written down before its first byte."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.identifiers import Tier
from recordings.api.search import SearchForm, ShownState
from recordings.domain.naming import RecordingId
from recordings.domain.orphan import OrphanPlace, OrphanReason
from recordings.domain.pauses import Pause, PauseState, Silence
from recordings.domain.recording import Change, Recording, RecordingState
from recordings.ports import PausesOf
from recordings.service.archivist import Archivist, Listening
from recordings.service.listeners import Listeners
from recordings.service.store_watch import Orphans

MEDIA_TYPE = "audio/wav"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RecordingView(BaseModel):
    """`reason` is a sentence, `reason_code` its name for programs; both empty when nothing needs saying."""

    id: str
    call: str
    visit_uniqueid: str
    queue: str
    agent: str | None
    tier: Tier | None
    state: ShownState
    reason: str
    reason_code: str
    note: str
    file: str | None
    started_at: float
    duration_seconds: float | None
    size_bytes: int | None
    settled_at: float | None
    review: str | None


class ChangeView(BaseModel):
    at: float
    was: RecordingState | None
    became: RecordingState
    reason: str
    reason_code: str


class PauseView(BaseModel):
    """A stretch that was not recorded. `start` and `stop`: in seconds of the file's sound, null when not known."""

    since: float
    until: float | None
    start: float | None
    stop: float | None
    by: str
    why: str
    state: PauseState
    silence: Silence


class RecordingDetailView(RecordingView):
    sample_rate: int | None
    channels: int | None
    sha256: str | None
    bridge_seconds: float | None
    history: list[ChangeView]
    pauses: list[PauseView]


class RecordingsView(BaseModel):
    items: list[RecordingView]
    total: int


class PeaksView(BaseModel):
    """`points` are [lowest, highest] sample, -1 to 1, of equally long stretches; `lanes` the same of each channel.

    Of two lanes the first is the customer's, the second the agent's.
    """

    recording: str
    duration_seconds: float
    points: list[tuple[float, float]]
    lanes: list[list[tuple[float, float]]]


class OrphanView(BaseModel):
    """A sound file that belongs to no recording. Nothing deletes it."""

    place: OrphanPlace
    path: str
    size: int
    changed_at: float
    reason: OrphanReason


class OrphansView(BaseModel):
    """The thousand oldest; `total` counts them all. `looked_at` is null until the server has looked."""

    items: list[OrphanView]
    total: int
    looked_at: float | None


class ByteRange(NamedTuple):
    """From `start` up to, not including, `stop`. `partial`: a part was asked for, be it all of it."""

    start: int
    stop: int
    partial: bool


async def _no_pauses(_: str | None) -> Sequence[Pause]:
    return ()


def routes(
    archivist: Archivist,
    listeners: Listeners,
    guard: Guard,
    visible: Visible = everybody,
    orphans: Callable[[], Orphans] = lambda: Orphans((), 0, None),
    pauses_of: PausesOf = _no_pauses,
) -> APIRouter:
    router = APIRouter(tags=["recordings"])
    may_listen = guard(Permission.LISTEN)
    _looking_after(router, orphans, guard)
    _finding(router, archivist, may_listen, visible, pauses_of)
    _listening(router, archivist, listeners, may_listen)
    return router


def _looking_after(router: APIRouter, orphans: Callable[[], Orphans], guard: Guard) -> None:
    @router.get("/recordings/orphans", dependencies=[Depends(guard(Permission.SEE_OPERATIONS))])
    async def lost(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> OrphansView:
        found = orphans()
        items = [OrphanView(**orphan._asdict()) for orphan in found.items[offset : offset + limit]]
        return OrphansView(items=items, total=found.total, looked_at=found.looked_at)


def _finding(
    router: APIRouter, archivist: Archivist, may_listen: Any, visible: Visible, pauses_of: PausesOf
) -> None:
    @router.get("/recordings")
    async def recordings(
        user: Annotated[User, Depends(may_listen)], form: Annotated[SearchForm, Query()]
    ) -> RecordingsView:
        page = await archivist.search(form.search(visible(user)), form.limit, form.offset)
        reviews = await archivist.reviews_of([recording.id for recording in page.items])
        items = [RecordingView(**_shown(item, reviews.get(item.id))) for item in page.items]
        return RecordingsView(items=items, total=page.total)

    @router.get("/recordings/{recording_id}", dependencies=[Depends(may_listen)])
    async def recording(recording_id: str) -> RecordingDetailView:
        found = await archivist.get(RecordingId(recording_id))
        reviews = await archivist.reviews_of([found.id])
        return RecordingDetailView(
            **_shown(found, reviews.get(found.id)),
            sample_rate=found.sample_rate,
            channels=found.channels,
            sha256=found.sha256,
            bridge_seconds=found.bridge_seconds,
            history=[_change(change) for change in await archivist.history(found.id)],
            pauses=[_paused(pause) for pause in await pauses_of(found.file)],
        )

    @router.get("/recordings/{recording_id}/peaks", dependencies=[Depends(may_listen)])
    async def peaks(recording_id: str) -> PeaksView:
        waveform = await archivist.waveform(await archivist.get(RecordingId(recording_id)))
        seconds = waveform.recording.duration_seconds or 0.0
        return PeaksView(
            recording=recording_id,
            duration_seconds=seconds,
            points=list(waveform.points),
            lanes=[list(lane) for lane in waveform.lanes],
        )


def _paused(pause: Pause) -> PauseView:
    return PauseView(
        since=pause.since,
        until=pause.until,
        start=pause.sound_since,
        stop=pause.sound_until,
        by=pause.by,
        why=pause.why,
        state=pause.state,
        silence=pause.silence,
    )


def _listening(router: APIRouter, archivist: Archivist, listeners: Listeners, may_listen: Any) -> None:
    sound: dict[int | str, dict[str, Any]] = {
        200: {"content": {MEDIA_TYPE: {}}},
        206: {"content": {MEDIA_TYPE: {}}},
        416: {},
    }

    @router.get("/recordings/{recording_id}/audio", response_class=Response, responses=sound)
    async def audio(
        recording_id: str, request: Request, user: Annotated[User, Depends(may_listen)]
    ) -> Response:
        async with listeners.turn:
            found = await archivist.get(RecordingId(recording_id))
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

    @router.head(
        "/recordings/{recording_id}/audio", response_class=Response, dependencies=[Depends(may_listen)]
    )
    async def audio_head(recording_id: str) -> Response:
        async with listeners.turn:
            found = await archivist.get(RecordingId(recording_id))
            opened = await archivist.open(found)
        opened.close()
        headers = _headers(found, ByteRange(0, opened.size, partial=False), opened.size)
        return Response(None, 200, headers, MEDIA_TYPE)


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


def _shown(recording: Recording, review: str | None) -> dict[str, Any]:
    growing = recording.state is RecordingState.GROWING
    return {
        "id": recording.id,
        "call": recording.call,
        "visit_uniqueid": recording.uniqueid,
        "queue": recording.queue,
        "agent": recording.agent,
        "tier": recording.tier,
        "state": "expected" if growing else recording.state.value,
        "reason": "It is being written." if growing else recording.detail,
        "reason_code": "growing" if growing else recording.reason.value,
        "note": recording.note,
        "file": recording.file,
        "started_at": recording.started_at,
        "duration_seconds": recording.duration_seconds,
        "size_bytes": recording.size_bytes,
        "settled_at": recording.settled_at,
        "review": review,
    }


def _change(change: Change) -> ChangeView:
    return ChangeView(
        at=change.at,
        was=change.was,
        became=change.became,
        reason=change.detail,
        reason_code=change.reason.value,
    )
