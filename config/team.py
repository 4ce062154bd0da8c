"""Routing's view of the people who take calls, from the call model of their switch."""

from collections.abc import Callable, Sequence

from cti.domain.agents import Agent, AgentState
from cti.domain.identifiers import AgentId, QueueName
from cti.service.call_monitor import CallMonitor
from routing.domain.preferred import own_queue
from routing.ports import Member

UNREACHABLE_STATUS = frozenset({4, 5})
"""Device states of telephones that cannot ring: invalid and unavailable."""

AT_WORK = frozenset({AgentState.READY, AgentState.RINGING, AgentState.BUSY, AgentState.WORKING_AFTER_CALL})


class MonitoredTeam:
    def __init__(self, monitor: CallMonitor, hears: Callable[[], bool]) -> None:
        self._monitor, self._hears = monitor, hears

    def members(self, queue: QueueName) -> Sequence[Member]:
        return [
            Member(agent.id, seen.interface, seen.penalty)
            for agent in self._monitor.agents()
            if (seen := agent.memberships.get(queue)) is not None
        ]

    def logged_on(self, queue: QueueName) -> int | None:
        if not self._hears():
            return None
        seen = [agent.memberships.get(queue) for agent in self._monitor.agents()]
        return sum(member is not None and member.status not in UNREACHABLE_STATUS for member in seen)

    def at_work(self, queue: QueueName) -> int | None:
        if not self._hears():
            return None
        return sum(_works(agent, queue) for agent in self._monitor.agents())

    def free(self, agent: AgentId, soon: bool) -> bool:
        known = self._monitor.agent(agent)
        return known is not None and _takes_own_calls(known, soon)


def _works(agent: Agent, queue: QueueName) -> bool:
    """After-call work is a pause too, and the only one that ends by itself."""
    member = agent.memberships.get(queue)
    if member is None or agent.state not in AT_WORK:
        return False
    return not member.paused or agent.state is AgentState.WORKING_AFTER_CALL


def _takes_own_calls(agent: Agent, soon: bool) -> bool:
    waits_for_him = agent.memberships.get(own_queue(agent.id))
    if waits_for_him is None:
        return False
    return agent.state is AgentState.READY or (soon and agent.state is AgentState.WORKING_AFTER_CALL)
