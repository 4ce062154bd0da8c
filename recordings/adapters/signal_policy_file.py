"""Reads the limits of signals. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path

import yaml

from recordings.domain.errors import PolicyRefused
from recordings.domain.signals import Thresholds

_RANGES = {
    "silence_seconds": (0.5, 600),
    "dead_air_seconds": (1, 3600),
    "talk_over_seconds": (0.1, 60),
    "backchannel_seconds": (0, 60),
    "abrupt_end_seconds": (0, 60),
    "one_way_silent_share": (0, 1),
    "one_way_speech_share": (0, 1),
    "one_way_other_seconds": (1, 3600),
    "clipped_share": (0, 1),
    "quiet_dbfs": (-90, 0),
    "no_speech_seconds": (0, 600),
}
"""Each field, with the least and the most that make sense."""


def read_thresholds(file: Path) -> Thresholds:
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
        raise PolicyRefused(f"{file}:1: fields with numbers are expected.")
    values: dict[str, float] = {}
    for key, value in node.value:
        field, place = str(key.value), f"{file}:{key.start_mark.line + 1}: {key.value}"
        if field not in _RANGES:
            raise PolicyRefused(f"{place}: no such field; known are {', '.join(_RANGES)}.")
        if field in values:
            raise PolicyRefused(f"{place}: stands there twice.")
        values[field] = _number(value, place, *_RANGES[field])
    limits = Thresholds(**values)
    if limits.dead_air_seconds < limits.silence_seconds:
        raise PolicyRefused(f"{file}: dead_air_seconds must not be less than silence_seconds.")
    return limits


def _number(node: yaml.Node, place: str, least: float, most: float) -> float:
    wanted = f"{place}: must be a number from {least:g} to {most:g}"
    try:
        number = float(node.value)
    except (TypeError, ValueError):
        raise PolicyRefused(f"{wanted}.") from None
    if not least <= number <= most:
        raise PolicyRefused(f"{wanted}, not {node.value}.")
    return number
