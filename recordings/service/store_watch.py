"""Looks after what lies about: files that belong to no recording, and keys no master key opens."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recordings.domain.errors import KeyUnknown, NameRefused
from recordings.domain.naming import parse_file
from recordings.domain.orphan import Orphan, OrphanPlace, OrphanReason, reason_of_incoming
from recordings.ports import AudioStore, Clock, KeyBook, KeyWrapper, Lying, RecordingCatalogue

log = logging.getLogger(__name__)

_EVERY = 3600.0
_FIRST = 30.0
_SHOWN = 1000
_UNFINISHED = ".part"


class Orphans(NamedTuple):
    """The oldest of them, how many there are, and when we looked (None: not yet)."""

    items: Sequence[Orphan]
    total: int
    looked_at: float | None


class MasterUse(NamedTuple):
    """How many recordings a master key has wrapped the keys of, and whether it is at hand."""

    master: str
    recordings: int
    at_hand: bool


class StoreWatch:
    """What it found is kept in memory, so that asking costs nothing."""

    def __init__(
        self,
        store: AudioStore,
        catalogue: RecordingCatalogue,
        keys: tuple[KeyBook, KeyWrapper],
        clock: Clock,
        grace_seconds: float,
    ) -> None:
        """A file changed within `grace_seconds` may still become a recording's."""
        self._store, self._catalogue, self._clock, self._grace = store, catalogue, clock, grace_seconds
        self._book, self._wrapper = keys
        self.orphans = Orphans((), 0, None)
        self._counts: Counter[OrphanPlace] = Counter()
        self.masters: Sequence[MasterUse] = ()

    def counts(self) -> Mapping[str, int]:
        """By place."""
        return {place.value: self._counts[place] for place in OrphanPlace}

    async def run(self) -> None:
        await asyncio.sleep(_FIRST)
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("recordings: looking for orphans failed, trying again in an hour")
            await asyncio.sleep(_EVERY)

    async def look(self) -> None:
        now = self._clock.now()
        before = now - self._grace
        found = await self._incoming([one for one in await self._store.left() if one.changed_at < before])
        async for portion in self._store.lying():
            found += await self._stored([one for one in portion if one.changed_at < before])
        found.sort(key=lambda orphan: orphan.changed_at)
        self.orphans = Orphans(found[:_SHOWN], len(found), now)
        self._counts = Counter(orphan.place for orphan in found)
        self.masters = [
            MasterUse(master, count, await self._opens(master))
            for master, count in sorted((await self._book.masters()).items())
        ]
        for master in self.masters:
            if not master.at_hand:
                log.error(
                    "recordings: %d are sealed under the master key %s, which is not among the configured ones",
                    master.recordings,
                    master.master,
                )

    async def _incoming(self, files: Sequence[Lying]) -> list[Orphan]:
        names: dict[str, str] = {}
        for one in files:
            try:
                names[one.path] = parse_file(one.path).name.file
            except NameRefused:
                continue
        states = await self._catalogue.states_of_files(set(names.values()))
        reasons = {
            one: reason_of_incoming(states.get(names[one.path]))
            if one.path in names
            else OrphanReason.UNKNOWN_NAME
            for one in files
        }
        return [
            Orphan(OrphanPlace.INCOMING, *one, reason)
            for one, reason in reasons.items()
            if reason is not None
        ]

    async def _stored(self, files: Sequence[Lying]) -> list[Orphan]:
        known = await self._catalogue.known_paths({one.path for one in files})
        return [
            Orphan(
                OrphanPlace.STORE,
                *one,
                OrphanReason.UNFINISHED if one.path.endswith(_UNFINISHED) else OrphanReason.NO_RECORDING,
            )
            for one in files
            if one.path not in known
        ]

    async def _opens(self, master: str) -> bool:
        path, key = await self._book.one_of(master)
        try:
            await self._wrapper.unwrap(key, path)
        except KeyUnknown:
            return False
        return True
