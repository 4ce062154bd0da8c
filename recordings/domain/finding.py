"""What live events, finished calls and the journal say about a visit's recording."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cti.domain.events import CallCleared
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from recordings.domain.errors import NameRefused
from recordings.domain.naming import JOIN_TOLERANCE, RecordingName, covering, parse
from recordings.domain.recording import LENGTH_TOLERANCE, Recording, length_note


class Found(NamedTuple):
    """An answered visit, and what is known about its recording so far."""

    visit: VisitRecord
    cleared_at: float | None = None
    bridge_seconds: float | None = None
    file: RecordingName | None = None


def readable(files: Iterable[str]) -> list[RecordingName]:
    """The names among these that follow the rule."""
    names = []
    for file in files:
        with contextlib.suppress(NameRefused):
            names.append(parse(file))
    return names


def of_cleared(
    event: CallCleared, visit: VisitRecord, answered: Sequence[VisitRecord], names: Sequence[RecordingName]
) -> Found:
    """What the finished call says: the visit's file, and the bridge time that must be in it."""
    file = covering(names, visit.uniqueid, visit.joined_at)
    start = visit.joined_at if visit.outcome_at is None else visit.outcome_at
    end: float | None = None
    for other in answered:
        if other.uniqueid != visit.uniqueid or other == visit:
            continue
        shared = file is not None and covering(names, other.uniqueid, other.joined_at) == file
        if shared and other.outcome_at is not None:
            start = min(start, other.outcome_at)
        elif not shared and other.joined_at > visit.joined_at:
            end = other.joined_at if end is None else min(end, other.joined_at)
    cleared_at = event.at if event.record.ended_at is None else event.record.ended_at
    return Found(visit, cleared_at, bridge_seconds(event.record, start, end), file)


def of_journal(visit: VisitRecord) -> Found:
    """What is left of a visit in the journal, where the call's segments are not at hand."""
    talked = None if visit.talk_seconds is None else visit.talk_seconds + (visit.hold_seconds or 0.0)
    return Found(visit, visit.ended_at, talked)


def of_visit(visit: VisitRecord, candidates: Iterable[Recording]) -> Recording | None:
    """The visit's row, by what the switch called it: call ids change when calls merge."""
    for recording in candidates:
        if (
            recording.uniqueid == visit.uniqueid
            and recording.pbx == visit.pbx
            and abs(recording.joined_at - visit.joined_at) <= JOIN_TOLERANCE
        ):
            return recording
    return None


def told_more(recording: Recording, found: Found) -> Recording:
    """The row with what is newly known. Times keep their first value: it came from the live line."""
    bridge = found.bridge_seconds if recording.bridge_seconds is None else recording.bridge_seconds
    recording = recording._replace(
        call=found.visit.call,
        agent=found.visit.agent or recording.agent,
        tier=found.visit.tier or recording.tier,
        cleared_at=found.cleared_at if recording.cleared_at is None else recording.cleared_at,
        bridge_seconds=bridge,
        file=found.file.file if found.file is not None and recording.path is None else recording.file,
    )
    if recording.duration_seconds is None:
        return recording
    return recording._replace(note=length_note(recording.duration_seconds, bridge))


def bridge_seconds(record: CallRecord, start: float, end: float | None) -> float | None:
    """How long anybody talked with the customer (hold included) between two moments; None when nothing is known."""
    if not record.segments:
        return None
    last = record.ended_at if end is None else end
    spans = sorted(
        (max(segment.began_at, start - LENGTH_TOLERANCE), _end(segment, record, last))
        for segment in record.segments
        if last is None or segment.began_at < last
    )
    return _union(spans)


def _end(segment: SegmentRecord, record: CallRecord, last: float | None) -> float:
    ended = segment.ended_at if segment.ended_at is not None else record.ended_at
    known = [moment for moment in (ended, last) if moment is not None]
    return min(known, default=segment.began_at + segment.talk_seconds + segment.hold_seconds)


def _union(spans: Sequence[tuple[float, float]]) -> float:
    total, reached = 0.0, float("-inf")
    for began, ended in spans:
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total
