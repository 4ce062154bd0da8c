"""Files that belong to no recording: shown to an operator, never deleted."""

from enum import StrEnum
from typing import NamedTuple

from recordings.domain.recording import UNSETTLED, RecordingState


class OrphanPlace(StrEnum):
    """Where it lies."""

    INCOMING = "incoming"  # the switch's folder
    STORE = "store"


class OrphanReason(StrEnum):
    """Why it is one."""

    NO_RECORDING = "no_recording"  # no answered visit has it
    UNKNOWN_NAME = "unknown_name"  # not a name of ours
    LEFT_OVER = "left_over"  # its recording was stored or excluded without it
    UNFINISHED = "unfinished"  # writing it was broken off


class Orphan(NamedTuple):
    """A file that belongs to no recording. Size in bytes."""

    place: OrphanPlace
    path: str
    size: int
    changed_at: float
    reason: OrphanReason


def reason_of_incoming(state: RecordingState | None) -> OrphanReason | None:
    """Of a file whose recording stands there (None: there is none). A missing recording's damaged file is its own."""
    if state is None:
        return OrphanReason.NO_RECORDING
    if state in UNSETTLED or state is RecordingState.MISSING:
        return None
    return OrphanReason.LEFT_OVER
