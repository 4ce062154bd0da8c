"""Looks at the load of one switch's queues each second, and puts those that cannot bear it under their surge rules."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from cti.domain.identifiers import PbxName, QueueName
from routing.domain.errors import UnknownSurge
from routing.domain.priority import PriorityPolicy
from routing.domain.surge import CALM, Load, Surge, SurgeRule, SurgeState, begun_by_hand, step
from routing.ports import Clock, SurgeStore, Team
from routing.service.callers import Callers

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 1.0


class QueueSurge(NamedTuple):
    """A queue that has rules for a surge, as it stands."""

    queue: QueueName
    surge: Surge
    rule: SurgeRule
    load: Load | None


class Surges:
    """A surge is the live policy with the queue among its `surging`: exchanged whole, so no decision falls between."""

    def __init__(
        self,
        pbx: PbxName,
        policy: PriorityPolicy,
        callers: Callers,
        team: Team,
        clock: Clock,
        store: SurgeStore,
        exchange: Callable[[PriorityPolicy, str], None],
    ) -> None:
        """`exchange` is told the policy to decide by from now on, and the key of the sentence that says why."""
        self._pbx, self._policy, self._callers, self._team = pbx, policy, callers, team
        self._clock, self._store, self._exchange = clock, store, exchange
        self._surges: dict[QueueName, Surge] = {}
        self.counts: Counter[QueueName] = Counter()
        """Surges that began, of each queue."""

    async def open(self) -> None:
        """Take up those that went on when the server ended: before the first caller asks."""
        for queue, surge in (await self._store.all(self._pbx)).items():
            if queue in self._policy.surge:
                self._surges[queue] = surge
            else:
                self._store.keep(self._pbx, queue, None)
        self._tell("surge_began")

    def policy_changed(self, policy: PriorityPolicy) -> None:
        """Told by the policy's desk: the rules are others; a surge ends where there are none any more."""
        self._policy = policy
        for queue in [queue for queue in self._surges if queue not in policy.surge]:
            if self._surges.pop(queue).state is SurgeState.SURGE:
                self._store.keep(self._pbx, queue, None)
        self._tell("policy_changed")

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        now = self._clock.now()
        for queue, rule in self._policy.surge.items():
            was = self._surges.get(queue, CALM)
            self._become(queue, was, step(was, rule, self._load(queue, now), now))

    def begin(self, queue: QueueName, seconds: float, by: str) -> None:
        """By hand, for so long: a drill, or what everybody knows will come. Raises UnknownSurge."""
        if queue not in self._policy.surge:
            raise UnknownSurge
        was = self._surges.get(queue, CALM)
        self._become(queue, was, begun_by_hand(was, self._clock.now(), seconds, by))

    def end(self, queue: QueueName) -> None:
        """Now; the load may begin it again. Raises UnknownSurge."""
        if queue not in self._policy.surge:
            raise UnknownSurge
        now = self._clock.now()
        self._become(queue, self._surges.get(queue, CALM), Surge(since=now, looked_at=now))

    def since(self) -> Mapping[QueueName, float]:
        """The queues that are in a surge, and since when."""
        return {
            queue: surge.since for queue, surge in self._surges.items() if surge.state is SurgeState.SURGE
        }

    def standing(self) -> Iterator[QueueSurge]:
        """Every queue that has rules for a surge."""
        now = self._clock.now()
        for queue, rule in self._policy.surge.items():
            yield QueueSurge(queue, self._surges.get(queue, CALM), rule, self._load(queue, now))

    def _load(self, queue: QueueName, now: float) -> Load | None:
        at_work = self._team.at_work(queue)
        waiting, longest = self._callers.load(queue, now)
        return None if at_work is None else Load(waiting, at_work, longest)

    def _become(self, queue: QueueName, was: Surge, surge: Surge) -> None:
        self._surges[queue] = surge
        goes_on = surge.state is SurgeState.SURGE
        if surge.state is not was.state:
            self.counts[queue] += goes_on
            log.warning("%s: a surge %s (%s)", queue, "began" if goes_on else "ended", surge.by)
            self._tell("surge_began" if goes_on else "surge_ended")
        if surge.state is not was.state or (surge.by, surge.until) != (was.by, was.until):
            self._store.keep(self._pbx, queue, surge if goes_on else None)

    def _tell(self, why: str) -> None:
        self._exchange(self._policy._replace(surging=frozenset(self.since())), why)
