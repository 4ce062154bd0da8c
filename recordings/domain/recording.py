"""The life of a recording, as a table: expected, growing, then exactly one of stored, missing, excluded."""

from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.records import VisitRecord
from recordings.domain.errors import NoSuchStep
from recordings.domain.naming import RecordingId, RecordingName, recording_id

LENGTH_TOLERANCE = 1.0
"""Seconds by which sound and bridge time may differ without a note."""


class RecordingState(StrEnum):
    """Where a recording stands."""

    EXPECTED = "expected"  # the visit was answered; no file yet
    GROWING = "growing"  # a file is there and not final
    STORED = "stored"
    MISSING = "missing"
    EXCLUDED = "excluded"
    ERASED = "erased"  # it was stored


class Step(StrEnum):
    """What can happen to it."""

    SEE = "see"
    STORE = "store"
    MISS = "miss"
    EXCLUDE = "exclude"
    ERASE = "erase"


class Reason(StrEnum):
    """Why it stands there. Empty: it needs no reason."""

    NONE = ""
    NEVER_APPEARED = "never_appeared"
    STILL_GROWING = "still_growing"
    EMPTY_FILE = "empty_file"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    FILE_REFUSED = "file_refused"
    NAME_TAKEN = "name_taken"
    QUEUE_NOT_RECORDED = "queue_not_recorded"
    TOO_SHORT = "too_short"
    NO_SOUND = "no_sound"
    NO_TALK = "no_talk"
    CAME_LATE = "came_late"
    CUSTOMER_ALONE = "customer_alone"
    AGENT_ALONE = "agent_alone"
    NO_CONSENT = "no_consent"
    BY_RULE = "by_rule"
    ON_REQUEST = "on_request"
    TIME_OVER = "time_over"


LIFE: dict[tuple[RecordingState, Step], RecordingState] = {
    (RecordingState.EXPECTED, Step.SEE): RecordingState.GROWING,
    (RecordingState.EXPECTED, Step.STORE): RecordingState.STORED,
    (RecordingState.EXPECTED, Step.MISS): RecordingState.MISSING,
    (RecordingState.EXPECTED, Step.EXCLUDE): RecordingState.EXCLUDED,
    (RecordingState.GROWING, Step.STORE): RecordingState.STORED,
    (RecordingState.GROWING, Step.MISS): RecordingState.MISSING,
    (RecordingState.GROWING, Step.EXCLUDE): RecordingState.EXCLUDED,
    # The file came after all. The change stays in the recording's history.
    (RecordingState.MISSING, Step.STORE): RecordingState.STORED,
    (RecordingState.STORED, Step.ERASE): RecordingState.ERASED,
}
"""Every step there is. What is not here cannot happen: an end is an end, and only what was stored can be erased."""

UNSETTLED = frozenset({RecordingState.EXPECTED, RecordingState.GROWING})


class Sound(NamedTuple):
    """What there is to hear."""

    seconds: float
    rate: int
    channels: int


class Kept(NamedTuple):
    """A sound as it lies in the store. Size (bytes) and digest are of the WAV file that is served."""

    sound: Sound
    size: int
    sha256: str


class Recording(NamedTuple):
    """One answered visit's recording. `started_at` is the answer, `cleared_at` the last hang-up once known."""

    id: RecordingId
    call: CallId
    pbx: PbxName
    uniqueid: ChannelId
    queue: QueueName
    agent: AgentId | None
    tier: Tier | None
    joined_at: float
    started_at: float
    cleared_at: float | None
    bridge_seconds: float | None
    state: RecordingState
    reason: Reason
    detail: str
    note: str
    file: str | None  # the switch's name for it
    path: str | None  # where the store keeps it
    duration_seconds: float | None
    size_bytes: int | None
    sample_rate: int | None
    channels: int | None
    sha256: str | None
    settled_at: float | None
    forbidden: Reason = Reason.NONE  # why it is not to be recorded at all


