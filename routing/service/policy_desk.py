"""The policy as versions: written, checked, tried on a past day, made live, taken back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from routing.domain.dry_run import DryRun, compare
from routing.domain.errors import PolicyRefused, UnknownVersion
from routing.domain.priority import PriorityPolicy
from routing.domain.versions import FROM_FILE, Mistake, PolicyVersion, mistakes_of
from routing.ports import Clock, PastStays, PolicyShelf, ReadPolicy

log = logging.getLogger(__name__)
DAY: Final = 86_400.0


class PolicyDesk:
    """Decisions are made by the policy in memory; this one exchanges it as a whole."""

    def __init__(
        self,
        shelf: PolicyShelf,
        read: ReadPolicy,
        file_text: str,
        stays: PastStays,
        clock: Clock,
        take_over: Callable[[PriorityPolicy], None],
    ) -> None:
        self._shelf, self._read, self._file_text = shelf, read, file_text
        self._stays, self._clock, self._take_over = stays, clock, take_over
        self.policy = read(file_text)
        self.live = 0

    async def open(self) -> None:
        """Take up the version that was live. A file with a text not seen before is a new version, and goes live."""
        versions = await self._shelf.all()
        if all(version.text != self._file_text for version in versions):
            note = "As shipped or edited in the file."
            version = await self._shelf.add(self._clock.now(), FROM_FILE, note, self._file_text)
            await self.go_live(version.number)
            return
        version = max(versions, key=lambda version: version.live_at or 0.0)
        try:
            self._exchange(version)
        except PolicyRefused:
            log.exception("version %d of the routing policy cannot be read; the file stands", version.number)

    async def versions(self) -> Sequence[PolicyVersion]:
        """Newest first."""
        return await self._shelf.all()

    async def version(self, number: int) -> PolicyVersion:
        """Raises UnknownVersion."""
        for version in await self._shelf.all():
            if version.number == number:
                return version
        raise UnknownVersion

    def mistakes(self, text: str) -> list[Mistake]:
        try:
            self._read(text)
        except PolicyRefused as refused:
            return mistakes_of(str(refused.detail))
        return []

    async def keep(self, author: str, note: str, text: str) -> PolicyVersion:
        """A new version, not live yet. Raises PolicyRefused."""
        self._read(text)
        return await self._shelf.add(self._clock.now(), author, note, text)

    async def go_live(self, number: int) -> None:
        """Raises UnknownVersion, and PolicyRefused of one that an older Tierline wrote and this one cannot read."""
        version = await self.version(number)
        self._read(version.text)
        await self._shelf.make_live(number, self._clock.now())
        self._exchange(version)

    async def dry_run(self, number: int, until: float | None = None) -> DryRun:
        """Against the day that ends then, or now. Raises UnknownVersion and PolicyRefused."""
        other = self._read((await self.version(number)).text)
        end = self._clock.now() if until is None else until
        stays = await self._stays(end - DAY, end)
        return await asyncio.to_thread(compare, stays, self.policy, other)

    def _exchange(self, version: PolicyVersion) -> None:
        self.policy = self._read(version.text)._replace(version=version.number)
        self.live = version.number
        self._take_over(self.policy)
