"""Puts together what hears recordings, and what listeners leave at them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from config.branch import Shared
from cti.domain.access import Audit
from cti.domain.metering import distribution
from recordings.adapters.hearing_pool import HearingPool
from recordings.adapters.note_store import SqlRecordingNotes
from recordings.adapters.signal_policy_file import read_thresholds
from recordings.adapters.signal_store import SqlHearings
from recordings.adapters.transcript_store import SqlTranscripts
from recordings.adapters.whisper import WhisperTranscriber
from recordings.domain.hearing import HEAR_MISSED, HEAR_RECORDING, HEARING_RETRIES, MISSED_EVERY_SECONDS
from recordings.domain.transcript import TRANSCRIBE_RECORDING, TRANSCRIBING_RETRIES
from recordings.ports import AudioStore, Publish, RecordingCatalogue
from recordings.ports.pauses import PausesOf
from recordings.service.hearer import Hearer
from recordings.service.listeners import Listeners
from recordings.service.listening_desk import ListeningDesk
from recordings.service.scribe import Scribe


class Listening(NamedTuple):
    """The machine's ear, who else hears, and people's notes."""

    hearer: Hearer
    scribe: Scribe
    listeners: Listeners
    desk: ListeningDesk
    pool: HearingPool
    whisper: WhisperTranscriber | None

    def numbers(self) -> Mapping[str, Callable[[], Any]]:
        """For the metrics."""
        return {
            "recording_faults": self.hearer.fault_counts,
            "silence_shares": lambda: distribution(self.hearer.silence_shares),
            "dead_airs": lambda: distribution(self.hearer.dead_airs),
            "talk_overs": lambda: distribution(self.hearer.talk_overs),
        }

    def close(self) -> None:
        """End the processes beside us."""
        self.pool.close()
        if self.whisper is not None:
            self.whisper.close()


def make_listening(
    shared: Shared,
    kept: tuple[RecordingCatalogue, AudioStore, PausesOf],
    audit: Audit,
    publish: Publish,
) -> Listening:
    """What must be heard whatever dies is a job from here on. Raises PolicyRefused or TranscriptionRefused."""
    engine, jobs, clock = shared.engine, shared.job_desk, shared.clock
    given, (catalogue, store, pauses_of) = shared.settings.recordings, kept
    pool, model = HearingPool(given.hearing_processes, store.place), given.transcription_model
    whisper = None if model is None else WhisperTranscriber(model, given.transcription_language, store.place)
    hearer = Hearer(
        pool,
        catalogue,
        SqlHearings(engine),
        (shared.calls.call, pauses_of),
        read_thresholds(shared.settings.policies.folder / "signals.yaml"),
        jobs,
        publish,
        clock,
    )
    scribe = Scribe(whisper, catalogue, SqlTranscripts(engine), jobs)
    processes = given.hearing_processes  # as many recordings at once as there are to hear them
    jobs.handle(HEAR_RECORDING, hearer.hear, HEARING_RETRIES, together=processes)
    jobs.handle(HEAR_MISSED, hearer.hear_missed)
    jobs.ask(HEAR_MISSED, "all", every_seconds=MISSED_EVERY_SECONDS)
    jobs.ask(HEAR_MISSED, "before the start")  # a crash may have come between the recording and the asking
    jobs.handle(TRANSCRIBE_RECORDING, scribe.write_down, TRANSCRIBING_RETRIES)
    desk = ListeningDesk(SqlRecordingNotes(engine), clock)
    return Listening(hearer, scribe, Listeners(audit, clock), desk, pool, whisper)
