"""What went over a connection, counted: the numbers behind the metrics, and the last frames worth a look."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

KEPT_FRAMES = 64
KEPT_BYTES = 4096


class KeptFrame(NamedTuple):
    """A frame that was set aside, and why. May hold personal data: for the operator's eye, never for a log."""

    reason: str
    frame: bytes


@dataclass(slots=True)
class Traffic:
    """One connection's counts, across its reconnects."""

    received_bytes: int = 0
    messages: int = 0  # every whole frame, wanted or not
    malformed: int = 0  # neither event nor response
    oversized: int = 0
    quarantined: int = 0
    unexpected: int = 0  # answers nobody asked for, and events Asterisk does not document
    cut: int = 0  # frames the end of a connection cut
    gaps: int = 0
    missed: int = 0  # messages in those gaps
    failures: int = 0  # errors in what listens
    reconnects: int = 0
    unwanted: dict[bytes, int] = field(default_factory=dict)  # by first line: what is counted and let go
    kept: deque[KeptFrame] = field(default_factory=lambda: deque(maxlen=KEPT_FRAMES))

    def keep(self, reason: str, frame: bytes) -> None:
        self.kept.append(KeptFrame(reason, frame[:KEPT_BYTES]))

    @property
    def unwanted_events(self) -> dict[str, int]:
        """How many came of each event nobody wanted."""
        prefix = len(b"Event: ")
        return {line[prefix:].decode("ascii", "replace"): count for line, count in self.unwanted.items()}
