"""Lookups remembered for a while, so that a routing decision for a known number needs no disk."""

from collections import OrderedDict
from collections.abc import Iterable

from cti.domain.identifiers import PhoneNumber
from customers.domain.customer import Customer, Remembered

NOBODY = Remembered(None)


class RememberedLookups:
    """Bounded; the longest unused goes first. That nobody has a number is remembered too.

    `max_age` (seconds) bounds how long another process's change stays unseen. What is older is no answer any more,
    but a customer is kept for the case that the database does not answer at all.
    """

    def __init__(self, capacity: int, max_age: float) -> None:
        self._capacity, self._max_age = capacity, max_age
        self._customers: OrderedDict[PhoneNumber, tuple[float, Remembered]] = OrderedDict()
        self._nobodys: OrderedDict[PhoneNumber, float] = OrderedDict()  # the oldest first
        self.generation = 0
        """Counts changes: a lookup that began before one must not be remembered after it."""

    def __len__(self) -> int:
        return len(self._customers) + len(self._nobodys)

    def fresh(self, number: PhoneNumber, now: float) -> Remembered | None:
        entry = self._customers.get(number)
        if entry is None:
            known = self._nobodys.get(number)
            return NOBODY if known is not None and self._counts(known, now) else None
        if not self._counts(entry[0], now):
            return None
        self._customers.move_to_end(number)
        return entry[1]

    def last_known(self, number: PhoneNumber) -> Remembered | None:
        """The customer, however old the answer is; None when there was none."""
        entry = self._customers.get(number)
        return None if entry is None else entry[1]

    def keep(self, number: PhoneNumber, customer: Customer | None, now: float, generation: int) -> None:
        """Remember a lookup that began at `generation`."""
        if generation != self.generation:
            return
        self._customers.pop(number, None)
        self._nobodys.pop(number, None)
        if customer is None:
            self._nobodys[number] = now
        else:
            self._customers[number] = (now, Remembered(customer))
        while self._nobodys and not self._counts(next(iter(self._nobodys.values())), now):
            self._nobodys.popitem(last=False)
        if len(self) > self._capacity:
            (self._nobodys or self._customers).popitem(last=False)

    def forget(self, numbers: Iterable[PhoneNumber]) -> None:
        self.generation += 1
        for number in numbers:
            self._customers.pop(number, None)
            self._nobodys.pop(number, None)

    def _counts(self, known: float, now: float) -> bool:
        return 0 <= now - known < self._max_age
