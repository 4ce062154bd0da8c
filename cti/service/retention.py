"""Deletes what is older than the policy lets it be, once a day, and says what and how much."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from cti.domain.jobs import Job
from cti.domain.keeping import Hold, Report, report
from cti.domain.retention import DAY, Expired, RetentionPolicy
from cti.ports import Clock
from cti.ports.keeping import HeldThings, Holds, Reports, Shelf

RETENTION = "retention"
"""The kind of job that deletes; every day."""
EVERY_SECONDS = DAY


class Retention:
    """`shelves` by class."""

    def __init__(
        self,
        policy: RetentionPolicy,
        shelves: Mapping[str, Shelf],
        holds: Holds,
        held: HeldThings,
        reports: Reports,
        clock: Clock,
        token: Callable[[], str],
    ) -> None:
        self.policy, self._shelves, self._holds, self._held = policy, shelves, holds, held
        self._reports, self._clock, self._token = reports, clock, token
        self.deleted: Counter[str] = Counter(dict.fromkeys(shelves, 0))

    async def look(self) -> Mapping[str, Expired]:
        """What would be deleted now."""
        return await self._go_through(dry=True)

    async def delete(self, by: str) -> Report:
        found = await self._go_through(dry=False)
        for name, one in found.items():
            self.deleted[name] += one.deleted
        told = {name: one._asdict() for name, one in found.items()}
        made = report(self._token(), "retention", self._clock.now(), by, {"classes": told})
        await self._reports.add(made)
        return made

    async def daily(self, _: Job) -> float | None:
        await self.delete("server")
        return None

    async def _go_through(self, *, dry: bool) -> Mapping[str, Expired]:
        standing: Sequence[Hold] = await self._holds.standing()
        held = await self._held.by(standing)
        now = self._clock.now()
        return {
            name: await shelf.expire(self.policy[name], now, held, dry=dry)
            for name, shelf in self._shelves.items()
        }
