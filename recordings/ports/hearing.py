"""What hearing recordings, and writing notes to them, needs from outside."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from cti.domain.identifiers import CallId
from recordings.domain.hearing import Hearing
from recordings.domain.naming import RecordingId
from recordings.domain.notes import Note, Share
from recordings.domain.speech import Heard
from recordings.domain.transcript import Line

Story = Callable[[CallId], Awaitable[Mapping[str, Any] | None]]
"""The story of a finished call, as `cti/domain/export.py` writes it; None while it is not written."""


class Ear(Protocol):
    """Hears what the store keeps, beside the server."""

    async def hear(self, path: str) -> Heard:
        """Raises NotWhole, AudioGone or HearingFailed."""


class HearingBook(Protocol):
    """Where signals are kept."""

    async def keep(self, hearing: Hearing) -> None:
        """Hearing a recording again replaces what was heard before."""

    async def of(self, recording: RecordingId) -> Hearing | None: ...
    async def unheard(self, since: float, limit: int) -> Sequence[RecordingId]:
        """Recordings stored since then, oldest first, of which no signals are kept."""


class Transcriber(Protocol):
    """Writes down what is said, where an engine is installed. Nothing else depends on it."""

    async def transcribe(self, path: str) -> Sequence[Line]:
        """Raises AudioGone or HearingFailed."""


class TranscriptBook(Protocol):
    """Where transcripts are kept."""

    async def keep(self, recording: RecordingId, lines: Sequence[Line]) -> None:
        """In place of what was kept of it before."""

    async def of(self, recording: RecordingId) -> Sequence[Line]:
        """In the order of the sound."""


class NoteBook(Protocol):
    """Where notes to moments of recordings, and links to recordings, are kept."""

    async def add(self, note: Note) -> None: ...
    async def notes(self, recording: RecordingId) -> Sequence[Note]:
        """In the order of the sound."""

    async def remove(self, recording: RecordingId, note: str) -> bool:
        """False when there is none."""

    async def note(self, recording: RecordingId, note: str) -> Note | None: ...
    async def share(self, share: Share) -> None:
        """Links that have expired go."""

    async def shared(self, key: str) -> Share | None: ...
