"""Each answered visit gets a row, and each row an end: stored, missing, or excluded with a reason.

Reactions only put work on a bounded queue. `run` does it: rows into the catalogue, and a look at the files. A final file
is finished by a job, `finish`: into the store, then into its row, then told to whoever listens. Whatever dies in
between, a restart takes up what was left.
"""

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from cti.domain.events import CallCleared, RecordingStarted, VisitEnded
from cti.domain.identifiers import ChannelId
from cti.domain.jobs import Job
from cti.domain.records import Outcome, VisitRecord
from recordings.domain.errors import NameRefused
from recordings.domain.events import told
from recordings.domain.finding import Found, of_cleared, of_journal, of_visit, readable, told_more
from recordings.domain.finishing import FINISH_RECORDING, Finishing, finishing
from recordings.domain.naming import RecordingId, RecordingName, covering, parse
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import UNSETTLED, Change, Reason, Recording, RecordingState, Step, expect
from recordings.ports import AudioStore, Clock, Jobs, Publish, RecordingCatalogue, VisitJournal
from recordings.service.collector import Collector, Finished, Settled

log = logging.getLogger(__name__)

_CAME_LATE = (RecordingState.MISSING, Step.STORE)
_NAMES_REMEMBERED = 20_000
_AT_ONCE = 1000
_GATHER_SECONDS = 0.1
_TAKE_UP_SECONDS = 86_400.0
"""How far back a restart asks the journal for answered visits whose events never came."""


