"""Reads the recording policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

import re
from pathlib import Path
from typing import Any

import yaml

from cti.domain.identifiers import QueueName
from cti.domain.records import Direction
from recordings.domain.consent import Exclusion
from recordings.domain.errors import PolicyRefused
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import Reason

_NUMBERS = {
    "minimum_seconds": (0, 600),
    "stable_seconds": (1, 600),
    "missing_after_seconds": (1, 86_400),
    "unended_after_hours": (0.1, 48),
    "late_days": (0, 365),
    "pause_seconds": (10, 3600),
}
"""Each number's field, with the least and the most that make sense."""

_WORDS = {"reason": ("no_consent", "by_rule"), "direction": ("inbound", "outbound")}
_PATTERN = re.compile(r"\+[0-9]{1,15}\*?")
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
        elif field == "exclude":
            values["exclusions"] = _exclusions(value, place, str(file))
        elif field in _NUMBERS:
            values[field] = _number(value, place, *_NUMBERS[field])
        else:
            raise PolicyRefused(f"{place}: no such field; known are queues, exclude, {', '.join(_NUMBERS)}.")
    return RecordingPolicy(**values)


def _exclusions(node: yaml.Node, place: str, file: str) -> tuple[Exclusion, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise PolicyRefused(f"{place}: must be a list of rules.")
    return tuple(_exclusion(one, file) for one in node.value)


def _exclusion(node: yaml.Node, file: str) -> Exclusion:
    here = f"{file}:{node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        raise PolicyRefused(f"{here}: a rule has fields with values.")
    said: dict[str, Any] = {}
    for key, value in node.value:
        field, place = str(key.value), f"{file}:{key.start_mark.line + 1}: {key.value}"
        if field in said:
            raise PolicyRefused(f"{place}: stands there twice.")
        if field == "queues":
            said[field] = _queues(value, place)
        elif field == "numbers":
            said[field] = _patterns(value, place)
        elif field in _WORDS:
            said[field] = _word(value, place, _WORDS[field])
        elif field == "because" and isinstance(value, yaml.ScalarNode) and value.value.strip():
            said[field] = value.value.strip()
        else:
            raise PolicyRefused(f"{place}: known are reason, because, queues, numbers, direction.")
    if not {"reason", "because"} <= said.keys():
        raise PolicyRefused(f"{here}: a rule needs `reason` and `because`.")
    if not {"queues", "numbers", "direction"} & said.keys():
        raise PolicyRefused(
            f"{here}: a rule needs queues, numbers or direction; to record nothing say `queues: []`."
        )
    return Exclusion(
        Reason(said["reason"]),
        said["because"],
        said.get("queues"),
        said.get("numbers"),
        Direction(said["direction"]) if "direction" in said else None,
    )


def _patterns(node: yaml.Node, place: str) -> tuple[str, ...]:
    found = [item.value for item in node.value] if isinstance(node, yaml.SequenceNode) else []
    if not found or not all(isinstance(one, str) and _PATTERN.fullmatch(one) for one in found):
        raise PolicyRefused(
            f'{place}: must be a list of numbers like "+8613800138000", or their beginnings like "+8610*".'
        )
    return tuple(found)


def _word(node: yaml.Node, place: str, known: tuple[str, ...]) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.value not in known:
        raise PolicyRefused(f"{place}: say {' or '.join(known)}.")
    return str(node.value)


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
