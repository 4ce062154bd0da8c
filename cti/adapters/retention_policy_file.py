"""Reads the retention policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path

import yaml

from cti.adapters.policy_nodes import compose, fields_of
from cti.domain.errors import PolicyRefused
from cti.domain.identifiers import QueueName, Tier
from cti.domain.retention import CLASSES, Days, RetentionPolicy, Rule

_FOR_EVER = "for ever"
_LONGEST = 36_500
_FIELDS = ("days", "tiers", "queues")


def read_policy(file: Path) -> RetentionPolicy:
    """Raises PolicyRefused."""
    rules = {name: Rule() for name in CLASSES}
    for name, value, place in fields_of(compose(file), file, CLASSES):
        rules[name] = _rule(value, place, file)
    return rules


def _rule(node: yaml.Node, place: str, file: Path) -> Rule:
    if isinstance(node, yaml.ScalarNode):
        return Rule(_days(node, place))
    days: Days = None
    tiers: dict[Tier, Days] = {}
    queues: dict[QueueName, Days] = {}
    for name, value, where in fields_of(node, file, _FIELDS):
        if name == "days":
            days = _days(value, where)
        elif name == "tiers":
            for tier, own, at in fields_of(value, file, tuple(Tier)):
                tiers[Tier(tier)] = _days(own, at)
        else:
            for queue, own, at in fields_of(value, file, None):
                queues[QueueName(queue)] = _days(own, at)
    return Rule(days, tiers, queues)


def _days(node: yaml.Node, place: str) -> Days:
    wanted = f'{place}: must be a number of days from 1 to {_LONGEST}, or "{_FOR_EVER}"'
    if not isinstance(node, yaml.ScalarNode):
        raise PolicyRefused(f"{wanted}.")
    if node.value == _FOR_EVER:
        return None
    try:
        days = float(node.value)
    except ValueError:
        raise PolicyRefused(f"{wanted}, not {node.value!r}.") from None
    if not 1 <= days <= _LONGEST:
        raise PolicyRefused(f"{wanted}, not {node.value}.")
    return days
