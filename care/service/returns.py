"""Who talked to us by himself is owed nothing more: his callback is handed over, his rescue is done."""

from collections.abc import Sequence

from care.domain.callback import IN_FLIGHT, Callback, Step, ends_by, stepped
from care.domain.policy import CarePolicy
from care.domain.rescue import Rescue, RescueState, RescueStep, comes_back, rescue_stepped
from care.domain.story import line
from care.ports import CareStore, Identify, MayDial
from cti.domain.identifiers import CustomerId, PhoneNumber
from cti.domain.records import VisitRecord


class Returns:
    def __init__(self, store: CareStore, policy: CarePolicy, dial: MayDial, identify: Identify) -> None:
        self._store, self._policy, self._dial, self._identify = store, policy, dial, identify

    async def answered(
        self, visit: VisitRecord, callbacks: Sequence[Callback], rescues: Sequence[Rescue]
    ) -> bool:
        """A queue gave him an agent. False: a call to him is under way, or somebody changed it; ask again then."""
        number, at = self._dial.normalise(visit.caller_number), visit.outcome_at or visit.joined_at
        if number is None:
            return True
        done = True
        for callback in callbacks:
            if ends_by(callback, number, visit.queue, at, self._policy):
                done &= await self._hand_over(callback, max(at, callback.changed_at))
        customer = (await self._identify(number))[0] if rescues else None
        return await self.talked(number, customer, at, rescues) and done

    async def talked(
        self, number: PhoneNumber, customer: CustomerId | None, at: float, rescues: Sequence[Rescue]
    ) -> bool:
        """He talked to somebody, whoever called whom: what is open for him since before is done."""
        done = True
        for rescue in rescues:
            if comes_back(rescue, number, customer, at):
                done &= await self._close(rescue, at)
        return done

    async def _close(self, rescue: Rescue, at: float) -> bool:
        if rescue.state is RescueState.CALLING:
            return False
        after = rescue_stepped(rescue, RescueStep.RETURN, at, why="talked_to_us")
        return await self._store.replace_rescue(after, line(after, RescueStep.RETURN))

    async def _hand_over(self, callback: Callback, at: float) -> bool:
        if callback.state in IN_FLIGHT:
            return False
        after = stepped(callback, Step.HAND_OVER, at, why="called_himself")
        return await self._store.replace_callback(after, line(after, Step.HAND_OVER))
