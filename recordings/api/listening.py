"""What the player shows beside the wave: what was heard in a recording, notes to its moments, and links to it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User
from recordings.api.search import NO_NUL
from recordings.domain.hearing import Hearing
from recordings.domain.naming import RecordingId
from recordings.domain.notes import LONGEST_NOTE, LONGEST_SHARE, SHORTEST_SHARE, Note, within
from recordings.domain.signals import AGENT, Fault, Occurrences, Thresholds
from recordings.domain.transcript import Line
from recordings.service.archivist import Archivist
from recordings.service.hearer import Hearer
from recordings.service.listening_desk import ListeningDesk
from recordings.service.scribe import Scribe


class OccurrencesView(BaseModel):
    """How often, and how long in seconds; null when it never was."""

    times: int
    total: float
    longest: float | None
    shortest: float | None
    mean: float | None


class SignalsView(BaseModel):
    """Shares are 0 to 1, levels dBFS. Null: not to be known, because both sides are in one channel."""

    listened_seconds: float
    silence_share: float | None
    silence: OccurrencesView
    dead_air: OccurrencesView
    talk_over: OccurrencesView | None
    agent_interruptions: int | None
    customer_interruptions: int | None
    agent_talk_share: float | None
    agent_speech_seconds: float | None
    customer_speech_seconds: float | None
    agent_monologue_seconds: float | None
    customer_monologue_seconds: float | None
    turns_a_minute: float | None
    first_response_seconds: float | None
    hold: OccurrencesView
    ended_by: str | None
    quiet_end_seconds: float | None
    abrupt_end: bool | None
    agent_level: float | None
    customer_level: float | None
    clipped_share: float
    faults: list[Fault]


SpanView = tuple[float, float]


class SpansView(BaseModel):
    """From and to, in seconds of the sound."""

    hold: list[SpanView] = []
    silence: list[SpanView] = []
    talk_over: list[SpanView] = []
    customer: list[SpanView] = []
    agent: list[SpanView] = []


class HeardView(BaseModel):
    """`signals` is null while the recording was not heard. `limits` are those that led to these values."""

    recording: str
    heard_at: float | None
    signals: SignalsView | None
    spans: SpansView
    limits: dict[str, float]


class LineView(BaseModel):
    """`side` is null where both are in one channel."""

    side: Literal["customer", "agent"] | None
    began: float
    ended: float
    text: str


class TranscriptView(BaseModel):
    """Empty while nothing is written down, or where no engine is installed."""

    items: list[LineView]
    total: int


class RecordingNoteView(BaseModel):
    """A mark when the text is empty."""

    id: str
    at_seconds: float
    text: str
    author: str
    author_name: str
    written_at: float


class RecordingNotesView(BaseModel):
    items: list[RecordingNoteView]
    total: int


class RecordingNoteForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    at_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    text: Annotated[str, Field(max_length=LONGEST_NOTE, pattern=NO_NUL)] = ""


class ShareForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lasts_seconds: Annotated[float, Field(ge=SHORTEST_SHARE, le=LONGEST_SHARE)] = 86_400.0
    at_seconds: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None


class ShareView(BaseModel):
    """`path` is the page's address on this server."""

    path: str
    expires_at: float


class SharedView(BaseModel):
    recording: str
    at_seconds: float | None
    expires_at: float


def routes(
    archivist: Archivist, hearer: Hearer, scribe: Scribe, desk: ListeningDesk, guard: Guard, audit: Audit
) -> APIRouter:
    router = APIRouter(tags=["recordings"])
    may_listen = guard(Permission.LISTEN)
    _heard(router, archivist, hearer, scribe, may_listen)
    _notes(router, archivist, desk, audit, may_listen)
    _links(router, archivist, desk, audit, may_listen)
    return router


