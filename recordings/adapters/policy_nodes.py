"""Policy files as YAML nodes, which know their lines. A mistake is one sentence that begins with file and line."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import yaml

from recordings.domain.errors import PolicyRefused


class Field(NamedTuple):
    """`place` is what a sentence about it begins with: file, line and name."""

    name: str
    value: yaml.Node
    place: str


def compose(file: Path) -> yaml.Node | None:
    """None for an empty file. Raises PolicyRefused."""
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as fault:
        raise PolicyRefused(f"{file}: cannot be read ({fault}).") from fault
    except (yaml.YAMLError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise PolicyRefused(f"{file}:{line}: not valid YAML: {getattr(fault, 'problem', fault)}.") from fault


def fields_of(node: yaml.Node | None, file: Path, known: Collection[str]) -> list[Field]:
    """In the order of the file. Raises PolicyRefused."""
    if not isinstance(node, yaml.MappingNode):
        line = 1 if node is None else node.start_mark.line + 1
        raise PolicyRefused(f"{file}:{line}: fields with values are expected.")
    found: dict[str, Field] = {}
    for key, value in node.value:
        name, place = str(key.value), f"{file}:{key.start_mark.line + 1}: {key.value}"
        if name not in known:
            raise PolicyRefused(f"{place}: no such field; known are {', '.join(known)}.")
        if name in found:
            raise PolicyRefused(f"{place}: stands there twice.")
        found[name] = Field(name, value, place)
    return list(found.values())


def number_of(field: Field, least: float, most: float) -> float:
    """Raises PolicyRefused."""
    wanted = f"{field.place}: must be a number from {least:g} to {most:g}"
    if not isinstance(field.value, yaml.ScalarNode):
        raise PolicyRefused(f"{wanted}.")
    try:
        number = float(field.value.value)
    except ValueError:
        raise PolicyRefused(f"{wanted}, not {field.value.value!r}.") from None
    if not least <= number <= most:
        raise PolicyRefused(f"{wanted}, not {field.value.value}.")
    return number
