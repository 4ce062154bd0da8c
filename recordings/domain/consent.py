"""Which calls are not recorded: by queue, by number, by direction. The first rule that fits says why."""

from collections.abc import Sequence
from typing import NamedTuple

from cti.domain.identifiers import PhoneNumber, QueueName
from cti.domain.records import Direction
from recordings.domain.recording import Reason


class Exclusion(NamedTuple):
    """One rule; None leaves a question out. `numbers`: E.164, or the beginning of one with a `*` behind it."""

    reason: Reason  # NO_CONSENT or BY_RULE
    because: str  # a sentence for people
    queues: frozenset[QueueName] | None = None
    numbers: tuple[str, ...] | None = None
    direction: Direction | None = None

    def fits(self, queue: QueueName, number: PhoneNumber | None, direction: Direction) -> bool:
        if self.queues is not None and queue not in self.queues:
            return False
        if self.direction is not None and direction is not self.direction:
            return False
        return self.numbers is None or any(_is_one(number, pattern) for pattern in self.numbers)


def _is_one(number: PhoneNumber | None, pattern: str) -> bool:
    if number is None:
        return False
    return number.startswith(pattern[:-1]) if pattern.endswith("*") else number == pattern


def forbidding(
    rules: Sequence[Exclusion], queue: QueueName, number: PhoneNumber | None, direction: Direction
) -> Exclusion | None:
    """The rule by which such a call is not recorded; None when it is."""
    return next((rule for rule in rules if rule.fits(queue, number, direction)), None)
