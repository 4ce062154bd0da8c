"""The rescue desk: who gave up waiting is found again, or comes back by himself."""

import asyncio
from collections import deque
from collections.abc import Sequence

from care.domain.errors import RescueUnknown, TooLate
from care.domain.policy import CarePolicy
from care.domain.rescue import (
    Rescue,
    RescueId,
    RescueState,
    RescueStep,
    calling,
    overdue,
    rescue_concluded,
    rescue_of,
    rescue_stepped,
    to_rescue,
)
from care.domain.story import Line, line
from care.ports import (
    CareStore,
    Clock,
    Floor,
    History,
    Identify,
    MayDial,
    NewAttempt,
    RescuePage,
)
from cti.domain.access import User
from cti.domain.errors import NotPossibleNow, SwitchRefused
from cti.domain.events import VisitEnded
from cti.domain.identifiers import PhoneNumber, QueueName, Tier
from cti.domain.records import Outcome, VisitRecord

LOOK_SECONDS = 1.0
LOOK_BACK_SECONDS = 86_400.0
"""Visits that ended while nobody listened are looked for so far back."""
_CAPACITY = 20_000


class RescueDesk:
    """Decides nothing: policy and table do."""

    def __init__(
        self,
        store: CareStore,
        policy: CarePolicy,
        floor: Floor,
        dial: MayDial,
        identify: Identify,
        history: History,
        clock: Clock,
    ) -> None:
        self._store, self._policy, self._floor, self._dial = store, policy, floor, dial
        self._identify, self._history, self._clock = identify, history, clock
        self._ended: deque[VisitRecord] = deque(maxlen=_CAPACITY)
        self._overdue = 0

    # the reaction: it never waits

    def visit_ended(self, event: VisitEnded) -> None:
        """Reaction: somebody gave up, or got through."""
        if event.visit.outcome is Outcome.ANSWERED or to_rescue(event.visit, self._policy):
            self._ended.append(event.visit)

    # the task

    async def run(self) -> None:
        """Work until cancelled; what happened while nobody listened comes first."""
        await self.catch_up()
        while True:
            await self.turn()
            await asyncio.sleep(LOOK_SECONDS)

    async def catch_up(self) -> None:
        now = self._clock.now()
        newest = await self._store.newest_abandonment() or 0.0
        missed = await self._history.ended(now - LOOK_BACK_SECONDS, now)
        heard = set(self._ended)
        for visit in reversed([one for one in missed if one not in heard]):
            if visit.outcome is Outcome.ANSWERED or (
                (visit.outcome_at or 0.0) > newest and to_rescue(visit, self._policy)
            ):
                self._ended.appendleft(visit)

    async def turn(self) -> None:
        """Take in what happened, follow the calls, tell what is overdue."""
        while self._ended:
            await self._take_in(self._ended[0])
            self._ended.popleft()
        now, late = self._clock.now(), 0
        for rescue in await self._store.open_rescues():
            late += rescue.overdue
            after = await self._follow(rescue, now)
            if overdue(after, now):
                await self._write(
                    RescueStep.OVERDUE, rescue_stepped(after, RescueStep.OVERDUE, now, overdue=True)
                )
        self._overdue = late

    def overdue(self) -> int:
        """Open past their deadline, a moment old."""
        return self._overdue

    async def _take_in(self, visit: VisitRecord) -> None:
        number = self._dial.normalise(visit.caller_number)
        if visit.outcome is Outcome.ANSWERED:
            if number is not None:
                await self.returned(number, visit.outcome_at or self._clock.now())
            return
        if number is not None and await self._promised(number):
            return  # he is owed a callback already
        customer, name, _ = (None, None, None) if number is None else await self._identify(number)
        reachable = None if number is None or self._dial.why_not(number) else number
        rescue = rescue_of(visit, reachable, (customer, name), self._clock.now(), self._policy)
        there = await self._store.add_rescue(rescue, line(rescue, RescueStep.ABANDON))
        if there is not None and there != rescue.id:
            await self._again(there, rescue)

    async def _promised(self, number: PhoneNumber) -> bool:
        return any(one.number == number for one in await self._store.open_callbacks())

    async def _again(self, there: RescueId, rescue: Rescue) -> None:
        """The same customer gave up once more: one rescue, with the deadline of the first."""
        before = await self._store.rescue(there)
        if before is None or rescue.abandoned_at <= before.abandoned_at or not before.open:
            return
        after = rescue_stepped(
            before,
            RescueStep.AGAIN,
            rescue.created_at,
            times=before.times + 1,
            abandoned_at=rescue.abandoned_at,
            waited=rescue.waited,
        )
        await self._write(RescueStep.AGAIN, after)

    async def returned(self, number: PhoneNumber, at: float) -> None:
        """He talked to somebody: what is open for this number since before is done."""
        for rescue in await self._store.open_rescues():
            if (
                rescue.number == number
                and rescue.abandoned_at < at
                and rescue.state is not RescueState.CALLING
            ):
                await self._write(
                    RescueStep.RETURN, rescue_stepped(rescue, RescueStep.RETURN, at, why="talked_to_us")
                )

    async def _follow(self, rescue: Rescue, now: float) -> Rescue:
        """A rescue whose call is under way, and what became of it."""
        if rescue.state is not RescueState.CALLING or rescue.call is None:
            return rescue
        seen = await self._floor.progress(rescue.call)
        silent = now >= rescue.changed_at + self._policy.watch_seconds
        if (seen is None and not silent) or (seen is not None and seen.lasts):
            return rescue
        step, after = rescue_concluded(rescue, seen, now, self._policy)
        return after if await self._write(step, after) else rescue

    # what people do

    async def claim(self, rescue: RescueId, user: User) -> Rescue:
        before = await self.get(rescue)
        if before.claimed_by not in (None, user.login):
            raise TooLate("Somebody else has claimed it.")
        claimed = rescue_stepped(
            before, RescueStep.CLAIM, self._clock.now(), claimed_by=user.login, agent=user.agent
        )
        return await self._must(RescueStep.CLAIM, claimed, user)

    async def release(self, rescue: RescueId, user: User) -> Rescue:
        before = await self.get(rescue)
        after = rescue_stepped(before, RescueStep.RELEASE, self._clock.now(), claimed_by=None, agent=None)
        return await self._must(RescueStep.RELEASE, after, user)

    async def call(self, rescue: RescueId, user: User) -> Rescue:
        """Ring the agent's telephone, then the customer. Raises NotPossibleNow when it is not free."""
        before = await self.get(rescue)
        free = any(one.agent == user.agent and one.pbx == before.pbx for one in self._floor.free())
        if user.agent is None or not free or before.number is None:
            raise NotPossibleNow("Be ready first: your own telephone rings before the customer's.")
        if before.claimed_by != user.login:
            raise NotPossibleNow("Claim it first.")
        after = await self._must(RescueStep.CALL, calling(before, user.agent, self._clock.now()), user)
        try:
            await self._floor.make(
                NewAttempt(
                    after.pbx,
                    user.agent,
                    before.number,
                    after.channel,
                    self._policy.agent_ring_seconds,
                    self._policy.customer_ring_seconds,
                )
            )
        except SwitchRefused:
            missed = rescue_stepped(after, RescueStep.MISS, self._clock.now(), why="not_made")
            await self._must(RescueStep.MISS, missed, user)
            raise
        return after

    async def close(self, rescue: RescueId, user: User, why: str) -> Rescue:
        before = await self.get(rescue)
        return await self._must(
            RescueStep.CLOSE, rescue_stepped(before, RescueStep.CLOSE, self._clock.now(), why=why), user
        )

    async def get(self, rescue: RescueId) -> Rescue:
        found = await self._store.rescue(rescue)
        if found is None:
            raise RescueUnknown
        return found

    async def story(self, rescue: RescueId) -> Sequence[Line]:
        return await self._store.story(rescue)

    async def page(
        self,
        states: Sequence[RescueState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
    ) -> RescuePage:
        return await self._store.rescues(states, queue, tier, limit, offset)

    async def _must(self, step: RescueStep, after: Rescue, user: User) -> Rescue:
        if not await self._store.replace_rescue(after, line(after, step, user.login)):
            raise TooLate
        return after

    async def _write(self, step: RescueStep, after: Rescue) -> bool:
        return await self._store.replace_rescue(after, line(after, step))
