"""Reads the KPI policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from typing import NoReturn

import yaml

from cti.adapters.policy_nodes import compose
from cti.domain.errors import PolicyRefused
from cti.domain.identifiers import QueueName, Tier
from cti.domain.kpi import SERVICE_LEVELS
from cti.domain.targets import KpiPolicy, KpiRules

LONGEST_TARGET = 3600.0
LONGEST_SETTLING = 86_400.0


def read_policy(file: Path, zone: tzinfo) -> KpiPolicy:
    """Days begin at the site's midnight. Raises PolicyRefused."""
    node = compose(file)
    if node is None:
        raise PolicyRefused(f"{file}:1: the file is empty; `versions` is missing.")
    return Reader(file, zone).policy(node)


class Reader:
    """Walks the YAML nodes: they know their lines."""

    def __init__(self, file: Path, zone: tzinfo) -> None:
        self._file, self._zone = file, zone

    def policy(self, node: yaml.Node) -> KpiPolicy:
        fields = self._fields(node, {"settle_seconds", "versions"}, {"versions"})
        versions = [self._version(item) for item in self._list(fields["versions"], "versions")]
        if not versions:
            self._refuse(fields["versions"], "versions", "must hold at least one version")
        for earlier, later, item in zip(versions, versions[1:], fields["versions"].value[1:], strict=False):
            if later.valid_from <= earlier.valid_from:
                self._refuse(item, "valid_from", "must be later than that of the version above")
            if later.version in {known.version for known in versions if known is not later}:
                self._refuse(item, "version", f"{later.version!r} stands there twice")
        settle = fields.get("settle_seconds")
        if settle is None:
            return KpiPolicy(tuple(versions))
        return KpiPolicy(tuple(versions), self._number(settle, "settle_seconds", LONGEST_SETTLING))

    def _version(self, node: yaml.Node) -> KpiRules:
        known = {
            "version",
            "valid_from",
            "formula",
            "short_abandon_seconds",
            "targets",
            "self_service_queues",
        }
        fields = self._fields(node, known, {"version", "valid_from", "targets"})
        rules = KpiRules(
            version=self._text(fields["version"], "version"),
            valid_from=self._day(fields["valid_from"], "valid_from"),
        )
        targets = self._targets(fields["targets"])
        rules = rules._replace(
            target_seconds=targets.pop((None, None)),
            exact_targets=targets,
        )
        if "formula" in fields:
            formula = self._text(fields["formula"], "formula")
            if formula not in SERVICE_LEVELS:
                self._refuse(fields["formula"], "formula", f"is one of {', '.join(SERVICE_LEVELS)}")
            rules = rules._replace(formula=formula)
        if "short_abandon_seconds" in fields:
            seconds = self._number(fields["short_abandon_seconds"], "short_abandon_seconds", LONGEST_TARGET)
            rules = rules._replace(short_abandon_seconds=seconds)
        if "self_service_queues" in fields:
            names = self._list(fields["self_service_queues"], "self_service_queues")
            queues = frozenset(QueueName(self._text(name, "self_service_queues")) for name in names)
            rules = rules._replace(self_service_queues=queues)
        return rules

    def _targets(self, node: yaml.Node) -> dict[tuple[QueueName | None, Tier | None], float]:
        targets: dict[tuple[QueueName | None, Tier | None], float] = {}
        for item in self._list(node, "targets"):
            fields = self._fields(item, {"queue", "tier", "seconds"}, {"seconds"})
            queue = QueueName(self._text(fields["queue"], "queue")) if "queue" in fields else None
            tier = self._tier(fields["tier"]) if "tier" in fields else None
            if (queue, tier) in targets:
                self._refuse(item, "targets", "says the same queue and tier twice")
            targets[queue, tier] = self._number(fields["seconds"], "seconds", LONGEST_TARGET)
        if (None, None) not in targets:
            self._refuse(node, "targets", "needs one line with `seconds` alone: the general target")
        return targets

    def _tier(self, node: yaml.Node) -> Tier:
        text = self._text(node, "tier")
        if text not in set(Tier):
            self._refuse(node, "tier", f"is one of {', '.join(Tier)}")
        return Tier(text)

    def _fields(self, node: yaml.Node, known: set[str], needed: set[str]) -> Mapping[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, "here", f"fields are expected: {', '.join(sorted(known))}")
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self._refuse(key, name, f"no such field; known are {', '.join(sorted(known))}")
            if name in fields:
                self._refuse(key, name, "stands there twice")
            fields[name] = value
        for name in sorted(needed - set(fields)):
            self._refuse(node, name, "is missing")
        return fields

    def _list(self, node: yaml.Node, field: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self._refuse(node, field, "must be a list")
        items: list[yaml.Node] = node.value
        return items

    def _text(self, node: yaml.Node, field: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            self._refuse(node, field, "must be a word")
        return str(node.value)

    def _number(self, node: yaml.Node, field: str, most: float) -> float:
        wanted = f"must be a number of seconds from 0 to {most:g}"
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(node, field, wanted)
        try:
            number = float(node.value)
        except ValueError:
            self._refuse(node, field, f"{wanted}, not {node.value!r}")
        if not 0 <= number <= most:
            self._refuse(node, field, f"{wanted}, not {node.value}")
        return number

    def _day(self, node: yaml.Node, field: str) -> float:
        try:
            day = date.fromisoformat(self._text(node, field))
        except ValueError:
            self._refuse(node, field, "must be a day such as 2026-01-01")
        return datetime.combine(day, time(), self._zone).timestamp()

    def _refuse(self, node: yaml.Node, field: str, why: str) -> NoReturn:
        raise PolicyRefused(f"{self._file}:{node.start_mark.line + 1}: {field}: {why}.")
