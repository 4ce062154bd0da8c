"""Looks after the files of unsettled recordings, decides about the final ones, and finishes what was decided."""

import heapq
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from cti.domain.identifiers import ChannelId
from recordings.domain.errors import FileRefused, NotWhole, PathTaken
from recordings.domain.events import RecordingEvent, told
from recordings.domain.finishing import Finishing
from recordings.domain.naming import RecordingId, RecordingName, covering, parse, store_path
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import (
    UNSETTLED,
    Change,
    Kept,
    Reason,
    Recording,
    RecordingState,
    Step,
    take_step,
    with_sound,
)
from recordings.domain.verdict import FileFacts, Verdict, Watch, covers, judge, judge_late, patience, watched
from recordings.ports import AudioStore, Listed, RecordingCatalogue

log = logging.getLogger(__name__)

_LOOK_DURING_CALL = 30.0
_LOOK_AFTER_CALL = 1.0
_PATROL = 60.0
_AT_ONCE = 1000
"""Files looked at before what became of them is written down."""
_LONE_MARKER_SECONDS = 3600.0


class Settled(NamedTuple):
    """A recording after a step, and the line for its history."""

    recording: Recording
    change: Change

    def event(self) -> RecordingEvent | None:
        return told(self.recording, corrects=self.change.was is RecordingState.MISSING)


class Finished(NamedTuple):
    """What became of a file, and what is kept of it."""

    verdict: Verdict
    path: str = ""
    kept: Kept | None = None


Deliver = Callable[[Settled], None]
HandOver = Callable[[RecordingId, Finishing], None]


