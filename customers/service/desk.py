"""What happens to customers: looked up, added, changed, imported."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId, CustomerId, PhoneNumber, Tier
from customers.domain.customer import (
    MOST_NUMBERS,
    Contact,
    Customer,
    Remembered,
    TierChange,
    TimelineLine,
    check,
)
from customers.domain.errors import FieldRefused, ImportRefused, NumberTaken, UnknownCustomer
from customers.domain.import_plan import Claim, claims, plan, taken
from customers.domain.import_rows import CustomerRow, read
from customers.domain.problems import Problem
from customers.domain.remembered import RememberedLookups
from customers.domain.tiers import DEFAULT_TIERS, TierPolicy
from customers.ports import Clock, ContactHistory, CustomerFiles, CustomerPage, CustomerStore, Numbering

log = logging.getLogger(__name__)
NORMALISED: Final = 4_000
"""Numbers as written whose plain form is remembered: those of who calls in the next minutes."""
MOST_PROBLEMS: Final = 1000  # named in one report; the rest are counted


class CustomerFields(NamedTuple):
    """What a person fills in. None leaves a field as it is (or empty, for a new customer)."""

    name: str | None = None
    company: str | None = None
    tier: Tier | None = None
    numbers: tuple[str, ...] | None = None
    language: str | None = None
    owner: str | None = None
    note: str | None = None
    value_note: str | None = None


class ImportReport(NamedTuple):
    added: int
    changed: int
    unchanged: int


class CustomerDesk:
    def __init__(
        self,
        store: CustomerStore,
        numbering: Numbering,
        history: ContactHistory,
        files: CustomerFiles,
        clock: Clock,
        *,
        tiers: Sequence[TierPolicy] = DEFAULT_TIERS,
        remembered: int = 100_000,
        max_age: float = 60.0,
        changed: Callable[[Sequence[Customer]], None] = lambda _: None,
    ) -> None:
        """`max_age`: seconds after which a remembered lookup is asked again. `changed` is told after each commit."""
        self._store, self._numbering, self._history, self._files, self._clock = (
            store,
            numbering,
            history,
            files,
            clock,
        )
        self.tiers = tuple(tiers)
        self._remembered = RememberedLookups(remembered, max_age)
        self._numbers: dict[str, PhoneNumber | None] = {}  # as written -> normalised: the plan is slow to ask
        self._changed = changed

    def normalise(self, number: str | None) -> PhoneNumber | None:
        if number is None:
            return None
        try:
            return self._numbers[number]
        except KeyError:
            if len(self._numbers) >= NORMALISED:
                self._numbers.clear()
            normal = self._numbers[number] = self._numbering.normalise(number)
            return normal

    def remembered(self, number: str | None) -> Remembered | None:
        """The answer to a lookup if it needs no waiting; None if it does."""
        if (normal := self.normalise(number)) is None:
            return Remembered(None)
        return self._remembered.fresh(normal, self._clock.now())

    async def lookup(self, number: str | None) -> Customer | None:
        """Whose number this is. While the database fails, what was known last still counts."""
        if (normal := self.normalise(number)) is None:
            return None
        if (known := self._remembered.fresh(normal, self._clock.now())) is not None:
            return known.customer
        generation = self._remembered.generation
        try:
            customer = await self._store.by_number(normal)
        except Exception as error:
            if (last := self._remembered.last_known(normal)) is None:
                raise
            # Without the error's text, which may hold the number.
            log.warning(
                "a customer could not be looked up (%s); what was known last counts", type(error).__name__
            )
            return last.customer
        self._remembered.keep(normal, customer, self._clock.now(), generation)
        return customer

    async def get(self, customer: CustomerId) -> Customer:
        if (found := await self._store.by_id(customer)) is None:
            raise UnknownCustomer
        return found

    async def search(self, text: str, tier: Tier | None, limit: int, offset: int) -> CustomerPage:
        """By part of a name, company or number, or by id. A number may be written in any way."""
        text = text.strip()
        if sum(c.isdigit() for c in text) >= 7 and (normal := self.normalise(text)) is not None:
            text = normal
        return await self._store.search(text, tier, limit, offset)

    async def add(self, fields: CustomerFields, actor: str, reason: str = "added") -> Customer:
        new = Customer(
            id=self._store.new_id(),
            name="",
            company="",
            tier=Tier.IRON,
            tier_source="manual",
            numbers=(),
            language="",
            owner=None,
            note="",
            value_note="",
            created_at=self._clock.now(),
        )
        customer = self._filled(new, fields)
        check("name", customer.name)
        await self._keep(customer, None, actor, reason)
        return customer

    async def change(self, customer: CustomerId, fields: CustomerFields, actor: str, reason: str) -> Customer:
        """`reason` is kept in the tier's history when the tier changes."""
        before = await self.get(customer)
        after = self._filled(before, fields)
        if after.tier is not before.tier:
            if not reason.strip():
                raise FieldRefused("reason: a change of tier needs one.")
            after = after._replace(tier_source="manual")
        if after != before:
            await self._keep(after, before, actor, reason)
        return after

    async def timeline(self, customer: CustomerId, limit: int = 50) -> list[TimelineLine]:
        """Contacts and changes of tier, latest first."""
        found = await self.get(customer)
        contacts = await self._history.contacts(found.id, found.numbers, limit)
        changes = await self._store.tier_history(found.id)
        lines = [TimelineLine(contact.at, contact, None) for contact in contacts]
        lines += [TimelineLine(change.at, None, change) for change in changes]
        return sorted(lines, key=lambda line: -line.at)[:limit]

    async def last_contacts(
        self, customer: Customer | None, number: str | None, limit: int = 5
    ) -> Sequence[Contact]:
        """For the screen pop: of the customer if we know him, else of the number."""
        if customer is not None:
            return await self._history.contacts(customer.id, customer.numbers, limit)
        normal = self.normalise(number)
        return [] if normal is None else await self._history.contacts(None, (normal,), limit)

    async def tier_change(self, customer: CustomerId) -> TierChange | None:
        """The last one: why the tier is what it is."""
        return next(iter(await self._store.tier_history(customer)), None)

    async def import_file(self, path: Path, actor: str) -> ImportReport:
        """All rows or none. Raises FileUnreadable, or ImportRefused with every problem."""
        return await self._import(path.name, await asyncio.to_thread(self._files.text, path), actor)

    async def import_bytes(self, name: str, content: bytes, actor: str) -> ImportReport:
        return await self._import(name, await asyncio.to_thread(self._files.decode, content), actor)

    async def _import(self, name: str, text: str, actor: str) -> ImportReport:
        rows, claimed, problems = await asyncio.to_thread(self._read, text)
        ids = {CustomerId(row.id.text) for row in rows if row.id is not None}
        existing = await self._store.by_ids(ids)
        problems += taken(claimed, await self._store.holders(claimed), ids)
        if problems:
            problems.sort()
            raise ImportRefused(name, problems[:MOST_PROBLEMS], len(problems))
        todo = plan(
            rows,
            claimed,
            existing,
            self._store.new_id,
            at=self._clock.now(),
            reason=f"import of {name}",
            actor=actor,
        )
        await self._store.save(todo.customers, todo.changes)
        given_up = [number for customer in existing.values() for number in customer.numbers]
        self._remembered.forget([*given_up, *claimed])
        self._changed(todo.customers)
        return ImportReport(todo.added, len(todo.customers) - todo.added, todo.unchanged)

    def _read(self, text: str) -> tuple[list[CustomerRow], Mapping[PhoneNumber, Claim], list[Problem]]:
        found = list(read(text))
        rows = [row for row in found if isinstance(row, CustomerRow)]
        problems = [problem for problem in found if isinstance(problem, Problem)]
        told = claims(rows, self._numbering.normalise, self._numbering.objection)
        return rows, told.by_number, problems + list(told.problems)

    def _filled(self, before: Customer, fields: CustomerFields) -> Customer:
        told = {name: value.strip() for name, value in fields._asdict().items() if isinstance(value, str)}
        for name, value in told.items():
            check(name, value)
        after = before._replace(
            name=told.get("name", before.name),
            company=told.get("company", before.company),
            tier=before.tier if fields.tier is None else fields.tier,
            language=told.get("language", before.language),
            note=told.get("note", before.note),
            value_note=told.get("value_note", before.value_note),
        )
        if "owner" in told:
            after = after._replace(owner=AgentId(told["owner"]) if told["owner"] else None)
        if fields.numbers is not None:
            after = after._replace(numbers=self._checked_numbers(fields.numbers))
        return after

    def _checked_numbers(self, written: Sequence[str]) -> tuple[PhoneNumber, ...]:
        if len(written) > MOST_NUMBERS:
            raise FieldRefused(f"numbers: {MOST_NUMBERS} are the most.")
        numbers: dict[PhoneNumber, None] = {}
        for text in written:
            sentence = self._numbering.objection(text)
            number = self._numbering.normalise(text)
            if sentence is not None or number is None:
                raise FieldRefused(f"numbers: {sentence or 'no telephone number'}.")
            numbers[number] = None
        return tuple(numbers)

    async def _keep(self, after: Customer, before: Customer | None, actor: str, reason: str) -> None:
        holders = await self._store.holders(after.numbers)
        if any(holder != after.id for holder in holders.values()):
            raise NumberTaken
        changes = []
        if before is None or before.tier is not after.tier:
            old = None if before is None else before.tier
            changes.append(TierChange(self._clock.now(), after.id, old, after.tier, reason, actor))
        await self._store.save([after], changes)
        self._remembered.forget([*after.numbers, *(() if before is None else before.numbers)])
        self._changed([after])
