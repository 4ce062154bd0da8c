"""Keeps every member's penalty where his skills put it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from cti.domain.errors import SwitchError
from routing.domain.priority import PriorityPolicy
from routing.ports import QueueControl, Team

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 2.0


class Penalties:
    """`counts`: penalties set, and refused by the switch. What was refused is tried again at the next look."""

    def __init__(self, policy: Callable[[], PriorityPolicy], team: Team, control: QueueControl) -> None:
        self._policy, self._team, self._control = policy, team, control
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        skills = self._policy().skills
        for queue in skills.queues:
            for member in self._team.members(queue):
                wanted = skills.penalty(queue, member.agent)
                if wanted is None or wanted == member.penalty:
                    continue
                try:
                    await self._control.set_penalty(queue, member.interface, wanted)
                except SwitchError as error:
                    self.counts["penalty_refused"] += 1
                    log.warning("the switch did not set a penalty: %s", type(error).__name__)
                else:
                    self.counts["penalty_set"] += 1
