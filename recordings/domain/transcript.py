"""What was said, written down by an engine of the site's own choice."""

from typing import NamedTuple

from cti.domain.jobs import Retries

TRANSCRIBE_RECORDING = "transcribe_recording"
"""The kind of job that writes down one stored recording."""

TRANSCRIBING_RETRIES = Retries(attempts=4, first=30.0, longest=3600.0)


class Line(NamedTuple):
    """A stretch of speech in seconds of the sound. `lane`: 0 the customer's, 1 the agent's, None in one channel."""

    lane: int | None
    began: float
    ended: float
    text: str
