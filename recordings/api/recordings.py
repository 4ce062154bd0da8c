"""Recordings over HTTP: found, and looked at."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.identifiers import Tier
from recordings.api.search import SearchForm, ShownState
from recordings.api.sound import PeaksView, wave
from recordings.domain.naming import RecordingId
from recordings.domain.orphan import OrphanPlace, OrphanReason
from recordings.domain.pauses import Pause, PauseState, Silence
from recordings.domain.recording import Change, Recording, RecordingState
from recordings.ports.pauses import PausesOf
from recordings.service.archivist import Archivist
from recordings.service.store_watch import Orphans


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


async def _no_pauses(_: str | None) -> Sequence[Pause]:
    return ()


def routes(
    archivist: Archivist,
    guard: Guard,
    visible: Visible = everybody,
    orphans: Callable[[], Orphans] = lambda: Orphans((), 0, None),
    pauses_of: PausesOf = _no_pauses,
) -> APIRouter:
    router = APIRouter(tags=["recordings"])
    may_listen = guard(Permission.LISTEN)
    _looking_after(router, orphans, guard)
    _finding(router, archivist, may_listen, visible, pauses_of)
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
        return await wave(archivist, RecordingId(recording_id))


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
