"""Which path a caller takes, with what is remembered of customers and their agents."""

from collections import OrderedDict
from datetime import tzinfo
from typing import Final

from cti.domain.identifiers import AgentId, CustomerId
from routing.domain.decision import CallerProfile, Question
from routing.domain.path import Path, Wanted, around, path
from routing.domain.priority import PriorityPolicy
from routing.ports import Team
from routing.service.callers import Caller

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
        before: Caller | None,
        at: float,
    ) -> Path:
        """`before`: the caller as he was known until now."""
        wanted = Wanted(
            question.queue,
            policy.unknown_tier if profile is None else profile.tier,
            question.dialled,
            "" if profile is None else profile.language,
            None if profile is None else profile.owner,
            None if profile is None else self._last_agents.get(profile.id),
            before is not None and before.waits_for(question.queue),
        )
        free = self._team.free if self._team is not None else _nobody
        found = path(policy, wanted, free, at, self._zone)
        if self._team is not None and not found.leads_away:
            been = frozenset() if before is None else before.been
            members = self._team.logged_on
            found = around(policy, question.queue, been, members, at, self._zone) or found
        sent_on = None if before is None else before.overflow
        return found if sent_on is None else found._replace(reasons=(sent_on, *found.reasons))

    def spoke(self, customer: CustomerId, agent: AgentId) -> None:
        """The last agent who served him."""
        self._last_agents[customer] = agent
        self._last_agents.move_to_end(customer)
        if len(self._last_agents) > MOST_REMEMBERED:
            self._last_agents.popitem(last=False)


def _nobody(_agent: AgentId, _soon: bool) -> bool:
    return False
