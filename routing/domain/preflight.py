"""What in a switch silently breaks the order of service, as rules over what can be seen of it.

With the least rights we ask for, parts of a switch's configuration cannot be seen; they are None here, and each rule
then says what to check by hand.
"""

import re
from collections.abc import Callable, Collection, Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from cti.domain.identifiers import QueueName
from routing.domain.preflight_texts import CHECKS


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """`sentence` and `remedy` by language; no remedy when all is well."""

    key: str
    level: Level
    subject: str  # the queue or account it is about, or nothing
    sentence: dict[str, str]
    remedy: dict[str, str]

    def document(self) -> dict[str, Any]:
        return self._asdict() | {"level": self.level.value}


class QueueFacts(NamedTuple):
    """`priorities` are those of the callers who wait now, with the seconds they have waited."""

    name: str
    strategy: str
    members: tuple[str, ...]
    priorities: tuple[tuple[int, int], ...]
    autofill: bool | None = None
    penalty_limit: int | None = None
    """penaltymemberslimit: with no more members than this, penalties do not count."""


class Facts(NamedTuple):
    """None: cannot be seen."""

    version: str | None = None
    system_name: str | None = None
    clock_ahead_seconds: float | None = None  # the switch's clock less ours
    queues: tuple[QueueFacts, ...] = ()
    force_longest_waiting_caller: str | None = None
    timestamps: bool | None = None
    sequence_numbers: bool | None = None
    write_timeout_ms: int | None = None
    baseline_in_dialplan: bool | None = None
    asks_us_in_dialplan: bool | None = None
    actions_may: frozenset[str] | None = None
    """Actions the acting account may use."""
    events_may: frozenset[str] | None = None
    """Actions the listening account may use."""


IMMEDIATE_SINCE: Final = {18: (18, 20), 20: (20, 5)}
NEEDED: Final = frozenset(
    {"QueueStatus", "QueueChangePriorityCaller", "QueuePause", "Originate", "Redirect"}
) | {"QueuePenalty", "QueueWithdrawCaller"}
TOO_MUCH: Final = frozenset({"Command", "GetConfig", "UpdateConfig", "Reload", "ModuleLoad", "DBPut"})
LISTENING_TOO_MUCH: Final = TOO_MUCH | {"QueuePause", "Originate", "Redirect", "Hangup"}
LEAST_BASELINE: Final = 1_000_000
"""Smaller priorities are no virtual arrivals, and those of the years until 2089 are larger."""


def findings(facts: Facts, ways: Collection[tuple[QueueName, QueueName]] = ()) -> list[Finding]:
    """Problems first. `ways`: from which queue to which the policy sends callers."""
    order = [Level.PROBLEM, Level.WARNING, Level.OK]
    found = [finding for rule in RULES for finding in rule(facts)]
    found += _ways(facts, ways)
    return sorted(found, key=lambda finding: order.index(finding.level))


def version_numbers(version: str) -> tuple[int, int] | None:
    """22.10.1 and certified/20.7-cert1 are (22, 10) and (20, 7)."""
    match = re.search(r"(\d+)\.(\d+)", version)
    return None if match is None else (int(match[1]), int(match[2]))


def _finding(key: str, level: Level, subject: str = "", **values: object) -> Finding:
    sentence, remedy = CHECKS[key]
    shown = {"subject": subject, **values}
    return Finding(
        key,
        level,
        subject,
        {language: text.format_map(shown) for language, text in sentence.items()},
        {language: text.format_map(shown) for language, text in remedy.items()},
    )


def _version(facts: Facts) -> Iterator[Finding]:
    numbers = None if facts.version is None else version_numbers(facts.version)
    if numbers is None:
        yield _finding("version_unseen", Level.WARNING)
    elif numbers[0] < 21 and numbers < IMMEDIATE_SINCE.get(numbers[0], (99, 0)):
        yield _finding("version_old", Level.PROBLEM, version=facts.version)
    else:
        yield _finding("version_fit", Level.OK, version=facts.version)


def _system_name(facts: Facts) -> Iterator[Finding]:
    if facts.system_name is None:
        yield _finding("system_name_unseen", Level.WARNING)
    elif not facts.system_name:
        yield _finding("system_name_missing", Level.PROBLEM)
    else:
        yield _finding("system_name_set", Level.OK, name=facts.system_name)


def _clock(facts: Facts) -> Iterator[Finding]:
    ahead = facts.clock_ahead_seconds
    if ahead is None:
        yield _finding("clock_unseen", Level.WARNING)
    elif abs(ahead) > 1.0:
        level = Level.PROBLEM if abs(ahead) > 10.0 else Level.WARNING
        yield _finding("clock_differs", level, seconds=f"{ahead:+.1f}")
    else:
        yield _finding("clock_agrees", Level.OK)


