"""Moves waiting callers to the places they should have."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Final

from cti.domain.errors import SwitchError
from routing.domain.decision import Correction
from routing.domain.sentences import Sentence
from routing.ports import Clock, QueueControl, Spawn
from routing.service.callers import Caller

log = logging.getLogger(__name__)
PAUSES: Final = (0.0, 0.2, 1.0, 5.0)
"""Seconds before each attempt. Moving twice to one place does no harm, and he may stand in the doorway still."""


class Mover:
    def __init__(
        self, control: QueueControl, clock: Clock, spawn: Spawn, moved: Callable[[Caller], None]
    ) -> None:
        """`moved` is told after each move, and after the last vain attempt."""
        self._control, self._clock, self._spawn, self._moved = control, clock, spawn, moved
        self.counts: Counter[str] = Counter()
        """`moved` and `move_failed`."""

    def correct(self, caller: Caller) -> None:
        """See to it that the switch has the priority it should have, if the caller waits."""
        if caller.waiting and caller.told != caller.wanted and not caller.moving:
            caller.moving = True
            self._spawn(self._move(caller))

    async def _move(self, caller: Caller) -> None:
        visit = caller.decision.id
        try:
            for pause in PAUSES:
                if pause:
                    await asyncio.sleep(pause)
                while caller.waiting and caller.decision.id == visit and caller.told != caller.wanted:
                    if not await self._moved_once(caller):
                        break
                else:
                    return
            self._note(caller, caller.told, Sentence("move_failed", {}))
        finally:
            caller.moving = False
            if caller.decision.id != visit:
                self.correct(caller)

    async def _moved_once(self, caller: Caller) -> bool:
        decision, wanted = caller.decision, caller.wanted
        why = Sentence(caller.why, {"tier": decision.tier.value, **caller.facts})
        try:
            await self._control.change_priority(decision.queue, decision.channel_name, wanted)
        except SwitchError as error:
            self.counts["move_failed"] += 1
            log.warning("the switch did not move %s: %s", decision.uniqueid, type(error).__name__)
            return False
        self.counts["moved"] += 1
        if caller.decision.id == decision.id:
            self._note(caller, wanted, why)
        return True

    def _note(self, caller: Caller, now_has: int, why: Sentence) -> None:
        correction = Correction(self._clock.now(), caller.told, now_has, why)
        caller.told = now_has
        caller.decision = caller.decision._replace(corrections=(*caller.decision.corrections, correction))
        self._moved(caller)
