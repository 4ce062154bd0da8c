"""What a supervisor does with callers who wait: before all others, into another queue, to a telephone."""

from collections.abc import Mapping

from cti.domain.access import Audit, User
from cti.domain.dialling import DiallingPolicy
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId, CallId, PbxName, QueueName, pbx_of
from cti.domain.own_calls import WaitingLeg
from cti.ports import Router
from cti.service.control_desk import Line, telephone
from cti.service.supervision import SupervisionDesk

QUEUE_CONTEXT, TAKE_CONTEXT = "tierline-queue", "cti-take"


class WaitingDesk:
    """Each deed is in the audit before it is done, and its reason in the caller's routing decision."""

    def __init__(
        self,
        lines: Mapping[PbxName, Line],
        routers: Mapping[PbxName, Router],
        policy: DiallingPolicy,
        phones: SupervisionDesk,
        record: Audit,
    ) -> None:
        self._lines, self._routers, self._policy = lines, routers, policy
        self._phones, self._record = phones, record

    async def put_first(self, user: User, call: CallId, reason: str) -> None:
        _, router, waits = self._waits(call)
        await self._record(user, "waiting.put_first", f"{call} in {waits.queue}: {reason}")
        if not router.put_first(call, user.name, reason):
            raise NotPossibleNow("This caller has no place that could be changed: wait a moment.")

    async def move(self, user: User, call: CallId, queue: QueueName, reason: str) -> None:
        """Into another queue, where the caller keeps the time he came."""
        line, router, waits = self._waits(call)
        if queue not in {name for agent in line.monitor.agents() for name in agent.memberships}:
            raise NotPossibleNow("No agent serves that queue: choose one with agents.")
        if queue == waits.queue:
            raise NotPossibleNow("The caller waits in that queue already.")
        await self._record(user, "waiting.move", f"{call} from {waits.queue} to {queue}: {reason}")
        self._still_waits(call, waits)
        router.will_move(call, queue, user.name, reason)
        await line.switch.send_to(waits.name, QUEUE_CONTEXT, queue)

    async def take(self, user: User, call: CallId, agent: AgentId | None, reason: str) -> None:
        """To an agent's telephone, or the user's own; if nobody answers there, back into the queue."""
        line, router, waits = self._waits(call)
        endpoint, whom = await self._whose(user, line, agent)
        await self._record(user, "waiting.take", f"{call} from {waits.queue} to {whom}: {reason}")
        self._still_waits(call, waits)
        router.taken(call, whom, user.name, reason)
        await line.switch.send_to(waits.name, TAKE_CONTEXT, endpoint.partition("/")[2])

    async def _whose(self, user: User, line: Line, agent: AgentId | None) -> tuple[str, AgentId]:
        if agent is None:
            endpoint = await self._phones.telephone(user)
            return endpoint, AgentId(endpoint.partition("/")[2])
        self._phones.must_reach(user, agent)
        known = line.monitor.agent(agent)
        if known is None or not known.memberships:
            raise NotPossibleNow("That agent is not logged on.")
        if line.monitor.own_calls(agent):
            raise NotPossibleNow("That agent has a call: choose somebody else.")
        return telephone(self._policy, known.interface), agent

    def _still_waits(self, call: CallId, seen: WaitingLeg) -> None:
        """Redirect takes a customer out of a conversation as well: who was answered while we wrote is left in peace."""
        _, _, waits = self._waits(call)
        if waits != seen:
            raise NotPossibleNow("This caller has just moved on by himself: look again.")

    def _waits(self, call: CallId) -> tuple[Line, Router, WaitingLeg]:
        pbx = pbx_of(call)
        line = self._lines.get(pbx)
        if line is None:
            raise Unknown(f"call {call}")
        waits = line.monitor.waiting(call)
        if waits is None:
            raise NotPossibleNow("This caller waits no more.")
        return line, self._routers[pbx], waits
