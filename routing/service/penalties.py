"""Keeps every member's penalty where his skills put it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from cti.domain.errors import SwitchError
from cti.domain.identifiers import QueueName
from routing.domain.priority import PriorityPolicy
from routing.ports import Member, QueueControl, Team

log = logging.getLogger(__name__)
LOOK_SECONDS: Final = 2.0


class Penalties:
    """`counts`: penalties set, and refused by the switch. What was refused is tried again at the next look."""

    def __init__(self, policy: Callable[[], PriorityPolicy], team: Team, control: QueueControl) -> None:
        self._policy, self._team, self._control = policy, team, control
        self.counts: Counter[str] = Counter()
        self._asking: set[QueueName] = set()
        self._given: dict[tuple[QueueName, str], int] = {}
        """By queue and interface, the penalty the switch had before the first of ours."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        skills = self._policy().skills
        for queue in skills.queues:
            self._asking.add(queue)
            for member in self._team.members(queue):
                wanted = skills.penalty(queue, member.agent)
                if wanted is not None and wanted != member.penalty:
                    self._given.setdefault((queue, member.interface), member.penalty)
                    await self._set(queue, member, wanted)
        for queue in self._asking.difference(skills.queues):
            if await self._put_back(queue):
                self._asking.discard(queue)

    async def _put_back(self, queue: QueueName) -> bool:
        """A queue that asks for no skills any more: whether all its members have what they had before."""
        done = True
        for member in self._team.members(queue):
            before = self._given.get((queue, member.interface), 0)
            if before != member.penalty:
                done &= await self._set(queue, member, before)
        if done:
            self._given = {key: penalty for key, penalty in self._given.items() if key[0] != queue}
        return done

    async def _set(self, queue: QueueName, member: Member, penalty: int) -> bool:
        try:
            await self._control.set_penalty(queue, member.interface, penalty)
        except SwitchError as error:
            self.counts["penalty_refused"] += 1
            log.warning("the switch did not set a penalty: %s", type(error).__name__)
            return False
        self.counts["penalty_set"] += 1
        return True
