"""Which path a caller takes, with what is remembered of customers and their agents."""

from collections import OrderedDict
from datetime import tzinfo
from typing import Final

from cti.domain.identifiers import AgentId, CustomerId
from routing.domain.decision import CallerProfile, Question
from routing.domain.path import Path, Wanted, path
from routing.domain.priority import PriorityPolicy
from routing.domain.sentences import Sentence
from routing.ports import Team

MOST_REMEMBERED: Final = 50_000
"""Customers of whom the last agent is known, since the start."""


class Paths:
    def __init__(self, team: Team | None, zone: tzinfo) -> None:
        self._team, self._zone = team, zone
        self._last_agents: OrderedDict[CustomerId, AgentId] = OrderedDict()

    def of(
        self,
        question: Question,
        policy: PriorityPolicy,
        profile: CallerProfile | None,
        sent_on: Sentence | None,
        at: float,
    ) -> Path:
        """`sent_on`: why he was sent here from another queue."""
        wanted = Wanted(
            question.queue,
            policy.unknown_tier if profile is None else profile.tier,
            question.dialled,
            "" if profile is None else profile.language,
            None if profile is None else profile.owner,
            None if profile is None else self._last_agents.get(profile.id),
        )
        free = self._team.free if self._team is not None else _nobody
        found = path(policy, wanted, free, at, self._zone)
        return found if sent_on is None else found._replace(reasons=(sent_on, *found.reasons))

    def spoke(self, customer: CustomerId, agent: AgentId) -> None:
        """The last agent who served him."""
        self._last_agents[customer] = agent
        self._last_agents.move_to_end(customer)
        if len(self._last_agents) > MOST_REMEMBERED:
            self._last_agents.popitem(last=False)


def _nobody(_agent: AgentId, _soon: bool) -> bool:
    return False
