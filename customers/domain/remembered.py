"""Lookups remembered for a while, so that a routing decision for a known number needs no disk."""

from collections import OrderedDict
from collections.abc import Iterable

from cti.domain.identifiers import PhoneNumber
from customers.domain.customer import Customer, Remembered


class RememberedLookups:
    """Bounded; the longest unused goes first. Absent customers are remembered too.

    `max_age` (seconds) bounds how long another process's change stays unseen. What is older is no answer any more,
    but is kept for the case that the database does not answer at all.
    """

    def __init__(self, capacity: int, max_age: float) -> None:
        self._capacity, self._max_age = capacity, max_age
        self._answers: OrderedDict[PhoneNumber, tuple[float, Remembered]] = OrderedDict()
        self.generation = 0
        """Counts changes: a lookup that began before one must not be remembered after it."""

    def __len__(self) -> int:
        return len(self._answers)

    def fresh(self, number: PhoneNumber, now: float) -> Remembered | None:
        entry = self._answers.get(number)
        if entry is None or not 0 <= now - entry[0] < self._max_age:
            return None
        self._answers.move_to_end(number)
        return entry[1]

    def last_known(self, number: PhoneNumber) -> Remembered | None:
        """The answer however old it is."""
        entry = self._answers.get(number)
        return None if entry is None else entry[1]

    def keep(self, number: PhoneNumber, customer: Customer | None, now: float, generation: int) -> None:
        """Remember a lookup that began at `generation`."""
        if generation != self.generation:
            return
        self._answers[number] = (now, Remembered(customer))
        self._answers.move_to_end(number)
        if len(self._answers) > self._capacity:
            self._answers.popitem(last=False)

    def forget(self, numbers: Iterable[PhoneNumber]) -> None:
        self.generation += 1
        for number in numbers:
            self._answers.pop(number, None)
