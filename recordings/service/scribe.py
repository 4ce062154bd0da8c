"""Has stored recordings written down, where an engine is installed."""

from collections.abc import Sequence

from cti.domain.jobs import Job
from recordings.domain.errors import AudioGone
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from recordings.domain.recording import RecordingState
from recordings.domain.transcript import TRANSCRIBE_RECORDING, Line
from recordings.ports import Jobs, RecordingCatalogue
from recordings.ports.hearing import Transcriber, TranscriptBook


class Scribe:
    """Without a transcriber nothing is asked for, and what was written down before can still be read."""

    def __init__(
        self,
        transcriber: Transcriber | None,
        catalogue: RecordingCatalogue,
        book: TranscriptBook,
        jobs: Jobs,
    ) -> None:
        self._transcriber, self._catalogue, self._book, self._jobs = transcriber, catalogue, book, jobs

    def recording_stored(self, event: RecordingStored) -> None:
        if self._transcriber is not None:
            self._jobs.ask(TRANSCRIBE_RECORDING, event.recording)

    async def write_down(self, job: Job) -> None:
        """The job. Doing it again replaces what was written."""
        recording = await self._catalogue.get(RecordingId(job.subject))
        if self._transcriber is None or recording is None or recording.path is None:
            return
        if recording.state is not RecordingState.STORED:
            return
        try:
            lines = await self._transcriber.transcribe(recording.path)
        except AudioGone:
            return
        await self._book.keep(recording.id, lines)

    async def written(self, recording: RecordingId) -> Sequence[Line]:
        return await self._book.of(recording)
