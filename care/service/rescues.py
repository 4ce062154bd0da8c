"""The rescue desk: who gave up waiting is found again, or comes back by himself."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from care.domain.callback import LIFE, Callback, Step, stepped
from care.domain.errors import NumberRefused, RescueUnknown, TooLate
from care.domain.policy import CarePolicy
from care.domain.rescue import (
    DROPPED,
    RESCUE_LIFE,
    Rescue,
    RescueId,
    RescueState,
    RescueStep,
    calling,
    overdue,
    rescue_claim_lapses,
    rescue_concluded,
    rescue_of,
    rescue_of_offer,
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
from care.service.returns import Returns
from cti.domain.access import Permission, User
from cti.domain.dialling import Goal, Refusal
from cti.domain.errors import CtiError, NotPossibleNow, SwitchRefused
from cti.domain.events import CallCorrected, VisitEnded
from cti.domain.identifiers import AgentId, PhoneNumber, QueueName, Tier
from cti.domain.records import Outcome, VisitRecord

log = logging.getLogger(__name__)

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
        self._returns = Returns(store, policy, dial, identify)
        self._ended: deque[VisitRecord] = deque(maxlen=_CAPACITY)
        self._open: tuple[Sequence[Callback], Sequence[Rescue]] | None = None
        """As read in this turn, since when none was added: many are answered in a second, and few of them are owed anything."""
        self._settling: list[VisitRecord] = []
        """Visits that cannot be judged before a call is over: the customer's own, or one of ours to him."""
        self._corrected: deque[VisitRecord] = deque(maxlen=_CAPACITY)
        self.refused = 0
        """Visits that no rule could be applied to."""
        self._overdue = 0

    # the reaction: it never waits

    def visit_ended(self, event: VisitEnded) -> None:
        """Reaction: somebody gave up, or got through."""
        if event.visit.outcome is Outcome.ANSWERED or to_rescue(event.visit, self._policy):
            self._ended.append(event.visit)

    def call_corrected(self, event: CallCorrected) -> None:
        """Reaction: the switch's ledger knows of somebody who gave up, or got through, while we did not hear."""
        since = self._clock.now() - LOOK_BACK_SECONDS
        for visit in event.record.visits:
            answered = visit.outcome is Outcome.ANSWERED
            if (visit.outcome_at or 0.0) > since and (answered or to_rescue(visit, self._policy)):
                self._corrected.append(visit)

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
        self._open = None
        for visit in [*self._settling]:
            if await self._settled(visit):
                self._settling.remove(visit)
        for told in (self._ended, self._corrected):
            for visit in [*told]:
                if not (told is self._corrected and await self._has_talked_since(visit)):
                    self._settling += [] if await self._settled(visit) else [visit]
                told.popleft()
        now, late = self._clock.now(), 0
        for rescue in await self._store.open_rescues():
            late += rescue.overdue
            after = await self._let_go(await self._follow(rescue, now), now)
            if overdue(after, now):
                await self._write(
                    RescueStep.OVERDUE, rescue_stepped(after, RescueStep.OVERDUE, now, overdue=True)
                )
        self._overdue = late

    def overdue(self) -> int:
        """Open past their deadline, a moment old."""
        return self._overdue

    async def _settled(self, visit: VisitRecord) -> bool:
        """False: not yet. What no rule can be applied to is left out; the next must not wait for it."""
        try:
            if visit.outcome is Outcome.ANSWERED:
                if self._open is None:
                    self._open = await self._store.open_callbacks(), await self._store.open_rescues()
                return await self._returns.answered(visit, *self._open)
            if visit.outcome in DROPPED:
                seen = await self._floor.progress(visit.call)
                if seen is not None and seen.lasts:
                    return False
                if (seen is not None and seen.talk is not None) or await self._went_on(visit):
                    return True
            await self._take_in(visit)
        except CtiError as error:
            log.warning("a visit that ended could not be taken in: %s", type(error).__name__)
            self.refused += 1
        return True

    async def _went_on(self, visit: VisitRecord) -> bool:
        """Into another line, of the same call: that one's end is what counts."""
        since = await self._history.ended(visit.joined_at, self._clock.now())
        return any(one.call == visit.call and one.number_in_call > visit.number_in_call for one in since)

    async def _has_talked_since(self, visit: VisitRecord) -> bool:
        number = self._dial.normalise(visit.caller_number)
        if visit.outcome is Outcome.ANSWERED or number is None:
            return False
        since = await self._history.ended(visit.joined_at, self._clock.now())
        return any(
            one.outcome is Outcome.ANSWERED
            and (one.outcome_at or 0.0) > (visit.outcome_at or 0.0)
            and self._dial.normalise(one.caller_number) == number
            for one in since
        )

    async def _take_in(self, visit: VisitRecord) -> None:
        number = self._dial.normalise(visit.caller_number)
        if number is not None and await self._promised(number):
            return  # he is owed a callback already
        customer, name, _ = (None, None, None) if number is None else await self._identify(number)
        reachable = number is not None and isinstance(self._dial.goal(number), Goal)
        rescue = rescue_of(visit, number, reachable, (customer, name), self._clock.now(), self._policy)
        await self._add(rescue)

    async def hung_up(self, offered: Callback, at: float) -> None:
        """He was asked whether he wants to be called back, and hung up."""
        rescue = rescue_of_offer(offered, at, self._policy)
        if rescue is not None:
            await self._add(rescue)

    async def _add(self, rescue: Rescue) -> None:
        there = await self._store.add_rescue(rescue, line(rescue, RescueStep.ABANDON))
        self._open = None
        if there is not None and there != rescue.id:
            await self._again(there, rescue)

    async def _promised(self, number: PhoneNumber) -> bool:
        return any(one.number == number for one in await self._store.open_callbacks())

    async def _again(self, there: RescueId, rescue: Rescue) -> None:
        """The same customer gave up once more: one rescue, with the deadline of the first."""
        before = await self._store.rescue(there)
        again = before is not None and RescueStep.AGAIN in RESCUE_LIFE[before.state]
        if before is None or not again or rescue.abandoned_at <= before.abandoned_at:
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
        """He was called back: his rescue is done."""
        customer = (await self._identify(number))[0]
        await self._returns.talked(number, customer, at, await self._store.open_rescues())

    async def _let_go(self, rescue: Rescue, now: float) -> Rescue:
        """A claim that lapsed."""
        logged_on = rescue.agent is None or self._floor.logged_on(rescue.agent)
        if not rescue_claim_lapses(rescue, now, logged_on=logged_on):
            return rescue
        freed = rescue_stepped(
            rescue, RescueStep.RELEASE, now, claimed_by=None, agent=None, why="claim_lapsed"
        )
        return freed if await self._write(RescueStep.RELEASE, freed) else rescue

    async def _follow(self, rescue: Rescue, now: float) -> Rescue:
        """A rescue whose call is under way, and what became of it."""
        if rescue.state is not RescueState.CALLING or rescue.call is None:
            return rescue
        seen = await self._floor.progress(rescue.call)
        silent = now >= rescue.changed_at + self._policy.watch_seconds
        if (seen is None and not silent) or (seen is not None and seen.lasts):
            return rescue
        step, after = rescue_concluded(rescue, seen, now, self._policy)
        if not await self._write(step, after):
            return rescue
        if step is RescueStep.REACH:
            await self._nothing_more(after)
        return after

    async def _nothing_more(self, reached: Rescue) -> None:
        """What he was promised besides has been kept by this conversation."""
        for callback in await self._store.open_callbacks():
            his = (callback.number, callback.queue) == (reached.number, reached.queue)
            if his and Step.CANCEL in LIFE[callback.state]:
                ended = stepped(callback, Step.CANCEL, reached.changed_at, why="talked_to_us")
                await self._store.replace_callback(ended, line(ended, Step.CANCEL))

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
        before = await self._own(rescue, user)
        after = rescue_stepped(before, RescueStep.RELEASE, self._clock.now(), claimed_by=None, agent=None)
        return await self._must(RescueStep.RELEASE, after, user)

    async def call(self, rescue: RescueId, user: User) -> Rescue:
        """Ring the agent's telephone, then the customer. Raises NotPossibleNow when it is not free."""
        before = await self.get(rescue)
        free = any(one.agent == user.agent and one.pbx == before.pbx for one in self._floor.free())
        free = free and user.agent is not None and not self._floor.busy(before.pbx, user.agent)
        if user.agent is None or not free or before.number is None:
            raise NotPossibleNow("Be ready first: your own telephone rings before the customer's.")
        if before.claimed_by != user.login:
            raise NotPossibleNow("Claim it first.")
        called = any(one.number == before.number for one in await self._store.under_way())
        if called or self._floor.engaged(before.number):
            raise NotPossibleNow("This customer is on the telephone with us, or is being called.")
        if isinstance(goal := self._dial.goal(before.number), Refusal):
            raise NumberRefused(goal)
        after = await self._must(RescueStep.CALL, calling(before, user.agent, self._clock.now()), user)
        try:
            await self._floor.make(
                NewAttempt(
                    after.pbx,
                    user.agent,
                    goal,
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
        before = await self._own(rescue, user)
        return await self._must(
            RescueStep.CLOSE, rescue_stepped(before, RescueStep.CLOSE, self._clock.now(), why=why), user
        )

    async def _own(self, rescue: RescueId, user: User) -> Rescue:
        """One that nobody else has claimed, or that a supervisor takes from him. Raises TooLate."""
        one = await self.get(rescue)
        if one.claimed_by not in (None, user.login) and not user.may(Permission.CONTROL_AGENTS):
            raise TooLate("Somebody else has claimed it.")
        return one

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
        visible: frozenset[AgentId] | None = None,
    ) -> RescuePage:
        return await self._store.rescues(states, queue, tier, limit, offset, visible)

    async def _must(self, step: RescueStep, after: Rescue, user: User) -> Rescue:
        if not await self._store.replace_rescue(after, line(after, step, user.login)):
            raise TooLate
        return after

    async def _write(self, step: RescueStep, after: Rescue) -> bool:
        return await self._store.replace_rescue(after, line(after, step))
