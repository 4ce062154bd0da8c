"""Pauses: stretches of a call that must not be recorded, who wanted them and why, and whether the file is silent there."""

from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName

RESUME_RECORDING = "resume_recording"
"""The kind of job that ends a pause which nobody ended."""

CHECK_PAUSES = "check_pauses"
"""The kind of job that listens whether a stored file is silent where it should be."""

EDGE_SECONDS = 0.1
"""At either end of a pause the file may still, or again, have sound: the switch tells the moment, not the sample."""

SILENT_BELOW = 0.001
"""The loudest sample (full scale is 1) of a pause that counts as silent: the switch writes zeros."""


class Why(StrEnum):
    """What the pause is for."""

    CARD = "card_data"
    PAYMENT = "payment_step"
    PRIVATE = "private"
    UNKNOWN = "unknown"  # somebody else told the switch


class PauseState(StrEnum):
    """Where a pause stands."""

    OPEN = "open"
    RESUMED = "resumed"
    RESUMED_BY_ITSELF = "resumed_by_itself"  # it lasted longer than the policy lets it
    ENDED = "ended"  # with the call, or because another file began


class Silence(StrEnum):
    """What the file says of it."""

    UNCHECKED = "unchecked"
    SILENT = "silent"
    NOT_SILENT = "not_silent"
    UNKNOWN = "unknown"  # nobody knows where in the file it lies


class Pause(NamedTuple):
    """One stretch in one file. Times in seconds since 1970; `sound_…`: in seconds of the file's own sound."""

    id: str
    call: CallId
    pbx: PbxName
    channel: ChannelId
    file: str | None
    agent: AgentId | None
    by: str  # a login, "dialplan", or "switch" when nobody of ours asked
    why: Why
    since: float
    until: float | None
    sound_since: float | None
    sound_until: float | None
    state: PauseState
    silence: Silence
    loudest: float | None  # sample found in it


class Span(NamedTuple):
    """Seconds of a file's sound, from `start` up to `stop`."""

    start: float
    stop: float


def pause_id(channel: ChannelId, since: float) -> str:
    return f"{channel}-{round(since * 1000)}"


def ended(pause: Pause, at: float, sound: float | None, state: PauseState) -> Pause:
    return pause._replace(until=at, sound_until=sound, state=state)


def span(pause: Pause, seconds: float) -> Span | None:
    """Where in a file of so many seconds it must be silent; None when that is not known, or too short to say."""
    if pause.sound_since is None:
        return None
    stop = seconds if pause.sound_until is None else min(pause.sound_until, seconds)
    inside = Span(pause.sound_since + EDGE_SECONDS, stop - EDGE_SECONDS)
    return inside if inside.stop > inside.start else None


def judged(pause: Pause, loudest: float | None) -> Pause:
    """`loudest` None: there is nothing of it in the file."""
    if loudest is None:
        unknown = pause.sound_since is None
        return pause._replace(silence=Silence.UNKNOWN if unknown else Silence.SILENT, loudest=None)
    silent = loudest <= SILENT_BELOW
    return pause._replace(silence=Silence.SILENT if silent else Silence.NOT_SILENT, loudest=loudest)
