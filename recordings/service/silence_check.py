"""Listens whether stored files are silent where they were paused: a pause is evidence only when the file agrees."""

from collections.abc import Sequence

from cti.domain.jobs import Job
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from recordings.domain.pauses import CHECK_PAUSES, Pause, PauseState, Silence, judged, span
from recordings.domain.recording import RecordingState
from recordings.ports import AudioStore, Clock, Jobs, RecordingCatalogue
from recordings.ports.pauses import PauseBook
from recordings.service.pause_desk import PauseDesk

_AGAIN_SECONDS = 5.0


class SilenceCheck:
    """Beside the pause desk, which knows what is to be listened to."""

    def __init__(
        self,
        desk: PauseDesk,
        book: PauseBook,
        catalogue: RecordingCatalogue,
        store: AudioStore,
        clock: Clock,
        jobs: Jobs,
    ) -> None:
        self._desk, self._book, self._catalogue = desk, book, catalogue
        self._store, self._clock, self._jobs = store, clock, jobs

    def stored(self, event: RecordingStored) -> None:
        """Reaction: a file of a call that was paused somewhere is listened to."""
        if self._desk.is_to_be_checked(event.call, event.visit_uniqueid):
            self._jobs.ask(CHECK_PAUSES, event.recording)

    async def of(self, file: str | None) -> Sequence[Pause]:
        """The pauses in a file, in order."""
        return [] if file is None else await self._book.of_file(file)

    async def check(self, job: Job) -> float | None:
        """Doing it again gives the same."""
        recording = await self._catalogue.get(RecordingId(job.subject))
        if recording is None or recording.state is not RecordingState.STORED or recording.path is None:
            return None
        pauses = [one for one in await self.of(recording.file) if one.silence is Silence.UNCHECKED]
        if any(one.state is PauseState.OPEN for one in pauses):
            return self._clock.now() + _AGAIN_SECONDS  # its end is on the way into the book
        spans = [span(one, recording.duration_seconds or 0.0) for one in pauses]
        loudest = iter(await self._store.loudest(recording.path, [one for one in spans if one is not None]))
        for pause, stretch in zip(pauses, spans, strict=True):
            done = judged(pause, None if stretch is None else next(loudest))
            self._book.keep(done)
            self._desk.judged(done)
        return None
