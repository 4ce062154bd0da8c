"""What people write to a moment of a recording, and links that lead others to one."""

import re
from typing import NamedTuple

from recordings.domain.errors import NoteRefused
from recordings.domain.naming import RecordingId

LONGEST_NOTE = 1000
SHORTEST_SHARE, LONGEST_SHARE = 300.0, 30 * 86_400.0
"""Seconds for which a link may lead somewhere."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SLACK_SECONDS = 1.0


class Note(NamedTuple):
    """A comment, or without text a mere mark, at a second of the sound."""

    id: str
    recording: RecordingId
    at_seconds: float
    text: str
    author: str  # a login
    author_name: str
    written_at: float


class Share(NamedTuple):
    """A link to a recording, perhaps to a moment of it. Whoever opens it needs the right to hear it all the same."""

    key: str  # of what stands in the link; that itself is not kept
    recording: RecordingId
    at_seconds: float | None
    author: str
    made_at: float
    expires_at: float


def readable(text: str) -> str:
    """The text as it is kept. Raises NoteRefused when it is too long or holds control characters."""
    text = text.strip()
    if len(text) > LONGEST_NOTE:
        raise NoteRefused(f"A note has at most {LONGEST_NOTE} characters.")
    if _CONTROL.search(text):
        raise NoteRefused("A note holds text, no control characters.")
    return text


def within(at_seconds: float, length: float | None) -> float:
    """Raises NoteRefused for a moment the recording does not have."""
    if not 0 <= at_seconds <= (length or 0.0) + _SLACK_SECONDS:
        raise NoteRefused("The recording has no such moment.")
    return at_seconds