def _autofill(facts: Facts) -> Iterator[Finding]:
    unseen = [queue.name for queue in facts.queues if queue.autofill is None]
    for queue in facts.queues:
        if queue.autofill is not None:
            key, level = ("autofill_on", Level.OK) if queue.autofill else ("autofill_off", Level.PROBLEM)
            yield _finding(key, level, queue.name)
    if unseen:
        yield _finding("autofill_unseen", Level.WARNING, ", ".join(unseen))


def _longest(facts: Facts) -> Iterator[Finding]:
    value = facts.force_longest_waiting_caller
    if value is None:
        yield _finding("longest_unseen", Level.WARNING)
    elif value in {"yes", "true", "on", "1", "y", "t"}:
        yield _finding("longest_forced", Level.PROBLEM)
    else:
        yield _finding("longest_free", Level.OK)


def _queues(facts: Facts) -> Iterator[Finding]:
    if not facts.queues:
        yield _finding("queues_none", Level.PROBLEM)
    for queue in facts.queues:
        if queue.strategy == "linear":
            yield _finding("strategy_linear", Level.WARNING, queue.name)
        local = [member for member in queue.members if member.lower().startswith("local/")]
        if local:
            yield _finding("members_local", Level.WARNING, queue.name, members=", ".join(local[:5]))
        if queue.penalty_limit:
            yield _finding("penalties_off", Level.WARNING, queue.name, limit=queue.penalty_limit)
        if not queue.members:
            yield _finding("members_none", Level.WARNING, queue.name)


def _ways(facts: Facts, ways: Collection[tuple[QueueName, QueueName]]) -> Iterator[Finding]:
    """A queue of another switch is none of this one's."""
    here = {queue.name for queue in facts.queues}
    for queue, to in sorted(set(ways)):
        if queue in here and to not in here:
            yield _finding("queue_not_there", Level.PROBLEM, to, queue=queue)


def _baseline(facts: Facts) -> Iterator[Finding]:
    seen = [priority for queue in facts.queues for priority, _ in queue.priorities]
    bare = [
        queue.name
        for queue in facts.queues
        if any(priority < LEAST_BASELINE for priority, _ in queue.priorities)
    ]
    if bare:
        yield _finding("baseline_not_seen", Level.PROBLEM, ", ".join(bare))
    elif facts.baseline_in_dialplan is False:
        yield _finding("baseline_missing", Level.PROBLEM)
    elif seen or facts.baseline_in_dialplan:
        yield _finding("baseline_set", Level.OK)
    else:
        yield _finding("baseline_unseen", Level.WARNING)
    if facts.asks_us_in_dialplan is not None:
        key, level = ("asks_us", Level.OK) if facts.asks_us_in_dialplan else ("asks_nobody", Level.WARNING)
        yield _finding(key, level)


def _link(facts: Facts) -> Iterator[Finding]:
    for value, name in ((facts.timestamps, "timestamps"), (facts.sequence_numbers, "sequence")):
        if value is None:
            yield _finding(f"{name}_unseen", Level.WARNING)
        else:
            yield _finding(f"{name}_on" if value else f"{name}_off", Level.OK if value else Level.PROBLEM)
    if facts.write_timeout_ms is None:
        yield _finding("write_timeout_unseen", Level.WARNING)
    elif facts.write_timeout_ms < 5000:
        yield _finding("write_timeout_short", Level.PROBLEM, ms=facts.write_timeout_ms)
    else:
        yield _finding("write_timeout_long", Level.OK, ms=facts.write_timeout_ms)


def _rights(facts: Facts) -> Iterator[Finding]:
    accounts = (
        ("actions", facts.actions_may, NEEDED, TOO_MUCH),
        ("events", facts.events_may, frozenset({"QueueStatus"}), LISTENING_TOO_MUCH),
    )
    for account, may, needed, too_much in accounts:
        if may is None:
            yield _finding("rights_unseen", Level.WARNING, account)
            continue
        if missing := needed - may:
            yield _finding("rights_missing", Level.PROBLEM, account, actions=", ".join(sorted(missing)))
        if excess := too_much & may:
            yield _finding("rights_too_many", Level.WARNING, account, actions=", ".join(sorted(excess)))
        if not missing and not excess:
            yield _finding("rights_fit", Level.OK, account)


RULES: Final[tuple[Callable[[Facts], Iterator[Finding]], ...]] = (
    _version, _system_name, _clock, _autofill, _longest, _queues, _baseline, _link, _rights,
)  # fmt: skip