class Collector:
    """One look at a time: survey the folder once for all that are due, decide each, hand over what is to be finished."""

    def __init__(
        self, policy: RecordingPolicy, store: AudioStore, catalogue: RecordingCatalogue, hand_over: HandOver
    ) -> None:
        """`hand_over` takes a decision about a final file, and sees to it that it is finished."""
        self._policy, self._store, self._catalogue = policy, store, catalogue
        self._hand_over = hand_over
        self._handed_over: set[RecordingId] = set()
        self._rows: dict[RecordingId, Recording] = {}
        self._by_channel: defaultdict[ChannelId, set[RecordingId]] = defaultdict(set)
        self._watches: dict[RecordingId, Watch] = {}
        self._due: list[tuple[float, RecordingId]] = []
        self._next_look: dict[RecordingId, float] = {}
        self._next_patrol = 0.0
        self._strays: dict[RecordingName, tuple[Listed, Watch]] = {}
        self.failures = 0
        self._said = ("", 0.0)  # the last complaint and when: not the same one every second

    def watch(self, recording: Recording) -> None:
        """Look after this recording from now on, with what is newest known about it."""
        self._rows[recording.id] = recording
        self._by_channel[recording.uniqueid].add(recording.id)
        if recording.id not in self._handed_over:
            self._look_at(recording.id, 0.0)

    def leave_to_jobs(self, recordings: Iterable[RecordingId]) -> None:
        """An earlier server handed these over: their files may be on the way, and are not looked for."""
        self._handed_over.update(recordings)

    def take_back(self, recording: RecordingId) -> None:
        self._handed_over.discard(recording)

    def row(self, recording: RecordingId) -> Recording | None:
        """What is newest known of a recording that is looked after."""
        return self._rows.get(recording)

    def watched(self, channel: ChannelId) -> list[Recording]:
        return [self._rows[recording] for recording in self._by_channel.get(channel, ())]

    def _look_at(self, recording: RecordingId, when: float) -> None:
        self._next_look[recording] = when
        heapq.heappush(self._due, (when, recording))

    def _due_now(self, now: float) -> list[Recording]:
        due: list[Recording] = []
        while self._due and self._due[0][0] <= now and len(due) < _AT_ONCE:
            when, recording = heapq.heappop(self._due)
            if self._next_look.get(recording) == when:  # else an earlier plan, since changed
                del self._next_look[recording]
                due.append(self._rows[recording])
        return due

    async def collect(self, now: float, deliver: Deliver) -> None:
        """Look at everything that is due, and deliver each step taken. What a failing disk holds up stays due."""
        due = self._due_now(now)
        for recording in due:
            self._look_at(recording.id, now + _look_pause(recording))
        faults: list[OSError] = []
        try:
            seen = await self._find(due) if due else {}
        except OSError as fault:
            faults.append(fault)
        else:
            for recording in due:
                try:
                    self._look(recording, seen.get(recording.id), now, deliver)
                except Exception:  # one file nobody foresaw must not hold up the others
                    self.failures += 1
                    log.exception("recordings: %s cannot be looked at, trying again", recording.id)
            if now >= self._next_patrol:
                self._next_patrol = now + _PATROL
                try:
                    await self._patrol(now)
                except OSError as fault:
                    faults.append(fault)
        self.failures += len(faults)
        if faults and (str(faults[0]) != self._said[0] or now >= self._said[1] + _PATROL):
            self._said = (str(faults[0]), now)
            log.error("recordings: the folder or the store fails, trying again: %s", faults[0])

    async def _find(self, due: Sequence[Recording]) -> dict[RecordingId, tuple[RecordingName, FileFacts]]:
        """For each recording its file: under the name that was reported, else the one that covers the visit."""
        named = {recording.id: parse(recording.file) for recording in due if recording.file is not None}
        seen = await self._survey(due, named)
        without = [recording for recording in due if recording.id not in seen]
        if not without:
            return seen
        names = [listed.name for listed in await self._store.listing()]
        guessed = {
            recording.id: name
            for recording in without
            if (name := covering(names, recording.uniqueid, recording.joined_at)) is not None
        }
        seen |= await self._survey(without, guessed)
        for recording in without:
            if recording.id in named and recording.id not in seen:
                # Moved already: by another visit of the same call, or just before a crash.
                name = named[recording.id]
                kept = await self._store.kept(store_path(recording.pbx, name))
                if kept is not None and covers(name, kept, recording):
                    seen[recording.id] = (name, kept)
        return seen

    async def _survey(
        self, recordings: Sequence[Recording], names: Mapping[RecordingId, RecordingName]
    ) -> dict[RecordingId, tuple[RecordingName, FileFacts]]:
        facts = await self._store.survey(set(names.values()))
        seen = {}
        for recording in recordings:
            name = names.get(recording.id)
            if name is not None and name in facts and covers(name, facts[name], recording):
                seen[recording.id] = (name, facts[name])
        return seen

    def _look(
        self,
        recording: Recording,
        seen: tuple[RecordingName, FileFacts] | None,
        now: float,
        deliver: Deliver,
    ) -> None:
        name, facts = seen if seen is not None else (None, None)
        watch = watched(self._watches.get(recording.id), facts, now)
        if watch is None:
            self._watches.pop(recording.id, None)
        else:
            self._watches[recording.id] = watch
        verdict = judge(recording, facts, watch, self._policy, now)
        if verdict.step is None or (verdict.step is Step.SEE and recording.state is RecordingState.GROWING):
            return
        if name is not None and verdict.step in {Step.STORE, Step.EXCLUDE}:
            self._finish_later(recording, Finishing(name, verdict))
            return
        if name is not None:
            recording = recording._replace(file=name.file)
        settled = Settled(*take_step(recording, verdict.step, now, verdict.reason, verdict.detail))
        self._keep_or_drop(settled.recording)
        deliver(settled)

    def _finish_later(self, recording: Recording, finishing: Finishing) -> None:
        """From here on the job decides, and this file is looked at no more."""
        self._handed_over.add(recording.id)
        self._next_look.pop(recording.id, None)
        self._hand_over(recording.id, finishing)

    async def bring_in(
        self, recording: Recording, finishing: Finishing, now: float
    ) -> Finished | float | None:
        """The file's part of finishing: doing it twice changes nothing, and OSError means to try again.

        A time: it cannot be finished before then. None: there is nothing to finish after all.
        """
        name, verdict = finishing
        if verdict.step is Step.EXCLUDE:
            if not self._shared(recording, name):
                await self._store.discard(name)
            return Finished(verdict)
        path = store_path(recording.pbx, name)
        try:
            return Finished(verdict, path, await self._store.take(name, path, finishing.lane))
        except FileNotFoundError:
            await self._store.listing()  # raises when the whole folder is gone, which is no fault of the file
            given_up = Verdict(Step.MISS, Reason.NEVER_APPEARED, "The file was there and is gone.")
        except (NotWhole, FileRefused, PathTaken) as fault:
            given_up = Verdict(Step.MISS, _REASONS[type(fault)], fault.detail)
        if recording.state is RecordingState.MISSING:
            return None
        if now < patience(recording, self._policy):
            return now + _look_pause(recording)
        return Finished(given_up)

    def settle(self, recording: Recording, finishing: Finishing, finished: Finished, now: float) -> Settled:
        """The row's part of finishing."""
        step, reason, detail = finished.verdict
        if finished.kept is not None:
            recording = with_sound(recording, finishing.name, finished.path, finished.kept)
        settled = Settled(*take_step(recording, step or Step.MISS, now, reason, detail))
        self._keep_or_drop(settled.recording)
        return settled

    def _keep_or_drop(self, recording: Recording) -> None:
        if recording.state in UNSETTLED:
            self._rows[recording.id] = recording
            return
        self._rows.pop(recording.id, None)
        self._handed_over.discard(recording.id)
        self._watches.pop(recording.id, None)
        self._next_look.pop(recording.id, None)
        siblings = self._by_channel.get(recording.uniqueid, set())
        siblings.discard(recording.id)
        if not siblings:
            self._by_channel.pop(recording.uniqueid, None)

    def _shared(self, recording: Recording, name: RecordingName) -> bool:
        """Another visit of the call still waits for this very file."""
        return any(
            other.id != recording.id and other.file == name.file for other in self.watched(recording.uniqueid)
        )

    async def _patrol(self, now: float) -> None:
        """Files nobody waits for: late ones correct their `missing`, lone markers are swept up."""
        awaited = {recording.file for recording in self._rows.values()}
        strays: dict[RecordingName, tuple[Listed, Watch]] = {}
        fresh: list[RecordingName] = []
        for listed in await self._store.listing():
            if listed.name.file in awaited or listed.name.channel in self._by_channel:
                continue
            before = self._strays.get(listed.name)
            if before is None or before[0] != listed:
                strays[listed.name] = (listed, Watch(listed.size, now))
                fresh.append(listed.name)
            else:
                strays[listed.name] = before
                if now - before[1].since < 2 * _PATROL + self._policy.stable_seconds:
                    fresh.append(listed.name)
        self._strays = strays
        await self._correct(fresh, {name: watch for name, (_, watch) in strays.items()}, now)
        await self._store.tidy(now - _LONE_MARKER_SECONDS, [parse(file) for file in awaited if file])

    async def _correct(
        self,
        names: Sequence[RecordingName],
        watches: Mapping[RecordingName, Watch],
        now: float,
    ) -> None:
        if not names:
            return
        since = now - self._policy.late_days * 86_400
        missing = await self._catalogue.missing_since(since, {name.channel for name in names})
        facts = await self._store.survey(names) if missing else {}
        for recording in missing:
            name = covering(names, recording.uniqueid, recording.joined_at)
            if name is None or name not in facts or not covers(name, facts[name], recording):
                continue
            verdict = judge_late(facts[name], watches.get(name), self._policy, now)
            if verdict.step is Step.STORE:
                late = verdict._replace(reason=Reason.CAME_LATE, detail="It came after it was given up.")
                self._finish_later(recording, Finishing(name, late))


def _look_pause(recording: Recording) -> float:
    return _LOOK_DURING_CALL if recording.cleared_at is None else _LOOK_AFTER_CALL


_REASONS = {NotWhole: Reason.DAMAGED, FileRefused: Reason.FILE_REFUSED, PathTaken: Reason.NAME_TAKEN}
