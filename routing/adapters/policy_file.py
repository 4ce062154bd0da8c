"""The routing policy as a YAML file: taken over as a whole, or refused with the place of every mistake."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml
from yaml.nodes import Node

from cti.domain.identifiers import QueueName, Tier
from routing.adapters.policy_parts import PARTS, read_parts
from routing.adapters.yaml_reading import Reading
from routing.domain.errors import PolicyRefused
from routing.domain.priority import DEFAULT_POLICY, PriorityPolicy
from routing.domain.sentences import TIER_NAMES

LARGEST_FILE: Final = 1024 * 1024
LANGUAGES: Final = ("en", "zh")


def load(path: Path) -> PriorityPolicy:
    """Raises PolicyRefused, one line for each mistake: file:line: field: what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyRefused(f"{path}: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise PolicyRefused(f"{path}: larger than 1 MB.")
    return parse(content, path.name)


def parse(content: bytes | str, name: str) -> PriorityPolicy:
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyRefused(f"{name}:{line}: yaml: {error.problem or error.context}.") from error
    except yaml.reader.ReaderError as error:
        raise PolicyRefused(f"{name}:1: yaml: {error.reason}.") from error
    except RecursionError as error:
        raise PolicyRefused(f"{name}:1: yaml: nested too deeply.") from error
    reading = _Reading(name)
    policy = reading.policy(root)
    if reading.mistakes:
        raise PolicyRefused("\n".join(reading.mistakes))
    return policy


class _Reading(Reading):
    def policy(self, root: Node | None) -> PriorityPolicy:
        policy = DEFAULT_POLICY
        if root is None:
            self.mistake(None, "tiers", "the file is empty")
            return policy
        parts = dict(
            self.entries(
                root,
                "file",
                {*PARTS, "tiers", "unknown_tier", "queues", "dialplan_sets_baseline"}.__contains__,
            )
        )
        if "tiers" in parts:
            policy = self._tiers(parts["tiers"], policy)
        else:
            self.mistake(root, "tiers", "is missing")
        if "unknown_tier" in parts:
            policy = policy._replace(unknown_tier=self._tier(parts["unknown_tier"], "unknown_tier"))
        if "queues" in parts:
            policy = policy._replace(queues=dict(self._queues(parts["queues"])))
        if (node := parts.get("dialplan_sets_baseline")) is not None:
            policy = policy._replace(dialplan_sets_baseline=self.boolean(node, "dialplan_sets_baseline"))
        return read_parts(self, parts, policy)

    def _tiers(self, node: Node, policy: PriorityPolicy) -> PriorityPolicy:
        credit_of, names = dict(policy.credits), {tier: dict(name) for tier, name in TIER_NAMES.items()}
        seen = set()
        for name, fields in self.entries(node, "tiers", _is_tier):
            tier = Tier(name)
            seen.add(tier)
            place = f"tiers.{name}"
            parts = dict(self.entries(fields, place, {"credit", "name"}.__contains__))
            if "credit" in parts:
                credit_of[tier] = self.credit(parts["credit"], f"{place}.credit")
            else:
                self.mistake(fields, f"{place}.credit", "is missing")
            if "name" in parts:
                for language, text in self.entries(parts["name"], f"{place}.name", LANGUAGES.__contains__):
                    names[name][language] = self.text(text, f"{place}.name.{language}")
        for tier in Tier:
            if tier not in seen:
                self.mistake(node, f"tiers.{tier}", "is missing")
        return policy._replace(credits=credit_of, names=names)

    def _queues(self, node: Node) -> Iterator[tuple[QueueName, Mapping[Tier, int | None]]]:
        for queue, rules in self.entries(node, "queues", lambda _: True):
            place = f"queues.{queue}"
            yield (
                QueueName(queue),
                {
                    Tier(tier): self.credit(credit, f"{place}.{tier}")
                    for tier, credit in self.entries(rules, place, _is_tier)
                },
            )

    def _tier(self, node: Node, place: str) -> Tier:
        text = self.scalar(node)
        if _is_tier(text):
            return Tier(text)
        self.mistake(node, place, f'"{text[:40]}" is no tier; use platinum, gold, iron or lead')
        return Tier.IRON


def _is_tier(text: str) -> bool:
    return text in {tier.value for tier in Tier}