def _heard(router: APIRouter, archivist: Archivist, hearer: Hearer, scribe: Scribe, may_listen: Any) -> None:
    @router.get("/recordings/{recording_id}/signals", dependencies=[Depends(may_listen)])
    async def signals(recording_id: str) -> HeardView:
        found = await archivist.get(RecordingId(recording_id))
        return heard_view(found.id, await hearer.heard(found.id))

    @router.get("/recordings/{recording_id}/transcript", dependencies=[Depends(may_listen)])
    async def transcript(recording_id: str) -> TranscriptView:
        found = await archivist.get(RecordingId(recording_id))
        items = [_line(line) for line in await scribe.written(found.id)]
        return TranscriptView(items=items, total=len(items))


def _notes(
    router: APIRouter, archivist: Archivist, desk: ListeningDesk, audit: Audit, may_listen: Any
) -> None:
    @router.get("/recordings/{recording_id}/notes", dependencies=[Depends(may_listen)])
    async def notes(recording_id: str) -> RecordingNotesView:
        found = await archivist.get(RecordingId(recording_id))
        items = [_note(note) for note in await desk.notes(found.id)]
        return RecordingNotesView(items=items, total=len(items))

    @router.post("/recordings/{recording_id}/notes", status_code=201)
    async def write(
        recording_id: str, form: RecordingNoteForm, user: Annotated[User, Depends(may_listen)]
    ) -> RecordingNoteView:
        found = await archivist.get(RecordingId(recording_id))
        note = await desk.write(found, form.at_seconds, form.text, user)
        await audit(user, "recording.noted", found.id)
        return _note(note)

    @router.delete("/recordings/{recording_id}/notes/{note}", status_code=204)
    async def remove(recording_id: str, note: str, user: Annotated[User, Depends(may_listen)]) -> None:
        found = await archivist.get(RecordingId(recording_id))
        await desk.remove(found.id, note, user)
        await audit(user, "recording.note_removed", found.id)


def _links(
    router: APIRouter, archivist: Archivist, desk: ListeningDesk, audit: Audit, may_listen: Any
) -> None:
    @router.post("/recordings/{recording_id}/share", status_code=201)
    async def share(
        recording_id: str, form: ShareForm, user: Annotated[User, Depends(may_listen)]
    ) -> ShareView:
        found = await archivist.get(RecordingId(recording_id))
        if form.at_seconds is not None:
            within(form.at_seconds, found.duration_seconds)
        await audit(user, "recording.shared", found.id)
        secret, made = await desk.share(found.id, form.lasts_seconds, form.at_seconds, user)
        return ShareView(path=f"/recordings/shared/{secret}", expires_at=made.expires_at)

    @router.get("/recordings/shared/{recording_share}")
    async def shared(recording_share: str, user: Annotated[User, Depends(may_listen)]) -> SharedView:
        made = await desk.shared(recording_share)
        await audit(user, "recording.share_opened", made.recording)
        return SharedView(recording=made.recording, at_seconds=made.at_seconds, expires_at=made.expires_at)


def heard_view(recording: RecordingId, hearing: Hearing | None) -> HeardView:
    if hearing is None:
        return HeardView(
            recording=recording, heard_at=None, signals=None, spans=SpansView(), limits=Thresholds()._asdict()
        )
    return HeardView(
        recording=recording,
        heard_at=hearing.at,
        signals=SignalsView(**{name: _value(value) for name, value in hearing.signals._asdict().items()}),
        spans=SpansView(**{kind: [(*span,) for span in spans] for kind, spans in hearing.spans.items()}),
        limits=hearing.limits._asdict(),
    )


def _value(value: Any) -> Any:
    return value._asdict() if isinstance(value, Occurrences) else value


def _line(line: Line) -> LineView:
    side: Literal["customer", "agent"] | None = None
    if line.lane is not None:
        side = "agent" if line.lane == AGENT else "customer"
    return LineView(side=side, began=line.began, ended=line.ended, text=line.text)


def _note(note: Note) -> RecordingNoteView:
    return RecordingNoteView(
        id=note.id,
        at_seconds=note.at_seconds,
        text=note.text,
        author=note.author,
        author_name=note.author_name,
        written_at=note.written_at,
    )
