"""The agent a customer is offered to before the others: his own, or the one he spoke to last."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId, QueueName


class Bond(StrEnum):
    """Why him."""

    OWNER = "owner"
    LAST = "last"


class PreferredRule(NamedTuple):
    """`bonds` in the order they are tried; `soon`: an agent who works after a call counts as free."""

    bonds: tuple[Bond, ...]
    seconds: int
    soon: bool


OWN_QUEUE: Final = "agent-"
"""A queue with one member, `agent-101`, is where his customers wait for him: so the ledger has a visit for it."""


def own_queue(agent: AgentId) -> QueueName:
    return QueueName(f"{OWN_QUEUE}{agent}")


def choose(
    rule: PreferredRule,
    known: Iterable[tuple[Bond, AgentId | None]],
    free: Callable[[AgentId, bool], bool],
) -> tuple[Bond, AgentId] | None:
    """The first that may take it now. `free` is asked with `rule.soon`."""
    agents = dict(known)
    for bond in rule.bonds:
        agent = agents.get(bond)
        if agent is not None and free(agent, rule.soon):
            return bond, agent
    return None
