"""Puts together what takes recordings in, looks after them, lets people hear them, and takes them out again."""

from collections.abc import Sequence
from typing import NamedTuple

from config.branch import Branch, Shared
from config.hearing import Listening, make_listening
from config.keeping import Keeping, make_keeping
from config.pauses import Pauses, make_pauses, not_recorded
from config.recording_clues import Clues
from config.recording_store import make_store
from cti.domain.access import Audit
from cti.ports import Reaction
from customers.adapters.numbering import NumberingPlan
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.domain.finishing import FINISH_RECORDING, FINISHING_RETRIES
from recordings.domain.policy import RecordingPolicy
from recordings.ports import Publish, ReviewsOf
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from recordings.service.store_watch import StoreWatch


class Recordings(NamedTuple):
    """The parts, as the installation holds them."""

    recorder: Recorder
    archivist: Archivist
    store_watch: StoreWatch
    pauses: Pauses
    keeping: Keeping
    listening: Listening

    @property
    def stored(self) -> Sequence[Reaction]:
        """What is done with a recording once it is stored."""
        return (
            self.listening.hearer.recording_stored,
            self.listening.scribe.recording_stored,
            self.pauses.check.stored,
        )


def make_recordings(
    shared: Shared,
    branches: Sequence[Branch],
    policy: RecordingPolicy,
    numbering: NumberingPlan,
    audit: Audit,
    publish: Publish,
    reviews_of: ReviewsOf,
) -> Recordings:
    """Make the parts; what must be done whatever dies is a job. Raises KeysRefused, PolicyRefused, TranscriptionRefused."""
    settings, engine, clock, jobs = shared.settings, shared.engine, shared.clock, shared.job_desk
    folder = settings.policies.folder
    catalogue = SqlRecordingCatalogue(engine, Clues(engine, shared.customers.normalise, shared.zone, clock))
    audio, key_book, key_wrapper = make_store(settings, engine)
    pauses = make_pauses(shared, branches, policy.pause_seconds, audit, (catalogue, audio))
    recorder = Recorder(
        policy,
        audio,
        catalogue,
        publish,
        clock,
        jobs,
        shared.calls,
        forbids=lambda visit: not_recorded(policy, numbering, visit.queue, visit.caller_number),
    )

    async def forget() -> None:
        shared.outbox.forget_recent()
        await recorder.recount()

    keeping = make_keeping(
        engine,
        folder / "retention.yaml",
        (settings.journal.folder, [branch.pbx for branch in branches]),
        numbering,
        (catalogue, audio),
        audit,
        clock,
        jobs,
        forget,
    )
    listening = make_listening(shared, (catalogue, audio, pauses.check.of), audit, publish)
    jobs.handle(FINISH_RECORDING, recorder.finish, FINISHING_RETRIES)
    return Recordings(
        recorder,
        Archivist(catalogue, audio, reviews_of),
        StoreWatch(audio, catalogue, (key_book, key_wrapper), clock, policy.unended_after_hours * 3600),
        pauses,
        keeping,
        listening,
    )