class Search(NamedTuple):
    """Which recordings are asked for; None leaves a question out. Times are of the answer, in [since, until).

    `day_from` and `day_until` are seconds of the local day; a span that begins after it ends goes over midnight.
    """

    call: CallId | None = None
    queue: QueueName | None = None
    agent: AgentId | None = None
    tier: Tier | None = None
    states: frozenset[RecordingState] | None = None
    since: float | None = None
    until: float | None = None
    visible: frozenset[AgentId] | None = None  # of these agents, or of nobody
    shortest: float | None = None  # seconds
    longest: float | None = None
    day_from: int | None = None
    day_until: int | None = None
    number: str | None = None  # of the caller, written in any way
    customer: str | None = None
    outcome: str | None = None
    ended_by: str | None = None
    disposition: str | None = None
    score_least: float | None = None
    score_most: float | None = None
    dead_air_least: float | None = None  # the longest of the recording
    talk_over_least: float | None = None  # all of the recording's
    silence_least: float | None = None  # a share
    talk_share_least: float | None = None  # the agent's
    hold_least: float | None = None  # all of the recording's
    faulty: bool | None = None
    said: str | None = None  # part of the transcript


class Change(NamedTuple):
    """One line of a recording's history."""

    recording: RecordingId
    at: float
    was: RecordingState | None  # None: it began
    became: RecordingState
    reason: Reason
    detail: str


def expect(visit: VisitRecord) -> Recording:
    """The row every answered visit begins with."""
    return Recording(
        id=recording_id(visit.pbx, visit.uniqueid, visit.joined_at),
        call=visit.call,
        pbx=visit.pbx,
        uniqueid=visit.uniqueid,
        queue=visit.queue,
        agent=visit.agent,
        tier=visit.tier,
        joined_at=visit.joined_at,
        started_at=visit.joined_at if visit.outcome_at is None else visit.outcome_at,
        cleared_at=None,
        bridge_seconds=None,
        state=RecordingState.EXPECTED,
        reason=Reason.NONE,
        detail="",
        note="",
        file=None,
        path=None,
        duration_seconds=None,
        size_bytes=None,
        sample_rate=None,
        channels=None,
        sha256=None,
        settled_at=None,
    )


def take_step(
    recording: Recording, step: Step, at: float, reason: Reason = Reason.NONE, detail: str = ""
) -> tuple[Recording, Change]:
    """The recording after a step, and the line for its history; NoSuchStep when the table has none."""
    became = LIFE.get((recording.state, step))
    if became is None:
        raise NoSuchStep(f"{recording.state} / {step}")
    change = Change(recording.id, at, recording.state, became, reason, detail)
    settled = None if became in UNSETTLED else at
    return recording._replace(state=became, reason=reason, detail=detail, settled_at=settled), change


def with_sound(recording: Recording, name: RecordingName, path: str, kept: Kept) -> Recording:
    """The recording with what the store holds, and a note when its length surprises."""
    return recording._replace(
        file=name.file,
        path=path,
        duration_seconds=kept.sound.seconds,
        size_bytes=kept.size,
        sample_rate=kept.sound.rate,
        channels=kept.sound.channels,
        sha256=kept.sha256,
        note=length_note(kept.sound.seconds, recording.bridge_seconds),
    )


def without_sound(recording: Recording) -> Recording:
    """What counts stays; nothing by which the sound could be found, or known again."""
    return recording._replace(path=None, size_bytes=None, sha256=None, note="")


def length_note(sound_seconds: float, bridge_seconds: float | None) -> str:
    """What to say when sound and conversation are not equally long; empty when they are, or cannot be compared."""
    if bridge_seconds is None or abs(sound_seconds - bridge_seconds) <= LENGTH_TOLERANCE:
        return ""
    return f"The sound lasts {sound_seconds:.1f} s, the conversation lasted {bridge_seconds:.1f} s."
