"""Makes the calls that were promised, each in its turn, and draws the conclusion of each.

Every change is written before it is acted on. A call is asked for once: what was written and whose call nobody heard of has
come to nothing after a while, and another attempt is made. So a server that dies at any step neither loses a promise nor
calls twice for one attempt.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

from care.domain.callback import (
    IN_FLIGHT,
    NOT_MADE,
    NOT_OFFERED,
    OFFER_LASTS,
    Callback,
    CallbackId,
    CallbackState,
    Step,
    claim_lapses,
    concluded,
    expires,
    keeps_place,
    progressed,
    ringing,
    stepped,
)
from care.domain.policy import CarePolicy
from care.domain.story import line
from care.domain.turn import Begin, Queue, Standing, begins
from care.ports import CareStore, Clock, Floor, MayDial, NewAttempt, Waiting
from care.service.callbacks import CallbackDesk, Wish
from care.service.rescues import RescueDesk
from cti.domain.dialling import Refusal
from cti.domain.errors import CtiError, SwitchError, SwitchRefused
from cti.domain.histograms import Histogram
from cti.domain.identifiers import PhoneNumber

log = logging.getLogger(__name__)

TURN_SECONDS = 0.5
LATE_BOUNDS = (0.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)


class Attempts:
    """One turn after the other, twice a second."""

    def __init__(
        self,
        desk: CallbackDesk,
        rescues: RescueDesk,
        store: CareStore,
        policy: CarePolicy,
        floor: Floor,
        dial: MayDial,
        clock: Clock,
    ) -> None:
        self._desk, self._rescues, self._store, self._policy = desk, rescues, store, policy
        self._floor, self._dial, self._clock = floor, dial, clock
        self._left: set[CallbackId] = set()  # offered, and seen out of the line
        self.kept: Counter[tuple[str, str]] = Counter()
        """Promises kept, by queue and tier, since this server began."""
        self.late = Histogram(LATE_BOUNDS)
        """Seconds by which promises passed their time before they ended; 0 of those kept."""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(TURN_SECONDS)

    async def turn(self) -> None:
        """Everything that is due now."""
        now, waiting = self._clock.now(), self._floor.waiting()
        callbacks = await self._open()
        self._left &= {one.id for one in callbacks if one.state is CallbackState.OFFERED}
        for callback in callbacks:
            await self._look_after(callback, waiting, now)
        owed = {(callback.number, callback.queue) for callback in callbacks}
        await self._offer([one for one in waiting if (self._number(one), one.queue) not in owed], now)
        for begin in await self._due(await self._open(), waiting, now):
            await self._begin(begin, now)

    async def _open(self) -> list[Callback]:
        return [self._desk.repriced(callback) for callback in await self._store.open_callbacks()]

    async def _look_after(self, callback: Callback, waiting: Sequence[Waiting], now: float) -> None:
        if callback.state in IN_FLIGHT:
            await self._follow(callback, now)
        elif callback.state is CallbackState.OFFERED and self._declined(callback, waiting, now):
            await self._let_be(callback, waiting, now)
        elif (himself := self._himself(callback, waiting)) is not None:
            # What is owed stays owed until he has talked to somebody (`RescueDesk`): he may give up again.
            self._floor.keep_place(himself.call, himself.queue, callback.priority)
        elif callback.agent is not None and claim_lapses(
            callback, now, logged_on=self._floor.logged_on(callback.agent)
        ):
            freed = stepped(callback, Step.RELEASE, now, agent=None, why="claim_lapsed")
            await self._write(Step.RELEASE, freed)
        elif expires(callback, now):
            await self._write(Step.EXPIRE, stepped(callback, Step.EXPIRE, now, why="not_in_time"))

    async def _follow(self, callback: Callback, now: float) -> None:
        """An attempt under way."""
        seen = None if callback.call is None else await self._floor.progress(callback.call)
        if seen is not None and seen.lasts:
            news = progressed(callback, seen, now)
            if news is not None:
                await self._write(*news)
        elif seen is not None or now >= callback.changed_at + self._policy.watch_seconds:
            await self._write(*concluded(callback, seen, now, self._policy))

    async def _let_be(self, callback: Callback, waiting: Sequence[Waiting], now: float) -> None:
        """He went on waiting, or hung up while he was asked: then somebody valued is to be found again."""
        stands = any(one.call == callback.first_call for one in waiting)
        seen = (
            None if stands or callback.first_call is None else await self._floor.progress(callback.first_call)
        )
        if seen is not None and seen.lasts and seen.talk is None:
            return  # what he will do is not known yet
        after = stepped(callback, Step.DECLINE, now, why="declined")
        if await self._write(Step.DECLINE, after) and not stands and (seen is None or seen.talk is None):
            await self._rescues.hung_up(after, now)

    def _declined(self, callback: Callback, waiting: Sequence[Waiting], now: float) -> bool:
        """Back in the line after having been out of it, or silent for too long."""
        if not any(one.call == callback.first_call for one in waiting):
            self._left.add(callback.id)
            return now >= callback.changed_at + OFFER_LASTS
        return callback.id in self._left or now >= callback.changed_at + OFFER_LASTS

    def _himself(self, callback: Callback, waiting: Sequence[Waiting]) -> Waiting | None:
        for one in waiting:
            number = self._number(one)
            if number is not None and keeps_place(callback, number, one.queue, one.since, self._policy):
                return one
        return None

    async def _offer(self, waiting: Sequence[Waiting], now: float) -> None:
        """Take those who have waited long enough out of the line, to be asked; once in a call."""
        for one in waiting:
            expected = None if one.expected_at is None else one.expected_at - one.since
            if one.leaving or not self._policy.offers(one.queue, one.tier, now - one.since, expected):
                continue
            if await self._store.offered_before(one.call):
                continue
            try:
                offered = await self._desk.ask(_wish(one), offered=True)
                await self._floor.withdraw(one)
            except SwitchRefused:
                await self._write(Step.DECLINE, stepped(offered, Step.DECLINE, now, why=NOT_OFFERED))
            except SwitchError as error:  # he may be on his way out of the line: what he does next tells
                log.warning("a callback was offered and not confirmed: %s", type(error).__name__)
            except CtiError:
                continue  # no number, none that is called, or one that has a callback already

    def _number(self, one: Waiting) -> PhoneNumber | None:
        return self._dial.normalise(one.number)

    async def _due(
        self, callbacks: Sequence[Callback], waiting: Sequence[Waiting], now: float
    ) -> list[Begin]:
        lines: dict[Queue, Sequence[Standing]] = {
            key: self._floor.line(*key) for key in {(one.pbx, one.queue) for one in callbacks}
        }
        closed = {one.queue for one in callbacks if not self._policy.hours_of(one.queue).is_open(now)}
        engaged = {number for one in waiting if (number := self._number(one)) is not None}
        under_way = await self._store.under_way() if callbacks else ()
        due = begins(callbacks, lines, self._floor.free(), closed, now, under_way, engaged)
        return [one for one in due if not self._on_the_telephone(one)]

    def _on_the_telephone(self, one: Begin) -> bool:
        """He, or the agent: a call that somebody else just made is seen before it is in any state."""
        callback = one.callback
        return self._floor.busy(callback.pbx, one.agent) or self._floor.engaged(callback.number)

    async def _begin(self, begin: Begin, now: float) -> None:
        goal = self._dial.goal(begin.callback.number)
        if isinstance(goal, Refusal):  # the rules changed since it was promised, and today's stand
            why = "never_called"
            await self._write(Step.CANCEL, stepped(begin.callback, Step.CANCEL, now, why=why))
            return
        callback = ringing(begin.callback, begin.agent, now)
        if not await self._write(Step.RING, callback):
            return
        try:
            await self._floor.make(
                NewAttempt(
                    callback.pbx,
                    begin.agent,
                    goal,
                    callback.channel,
                    self._policy.agent_ring_seconds,
                    self._policy.customer_ring_seconds,
                )
            )
        except SwitchRefused:  # there is no call, and will be none
            await self._write(*concluded(callback, NOT_MADE, now, self._policy))
        except SwitchError as error:  # there may be one: what is heard of it decides
            log.warning("a callback was asked for and not confirmed: %s", type(error).__name__)

    async def _write(self, step: Step, after: Callback) -> bool:
        if not await self._store.replace_callback(after, line(after, step)):
            return False
        if step is Step.KEEP:
            self.kept[after.queue, after.tier] += 1
            await self._rescues.returned(after.number, after.changed_at)
        if step in (Step.KEEP, Step.EXPIRE, Step.FAIL):
            self.late.observe(max(0.0, after.changed_at - after.due_at))
        return True


def _wish(one: Waiting) -> Wish:
    known = one.customer, one.name, one.tier
    return Wish(
        one.queue, one.number, "offer", "", one.pbx, one.call, one.joined_at, one.priority, None, known
    )
