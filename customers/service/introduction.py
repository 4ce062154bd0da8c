"""Introduces callers to agents: who it is, what they are worth, and their last contacts, as soon as each is known."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from cti.domain.events import CallCleared, CallerRecognised, CallQueued, CallsMerged
from cti.domain.identifiers import CallId
from cti.domain.screen_pop import Profile
from customers.domain.customer import Contact, Customer
from customers.service.desk import CustomerDesk

log = logging.getLogger(__name__)

CONTACTS = 5


class Introduction:
    """What pops show of a caller. Asking never waits; what takes longer arrives into the open pop."""

    def __init__(
        self,
        customers: CustomerDesk,
        why_first: Callable[[CallId], Mapping[str, str] | None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        refresh: Callable[[CallId], None],
    ) -> None:
        """`why_first` tells a waiting caller's place in words, by language; `refresh` shows open pops again."""
        self._customers, self._why_first = customers, why_first
        self._spawn, self._refresh = spawn, refresh
        self._profiles: dict[CallId, Profile] = {}
        self._numbers: dict[CallId, str | None] = {}

    def describe(self, call: CallId) -> Profile:
        """All that is known now."""
        profile = self._profiles.get(call) or Profile()
        profile.position_note = self._why_first(call)
        return profile

    def queued(self, event: CallQueued) -> None:
        """Reaction: remember the number, for a caller who turns out to be no customer."""
        self._numbers[event.call] = event.number

    def recognised(self, event: CallerRecognised) -> None:
        """Reaction: we know who, or that we do not know."""
        known = self._profiles.get(event.call)
        if (
            known is not None and known.customer == event.customer
        ):  # told again: by the decision, then in the queue
            known.name, known.tier, known.tier_source = event.name, event.tier, event.source
            return
        profile = self._profiles[event.call] = Profile(event.customer, event.name, event.tier, event.source)
        self._spawn(self._learn_more(event.call, profile))

    def merged(self, event: CallsMerged) -> None:
        """Reaction: the consultation's caller was a colleague; the customer stays the customer."""
        self._forget(event.absorbed)

    def cleared(self, event: CallCleared) -> None:
        """Reaction: forget."""
        self._forget(event.call)

    def _forget(self, call: CallId) -> None:
        self._profiles.pop(call, None)
        self._numbers.pop(call, None)

    async def _learn_more(self, call: CallId, profile: Profile) -> None:
        try:
            customer = None if profile.customer is None else await self._customers.get(profile.customer)
            if customer is not None:
                profile.details = _details(customer)
            contacts = await self._customers.last_contacts(customer, self._numbers.get(call), CONTACTS)
            profile.contacts = [_contact(contact) for contact in contacts]
        except Exception:
            log.exception("a caller's history could not be read; the pop goes without it")
            return
        news = profile.details is not None or profile.contacts
        if news and self._profiles.get(call) is profile:
            self._refresh(call)


def _details(customer: Customer) -> Mapping[str, Any]:
    return {
        "company": customer.company,
        "language": customer.language,
        "value_note": customer.value_note,
        "note": customer.note,
        "owner": customer.owner,
    }


def _contact(contact: Contact) -> Mapping[str, Any]:
    return dict(contact._asdict())
