"""Reads the recording policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path
from typing import Any

import yaml

from cti.domain.identifiers import QueueName
from recordings.domain.errors import PolicyRefused
from recordings.domain.policy import RecordingPolicy

_NUMBERS = {
    "minimum_seconds": (0, 600),
    "stable_seconds": (1, 600),
    "missing_after_seconds": (1, 86_400),
    "unended_after_hours": (0.1, 48),
    "late_days": (0, 365),
}
"""Each number's field, with the least and the most that make sense."""

_ALL = "all"


def read_policy(file: Path) -> RecordingPolicy:
    """Raises PolicyRefused."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as fault:
        raise PolicyRefused(f"{file}: cannot be read ({fault}).") from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise PolicyRefused(f"{file}:{line}: not valid YAML: {getattr(fault, 'problem', fault)}.") from fault
    if not isinstance(node, yaml.MappingNode):
        raise PolicyRefused(f"{file}:1: fields with values are expected.")
    values: dict[str, Any] = {}
    for key, value in node.value:
        field, place = str(key.value), f"{file}:{key.start_mark.line + 1}: {key.value}"
        if field in values:
            raise PolicyRefused(f"{place}: stands there twice.")
        if field == "queues":
            values[field] = _queues(value, place)
        elif field in _NUMBERS:
            values[field] = _number(value, place, *_NUMBERS[field])
        else:
            raise PolicyRefused(f"{place}: no such field; known are queues, {', '.join(_NUMBERS)}.")
    return RecordingPolicy(**values)


def _queues(node: yaml.Node, place: str) -> frozenset[QueueName] | None:
    if isinstance(node, yaml.ScalarNode) and node.value == _ALL:
        return None
    if isinstance(node, yaml.SequenceNode):
        names = [item.value for item in node.value if isinstance(item, yaml.ScalarNode) and item.value]
        if len(names) == len(node.value):
            return frozenset(QueueName(name) for name in names)
    raise PolicyRefused(f'{place}: must be "{_ALL}" or a list of queue names.')


def _number(node: yaml.Node, place: str, least: float, most: float) -> float:
    wanted = f"{place}: must be a number from {least:g} to {most:g}"
    if not isinstance(node, yaml.ScalarNode):
        raise PolicyRefused(f"{wanted}.")
    try:
        number = float(node.value)
    except ValueError:
        raise PolicyRefused(f"{wanted}, not {node.value!r}.") from None
    if not least <= number <= most:
        raise PolicyRefused(f"{wanted}, not {node.value}.")
    return number
