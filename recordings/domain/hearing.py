"""Hearing a recording as a job: when it is due, and what the call's story says of its sound."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cti.domain.identifiers import CallId
from cti.domain.jobs import Retries
from recordings.domain.naming import RecordingId, parse
from recordings.domain.pauses import Pause
from recordings.domain.recording import Recording
from recordings.domain.signals import VERSION, Facts, Fault, Signals, Thresholds
from recordings.domain.speech import Span, total, united

HEAR_RECORDING = "hear_recording"
"""The kind of job that hears one stored recording."""

HEAR_MISSED = "hear_missed_recordings"
"""The kind of job that asks for those that were stored while nobody listened."""

HEARING_RETRIES = Retries(attempts=8, first=2.0, longest=600.0)
MISSED_EVERY_SECONDS = 900.0
STORY_PATIENCE_SECONDS = 120.0
"""A call's story is written a moment after its recording may be; so long it is waited for."""
STORY_LOOK_SECONDS = 2.0
_RUNS_ALWAYS_SECONDS = 3.0


class Hearing(NamedTuple):
    """What was heard of one recording, kept with the limits that were in force."""

    recording: RecordingId
    call: CallId
    at: float
    signals: Signals
    spans: Mapping[str, Sequence[Span]]
    limits: Thresholds
    version: int = VERSION

    @property
    def technical_fault(self) -> Fault | None:
        return next(iter(self.signals.faults), None)


class SoundClock:
    """Turns moments into seconds of a sound that runs only while somebody talks with the customer, or all the time."""

    def __init__(self, bridged: Sequence[Span], starts_at: float | None = None) -> None:
        """`starts_at`: it runs on from this moment, whoever talks."""
        self._bridged, self._starts_at = bridged, starts_at

    def at(self, moment: float) -> float:
        if self._starts_at is not None:
            return max(0.0, moment - self._starts_at)
        return total(
            Span(span.began, min(span.ended, moment)) for span in self._bridged if span.began < moment
        )


def facts_of(recording: Recording, story: Mapping[str, Any] | None, pauses: Iterable[Pause] = ()) -> Facts:
    """What a call's story (see `cti/domain/export.py`) says of the sound of one of its recordings."""
    paused = tuple(
        Span(one.sound_since, one.sound_until)
        for one in pauses
        if one.sound_since is not None and one.sound_until is not None
    )
    if story is None:
        return Facts(pauses=paused)
    clock = _clock(recording, story)
    holds = [Span(clock.at(hold.began), clock.at(hold.ended)) for hold in _holds(story)]
    return Facts(
        answered_at=clock.at(recording.started_at),
        ended_by=_ended_by(recording, story),
        holds=tuple(united(holds)),
        pauses=paused,
    )


def _clock(recording: Recording, story: Mapping[str, Any]) -> SoundClock:
    begins = float("-inf") if recording.file is None else parse(recording.file).epoch - 1.0
    ended = story["ended_at"]
    spans = [
        Span(max(begins, segment["began_at"]), ended if segment["ended_at"] is None else segment["ended_at"])
        for segment in story["segments"]
        if segment["ended_at"] is not None or ended is not None
    ]
    bridged = united(span for span in spans if span.ended > span.began)
    seconds, cleared = recording.duration_seconds or 0.0, recording.cleared_at or ended
    if cleared is not None and recording.file is not None:
        whole = cleared - parse(recording.file).epoch
        talked = total(bridged)
        if abs(seconds - whole) + _RUNS_ALWAYS_SECONDS < abs(seconds - talked):
            return SoundClock(bridged, cleared - seconds)
    return SoundClock(bridged)


def _holds(story: Mapping[str, Any]) -> Iterator[Span]:
    """From each hold to whatever ended it."""
    since: dict[str, float] = {}
    for entry in sorted(story["timeline"], key=lambda entry: float(entry["at"])):
        who, at = entry["detail"], entry["at"]
        if entry["what"] == "CallHeld":
            since.setdefault(who, at)
        elif entry["what"] in {"CallRetrieved", "SegmentEnded"} and who in since:
            yield Span(since.pop(who), at)
        elif entry["what"] == "CallCleared":
            yield from (Span(began, at) for began in since.values())
            since.clear()


def _ended_by(recording: Recording, story: Mapping[str, Any]) -> str | None:
    for visit in story["visits"]:
        if visit["uniqueid"] == recording.uniqueid and abs(visit["joined_at"] - recording.joined_at) < 1.0:
            ended_by: str | None = visit["ended_by"]
            return ended_by
    return None
