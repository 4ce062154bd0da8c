"""How a conversation ended, in the agent's words: given once, corrected by versions."""

from typing import NamedTuple

from cti.domain.access import Permission, User
from cti.domain.errors import NotAllowed, NotPossibleNow
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName


class Disposition(NamedTuple):
    """One version; `version` counts from 1. It belongs to the segment of this call and this agent's leg."""

    call: CallId
    channel: ChannelId
    version: int
    agent: AgentId
    queue: QueueName
    ended_at: float  # of the conversation
    code: str
    note: str
    given_at: float
    given_by: str  # a login; the server itself: ""


def next_version(known: Disposition | None, seen: int) -> int:
    """Of a correction by somebody who saw version `seen`, 0 for none. Raises NotPossibleNow when there is another."""
    version = known.version if known else 0
    if version != seen:
        raise NotPossibleNow("Somebody completed this call meanwhile: load it again, then correct it.")
    return version + 1


def may_give(user: User, agent: AgentId, ended_at: float, midnight: float, *, owed: bool) -> None:
    """Agents complete their own calls of today, and what they still owe; supervisors all. Raises NotAllowed."""
    if user.may(Permission.CONTROL_AGENTS):
        return
    if user.agent != agent:
        raise NotAllowed("Agents complete their own calls only.")
    if ended_at < midnight and not owed:
        raise NotAllowed("This call is of an earlier day: ask a supervisor to correct it.")
