"""Looks at everybody who waits, again and again, and sends on whom the policy sends on."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import tzinfo
from functools import cache
from typing import Final

from cti.domain.errors import SwitchError
from cti.domain.identifiers import QueueName
from routing.domain.overflow import Standing, overflow
from routing.domain.path import TO_QUEUE, takes
from routing.domain.priority import PriorityPolicy
from routing.domain.sentences import Sentence
from routing.ports import Clock, QueueControl, Spawn, Team
from routing.service.callers import Caller, Callers

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 10.0
"""Before a caller whom the switch did not let go is asked for again."""
MOST: Final = 1000
"""Places of one line that are looked at."""


class Overflows:
    def __init__(
        self,
        policy: Callable[[], PriorityPolicy],
        callers: Callers,
        team: Team,
        control: QueueControl,
        clock: Clock,
        spawn: Spawn,
        zone: tzinfo,
    ) -> None:
        self._policy, self._callers, self._team, self._control = policy, callers, team, control
        self._clock, self._spawn, self._zone = clock, spawn, zone
        self.counts: Counter[str] = Counter()
        """`overflowed` and `overflow_failed`."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        policy, now = self._policy(), self._clock.now()
        takes = cache(self._takes)  # the same answer for everybody of this look
        for queue in {**policy.overflow, **policy.surge}:
            if not (rules := policy.overflow_of(queue)):
                continue
            members = self._team.logged_on(queue)
            for position, caller in self._callers.standing(queue, MOST):
                if now < caller.withdrawn_until:
                    continue
                standing = Standing(queue, now - caller.waiting_since, position, members)
                going = overflow(rules, standing, caller.been, takes)
                if going is not None:
                    caller.withdrawn_until = now + AGAIN_SECONDS
                    self._spawn(self._send(caller, queue, *going))

    def _takes(self, queue: QueueName) -> bool:
        members = self._team.logged_on(queue)
        return takes(self._policy(), queue, members, self._clock.now(), self._zone)

    async def _send(self, caller: Caller, queue: QueueName, to: QueueName, why: Sentence) -> None:
        before, caller.overflow = caller.overflow, why
        try:
            await self._control.withdraw(queue, caller.decision.channel_name, TO_QUEUE + to)
        except SwitchError as error:
            caller.overflow = before
            self.counts["overflow_failed"] += 1
            log.warning("%s could not be sent on: %s", caller.decision.uniqueid, type(error).__name__)
        else:
            self.counts["overflowed"] += 1
