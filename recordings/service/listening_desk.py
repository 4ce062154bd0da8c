"""What listeners leave at a recording: notes to its moments, and links for others who may hear it."""

import hashlib
import secrets
from collections.abc import Sequence

from cti.domain.access import Permission, User
from cti.domain.errors import NotAllowed
from recordings.domain.errors import NoteUnknown, ShareUnknown
from recordings.domain.naming import RecordingId
from recordings.domain.notes import Note, Share, readable, within
from recordings.domain.recording import Recording
from recordings.ports import Clock
from recordings.ports.hearing import NoteBook

_SECRET_BYTES = 32


class ListeningDesk:
    """A link's secret stands in the link alone; kept is only what it hashes to."""

    def __init__(self, book: NoteBook, clock: Clock) -> None:
        self._book, self._clock = book, clock

    async def notes(self, recording: RecordingId) -> Sequence[Note]:
        return await self._book.notes(recording)

    async def write(self, recording: Recording, at_seconds: float, text: str, user: User) -> Note:
        """A mark when the text is empty. Raises NoteRefused."""
        note = Note(
            id=secrets.token_hex(8),
            recording=recording.id,
            at_seconds=within(at_seconds, recording.duration_seconds),
            text=readable(text),
            author=user.login,
            author_name=user.name,
            written_at=self._clock.now(),
        )
        await self._book.add(note)
        return note

    async def remove(self, recording: RecordingId, note: str, user: User) -> None:
        """Everybody their own, administrators all. Raises NoteUnknown or NotAllowed."""
        found = await self._book.note(recording, note) if note.isprintable() else None
        if found is None:
            raise NoteUnknown
        if found.author != user.login and not user.may(Permission.ADMINISTER):
            raise NotAllowed("People take back their own notes only.")
        await self._book.remove(recording, note)

    async def share(
        self, recording: RecordingId, lasts_seconds: float, at_seconds: float | None, user: User
    ) -> tuple[str, Share]:
        """What stands in the link, and what is kept of it."""
        secret, now = secrets.token_urlsafe(_SECRET_BYTES), self._clock.now()
        share = Share(_key(secret), recording, at_seconds, user.login, now, now + lasts_seconds)
        await self._book.share(share)
        return secret, share

    async def shared(self, secret: str) -> Share:
        """Raises ShareUnknown."""
        found = await self._book.shared(_key(secret))
        if found is None or found.expires_at <= self._clock.now():
            raise ShareUnknown
        return found


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
