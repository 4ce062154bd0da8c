"""The policy as versions: written, checked, tried on a past day, made live, taken back."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from routing.domain.dry_run import DryRun, compare
from routing.domain.errors import PolicyRefused, UnknownVersion
from routing.domain.priority import PriorityPolicy
from routing.domain.versions import FROM_FILE, Mistake, PolicyVersion, difference, mistakes_of
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
        self.live, self.live_text = 0, file_text
        self._reading, self._going_live = asyncio.Lock(), asyncio.Lock()

    async def open(self) -> None:
        """Take up the version that was live. A file with another text than it had last is a new version, and goes live."""
        versions = await self._shelf.all()
        file = next((version for version in versions if version.author == FROM_FILE), None)
        if file is None or file.text != self._file_text:
            note = "As shipped or edited in the file."
            file = await self._shelf.add(self._clock.now(), FROM_FILE, note, self._file_text)
        if file.live_at is None:
            await self.go_live(file.number)
            return
        version = max(versions, key=lambda version: version.live_at or 0.0)
        try:
            self._exchange(version, await self._parse(version.text))
        except PolicyRefused:
            log.exception("version %d of the routing policy cannot be read; the file stands", version.number)
        if self.live_text != self._file_text:
            log.warning("version %d of the routing policy is live, not what the file says", version.number)

    async def versions(self) -> Sequence[PolicyVersion]:
        """Newest first."""
        return await self._shelf.all()

    async def version(self, number: int) -> PolicyVersion:
        """Raises UnknownVersion."""
        for version in await self._shelf.all():
            if version.number == number:
                return version
        raise UnknownVersion

    async def mistakes(self, text: str) -> list[Mistake]:
        try:
            await self._parse(text)
        except PolicyRefused as refused:
            return mistakes_of(str(refused.detail))
        return []

    async def difference(self, text: str) -> list[str]:
        """From what is live to this text."""
        return await asyncio.to_thread(difference, self.live_text, text)

    async def keep(self, author: str, note: str, text: str) -> PolicyVersion:
        """A new version, not live yet. Raises PolicyRefused."""
        await self._parse(text)
        return await self._shelf.add(self._clock.now(), author, note, text)

    async def go_live(self, number: int) -> None:
        """Raises UnknownVersion, and PolicyRefused of one that an older Tierline wrote and this one cannot read."""
        async with self._going_live:  # two at once would leave one live here and the other on the shelf
            version = await self.version(number)
            policy = await self._parse(version.text)
            await self._shelf.make_live(number, self._clock.now())
            self._exchange(version, policy)

    async def dry_run(self, number: int, until: float | None = None) -> DryRun:
        """Against the day that ends then, or now. Raises UnknownVersion and PolicyRefused."""
        other = await self._parse((await self.version(number)).text)
        end = self._clock.now() if until is None else until
        stays = await self._stays(end - DAY, end)
        return await asyncio.to_thread(compare, stays, self.policy, other)

    async def _parse(self, text: str) -> PriorityPolicy:
        """Beside the loop, for callers are routed by it meanwhile, and one at a time. Raises PolicyRefused."""
        async with self._reading:
            return await asyncio.to_thread(self._read, text)

    def _exchange(self, version: PolicyVersion, policy: PriorityPolicy) -> None:
        self.policy = policy._replace(version=version.number)
        self.live, self.live_text = version.number, version.text
        self._take_over(self.policy)
