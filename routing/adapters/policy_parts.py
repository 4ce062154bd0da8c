"""The parts of the policy file beside the credits: hours, skills, preferred agents, overflow, surges."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from yaml.nodes import Node

from cti.domain.identifiers import AgentId, QueueName, Tier
from routing.adapters.surge_part import read_surges
from routing.adapters.yaml_reading import Reading
from routing.domain.hours import (
    ANNOUNCE,
    DAYS,
    LONGEST_LAST_CALL,
    MIDNIGHT,
    Holiday,
    QueueHours,
    Span,
)
from routing.domain.overflow import OverflowRule
from routing.domain.preferred import Bond, PreferredRule
from routing.domain.priority import PriorityPolicy
from routing.domain.skills import BEST, WIDENINGS, Need, QueueSkills, SkillPolicy

PARTS: Final = ("hours", "skills", "preferred", "overflow", "surge")
LONGEST_WAIT: Final = 7200  # seconds
_SPAN: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_QUEUE: Final = re.compile(r"[a-zA-Z0-9][\w-]{0,79}")
_AGENT: Final = re.compile(r"[\w.-]{1,40}")
_SKILL: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_DIALLED: Final = re.compile(r"\+?\d{1,20}")
_LANGUAGE: Final = re.compile(r"[a-zA-Z-]{2,20}")
_ANYTHING: Final = re.compile(r".+")


def read_parts(reading: Reading, parts: Mapping[str, Node], policy: PriorityPolicy) -> PriorityPolicy:
    if (node := parts.get("hours")) is not None:
        policy = policy._replace(hours=dict(_hours(reading, node)))
        _no_circle(reading, node, policy.hours)
    if (node := parts.get("skills")) is not None:
        policy = policy._replace(skills=_skills(reading, node))
    if (node := parts.get("preferred")) is not None:
        policy = policy._replace(preferred=dict(_preferred(reading, node)))
    if (node := parts.get("overflow")) is not None:
        policy = policy._replace(overflow=dict(_overflow(reading, node)))
    if (node := parts.get("surge")) is not None:
        surges = read_surges(reading, _queues(reading, node, "surge"), _overflow_rules)
        policy = policy._replace(surge=dict(surges))
    return policy


def _queues(reading: Reading, node: Node, place: str) -> Iterator[tuple[QueueName, Node, str]]:
    for name, value in reading.entries(node, place, lambda name: bool(_QUEUE.fullmatch(name))):
        yield QueueName(name), value, f"{place}.{name}"


def _word(reading: Reading, node: Node, place: str, shape: re.Pattern[str], what: str) -> str:
    text = reading.scalar(node)
    if not shape.fullmatch(text):
        reading.mistake(node, place, f'"{text[:40]}" is no {what}')
    return text


# Hours


def _hours(reading: Reading, node: Node) -> Iterator[tuple[QueueName, QueueHours]]:
    for queue, fields, place in _queues(reading, node, "hours"):
        week: list[tuple[Span, ...]] = [()] * 7
        holidays: dict[date, Holiday] = {}
        last_call, closed, told = 0, ANNOUNCE, False
        for name, value in reading.entries(fields, place, _is_hours_field):
            at = f"{place}.{name}"
            if name == "holidays":
                holidays = dict(_holidays(reading, value, at))
            elif name == "last_call":
                last_call = reading.whole(value, at, 0, LONGEST_LAST_CALL, "minutes")
            elif name == "closed":
                closed = _word(reading, value, at, _QUEUE, "queue; use announce, callback or a queue's name")
            else:
                spans, told = _spans(reading, value, at), True
                for day in _days(name):
                    if week[day]:
                        reading.mistake(value, at, f"{DAYS[day]} has hours already")
                    week[day] = spans
        if not told:
            reading.mistake(fields, place, "name its days, as mon-fri; what names none is never open")
        days = [*week, *(holiday.spans for holiday in holidays.values())]
        if any(_never_open(span, day, last_call) for day in days for span in day):
            reading.mistake(fields, f"{place}.last_call", "must be shorter than every time it is open")
        yield queue, QueueHours(tuple(week), holidays, last_call, closed)


def _never_open(span: Span, day: tuple[Span, ...], last_call: int) -> bool:
    """Last call before it opens, and nothing open behind it."""
    goes_on = span.closes == MIDNIGHT or any(other.opens == span.closes for other in day)
    return span.closes - span.opens <= last_call and not goes_on


def _is_hours_field(name: str) -> bool:
    return name in {"holidays", "last_call", "closed"} or bool(_days(name))


def _days(name: str) -> range:
    """`mon` or `mon-fri`; empty when it is neither."""
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS or (name.endswith("-")):
        return range(0)
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _spans(reading: Reading, node: Node, place: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for at, item in reading.items(node, place):
        match = _SPAN.fullmatch(reading.scalar(item))
        opens, closes = (
            (0, 0) if match is None else (_minute(match[1], match[2]), _minute(match[3], match[4]))
        )
        if match is None or max(opens, closes) > MIDNIGHT or int(match[2]) > 59 or int(match[4]) > 59:
            reading.mistake(item, at, "use two times of the day, as 09:00-17:30")
        elif opens >= closes:
            reading.mistake(item, at, "must close after it opens; split a night at 24:00")
        elif any(opens < other.closes and other.opens < closes for other in spans):
            reading.mistake(item, at, "overlaps another one of that day")
        else:
            spans.append(Span(opens, closes))
    return tuple(sorted(spans))


def _minute(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _holidays(reading: Reading, node: Node, place: str) -> Iterator[tuple[date, Holiday]]:
    for text, fields in reading.entries(node, place, lambda text: bool(_ANYTHING.fullmatch(text))):
        at = f"{place}.{text[:40]}"
        name, spans = {"en": text, "zh": text}, ()  # type: tuple[dict[str, str], tuple[Span, ...]]
        for field, value in reading.entries(fields, at, {"name", "open"}.__contains__):
            if field == "open":
                spans = _spans(reading, value, f"{at}.open")
            else:
                for language, words in reading.entries(value, f"{at}.name", {"en", "zh"}.__contains__):
                    name[language] = reading.text(words, f"{at}.name.{language}")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            reading.mistake(fields, at, "use a date, as 2027-01-01")
        else:
            yield day, Holiday(name, spans)


def _no_circle(reading: Reading, node: Node, hours: Mapping[QueueName, QueueHours]) -> None:
    for queue in hours:
        passed, at = {queue}, hours[queue].other_queue
        while at is not None and at not in passed:
            passed.add(at)
            at = hours[at].other_queue if at in hours else None
        if at == queue:
            reading.mistake(
                node, f"hours.{queue}.closed", "sends callers in a circle; let one queue announce"
            )


# Skills


def _skills(reading: Reading, node: Node) -> SkillPolicy:
    agents: dict[AgentId, dict[str, int]] = {}
    queues: dict[QueueName, QueueSkills] = {}
    for part, value in reading.entries(node, "skills", {"agents", "queues"}.__contains__):
        if part == "agents":
            for name, fields in reading.entries(value, "skills.agents", lambda n: bool(_AGENT.fullmatch(n))):
                agents[AgentId(name)] = _levels(reading, fields, f"skills.agents.{name}")
        else:
            queues = dict(_queue_skills(reading, value))
    return SkillPolicy(agents, queues)


def _levels(reading: Reading, node: Node, place: str) -> dict[str, int]:
    return {
        skill: reading.whole(level, f"{place}.{skill}", 0, BEST, "points")
        for skill, level in reading.entries(node, place, lambda name: bool(_SKILL.fullmatch(name)))
    }


def _queue_skills(reading: Reading, node: Node) -> Iterator[tuple[QueueName, QueueSkills]]:
    for queue, fields, place in _queues(reading, node, "skills.queues"):
        weights: dict[str, int] = {}
        needs: list[Need] = []
        for part, value in reading.entries(fields, place, {"weights", "needs"}.__contains__):
            if part == "weights":
                weights = _levels(reading, value, f"{place}.weights")
            else:
                needs = [_need(reading, item, at) for at, item in reading.items(value, f"{place}.needs")]
        if not sum(weights.values()):
            reading.mistake(fields, f"{place}.weights", "name at least one skill with a weight above 0")
        yield queue, QueueSkills(weights, tuple(needs))


def _need(reading: Reading, node: Node, place: str) -> Need:
    need, told = Need(0, None), False
    known = {"least", "widen", "dialled", "language", "tier"}
    for field, value in reading.entries(node, place, known.__contains__):
        at = f"{place}.{field}"
        if field == "least":
            need, told = need._replace(least=reading.whole(value, at, 0, BEST, "points")), True
        elif field == "widen":
            seconds = reading.scalar(value)
            if seconds not in map(str, WIDENINGS):
                reading.mistake(value, at, f"use one of {', '.join(map(str, WIDENINGS))} seconds")
            else:
                need = need._replace(widen=int(seconds))
        elif field == "dialled":
            need = need._replace(dialled=_word(reading, value, at, _DIALLED, "number"))
        elif field == "language":
            need = need._replace(language=_word(reading, value, at, _LANGUAGE, "language"))
        elif (tier := reading.scalar(value)) in {tier.value for tier in Tier}:
            need = need._replace(tier=Tier(tier))
        else:
            reading.mistake(value, at, f'"{tier[:40]}" is no tier; use platinum, gold, iron or lead')
    if not told:
        reading.mistake(node, f"{place}.least", "is missing")
    return need


# Preferred agents


def _preferred(reading: Reading, node: Node) -> Iterator[tuple[QueueName, PreferredRule]]:
    for queue, fields, place in _queues(reading, node, "preferred"):
        bonds: list[Bond] = []
        seconds, soon = 20, False
        for field, value in reading.entries(fields, place, {"agents", "seconds", "soon"}.__contains__):
            at = f"{place}.{field}"
            if field == "agents":
                for where, item in reading.items(value, at):
                    word = reading.scalar(item)
                    if word in set(Bond):
                        bonds.append(Bond(word))
                    else:
                        reading.mistake(item, where, f'"{word[:40]}" is not known here; use owner or last')
            elif field == "seconds":
                seconds = reading.whole(value, at, 5, 600, "seconds")
            else:
                soon = reading.boolean(value, at)
        if not bonds:
            reading.mistake(fields, f"{place}.agents", "name owner, last or both")
        yield queue, PreferredRule(tuple(bonds), seconds, soon)


# Overflow


def _overflow(reading: Reading, node: Node) -> Iterator[tuple[QueueName, tuple[OverflowRule, ...]]]:
    for queue, fields, place in _queues(reading, node, "overflow"):
        yield queue, _overflow_rules(reading, fields, place, queue)


def _overflow_rules(reading: Reading, node: Node, place: str, queue: QueueName) -> tuple[OverflowRule, ...]:
    return tuple(_overflow_rule(reading, item, at, queue) for at, item in reading.items(node, place))


def _overflow_rule(reading: Reading, node: Node, place: str, queue: QueueName) -> OverflowRule:
    rule, conditions = OverflowRule(QueueName("")), 0
    for field, value in reading.entries(node, place, {"to", "after", "longer_than", "nobody"}.__contains__):
        at = f"{place}.{field}"
        conditions += field != "to"
        if field == "to":
            rule = rule._replace(to=QueueName(_word(reading, value, at, _QUEUE, "queue's name")))
        elif field == "after":
            rule = rule._replace(after_seconds=reading.whole(value, at, 5, LONGEST_WAIT, "seconds"))
        elif field == "longer_than":
            rule = rule._replace(longer_than=reading.whole(value, at, 1, 1000, "places"))
        elif not reading.boolean(value, at):
            reading.mistake(value, at, "use true, or leave it out")
        else:
            rule = rule._replace(nobody=True)
    if not rule.to or rule.to == queue:
        reading.mistake(node, f"{place}.to", "name another queue")
    if conditions != 1:
        reading.mistake(node, place, "say exactly one of after, longer_than and nobody")
    return rule
