"""Reads the sampling policy. Every mistake is told with its field, and nothing is taken over."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from qa.domain.errors import PolicyRefused
from qa.domain.risk import RiskRules
from qa.domain.sampling import (
    Every,
    RandomPlan,
    RiskPlan,
    SamplingPolicy,
    StratifiedPlan,
    Trait,
    WorkRules,
)

LARGEST_FILE: Final = 256 * 1024
_FIELDS: Final = ("everything", "random", "stratified", "risk", "double_scoring", "disputes", "work")
_RISKS: Final = (
    "most_a_day",
    "complaints",
    "low_satisfaction",
    "repeat_within_days",
    "hold_seconds",
    "transfers",
    "dead_air_seconds",
    "talk_over_seconds",
    "new_agent_days",
    "recheck",
)

Value = TypeVar("Value")


def read_policy(file: Path) -> SamplingPolicy:
    """Raises PolicyRefused."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise PolicyRefused(f"{file}: cannot be read ({fault}).") from fault
    return parse(text, file.name)


def parse(text: str, name: str) -> SamplingPolicy:
    if len(text) > LARGEST_FILE:
        raise PolicyRefused(f"{name}: larger than 256 kB.")
    try:
        root = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        mark = getattr(fault, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}"
        raise PolicyRefused(f"{name}: this is not YAML{where}.") from fault
    reading = _Reading()
    policy = reading.policy(root)
    if reading.mistakes:
        raise PolicyRefused("\n".join(f"{name}: {mistake}" for mistake in reading.mistakes))
    return policy


class _Reading:
    """Gathers mistakes and goes on, so that all of them are told at once."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def policy(self, root: Any) -> SamplingPolicy:
        parts = self._fields(root, "file", _FIELDS)
        double = self._fields(parts.get("double_scoring"), "double_scoring", ("share",))
        disputes = self._fields(
            parts.get("disputes"), "disputes", ("working_days", "hear_own"), ("working_days",)
        )
        return SamplingPolicy(
            everything=self._yes(parts.get("everything"), "everything"),
            random=self._plan(parts, "random", self._random),
            stratified=self._plan(parts, "stratified", self._stratified),
            risk=self._plan(parts, "risk", self._risk),
            double_share=self._number(double.get("share"), "double_scoring.share", 0, 1),
            dispute_days=round(self._number(disputes.get("working_days"), "disputes.working_days", 1, 60)),
            hear_own=self._yes(disputes.get("hear_own", True), "disputes.hear_own"),
            work=self._work(parts.get("work")),
        )

    def _plan(self, parts: dict[str, Any], name: str, read: Callable[[Any], Value]) -> Value | None:
        """`off` is None."""
        return None if parts.get(name) is False else read(parts.get(name))

    def _random(self, value: Any) -> RandomPlan:
        fields = self._fields(value, "random", ("every", "share", "margin"), needed=("every",))
        every = self._one_of(fields.get("every"), "random.every", Every)
        if every is Every.CALL:
            if "margin" in fields:
                self.mistakes.append(
                    "random.margin: goes with every: day or week; for every: call give a share."
                )
            return RandomPlan(every, self._number(fields.get("share"), "random.share", 0.0001, 1), None)
        if "share" in fields:
            self.mistakes.append("random.share: goes with every: call; for a day or a week give a margin.")
        return RandomPlan(every, None, self._number(fields.get("margin"), "random.margin", 0.005, 0.5))

    def _stratified(self, value: Any) -> StratifiedPlan:
        names = ("every", "size", "at_least", "by")
        fields = self._fields(value, "stratified", names)
        every = self._one_of(fields.get("every"), "stratified.every", Every)
        if every is Every.CALL:
            self.mistakes.append("stratified.every: strata are known once a period is over: use day or week.")
        by = [
            self._one_of(one, "stratified.by", Trait)
            for one in self._words(fields.get("by"), "stratified.by")
        ]
        return StratifiedPlan(
            every=every,
            size=round(self._number(fields.get("size"), "stratified.size", 1, 100_000)),
            at_least=round(self._number(fields.get("at_least"), "stratified.at_least", 0, 1000)),
            by=tuple(dict.fromkeys(by)),
        )

    def _risk(self, value: Any) -> RiskPlan:
        fields = self._fields(value, "risk", _RISKS)

        def least(name: str, lowest: float, most: float) -> float | None:
            told = fields.get(name)
            return None if told is False else self._number(told, f"risk.{name}", lowest, most)

        transfers = least("transfers", 1, 50)
        rules = RiskRules(
            complaints=frozenset(self._words(fields.get("complaints"), "risk.complaints")),
            low_satisfaction=self._yes(fields.get("low_satisfaction"), "risk.low_satisfaction"),
            repeat_within_days=least("repeat_within_days", 0.01, 60),
            hold_seconds=least("hold_seconds", 1, 36_000),
            transfers=None if transfers is None else round(transfers),
            dead_air_seconds=least("dead_air_seconds", 1, 3600),
            talk_over_seconds=least("talk_over_seconds", 0.5, 3600),
            new_agent_days=least("new_agent_days", 1, 365),
            recheck=self._yes(fields.get("recheck"), "risk.recheck"),
        )
        return RiskPlan(rules, round(self._number(fields.get("most_a_day"), "risk.most_a_day", 1, 10_000)))

    def _work(self, value: Any) -> WorkRules:
        fields = self._fields(value, "work", ("assign", "due_hours", "lease_minutes", "languages"))
        languages = fields.get("languages")
        told = languages if isinstance(languages, dict) else {}
        if told != languages or not all(
            isinstance(queue, str) and language in ("en", "zh") for queue, language in told.items()
        ):
            self.mistakes.append("work.languages: must say en or zh of queues, like {support: zh}.")
        return WorkRules(
            assign=self._yes(fields.get("assign"), "work.assign"),
            due_seconds=self._number(fields.get("due_hours"), "work.due_hours", 1, 10_000) * 3600,
            lease_seconds=self._number(fields.get("lease_minutes"), "work.lease_minutes", 2, 10_000) * 60,
            languages=told,
        )

    def _fields(
        self, value: Any, place: str, known: Sequence[str], needed: Sequence[str] | None = None
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.mistakes.append(f"{place}: fields with values are expected: {', '.join(known)}.")
            return {}
        for name in value:
            if name not in known:
                self.mistakes.append(
                    f"{place}: {str(name)[:40]}: no such field; known are {', '.join(known)}."
                )
        for name in known if needed is None else needed:
            if name not in value:
                self.mistakes.append(f"{place}: {name}: is missing.")
        return {str(name): one for name, one in value.items()}

    def _number(self, value: Any, place: str, least: float, most: float) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        if value is not None:  # what is missing was told already
            self.mistakes.append(f"{place}: must be a number from {least:g} to {most:g}.")
        return float(max(least, 1))

    def _yes(self, value: Any, place: str) -> bool:
        if value is not None and not isinstance(value, bool):
            self.mistakes.append(f"{place}: use true or false.")
        return value is True

    def _words(self, value: Any, place: str) -> list[str]:
        if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
            return value
        if value is not None:
            self.mistakes.append(f"{place}: must be a list of words.")
        return []

    def _one_of(self, value: Any, place: str, known: type[Value]) -> Value:
        names: list[Any] = list(known)  # type: ignore[call-overload]  # an enumeration
        if value in names:
            return known(value)  # type: ignore[call-arg]  # an enumeration
        self.mistakes.append(f"{place}: must be one of {', '.join(names)}.")
        return names[-1]  # type: ignore[no-any-return]  # an enumeration
