"""Reads the retention policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path
from typing import Any

import yaml

from cti.domain.errors import PolicyRefused
from cti.domain.identifiers import QueueName, Tier
from cti.domain.retention import CLASSES, Days, RetentionPolicy, Rule

_FOR_EVER = "for ever"
_LONGEST = 36_500
_FIELDS = ("days", "tiers", "queues")


def read_policy(file: Path) -> RetentionPolicy:
    """Raises PolicyRefused."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as fault:
        raise PolicyRefused(f"{file}: cannot be read ({fault}).") from fault
    except (yaml.YAMLError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        raise PolicyRefused(f"{file}:{1 if mark is None else mark.line + 1}: not valid YAML.") from fault
    rules = {name: Rule() for name in CLASSES}
    for name, value, place in _fields(node, str(file), CLASSES):
        rules[name] = _rule(value, place, str(file))
    return rules


def _rule(node: Any, place: str, file: str) -> Rule:
    if isinstance(node, yaml.ScalarNode):
        return Rule(_days(node, place))
    days: Days = None
    tiers: dict[Tier, Days] = {}
    queues: dict[QueueName, Days] = {}
    for name, value, where in _fields(node, file, _FIELDS):
        if name == "days":
            days = _days(value, where)
        elif name == "tiers":
            for tier, own, at in _fields(value, file, tuple(Tier)):
                tiers[Tier(tier)] = _days(own, at)
        else:
            for queue, own, at in _fields(value, file, None):
                queues[QueueName(queue)] = _days(own, at)
    return Rule(days, tiers, queues)


def _fields(node: Any, file: str, known: tuple[str, ...] | None) -> list[tuple[str, Any, str]]:
    if not isinstance(node, yaml.MappingNode):
        line = 1 if node is None else node.start_mark.line + 1
        raise PolicyRefused(f"{file}:{line}: fields with values are expected.")
    found: list[tuple[str, Any, str]] = []
    for key, value in node.value:
        name, place = str(key.value), f"{file}:{key.start_mark.line + 1}: {key.value}"
        if known is not None and name not in known:
            raise PolicyRefused(f"{place}: no such field; known are {', '.join(known)}.")
        if any(other == name for other, _, _ in found):
            raise PolicyRefused(f"{place}: stands there twice.")
        found.append((name, value, place))
    return found


def _days(node: Any, place: str) -> Days:
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
