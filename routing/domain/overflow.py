"""When a waiting caller goes on to another queue. Checked again while he waits; no queue sees him twice."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from cti.domain.identifiers import QueueName
from routing.domain.sentences import Sentence


class OverflowRule(NamedTuple):
    """Exactly one condition is set: seconds of this wait, places in line, or nobody logged on."""

    to: QueueName
    after_seconds: int | None = None
    longer_than: int | None = None
    nobody: bool = False


class Standing(NamedTuple):
    """A waiting caller: `position` from 1, `members` logged on to his queue, None when that is not known."""

    queue: QueueName
    waited_seconds: float
    position: int
    members: int | None


def overflow(
    rules: Sequence[OverflowRule],
    standing: Standing,
    been: Collection[QueueName],
    takes: Callable[[QueueName], bool],
) -> tuple[QueueName, Sentence] | None:
    """Where to and why, by the first rule that says so; a queue that is closed takes nobody."""
    for rule in rules:
        why = _why(rule, standing)
        if why is not None and rule.to not in been and takes(rule.to):
            return rule.to, why
    return None


def _why(rule: OverflowRule, standing: Standing) -> Sentence | None:
    said: dict[str, str | int] = {"queue": standing.queue, "other_queue": rule.to}
    if rule.after_seconds is not None:
        reached = standing.waited_seconds >= rule.after_seconds
        return Sentence("overflow_after", said | {"after_seconds": rule.after_seconds}) if reached else None
    if rule.longer_than is not None:
        beyond = standing.position > rule.longer_than
        return Sentence("overflow_longer", said | {"count": rule.longer_than}) if beyond else None
    return Sentence("overflow_nobody", said) if rule.nobody and standing.members == 0 else None
