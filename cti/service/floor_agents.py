"""The agents as the floor sees them: their state from the switch, with the calls at their telephones laid over it."""

from collections.abc import Iterator

from cti.domain.identifiers import AgentId, CallId, QueueName
from cti.domain.tallies import Tally

LOGGED_OFF, READY, NOT_READY, RINGING, BUSY, AFTER_CALL, UNREACHABLE = STATES = (
    "logged_off",
    "ready",
    "not_ready",
    "ringing",
    "busy",
    "working_after_call",
    "unreachable",
)


class AgentOnFloor:
    """`state` is what people read: a conversation covers ringing, ringing covers what the switch says."""

    __slots__ = ("_under", "agent", "queues", "reason", "ringing", "since", "state", "talking", "today")

    def __init__(self, agent: AgentId, at: float) -> None:
        self.agent = agent
        self.queues: set[QueueName] = set()
        self.state, self.since, self.reason = LOGGED_OFF, at, ""
        self.ringing: list[CallId] = []
        self.talking: list[CallId] = []
        self.today = Tally()
        self._under = LOGGED_OFF

    @property
    def call(self) -> CallId | None:
        """The call at the telephone: the one spoken with last, else the one that rings."""
        if self.talking:
            return self.talking[-1]
        return self.ringing[-1] if self.ringing else None

    @property
    def paused(self) -> bool:
        """No call may reach this telephone, by the agent's or the server's wish."""
        return self._under in {NOT_READY, AFTER_CALL}

    def become(self, state: str, reason: str, at: float) -> None:
        self._under, self.reason = state, reason
        self.settle(at)

    def settle(self, at: float) -> None:
        state = BUSY if self.talking else RINGING if self.ringing else self._under
        if state != self.state:
            self.state, self.since = state, at


class FloorAgents:
    def __init__(self) -> None:
        self._agents: dict[AgentId, AgentOnFloor] = {}
        self._at_call: dict[CallId, tuple[AgentId, ...]] = {}

    def __iter__(self) -> Iterator[AgentOnFloor]:
        return iter(self._agents.values())

    def agent(self, agent: AgentId, at: float) -> AgentOnFloor:
        known = self._agents.get(agent)
        if known is None:
            known = self._agents[agent] = AgentOnFloor(agent, at)
        return known

    def log_on(self, agent: AgentId, queue: QueueName, at: float) -> None:
        self.agent(agent, at).queues.add(queue)

    def log_off(self, agent: AgentId, queue: QueueName, at: float) -> bool:
        """True when it was the last queue."""
        known = self.agent(agent, at)
        known.queues.discard(queue)
        if known.queues:
            return False
        known.become(LOGGED_OFF, "", at)
        return True

    def ring(self, agent: AgentId, call: CallId, at: float) -> None:
        known = self.agent(agent, at)
        if call not in known.ringing:
            known.ringing.append(call)
        self._note(agent, call)
        known.settle(at)

    def _note(self, agent: AgentId, call: CallId) -> None:
        there = self._at_call.get(call, ())
        if agent not in there:
            self._at_call[call] = (*there, agent)

    def stop_ringing(self, agent: AgentId, call: CallId, at: float) -> None:
        known = self.agent(agent, at)
        if call in known.ringing:
            known.ringing.remove(call)
            known.settle(at)

    def converse(self, agent: AgentId, call: CallId, at: float) -> None:
        known = self.agent(agent, at)
        if call in known.ringing:
            known.ringing.remove(call)
        known.talking.append(call)
        self._note(agent, call)
        known.settle(at)

    def part(self, agent: AgentId, call: CallId, at: float) -> None:
        known = self.agent(agent, at)
        if call in known.talking:
            known.talking.remove(call)
            known.settle(at)

    def merge(self, call: CallId, absorbed: CallId, at: float) -> None:
        for agent in self._at_call.pop(absorbed, ()):
            known = self.agent(agent, at)
            for calls in (known.ringing, known.talking):
                calls[:] = dict.fromkeys(call if other == absorbed else other for other in calls)
            self._note(agent, call)

    def clear(self, call: CallId, at: float) -> None:
        """The call is over: it can be at no telephone any more, whatever we heard."""
        for agent in self._at_call.pop(call, ()):
            known = self.agent(agent, at)
            if call in known.ringing or call in known.talking:
                known.ringing = [other for other in known.ringing if other != call]
                known.talking = [other for other in known.talking if other != call]
                known.settle(at)

    def new_day(self) -> None:
        for known in self:
            known.today = Tally()

    def count(self) -> dict[tuple[QueueName, str], int]:
        """How many agents of each queue are in each state."""
        counts = {(queue, state): 0 for known in self for queue in known.queues for state in STATES}
        for known in self:
            for queue in known.queues:
                counts[queue, known.state] += 1
        return counts
