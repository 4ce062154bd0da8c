"""Reads the recording policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from cti.domain.identifiers import QueueName
from cti.domain.records import Direction
from recordings.adapters.policy_nodes import Field, compose, fields_of, number_of
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

_PATTERN = re.compile(r"\+[0-9]{1,15}\*?")
_ALL = "all"


def read_policy(file: Path) -> RecordingPolicy:
    """Raises PolicyRefused."""
    values: dict[str, Any] = {}
    for field in fields_of(compose(file), file, ("queues", "exclude", *_NUMBERS)):
        if field.name == "queues":
            values["queues"] = _queues(field)
        elif field.name == "exclude":
            values["exclusions"] = _exclusions(field, file)
        else:
            values[field.name] = number_of(field, *_NUMBERS[field.name])
    return RecordingPolicy(**values)


def _exclusions(field: Field, file: Path) -> tuple[Exclusion, ...]:
    if not isinstance(field.value, yaml.SequenceNode):
        raise PolicyRefused(f"{field.place}: must be a list of rules.")
    return tuple(_exclusion(one, file) for one in field.value.value)


def _exclusion(node: yaml.Node, file: Path) -> Exclusion:
    here = f"{file}:{node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        raise PolicyRefused(f"{here}: a rule has fields with values.")
    said: dict[str, Any] = {}
    for field in fields_of(node, file, _RULE):
        said[field.name] = _RULE[field.name](field)
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


def _patterns(field: Field) -> tuple[str, ...]:
    node = field.value
    found = [item.value for item in node.value] if isinstance(node, yaml.SequenceNode) else []
    if not found or not all(isinstance(one, str) and _PATTERN.fullmatch(one) for one in found):
        raise PolicyRefused(
            f'{field.place}: must be a list of numbers like "+8613800138000", or their beginnings like "+8610*".'
        )
    return tuple(found)


def _one_of(*known: str) -> Callable[[Field], str]:
    def word(field: Field) -> str:
        if not isinstance(field.value, yaml.ScalarNode) or field.value.value not in known:
            raise PolicyRefused(f"{field.place}: say {' or '.join(known)}.")
        return str(field.value.value)

    return word


def _sentence(field: Field) -> str:
    said = str(field.value.value).strip() if isinstance(field.value, yaml.ScalarNode) else ""
    if not said:
        raise PolicyRefused(f"{field.place}: say it in words.")
    return said


def _queues(field: Field) -> frozenset[QueueName] | None:
    node = field.value
    if isinstance(node, yaml.ScalarNode) and node.value == _ALL:
        return None
    if isinstance(node, yaml.SequenceNode):
        names = [item.value for item in node.value if isinstance(item, yaml.ScalarNode) and item.value]
        if len(names) == len(node.value):
            return frozenset(QueueName(name) for name in names)
    raise PolicyRefused(f'{field.place}: must be "{_ALL}" or a list of queue names.')


_RULE: Mapping[str, Callable[[Field], Any]] = {
    "reason": _one_of("no_consent", "by_rule"),
    "because": _sentence,
    "queues": _queues,
    "numbers": _patterns,
    "direction": _one_of("inbound", "outbound"),
}
