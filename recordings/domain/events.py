"""What became of a recording, past tense. Consequences stand in the `REACTIONS` table."""

from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from recordings.domain.naming import RecordingId
from recordings.domain.recording import Reason, Recording, RecordingState
from recordings.domain.signals import Fault, Signals


class RecordingStored(NamedTuple):
    """The sound is whole and safe. `corrects`: it had been given up as missing before."""

    at: float
    recording: RecordingId
    call: CallId
    visit_uniqueid: ChannelId
    queue: QueueName
    agent: AgentId | None
    tier: Tier | None
    started_at: float
    duration_seconds: float
    corrects: bool


class RecordingMissing(NamedTuple):
    """The visit was answered and there is no usable sound."""

    at: float
    recording: RecordingId
    call: CallId
    queue: QueueName
    reason: Reason


class RecordingExcluded(NamedTuple):
    """By policy, or because there is nothing to hear, the sound is not kept."""

    at: float
    recording: RecordingId
    call: CallId
    queue: QueueName
    reason: Reason


class RecordingHeard(NamedTuple):
    """Its signals are known. `technical_fault`: the first of its faults, for which nobody should be judged by it."""

    at: float
    recording: RecordingId
    call: CallId
    queue: QueueName
    agent: AgentId | None
    signals: Signals
    technical_fault: Fault | None


RecordingEvent = RecordingStored | RecordingMissing | RecordingExcluded


def told(recording: Recording, *, corrects: bool = False) -> RecordingEvent | None:
    """The event that says where a recording ended; None while it has not."""
    at = recording.settled_at
    if at is None:
        return None
    if recording.state is RecordingState.STORED:
        return RecordingStored(
            at=at,
            recording=recording.id,
            call=recording.call,
            visit_uniqueid=recording.uniqueid,
            queue=recording.queue,
            agent=recording.agent,
            tier=recording.tier,
            started_at=recording.started_at,
            duration_seconds=recording.duration_seconds or 0.0,
            corrects=corrects,
        )
    kind = RecordingMissing if recording.state is RecordingState.MISSING else RecordingExcluded
    return kind(at, recording.id, recording.call, recording.queue, recording.reason)
