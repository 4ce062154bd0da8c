"""Reads the limits of signals. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path

from recordings.adapters.policy_nodes import compose, fields_of, number_of
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
    fields = fields_of(compose(file), file, _RANGES)
    limits = Thresholds(**{field.name: number_of(field, *_RANGES[field.name]) for field in fields})
    if limits.dead_air_seconds < limits.silence_seconds:
        raise PolicyRefused(f"{file}: dead_air_seconds must not be less than silence_seconds.")
    return limits
