"""What differs between two pictures of the floor: told instead of the whole, it is a fraction of its size.

A list is told by its rows' keys: which are gone, which are new and at which place, which fields of which row changed; and
the whole order where rows changed places. What follows from the rest is not told: a caller's position is the place among
those of the same queue and switch, a longest wait follows from `longest_since` and the clock.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

Row = Mapping[str, Any]

KEYS: Mapping[str, tuple[str, ...]] = {
    "queues": ("queue",),
    "waiting": ("pbx", "uniqueid"),
    "agents": ("pbx", "agent"),
    "trend": ("queue", "from"),
}
"""The lists of a picture, and the fields that tell one row from another: the key is their values with a space between."""

FOLLOWS = frozenset({"at", "position", "longest_wait_seconds"})
"""Fields that follow from the others and the clock."""

INSIDE = frozenset({"tiles", "tiers"})
"""Fields that hold fields of their own, always the same ones: of these too only what changed is told."""


def key(name: str, row: Row) -> str:
    return " ".join("" if row[field] is None else str(row[field]) for field in KEYS[name])


Found = MutableMapping[tuple[str, int, int], dict[str, Any]]
"""What differs between two lists, by their name and identities."""


def changes(before: Row, after: Row, found: Found | None = None) -> dict[str, Any]:
    """What makes `after` of `before`; empty when nothing but the clock moved.

    `found`, added to: for pictures that have lists in common, all of them compared while each `before` still lives.
    """
    found = {} if found is None else found
    told: dict[str, Any] = {}
    for name in KEYS:
        pair = name, id(before[name]), id(after[name])
        if pair not in found:
            found[pair] = _rows(name, before[name], after[name])
        if found[pair]:
            told[name] = found[pair]
    plain = {name: value for name, value in after.items() if name not in KEYS}
    fields = _fields(before, plain)
    if fields:
        told["fields"] = fields
    return told


def _rows(name: str, before: Sequence[Row], after: Sequence[Row]) -> dict[str, Any]:
    old, new = ({key(name, row): row for row in rows} for rows in (before, after))
    stays = [one for one in new if one in old]
    told: dict[str, Any] = {
        "gone": [one for one in old if one not in new],
        "new": [[place, row] for place, (one, row) in enumerate(new.items()) if one not in old],
        "set": {one: fields for one in stays if (fields := _fields(old[one], new[one]))},
        "order": list(new) if stays != [one for one in old if one in new] else [],
    }
    return {part: content for part, content in told.items() if content}


def _fields(before: Row, after: Row) -> dict[str, Any]:
    if before == after:
        return {}
    changed: dict[str, Any] = {}
    for name, value in after.items():
        if name in FOLLOWS or before.get(name) == value:
            continue
        inner = _inside(before[name], value) if name in INSIDE else value
        if inner or name not in INSIDE:
            changed[name] = inner
    return changed


def _inside(before: Row, after: Row) -> dict[str, Any]:
    told = {
        name: _fields(before[name], value) if isinstance(value, Mapping) else value
        for name, value in after.items()
        if name not in FOLLOWS and before[name] != value
    }
    return {name: value for name, value in told.items() if value != {}}
