"""What makes a call worth listening to. Calls chosen for it help an agent; they say nothing of how calls are on the whole."""

from enum import StrEnum
from typing import NamedTuple


class Sign(StrEnum):
    """Something about a call that asks for an ear."""

    LOW_SATISFACTION = "low_satisfaction"
    COMPLAINT = "complaint"
    REPEAT_CALLER = "repeat_caller"
    LONG_HOLD = "long_hold"
    TRANSFERS = "transfers"
    DEAD_AIR = "dead_air"
    TALK_OVER = "talk_over"
    NEW_AGENT = "new_agent"
    RECHECK = "recheck"


class CallFacts(NamedTuple):
    """What is known of one agent's part of a call; None where nothing is."""

    reason: str | None = None  # the disposition's code
    satisfied: bool | None = None  # what the customer said of it
    earlier_calls: int = 0  # of the same caller, in the days before that the rules name
    hold_seconds: float | None = None  # the longest of the call's conversations
    transfers: int = 0
    dead_air_seconds: float | None = None  # the longest
    talk_over_seconds: float | None = None  # in all
    agent_days: float | None = None  # since the agent's first conversation
    recheck: bool = False  # a coaching task waits for a later call of this agent


class RiskRules(NamedTuple):
    """From where on it is a sign; None: it is none here."""

    complaints: frozenset[str]  # codes of dispositions
    low_satisfaction: bool
    repeat_within_days: float | None
    hold_seconds: float | None
    transfers: int | None
    dead_air_seconds: float | None
    talk_over_seconds: float | None
    new_agent_days: float | None
    recheck: bool


def signs(facts: CallFacts, rules: RiskRules) -> tuple[Sign, ...]:
    """All there are, in the order of `Sign`."""
    seen = {
        Sign.LOW_SATISFACTION: rules.low_satisfaction and facts.satisfied is False,
        Sign.COMPLAINT: facts.reason in rules.complaints,
        Sign.REPEAT_CALLER: rules.repeat_within_days is not None and facts.earlier_calls > 0,
        Sign.LONG_HOLD: _reaches(facts.hold_seconds, rules.hold_seconds),
        Sign.TRANSFERS: _reaches(facts.transfers, rules.transfers),
        Sign.DEAD_AIR: _reaches(facts.dead_air_seconds, rules.dead_air_seconds),
        Sign.TALK_OVER: _reaches(facts.talk_over_seconds, rules.talk_over_seconds),
        Sign.NEW_AGENT: rules.new_agent_days is not None
        and facts.agent_days is not None
        and facts.agent_days <= rules.new_agent_days,
        Sign.RECHECK: rules.recheck and facts.recheck,
    }
    return tuple(sign for sign in Sign if seen[sign])


def _reaches(value: float | None, least: float | None) -> bool:
    return value is not None and least is not None and value >= least
