"""The callback desk: promises are made, claimed, moved and taken back here."""

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

from care.domain.callback import (
    Callback,
    CallbackId,
    CallbackState,
    Step,
    stepped,
)
from care.domain.errors import (
    AlreadyAsked,
    CallbackUnknown,
    NoPromiseNow,
    NumberRefused,
    TooLate,
)
from care.domain.policy import CarePolicy
from care.domain.story import Line, line
from care.ports import CallbackPage, CareStore, Clock, Floor, Identify, MayDial
from cti.domain.access import Permission, User
from cti.domain.dialling import Refusal
from cti.domain.errors import NotPossibleNow
from cti.domain.identifiers import AgentId, CallId, CustomerId, PbxName, QueueName, Tier


class Wish(NamedTuple):
    """Somebody is to be called back. What is None is found out."""

    queue: QueueName
    number: str | None
    source: str  # key, offer, agent, api
    reason: str = ""
    pbx: PbxName | None = None
    call: CallId | None = None
    joined_at: float | None = None
    priority: int | None = None
    not_before: float | None = None
    known: tuple[CustomerId | None, str | None, Tier] | None = None


class CallbackDesk:
    """Decides nothing: policy and table do."""

    def __init__(
        self,
        store: CareStore,
        policy: CarePolicy,
        floor: Floor,
        dial: MayDial,
        identify: Identify,
        place: Callable[[QueueName, Tier, float], int],
        clock: Clock,
        *,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        """`place`: the switch's number for somebody of this tier who joins this queue at this time."""
        self._store, self._policy, self._floor, self._dial = store, policy, floor, dial
        self._identify, self._place, self._clock, self._new_id = identify, place, clock, new_id

    async def ask(self, wish: Wish, by: str | None = None, *, offered: bool = False) -> Callback:
        """Promise a callback, or offer one. Raises NumberRefused, NoPromiseNow, AlreadyAsked or NotPossibleNow."""
        number = self._dial.normalise(wish.number)
        if number is None:
            raise NumberRefused("it is withheld or is no telephone number.")
        if isinstance(refusal := self._dial.goal(number), Refusal):
            raise NumberRefused(refusal)
        pbx = wish.pbx or self._floor.queue_of(wish.queue)
        if pbx is None:
            raise NotPossibleNow(f"Nobody serves the queue {wish.queue}; name one that has agents.")
        customer, name, tier = wish.known or await self._identify(number)
        now = self._clock.now()
        if wish.not_before is not None:
            _must_be_ahead(wish.not_before, now)
        promise = self._policy.promise(wish.queue, tier, now if wish.not_before is None else wish.not_before)
        if promise is None:
            raise NoPromiseNow
        joined = wish.joined_at or now
        callback = Callback(
            id=CallbackId(self._new_id()),
            pbx=pbx,
            queue=wish.queue,
            number=number,
            tier=tier,
            customer=customer,
            name=name,
            source=wish.source,
            reason=wish.reason,
            first_call=wish.call,
            joined_at=joined,
            priority=self._place(wish.queue, tier, joined) if wish.priority is None else wish.priority,
            created_at=now,
            not_before=promise[0],
            due_at=promise[1],
            state=CallbackState.OFFERED if offered else CallbackState.WAITING,
            changed_at=now,
        )
        there = await self._store.add_callback(
            callback, line(callback, Step.OFFER if offered else Step.ASK, by)
        )
        if there is not None:
            raise AlreadyAsked(there)
        return callback

    async def accept(self, wish: Wish) -> Callback:
        """A caller pressed the key, in line or asked. What he was offered becomes a promise; asking twice makes one."""
        number = self._dial.normalise(wish.number)
        for one in await self._store.open_callbacks():
            if (one.number, one.queue) == (number, wish.queue):
                if one.state is not CallbackState.OFFERED:
                    return one
                return await self._write(one, Step.ACCEPT, None, stepped(one, Step.ACCEPT, self._clock.now()))
        return await self.ask(wish)

    def repriced(self, callback: Callback) -> Callback:
        """With the place the routing policy gives him now; never a worse one than he was promised."""
        now = self._place(callback.queue, callback.tier, callback.joined_at)
        return callback._replace(priority=max(callback.priority, now))

    async def claim(self, callback: CallbackId, user: User) -> Callback:
        """An agent makes it himself, as soon as he is ready. Raises NotPossibleNow when somebody else has it."""
        before = await self.get(callback)
        if user.agent is None:
            raise NotPossibleNow("Only agents claim callbacks: they are made from an agent's telephone.")
        if before.state is CallbackState.CLAIMED and before.agent != user.agent:
            raise TooLate("Somebody else has claimed it.")
        after = stepped(before, Step.CLAIM, self._clock.now(), agent=user.agent)
        return await self._write(before, Step.CLAIM, user.login, after)

    async def release(self, callback: CallbackId, user: User) -> Callback:
        before = await self._own(callback, user)
        after = stepped(before, Step.RELEASE, self._clock.now(), agent=None)
        return await self._write(before, Step.RELEASE, user.login, after)

    async def cancel(self, callback: CallbackId, user: User, why: str) -> Callback:
        before = await self._own(callback, user)
        after = stepped(before, Step.CANCEL, self._clock.now(), why=why)
        return await self._write(before, Step.CANCEL, user.login, after)

    async def reschedule(self, callback: CallbackId, user: User, not_before: float) -> Callback:
        """Promised anew from that moment on; the place in line stays. Raises NoPromiseNow or NotPossibleNow."""
        before, now = await self._own(callback, user), self._clock.now()
        _must_be_ahead(not_before, now)
        promise = self._policy.promise(before.queue, before.tier, not_before)
        if promise is None:
            raise NoPromiseNow
        after = stepped(
            before, Step.RESCHEDULE, now, not_before=promise[0], due_at=promise[1], agent=None, why=""
        )
        return await self._write(before, Step.RESCHEDULE, user.login, after)

    async def _own(self, callback: CallbackId, user: User) -> Callback:
        """One that nobody else has claimed, or that a supervisor takes from him. Raises TooLate."""
        one = await self.get(callback)
        others = one.agent is not None and one.agent != user.agent
        if others and not user.may(Permission.CONTROL_AGENTS):
            raise TooLate("Somebody else has claimed it.")
        return one

    async def get(self, callback: CallbackId) -> Callback:
        found = await self._store.callback(callback)
        if found is None:
            raise CallbackUnknown
        return found

    async def story(self, callback: CallbackId) -> Sequence[Line]:
        return await self._store.story(callback)

    async def page(
        self,
        states: Sequence[CallbackState],
        queue: QueueName | None,
        tier: Tier | None,
        limit: int,
        offset: int,
        visible: frozenset[AgentId] | None = None,
    ) -> CallbackPage:
        return await self._store.callbacks(states, queue, tier, limit, offset, visible)

    async def of_agent(self, user: User) -> Callback | None:
        """The one whose call is at this agent's telephone now."""
        flying = [CallbackState.RINGING_AGENT, CallbackState.RINGING_CUSTOMER, CallbackState.TALKING]
        page = await self._store.callbacks(flying, None, None, 200, 0)
        return next((one for one in page.items if user.agent is not None and one.agent == user.agent), None)

    async def _write(self, _before: Callback, step: Step, by: str | None, after: Callback) -> Callback:
        if not await self._store.replace_callback(after, line(after, step, by)):
            raise TooLate
        return after


def _must_be_ahead(at: float, now: float) -> None:
    """Raises NotPossibleNow. A minute ago is now by somebody else's clock."""
    if not now - 60 <= at <= now + 30 * 86_400:
        raise NotPossibleNow("Choose a time from now on, at most thirty days ahead.")
