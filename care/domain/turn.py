"""Whose turn it is: callbacks and the live line, in one order.

A callback stands where its caller stood. Its turn has come when nobody who waits in the line stands before it, and an agent
of the queue is free; then it goes before everybody who stands behind it.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from care.domain.callback import IN_FLIGHT, Callback, CallbackState
from cti.domain.identifiers import AgentId, PbxName, PhoneNumber, QueueName

Queue = tuple[PbxName, QueueName]


class Standing(NamedTuple):
    """Somebody in the live line; larger priority first, then who came first."""

    priority: int
    joined_at: float


class FreeAgent(NamedTuple):
    """Ready, and nothing rings there. `since` in seconds since 1970; `penalties` by the queues served, least first."""

    pbx: PbxName
    agent: AgentId
    since: float
    penalties: Mapping[QueueName, int]


class UnderWay(NamedTuple):
    """A call that is being made, for a callback or a rescue."""

    pbx: PbxName
    agent: AgentId
    number: PhoneNumber


class Begin(NamedTuple):
    callback: Callback
    agent: AgentId


def stands_before(one: Standing | Callback, other: Standing | Callback) -> bool:
    return (-one.priority, one.joined_at) < (-other.priority, other.joined_at)


def begins(
    callbacks: Sequence[Callback],
    lines: Mapping[Queue, Sequence[Standing]],
    free: Sequence[FreeAgent],
    closed: AbstractSet[QueueName],
    now: float,
    under_way: Sequence[UnderWay] = (),
    engaged: AbstractSet[PhoneNumber] = frozenset(),
) -> list[Begin]:
    """The attempts to begin now: never more than free agents, never two for one number, each in its turn, and none for
    whoever is `engaged`: stands in a line himself, say. `under_way` are the calls of rescues too.
    """
    flying = [one for one in callbacks if one.state in IN_FLIGHT]
    called = {one.number for one in flying} | {one.number for one in under_way} | engaged
    taken = {(one.pbx, one.agent) for one in flying} | {(one.pbx, one.agent) for one in under_way}
    left = [agent for agent in free if (agent.pbx, agent.agent) not in taken]
    begun: list[Begin] = []
    for callback in sorted(callbacks, key=_order):
        if not may_begin(callback, called, closed, now) or not _has_turn(callback, lines):
            continue
        agent = _agent_for(callback, left)
        if agent is not None:
            begun.append(Begin(callback, agent.agent))
            called.add(callback.number)
            left.remove(agent)
    return begun


def may_begin(
    callback: Callback, called: AbstractSet[PhoneNumber], closed: AbstractSet[QueueName], now: float
) -> bool:
    waits = callback.state in (CallbackState.WAITING, CallbackState.CLAIMED)
    in_time = callback.not_before <= now < callback.due_at
    return waits and in_time and callback.number not in called and callback.queue not in closed


def _has_turn(callback: Callback, lines: Mapping[Queue, Sequence[Standing]]) -> bool:
    """One that an agent has claimed is that agent's own decision: it waits for nobody."""
    if callback.state is CallbackState.CLAIMED:
        return True
    line = lines.get((callback.pbx, callback.queue), ())
    return not any(stands_before(waiting, callback) for waiting in line)


def _agent_for(callback: Callback, free: Sequence[FreeAgent]) -> FreeAgent | None:
    """Whoever claimed it, else the queue's first choice: least penalty, then longest ready; not again who just declined,
    unless there is nobody else.
    """
    able = [one for one in free if one.pbx == callback.pbx and callback.queue in one.penalties]
    if callback.state is CallbackState.CLAIMED:
        able = [one for one in able if one.agent == callback.agent]
    return min(
        able,
        key=lambda one: (one.agent == callback.passed_by, one.penalties[callback.queue], one.since),
        default=None,
    )


def _order(callback: Callback) -> tuple[int, float]:
    return -callback.priority, callback.joined_at
