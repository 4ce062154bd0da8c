"""Introduces callers to agents: who it is, what they are worth, what is owed to them, how content they were, and their last contacts."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from cti.domain.events import CallCleared, CallDelivered, CallerRecognised, CallQueued, CallsMerged
from cti.domain.identifiers import CallId
from cti.domain.screen_pop import Profile
from customers.domain.customer import Customer, TierChange
from customers.ports import LiveCalls, Matters, Satisfactions
from customers.service.desk import CustomerDesk

log = logging.getLogger(__name__)

CONTACTS = 5
_AT_ONCE = 20
"""Callers whose history is read together after a restart."""


class Introduction:
    """What pops show of a caller. Asking never waits; what takes longer arrives into the open pop."""

    def __init__(
        self,
        customers: CustomerDesk,
        calls: LiveCalls,
        matters: Matters,
        satisfactions: Satisfactions,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._customers, self._calls, self._spawn = customers, calls, spawn
        self._matters, self._satisfactions = matters, satisfactions
        self._putting_off = False
        self._rest: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._profiles: dict[CallId, Profile] = {}
        self._numbers: dict[CallId, str | None] = {}

    def describe(self, call: CallId) -> Profile:
        """All that is known now."""
        profile = self._profiles.get(call) or Profile()
        profile.position_note = self._calls.why_first(call)
        profile.promised_at = self._calls.promised_at(call)
        profile.dialled = self._calls.dialled(call)
        return profile

    def queued(self, event: CallQueued) -> None:
        """Reaction: the number tells of a caller who turned out to be no customer before he stood in line."""
        self._note(event.call, event.number)

    def delivered(self, event: CallDelivered) -> None:
        """Reaction: a caller who stood in no line was looked up by nobody yet."""
        self._note(event.call, event.number)
        if event.queue is None and event.call not in self._profiles:
            self._begin(self._look_up, event.call, event.number)

    def recognised(self, event: CallerRecognised) -> None:
        """Reaction: we know who, or that we do not know."""
        known = self._profiles.get(event.call)
        if known is not None and known.customer == event.customer:  # by the decision, then in the queue
            known.name, known.tier, known.tier_source = event.name, event.tier, event.source
            return
        profile = Profile(True, event.customer, event.name, event.tier, event.source)
        self._profiles[event.call] = profile
        if event.customer is not None or event.call in self._numbers:
            self._begin(self._learn_more, event.call, profile)

    def merged(self, event: CallsMerged) -> None:
        """Reaction: the consultation's caller was a colleague; the customer stays the customer."""
        self._forget(event.absorbed)

    def cleared(self, event: CallCleared) -> None:
        """Reaction: forget."""
        self._forget(event.call)

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """What is asked for meanwhile is left to `read_rest`: after a restart there is more to do, and all of it sooner."""
        self._putting_off = True
        try:
            yield
        finally:
            self._putting_off = False

    async def read_rest(self) -> None:
        """Read what was put off, a few callers at a time."""
        while self._rest:
            some, self._rest = self._rest[:_AT_ONCE], self._rest[_AT_ONCE:]
            await asyncio.gather(*(read() for read in some))

    def _begin(self, read: Callable[..., Coroutine[Any, Any, None]], *given: object) -> None:
        if self._putting_off:
            self._rest.append(partial(read, *given))
        else:
            self._spawn(read(*given))

    def _note(self, call: CallId, number: str | None) -> None:
        if call in self._numbers:
            return
        self._numbers[call] = number
        profile = self._profiles.get(call)
        if profile is not None and profile.customer is None:
            self._begin(self._learn_more, call, profile)

    def _forget(self, call: CallId) -> None:
        self._profiles.pop(call, None)
        self._numbers.pop(call, None)

    async def _look_up(self, call: CallId, number: str | None) -> None:
        customer, failed = None, False
        try:
            customer = await self._customers.lookup(number)
        except Exception:
            log.exception("a caller could not be looked up; the pop goes without it")
            failed = True
        if call in self._profiles or call not in self._numbers:
            return  # somebody said who it is, or he is gone
        if customer is not None:
            self._calls.recognised(call, customer)
            return
        profile = self._profiles[call] = Profile(known=True, unreadable=failed)
        if failed:
            self._calls.refresh(call)
        else:
            await self._learn_more(call, profile)

    async def _learn_more(self, call: CallId, profile: Profile) -> None:
        try:
            await self._read(call, profile)
        except Exception:
            log.exception("a caller's history could not be read; the pop goes without it")
            profile.unreadable = True
        if self._profiles.get(call) is profile:
            self._calls.refresh(call)

    async def _read(self, call: CallId, profile: Profile) -> None:
        customer, number = None, self._numbers.get(call)
        if profile.customer is not None:
            customer = await self._customers.get(profile.customer)
            profile.details = _details(customer)
            profile.tier_reason = _reason(await self._customers.tier_change(customer.id))
        normal = self._customers.normalise(number)
        numbers = ([] if normal is None else [normal]) if customer is None else list(customer.numbers)
        contacts, matters, satisfaction = await asyncio.gather(
            self._customers.last_contacts(customer, number, CONTACTS),
            self._matters.open(profile.customer, numbers),
            self._satisfactions.last(numbers),
        )
        profile.contacts = [dict(contact._asdict()) for contact in contacts]
        profile.matters = [dict(matter._asdict()) for matter in matters]
        profile.satisfaction = None if satisfaction is None else dict(satisfaction._asdict())


def _details(customer: Customer) -> Mapping[str, Any]:
    return {
        "company": customer.company,
        "language": customer.language,
        "value_note": customer.value_note,
        "note": customer.note,
        "owner": customer.owner,
    }


def _reason(change: TierChange | None) -> Mapping[str, Any] | None:
    return None if change is None else {"at": change.at, "reason": change.reason}
