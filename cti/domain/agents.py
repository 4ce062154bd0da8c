"""The life of an agent's shift, and whose telephone is whose.

An agent is a member of one or more queues; the switch tells each membership apart and an agent's state is read from all
of them together. After-call work is a state of ours: the switch knows it only as a pause with reason `ACW`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cti.domain import events
from cti.domain.events import Event
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.records import SegmentRecord
from cti.domain.signals import MemberRemoved, MemberSeen, SnapshotTaken

ACW = "ACW"
"""The pause reason that means after-call work."""


class AgentState(StrEnum):
    """ECMA-269 agent states, ringing apart from busy, and unreachable: logged on with a telephone that cannot ring."""

    LOGGED_OFF = "logged_off"
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"
    BUSY = "busy"
    WORKING_AFTER_CALL = "working_after_call"
    UNREACHABLE = "unreachable"


_READY, _RINGING, _BUSY, _UNREACHABLE = (
    AgentState.READY,
    AgentState.RINGING,
    AgentState.BUSY,
    AgentState.UNREACHABLE,
)  # names of their own: looking a member up in its class costs ten times as much

DEVICE_STATES: Mapping[int, AgentState] = {
    0: _READY,  # unknown: the switch offers calls to it
    1: _READY,
    2: _BUSY,
    3: _BUSY,
    4: _UNREACHABLE,
    5: _UNREACHABLE,
    6: _RINGING,
    7: _BUSY,
    8: _BUSY,
}
"""What a member's device state (app_queue Status) means for an agent who is not paused."""

NOTHING: Sequence[Event] = ()

ANNOUNCED: Mapping[AgentState, type] = {
    AgentState.READY: events.AgentReady,
    AgentState.RINGING: events.AgentRinging,
    AgentState.BUSY: events.AgentBusy,
    AgentState.WORKING_AFTER_CALL: events.AgentWorkingAfterCall,
    AgentState.UNREACHABLE: events.AgentUnreachable,
}
"""Which event announces that an agent entered a state; not ready (with its reason) and logged off say more."""


@dataclass(slots=True, eq=False)
class Agent:
    """One agent as the switch shows it."""

    id: AgentId
    state: AgentState = AgentState.LOGGED_OFF
    reason: str = ""
    since: float = 0.0
    interface: str = ""
    memberships: dict[QueueName, MemberSeen] = field(default_factory=dict)
    wrapping_up: SegmentRecord | None = None  # the segment whose after-call work is due or running

    def observed(self) -> tuple[AgentState, str]:
        """State and reason as all memberships together show them."""
        if not self.memberships:
            return AgentState.LOGGED_OFF, ""
        statuses = []
        free = False
        for member in self.memberships.values():
            statuses.append(DEVICE_STATES.get(member.status, _UNREACHABLE))
            free = free or not member.paused
        if not free:
            reason = next((member.reason for member in self.memberships.values() if member.reason), "")
            return (AgentState.WORKING_AFTER_CALL if reason == ACW else AgentState.NOT_READY), reason
        for state in (_BUSY, _RINGING, _READY):
            if state in statuses:
                return state, ""
        return _UNREACHABLE, ""


class Roster:
    """All agents of one switch."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, Agent] = {}
        self._owners: dict[str, AgentId] = {}

    def owner(self, channel_name: str) -> AgentId | None:
        """Whose telephone a channel is: `PJSIP/101-0000000a` is that of the member with interface `PJSIP/101`."""
        return self._owners.get(channel_name.rpartition("-")[0])

    def learn(self, agent: AgentId, interface: str) -> None:
        """Local interfaces are plumbing, shared by many: they are nobody's telephone."""
        if interface and not interface.startswith("Local/"):
            self._owners[interface] = agent

    def hear(self, signal: MemberSeen | MemberRemoved | SnapshotTaken) -> Sequence[Event]:
        if isinstance(signal, MemberSeen):
            return self._seen(signal)
        if isinstance(signal, MemberRemoved):
            return self._removed(signal)
        told: list[Event] = []
        present = {(member.agent, member.queue) for member in signal.members}
        for agent in list(self.agents.values()):
            for queue in [queue for queue in agent.memberships if (agent.id, queue) not in present]:
                told += self._removed(MemberRemoved(signal.at, queue, agent.id))
        for member in signal.members:
            told += self._seen(member)
        return told

    def _seen(self, signal: MemberSeen) -> Sequence[Event]:
        """A membership as it stands now; most are told again and again, and mean nothing new."""
        agent = self.agents.get(signal.agent)
        if agent is None:
            agent = self.agents[signal.agent] = Agent(signal.agent, since=signal.at)
        queue, interface, device = signal.queue, signal.interface, signal.state_interface
        before = agent.memberships.get(queue)
        agent.memberships[queue] = signal
        agent.interface = interface
        if before is None or before.interface != interface:
            self.learn(signal.agent, interface)
        if before is None or before.state_interface != device:
            self.learn(signal.agent, device)
        if before is None:
            return [
                events.AgentLoggedOn(signal.at, agent.id, queue),
                *self._reconsider(agent, signal.at),
            ]
        return self._reconsider(agent, signal.at)

    def _removed(self, signal: MemberRemoved) -> Sequence[Event]:
        agent = self.agents.get(signal.agent)
        if agent is None or agent.memberships.pop(signal.queue, None) is None:
            return NOTHING
        return [
            events.AgentLoggedOff(signal.at, agent.id, signal.queue),
            *self._reconsider(agent, signal.at),
        ]

    def _reconsider(self, agent: Agent, at: float) -> Sequence[Event]:
        state, reason = agent.observed()
        if state is agent.state and reason == agent.reason:
            return NOTHING
        before, agent.state, agent.reason, agent.since = agent.state, state, reason, at
        told: list[Event] = []
        if before is AgentState.WORKING_AFTER_CALL:
            told += self._end_wrap_up(agent, at)
        if state is AgentState.NOT_READY:
            told.append(events.AgentNotReady(at, agent.id, reason))
        elif state in ANNOUNCED:
            told.append(ANNOUNCED[state](at, agent.id))
        return told

    def segment_ended(self, at: float, segment: SegmentRecord) -> Sequence[Event]:
        """The agent left a conversation; its after-call work, if any, counts from here."""
        agent = self.agents.get(segment.agent)
        if agent is None:
            return NOTHING
        told = self._end_wrap_up(agent, at) if agent.state is AgentState.WORKING_AFTER_CALL else NOTHING
        agent.wrapping_up = segment
        return told

    def established(self, agent_id: AgentId) -> None:
        """A new conversation: the last one got no after-call work beyond what was counted."""
        agent = self.agents.get(agent_id)
        if agent is not None and agent.state is not AgentState.WORKING_AFTER_CALL:
            agent.wrapping_up = None

    @staticmethod
    def _end_wrap_up(agent: Agent, at: float) -> Sequence[Event]:
        segment, agent.wrapping_up = agent.wrapping_up, None
        if segment is None or segment.ended_at is None:
            return NOTHING
        seconds = max(0.0, at - segment.ended_at)
        return [
            events.WrapUpEnded(
                at, segment.call, agent.id, segment.channel, segment.queue, segment.tier, seconds
            )
        ]
