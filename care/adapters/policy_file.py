"""The callback policy as a YAML file: taken over as a whole, or refused with every mistake."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from care.domain.errors import PolicyRefused
from care.domain.hours import OpeningHours
from care.domain.policy import CarePolicy, OfferRule
from cti.domain.identifiers import QueueName, Tier

HoursOf = Callable[[QueueName], OpeningHours]
LARGEST_FILE: Final = 1024 * 1024
_LONGEST: Final = 30 * 86_400
_FIELDS: Final = {
    "offer": ("after", "queues", "in_surge"),
    "closing": ("margin", "next_opening"),
    "due": tuple(Tier),
    "attempts": ("most", "pause", "agent_rings", "customer_rings"),
    "kept_after": None,
    "rescue": ("within", "least_wait"),
}


def read_policy(path: Path, hours_of: HoursOf) -> CarePolicy:
    """Raises PolicyRefused with a line for each mistake: file: field: what to write."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyRefused(f"{path}: {error.strerror}.") from error
    return parse(content, path.name, hours_of)


def parse(content: bytes | str, name: str, hours_of: HoursOf) -> CarePolicy:
    if len(content) > LARGEST_FILE:
        raise PolicyRefused(f"{name}: larger than 1 MB.")
    try:
        root = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}"
        raise PolicyRefused(f"{name}: this is not YAML{where}.") from error
    reading = _Reading(root)
    policy = reading.policy(hours_of)
    if reading.mistakes:
        raise PolicyRefused("\n".join(f"{name}: {mistake}" for mistake in reading.mistakes))
    return policy


class _Reading:
    """Gathers mistakes and goes on, so that all of them are told at once."""

    def __init__(self, root: Any) -> None:
        self.mistakes: list[str] = []
        self._root = self._mapping(root, "file", tuple(_FIELDS))
        for field in _FIELDS:
            if field not in self._root:
                self.mistakes.append(f"{field}: is missing.")

    def policy(self, hours_of: HoursOf) -> CarePolicy:
        parts = {
            field: self._mapping(self._root.get(field, {}), field, names)
            for field, names in _FIELDS.items()
            if field != "kept_after"
        }
        attempts, closing, rescue = parts["attempts"], parts["closing"], parts["rescue"]
        due = self._tiers(parts["due"], "due")
        for tier in Tier:
            if tier not in due:
                self.mistakes.append(f"due.{tier}: is missing.")
        return CarePolicy(
            offer=OfferRule(
                self._tiers(parts["offer"].get("after", {}), "offer.after"),
                frozenset(
                    QueueName(queue) for queue in self._words(parts["offer"].get("queues"), "offer.queues")
                ),
                self._tiers(parts["offer"].get("in_surge", {}), "offer.in_surge"),
            ),
            closing_margin=self._number(closing.get("margin"), "closing.margin"),
            next_opening=self._yes(closing.get("next_opening"), "closing.next_opening"),
            due_seconds=due,
            attempts=round(self._number(attempts.get("most"), "attempts.most", least=1, most=20)),
            pause_seconds=self._number(attempts.get("pause"), "attempts.pause", least=30),
            agent_ring_seconds=self._number(attempts.get("agent_rings"), "attempts.agent_rings", 5, 120),
            customer_ring_seconds=self._number(
                attempts.get("customer_rings"), "attempts.customer_rings", 5, 120
            ),
            kept_seconds=self._number(self._root.get("kept_after"), "kept_after", 1, 600),
            rescue_seconds=self._tiers(rescue.get("within", {}), "rescue.within"),
            rescue_after=self._number(rescue.get("least_wait"), "rescue.least_wait"),
            hours_of=hours_of,
        )

    def _mapping(self, value: Any, place: str, known: Sequence[str] | None) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.mistakes.append(f"{place}: must be a mapping of names to values.")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.mistakes.append(
                    f"{place}.{str(key)[:40]}: is not known here; remove it or correct its name."
                )
        return {str(key): entry for key, entry in value.items()}

    def _number(self, value: Any, place: str, least: float = 0, most: float = _LONGEST) -> float:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        self.mistakes.append(f"{place}: use a whole number from {least} to {most}.")
        return float(least)

    def _yes(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            self.mistakes.append(f"{place}: use true or false.")
        return value is True

    def _words(self, value: Any, place: str) -> list[str]:
        if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
            return value
        self.mistakes.append(f"{place}: must be a list of words; put numbers in quotes.")
        return []

    def _tiers(self, value: Any, place: str) -> dict[Tier, float]:
        entries = self._mapping(value, place, tuple(Tier))
        return {
            tier: self._number(entries[tier], f"{place}.{tier}", least=1) for tier in Tier if tier in entries
        }
