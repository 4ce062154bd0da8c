"""Puts together what hears recordings, and what listeners leave at them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from config.settings import Settings
from cti.adapters.clock import SystemClock
from cti.domain.metering import distribution
from cti.service.job_desk import JobDesk
from recordings.adapters.hearing_pool import FilePlace, HearingPool
from recordings.adapters.note_store import SqlRecordingNotes
from recordings.adapters.signal_policy_file import read_thresholds
from recordings.adapters.signal_store import SqlHearings
from recordings.domain.hearing import HEAR_MISSED, HEAR_RECORDING, HEARING_RETRIES, MISSED_EVERY_SECONDS
from recordings.ports import Publish, RecordingCatalogue, Story
from recordings.service.hearer import Hearer
from recordings.service.listening_desk import ListeningDesk


class Listening(NamedTuple):
    """The machine's ear and people's notes."""

    hearer: Hearer
    desk: ListeningDesk
    pool: HearingPool

    def numbers(self) -> Mapping[str, Callable[[], Any]]:
        """For the metrics."""
        return {
            "recording_faults": self.hearer.fault_counts,
            "silence_shares": lambda: distribution(self.hearer.silence_shares),
            "dead_airs": lambda: distribution(self.hearer.dead_airs),
            "talk_overs": lambda: distribution(self.hearer.talk_overs),
        }

    def take_jobs(self, jobs: JobDesk, processes: int) -> None:
        """As many recordings at once as there are processes to hear them."""
        jobs.handle(HEAR_RECORDING, self.hearer.hear, HEARING_RETRIES, together=processes)
        jobs.handle(HEAR_MISSED, self.hearer.hear_missed)
        jobs.ask(HEAR_MISSED, "all", every_seconds=MISSED_EVERY_SECONDS)


def make_listening(
    settings: Settings,
    policies: Path,
    engine: AsyncEngine,
    catalogue: RecordingCatalogue,
    story: Story,
    jobs: JobDesk,
    publish: Publish,
    clock: SystemClock,
) -> Listening:
    """Raises PolicyRefused."""
    store = settings.recordings.store.resolve()
    pool = HearingPool(settings.recordings.hearing_processes, lambda path: FilePlace(store / path))
    hearer = Hearer(
        pool,
        catalogue,
        SqlHearings(engine),
        story,
        read_thresholds(policies / "signals.yaml"),
        jobs,
        publish,
        clock,
    )
    return Listening(hearer, ListeningDesk(SqlRecordingNotes(engine), clock), pool)
