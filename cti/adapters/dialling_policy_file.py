"""Reads the dialling policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from cti.adapters.policy_nodes import compose, fields_of
from cti.domain.dialling import ALWAYS_REFUSED, DiallingPolicy, Kind
from cti.domain.errors import PolicyRefused

_DIGITS: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_RANGE: Final = re.compile(r"([0-9]{2,6})(?:-([0-9]{2,6}))?", re.ASCII)
_KINDS: Final = {
    kind.value: kind for kind in Kind if kind not in ALWAYS_REFUSED | {Kind.EXTENSION, Kind.EMERGENCY}
}


def read_policy(file: Path, region: str) -> DiallingPolicy:
    """`region` is the country when the file names none. Raises PolicyRefused."""
    found: dict[str, Any] = {}
    for name, value, place in fields_of(compose(file), file, _FIELDS):
        found[name] = _FIELDS[name](value, place)
    missing = [field for field in _FIELDS if field not in found]
    if missing:
        raise PolicyRefused(f"{file}: {', '.join(missing)}: must be given.")
    if found.pop("prefixes_only"):
        if found["regions"]:
            raise PolicyRefused(f"{file}: regions: must be empty with prefixes_only: true.")
    else:
        found["regions"] = found["regions"] or frozenset({region})
    found["allowed"], found["refused"] = found.pop("allowed_prefixes"), found.pop("refused_prefixes")
    found["queues"] = found.pop("queue_numbers")
    return DiallingPolicy(**found)


def _texts(node: yaml.Node, place: str) -> list[str]:
    items = node.value if isinstance(node, yaml.SequenceNode) else None
    if items is None or not all(isinstance(item, yaml.ScalarNode) for item in items):
        raise PolicyRefused(f"{place}: must be a list.")
    return [str(item.value) for item in items]


def _regions(node: yaml.Node, place: str) -> frozenset[str]:
    regions = _texts(node, place)
    for region in regions:
        if not re.fullmatch(r"[A-Z]{2}", region):
            raise PolicyRefused(f"{place}: {region!r} is no country; write two capitals such as CN.")
    return frozenset(regions)


def _kinds(node: yaml.Node, place: str) -> frozenset[Kind]:
    kinds = _texts(node, place)
    for kind in kinds:
        if kind not in _KINDS:
            raise PolicyRefused(f"{place}: {kind!r} is no kind; choose from {', '.join(_KINDS)}.")
    return frozenset(_KINDS[kind] for kind in kinds)


def _numbers(node: yaml.Node, place: str) -> tuple[str, ...]:
    numbers = _texts(node, place)
    for number in numbers:
        if not _DIGITS.fullmatch(number):
            raise PolicyRefused(f"{place}: {number!r} is not digits.")
    return tuple(numbers)


def _ranges(node: yaml.Node, place: str) -> tuple[tuple[str, str], ...]:
    ranges = []
    for text in _texts(node, place):
        found = _RANGE.fullmatch(text)
        first, last = (found[1], found[2] or found[1]) if found else ("", "")
        if not found or len(first) != len(last) or first > last:
            raise PolicyRefused(f"{place}: {text!r} is no range; write one like 101-106.")
        ranges.append((first, last))
    return tuple(ranges)


def _yes_or_no(node: yaml.Node, place: str) -> bool:
    if isinstance(node, yaml.ScalarNode) and node.value in {"true", "false"}:
        return str(node.value) == "true"
    raise PolicyRefused(f"{place}: must be true or false.")


def _count(most: int) -> Callable[[yaml.Node, str], int]:
    def count(node: yaml.Node, place: str) -> int:
        if (
            isinstance(node, yaml.ScalarNode)
            and _DIGITS.fullmatch(node.value)
            and 1 <= int(node.value) <= most
        ):
            return int(node.value)
        raise PolicyRefused(f"{place}: must be a whole number from 1 to {most}.")

    return count


_FIELDS: Final[dict[str, Callable[[yaml.Node, str], Any]]] = {
    "regions": _regions,
    "prefixes_only": _yes_or_no,
    "kinds": _kinds,
    "allowed_prefixes": _numbers,
    "refused_prefixes": _numbers,
    "extensions": _ranges,
    "queue_numbers": _numbers,
    "transfer_outside": _yes_or_no,
    "per_minute": _count(600),
    "at_once_per_agent": _count(10),
    "at_once": _count(10_000),
    "mark_supervised": _yes_or_no,
    "never": lambda node, place: frozenset(_numbers(node, place)),
}
