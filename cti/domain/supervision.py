"""Supervising agents: who may hear whom, and how."""

from enum import StrEnum
from typing import NamedTuple

from cti.domain.access import Permission, User
from cti.domain.correlation import SUPERVISING
from cti.domain.identifiers import AgentId, CallId, ChannelId


class SpyMode(StrEnum):
    """What the supervisor's voice reaches. Each is an extension of the shipped dialplan (cti-supervise)."""

    LISTEN = "listen"  # nobody
    WHISPER = "whisper"  # the agent
    BARGE = "barge"  # agent and customer


class Supervision(NamedTuple):
    """One supervisor in one agent's call, asked for at `at`; `since` is when the switch began it."""

    channel: ChannelId
    supervisor: User
    agent: AgentId
    call: CallId
    mode: SpyMode
    at: float
    since: float | None = None


def may_supervise(user: User, agent: AgentId, teams: frozenset[str]) -> bool:
    """Whether this agent, who is in these teams, is one of the user's. Somebody else's agents do not exist for him."""
    return user.may(Permission.SUPERVISE) and user.agent != agent and user.reaches(agent, teams)


def supervisors_leg(token: str) -> ChannelId:
    return ChannelId(f"{SUPERVISING}{token}")
