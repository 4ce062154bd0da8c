"""Sound that must not be kept any longer: by somebody's wish, or because its time is over. The row stays, to be counted."""

from collections import Counter
from collections.abc import Mapping, Sequence

from cti.domain.erasing import CALL, CHANNEL, RECORDING, Blanking, Person
from cti.domain.retention import DAY, Expired, Held, Rule
from recordings.domain.errors import NotFinished
from recordings.domain.naming import RecordingName, parse
from recordings.domain.recording import (
    UNSETTLED,
    Reason,
    Recording,
    RecordingState,
    Step,
    take_step,
    without_sound,
)
from recordings.ports import AudioStore, Clock, RecordingCatalogue

_AT_ONCE = 200


class RecordingsPlace:
    """A place of personal data among others."""

    def __init__(self, catalogue: RecordingCatalogue, store: AudioStore, clock: Clock) -> None:
        self._catalogue, self._store, self._clock = catalogue, store, clock

    async def learn(self, person: Person) -> Person:
        """Raises NotFinished while one of their calls is still recorded: its sound would come after all."""
        theirs = await self._catalogue.of_calls(person.of(CALL), person.of(CHANNEL))
        if any(one.state in UNSETTLED for one in theirs):
            raise NotFinished
        return person.knowing(RECORDING, [one.id for one in theirs])

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        person, counts = blanking.person, Counter[str]()
        for recording in await self._catalogue.of_calls(person.of(CALL), person.of(CHANNEL)):
            counts["recordings"] += await self.erase_sound(recording, Reason.ON_REQUEST)
        for name in await self._left_behind(person.of(CHANNEL)):
            await self._store.discard(name)
            counts["files the switch left"] += 1
        return +counts

    async def _left_behind(self, channels: frozenset[str]) -> Sequence[RecordingName]:
        return [one.name for one in await self._store.listing() if one.name.channel in channels]

    async def erase_sound(self, recording: Recording, why: Reason) -> bool:
        """File first, then the row: a crash between the two is made up for by doing it again."""
        if recording.state is not RecordingState.STORED:
            return False
        if recording.path is not None:
            await self._store.erase(recording.path)
        if recording.file is not None:
            await self._store.discard(parse(recording.file))
        gone, change = take_step(without_sound(recording), Step.ERASE, self._clock.now(), why)
        await self._catalogue.save([gone], [change])
        return True


class RecordingsShelf:
    """Sound whose time is over."""

    def __init__(self, place: RecordingsPlace, catalogue: RecordingCatalogue) -> None:
        self._place, self._catalogue = place, catalogue

    async def expire(self, rule: Rule, now: float, held: Held, *, dry: bool) -> Expired:
        """A page at a time; what is erased already is on no page."""
        deleted = kept = 0
        after = ""
        while rule.shortest is not None:
            some = await self._catalogue.older(now - rule.shortest * DAY, _AT_ONCE, after)
            if not some:
                break
            after = some[-1].id
            for recording in some:
                if not rule.is_over(recording.queue, recording.tier, recording.started_at, now):
                    continue
                if recording.call in held.calls or recording.id in held.recordings:
                    kept += 1
                elif dry:
                    deleted += 1
                else:
                    deleted += await self._place.erase_sound(recording, Reason.TIME_OVER)
        return Expired(deleted, kept)