class Recorder:
    """From the answer to the store."""

    def __init__(
        self,
        policy: RecordingPolicy,
        store: AudioStore,
        catalogue: RecordingCatalogue,
        publish: Publish,
        clock: Clock,
        jobs: Jobs,
        journal: VisitJournal | None = None,
        *,
        capacity: int = 20_000,
        forbids: Callable[[VisitRecord], Reason] = lambda _: Reason.NONE,
    ) -> None:
        """`forbids`: why a visit is not to be recorded. `capacity` is how many calls may wait for a slow disk; what does not fit is asked of the journal later."""
        self._catalogue, self._publish, self._clock, self._journal = catalogue, publish, clock, journal
        self._collector = Collector(policy, store, catalogue, self._finish_later)
        self._jobs = jobs
        self._one = asyncio.Lock()  # rows change in one place at a time: in a turn, or when a job is finished
        self._capacity, self._forbids = capacity, forbids
        self._work: deque[Found] = deque()
        self._arrived = asyncio.Event()
        self._names: OrderedDict[ChannelId, tuple[RecordingName, ...]] = OrderedDict()
        self._counts: Counter[RecordingState] = Counter()
        self._unsaved: dict[RecordingId, Recording] = {}
        self._untold: list[Settled] = []
        self._changes: list[Change] = []
        self._taken_up = False
        self._turned = False
        self._ask_journal = True
        self.lost = 0
        self.refused_names = 0
        self.failures = 0

    # reactions: they never wait

    def recording_started(self, event: RecordingStarted) -> None:
        try:
            name = parse(event.file)
        except NameRefused:
            name = None
        if name is None or name.channel != event.channel:
            self.refused_names += 1
            log.warning("a recording was announced under a name that is not its channel's own")
            return
        self._names[event.channel] = (*self._names.get(event.channel, ()), name)
        self._names.move_to_end(event.channel)
        while len(self._names) > _NAMES_REMEMBERED:
            self._names.popitem(last=False)

    def visit_ended(self, event: VisitEnded) -> None:
        if event.visit.outcome is Outcome.ANSWERED:
            names = self._names.get(event.visit.uniqueid, ())
            self._put(Found(event.visit, file=covering(names, event.visit.uniqueid, event.visit.joined_at)))

    def call_cleared(self, event: CallCleared) -> None:
        answered = [visit for visit in event.record.visits if visit.outcome is Outcome.ANSWERED]
        names = readable(event.record.recordings)
        for channel in {visit.uniqueid for visit in event.record.visits}:
            names += self._names.pop(channel, ())
        for visit in answered:
            self._put(of_cleared(event, visit, answered, names))

    def _put(self, found: Found) -> None:
        if len(self._work) >= self._capacity:
            self._work.popleft()
            self.lost += 1
            self._ask_journal = True
            log.error("recorder: %d visits let go, the journal will be asked for them", self.lost)
        self._work.append(found)
        self._arrived.set()

    async def recount(self) -> None:
        """Somebody else changed rows."""
        async with self._one:
            self._counts = Counter(await self._catalogue.counts())

    # what others may ask

    def counts(self) -> Mapping[RecordingState, int]:
        """Recordings by state, kept in memory."""
        return {state: self._counts[state] for state in RecordingState}

    @property
    def backlog(self) -> int:
        return len(self._work) + len(self._unsaved)

    # the task

    async def run(self, tick: float = 1.0) -> None:
        """Work until cancelled; whatever fails is tried again, every `tick` seconds, growing to half a minute."""
        delay = tick
        try:
            while True:
                # Not wait_for: on Python 3.11 it loses a cancellation that comes together with the event.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._arrived.wait()
                await asyncio.sleep(_GATHER_SECONDS)
                try:
                    await self.turn()
                    delay = tick
                except Exception:
                    self.failures += 1
                    log.exception("recorder: this turn failed, trying again")
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 30.0)
        except asyncio.CancelledError:
            if self._taken_up:
                async with self._one:
                    await self._admit(self._clock.now())
                    await self._write_down()
            raise

    async def turn(self) -> None:
        """One round: take in what happened, look at the files that are due, write down, tell."""
        async with self._one:
            await self._turn(self._clock.now())

    async def _turn(self, now: float) -> None:
        if not self._taken_up:
            await self._take_up()
        if self._ask_journal and self._journal is not None:
            self._ask_journal = False
            try:
                await self.expect(await self._journal.visits(now - _TAKE_UP_SECONDS, now))
            except BaseException:
                self._ask_journal = True
                raise
        try:
            await self._admit(now)
            await self._collector.collect(now, self._settle)
        finally:
            await self._write_down()
        self._turned = True

    async def expect(self, visits: Iterable[VisitRecord]) -> None:
        """Take in finished visits from another source than the live line; known ones change nothing."""
        found = [of_journal(visit) for visit in visits if visit.outcome is Outcome.ANSWERED]
        for start in range(0, len(found), _AT_ONCE):
            await self._take_in(found[start : start + _AT_ONCE], self._clock.now())
            await self._write_down()

    # the job

    def _finish_later(self, recording: RecordingId, what: Finishing) -> None:
        self._jobs.ask(FINISH_RECORDING, recording, what.payload())

    async def finish(self, job: Job) -> float | None:
        """Bring a final file to its end. Every step may be repeated: the server may die after any of them."""
        if not self._turned:  # an earlier server's job: first we learn what that one knew
            return self._clock.now() + 1.0
        id_, what = RecordingId(job.subject), finishing(job.payload)
        recording = await self._newest(id_)
        if recording is None:
            self._collector.take_back(id_)
            return None  # no row: the visit, should it be told again, begins anew
        if recording.state in UNSETTLED or (recording.state, what.verdict.step) == _CAME_LATE:
            brought = await self._collector.bring_in(recording, what, self._clock.now())
            if not isinstance(brought, Finished):
                return brought
            async with self._one:
                newest = self._collector.row(id_) or recording  # more may have become known meanwhile
                self._settle(self._collector.settle(newest, what, brought, self._clock.now()))
                await self._write_down()
        elif id_ in self._unsaved:
            async with self._one:
                await self._write_down()
        elif (event := told(recording)) is not None:
            self._publish(event)  # written, and perhaps not told
        return None

    async def _newest(self, recording: RecordingId) -> Recording | None:
        known = self._unsaved.get(recording) or self._collector.row(recording)
        return known or await self._catalogue.get(recording)

    async def _take_up(self) -> None:
        counts = await self._catalogue.counts()
        self._collector.leave_to_jobs(map(RecordingId, await self._jobs.asked(FINISH_RECORDING)))
        for recording in await self._catalogue.unsettled():
            self._collector.watch(recording)
        self._counts.update(counts)
        self._taken_up = True

    async def _admit(self, now: float) -> None:
        self._arrived.clear()
        left = len(self._work)  # what comes meanwhile waits, or a rush would never be written down
        while left and self._work:
            some = list(islice(self._work, min(_AT_ONCE, left)))
            left -= len(some)
            await self._take_in(some, now)
            for found in some:  # reactions may have put more behind, or let go the oldest, meanwhile
                if self._work and self._work[0] is found:
                    self._work.popleft()

    async def _take_in(self, some: Sequence[Found], now: float) -> None:
        """Give each visit its row, or tell the row it has what is newly known."""
        channels = {(found.visit.pbx, found.visit.uniqueid) for found in some}
        strangers = {(found.visit.pbx, found.visit.uniqueid) for found in some if not self._watches(found)}
        newest = {recording.id: recording for recording in await self._catalogue.of_channels(strangers)}
        newest |= {id_: row for id_, row in self._unsaved.items() if (row.pbx, row.uniqueid) in channels}
        rows: defaultdict[ChannelId, dict[RecordingId, Recording]] = defaultdict(dict)
        for recording in newest.values():
            rows[recording.uniqueid][recording.id] = recording
        for found in some:
            siblings = rows[found.visit.uniqueid]
            siblings |= {
                recording.id: recording for recording in self._collector.watched(found.visit.uniqueid)
            }
            before = of_visit(found.visit, siblings.values())
            if before is None:
                recording = expect(found.visit)._replace(forbidden=self._forbids(found.visit))
                self._changes.append(Change(recording.id, now, None, recording.state, recording.reason, ""))
                self._counts[recording.state] += 1
            else:
                recording = before
            recording = told_more(recording, found)
            if recording != before:
                siblings[recording.id] = self._unsaved[recording.id] = recording
                if recording.state in UNSETTLED:
                    self._collector.watch(recording)

    def _watches(self, found: Found) -> bool:
        """Its own row is looked after; one of another visit of the channel says nothing about this one, which may be settled."""
        return of_visit(found.visit, self._collector.watched(found.visit.uniqueid)) is not None

    def _settle(self, settled: Settled) -> None:
        if settled.change.was is not None:
            self._counts[settled.change.was] -= 1
        self._counts[settled.change.became] += 1
        self._unsaved[settled.recording.id] = settled.recording
        self._changes.append(settled.change)
        self._untold.append(settled)

    async def _write_down(self) -> None:
        """Write, then tell: nobody hears of a recording that a crash could take back."""
        if not self._unsaved:
            return
        await self._catalogue.save(list(self._unsaved.values()), self._changes)
        told, self._untold = self._untold, []
        self._unsaved.clear()
        self._changes.clear()
        for settled in told:
            if (event := settled.event()) is not None:
                self._publish(event)
