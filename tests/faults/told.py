"""What the product told: its export, and the changes that programs heard on MQTT. The standard library alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Call = dict[str, Any]


@dataclass
class Export:
    """`cti export`, line by line."""

    calls: list[Call] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    drifts: list[dict[str, Any]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # lines that are none of the export's


@dataclass
class Change:
    """One message about a call, in order of arrival."""

    place: int
    topic: str
    payload: dict[str, Any]


def read_export(file: Path) -> Export:
    found = Export()
    shelves = {"call": found.calls, "gap": found.gaps, "drift": found.drifts, "agent_state": []}
    for number, line in enumerate(_lines(file), 1):
        try:
            [(kind, told)] = json.loads(line).items()
            shelves[kind].append(told)
        except (ValueError, KeyError, AttributeError):
            found.strange.append(f"line {number} of {file.name}")
    return found


def read_changes(file: Path) -> tuple[list[Change], list[str]]:
    """Numbered messages, and the topics of messages about calls that carry no number."""
    changes: list[Change] = []
    unnumbered: list[str] = []
    for place, line in enumerate(_lines(file)):
        try:
            heard = json.loads(line)
        except ValueError:  # the listener was killed while it wrote
            continue
        topic, payload = heard["topic"], heard["payload"]
        if isinstance(payload, dict) and "id" in payload and isinstance(payload.get("seq"), int):
            changes.append(Change(place, topic, payload))
        elif "/calls/" in topic and topic.endswith("/events"):
            unnumbered.append(topic)
    return changes, unnumbered


def _lines(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [line for line in text.splitlines() if line.strip()]
