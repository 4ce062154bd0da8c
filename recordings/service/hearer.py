"""Every stored recording is heard once, beside the server: its signals are kept, and told to whoever listens."""

import logging
from collections import Counter
from collections.abc import Mapping

from cti.domain.histograms import Histogram
from cti.domain.jobs import Job
from recordings.domain.errors import AudioGone
from recordings.domain.events import RecordingHeard, RecordingStored
from recordings.domain.hearing import (
    HEAR_RECORDING,
    STORY_LOOK_SECONDS,
    STORY_PATIENCE_SECONDS,
    Hearing,
    facts_of,
)
from recordings.domain.naming import RecordingId
from recordings.domain.recording import Recording, RecordingState
from recordings.domain.signals import Signals, Thresholds, signals_of
from recordings.ports import Clock, Jobs, Publish, RecordingCatalogue
from recordings.ports.hearing import Ear, HearingBook, Story
from recordings.ports.pauses import PausesOf

log = logging.getLogger(__name__)

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
LENGTHS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_MISSED_AT_ONCE = 500
_MISSED_SECONDS = 7 * 86_400.0


class Hearer:
    """From the store to the signals."""

    def __init__(
        self,
        ear: Ear,
        catalogue: RecordingCatalogue,
        book: HearingBook,
        told: tuple[Story, PausesOf],
        limits: Thresholds,
        jobs: Jobs,
        publish: Publish,
        clock: Clock,
    ) -> None:
        self._ear, self._catalogue, self._book = ear, catalogue, book
        self._story, self._pauses_of = told
        self._limits, self._jobs, self._publish, self._clock = limits, jobs, publish, clock
        self.faults: Counter[str] = Counter()
        self.silence_shares = Histogram(SHARES)
        self.talk_overs = Histogram(LENGTHS)
        self.dead_airs = Histogram(LENGTHS)

    # the reaction: it never waits

    def recording_stored(self, event: RecordingStored) -> None:
        self._jobs.ask(HEAR_RECORDING, event.recording)

    # the jobs

    async def hear(self, job: Job) -> float | None:
        """Hear one recording. Doing it again comes to the same."""
        recording = await self._catalogue.get(RecordingId(job.subject))
        if recording is None or recording.state is not RecordingState.STORED or recording.path is None:
            return None
        story, now = await self._story(recording.call), self._clock.now()
        if story is None and now - (recording.settled_at or 0.0) < STORY_PATIENCE_SECONDS:
            return now + STORY_LOOK_SECONDS
        try:
            heard = await self._ear.hear(recording.path)
        except AudioGone:
            log.warning("hearing: the sound of %s is no longer in the store", recording.id)
            return None
        facts = facts_of(recording, story, await self._pauses_of(recording.file))
        found = signals_of(heard, facts, self._limits)
        now = self._clock.now()
        hearing = Hearing(recording.id, recording.call, now, found.signals, found.spans, self._limits)
        await self._book.keep(hearing)
        self._count(found.signals)
        self._publish(_told(recording, hearing))
        return None

    async def hear_missed(self, _: Job) -> None:
        """Ask for what was stored while nobody listened: before an upgrade, or in the moment of a crash."""
        since = self._clock.now() - _MISSED_SECONDS
        for recording in await self._book.unheard(since, _MISSED_AT_ONCE):
            self._jobs.ask(HEAR_RECORDING, recording)

    # what others may ask

    async def heard(self, recording: RecordingId) -> Hearing | None:
        return await self._book.of(recording)

    def fault_counts(self) -> Mapping[str, int]:
        """Recordings with each fault, since the server began."""
        return dict(self.faults)

    def _count(self, signals: Signals) -> None:
        self.faults.update(fault.value for fault in signals.faults)
        if signals.silence_share is not None:
            self.silence_shares.observe(signals.silence_share)
        if signals.talk_over is not None:
            self.talk_overs.observe(signals.talk_over.total)
        if signals.dead_air.longest is not None:
            self.dead_airs.observe(signals.dead_air.longest)


def _told(recording: Recording, hearing: Hearing) -> RecordingHeard:
    return RecordingHeard(
        at=hearing.at,
        recording=recording.id,
        call=recording.call,
        queue=recording.queue,
        agent=recording.agent,
        signals=hearing.signals,
        technical_fault=hearing.technical_fault,
    )
