"""Several switches asked as one: a call is found by its id, an agent by where he or she is logged on."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cti.domain.agents import Agent, AgentState
from cti.domain.errors import Unknown
from cti.domain.identifiers import AgentId, CallId, PbxName, pbx_of
from cti.domain.jobs import Job
from cti.domain.own_calls import OwnCall
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.ports import AgentDesktop
from cti.service.agent_desk import AgentDesk
from cti.service.call_monitor import CallMonitor


class CallMonitors:
    """The live truth about all switches."""

    def __init__(self, monitors: Mapping[PbxName, CallMonitor]) -> None:
        self._monitors = monitors

    def record(self, call: CallId) -> CallRecord | None:
        """A live call as it stands."""
        monitor = self._monitors.get(pbx_of(call))
        return None if monitor is None else monitor.record(call)

    def started(self) -> dict[CallId, float]:
        """The calls that last, and when each began."""
        return {call: at for monitor in self._monitors.values() for call, at in monitor.started()}

    def live(self) -> tuple[Sequence[VisitRecord], Sequence[SegmentRecord]]:
        """Visits and segments of the calls that last, for KPIs."""
        told = [monitor.live() for monitor in self._monitors.values()]
        visits = [visit for some, _ in told for visit in some]
        return visits, [segment for _, some in told for segment in some]

    def live_calls(self) -> int:
        return sum(monitor.live_calls() for monitor in self._monitors.values())

    def agent(self, agent: AgentId) -> Agent | None:
        """As the switch shows it where the agent is logged on, else where the agent was."""
        known = [monitor.agent(agent) for monitor in self._monitors.values()]
        there = [one for one in known if one is not None]
        return next((one for one in there if one.memberships), there[0] if there else None)

    def agents(self) -> list[Agent]:
        return [agent for monitor in self._monitors.values() for agent in monitor.agents()]

    def calls_of(self, agents: Collection[AgentId]) -> dict[AgentId, list[OwnCall]]:
        """The calls at the telephones of these agents, on whatever switch."""
        told = [monitor.calls_of(agents) for monitor in self._monitors.values()]
        return {agent: [own for some in told for own in some[agent]] for agent in agents}

    def logged_on(self) -> Mapping[AgentId, Mapping[PbxName, Agent]]:
        """Every agent, with the switches where he is logged on; none for who was."""
        found: dict[AgentId, dict[PbxName, Agent]] = {}
        for pbx, monitor in self._monitors.items():
            for agent in monitor.agents():
                there = found.setdefault(agent.id, {})
                if agent.memberships:
                    there[pbx] = agent
        return found

    def rests(self, agent: AgentId) -> bool:
        """Whether a switch shows him as not ready, in a queue where he is logged on."""
        known = (monitor.agent(agent) for monitor in self._monitors.values())
        return any(one and one.memberships and one.state is AgentState.NOT_READY for one in known)


class PopDesktops:
    """Each pop goes to the topics of the switch its call is on."""

    def __init__(self, desktops: Mapping[PbxName, AgentDesktop]) -> None:
        self._desktops = desktops

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        desktop = self._desktops.get(pbx_of(pop["call"]))
        if desktop is not None:
            desktop.show(agent, pop)

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        """Each switch tells its own agents' states."""


class AgentDesks:
    """Each agent's wish goes to the switch where he or she is logged on."""

    def __init__(self, desks: Mapping[PbxName, AgentDesk], monitors: Mapping[PbxName, CallMonitor]) -> None:
        self._desks, self._monitors = desks, monitors

    async def ready(self, agent: AgentId) -> None:
        for desk in self._of(agent):
            await desk.ready(agent)

    async def not_ready(self, agent: AgentId, reason: str) -> None:
        for desk in self._of(agent):
            await desk.not_ready(agent, reason)

    async def end_wrap_up(self, agent: AgentId) -> None:
        working = [
            self._desks[pbx]
            for pbx, monitor in self._monitors.items()
            if (known := monitor.agent(agent)) is not None and known.state is AgentState.WORKING_AFTER_CALL
        ]
        for desk in working or self._of(agent):
            await desk.end_wrap_up(agent)

    def after_call_work(self, agent: AgentId) -> tuple[float, int] | None:
        """Until when it lasts, and how often it may still be extended; None when there is none."""
        lasting = (desk.after_call_work(agent) for desk in self._desks.values())
        return next((one for one in lasting if one is not None), None)

    def extend(self, agent: AgentId) -> None:
        """Raises NotPossibleNow."""
        working = [desk for desk in self._desks.values() if desk.after_call_work(agent) is not None]
        for desk in working or self._of(agent):
            desk.extend(agent)

    async def end_overdue(self, job: Job) -> float | None:
        """The job: after-call work that should be over, wherever the agent is. Raises SwitchError."""
        due: list[float] = []
        for desk in self._desks.values():
            again = await desk.end_overdue(job)
            if again is not None:
                due.append(again)
        return (
            min(due) if len(due) == len(self._desks) else None
        )  # else one of them knows the agent, and saw to it

    def _of(self, agent: AgentId) -> list[AgentDesk]:
        """Of every switch the agent is logged on to: a pause is meant for all."""
        found = [
            self._desks[pbx]
            for pbx, monitor in self._monitors.items()
            if (known := monitor.agent(agent)) is not None and known.memberships
        ]
        if not found:
            raise Unknown(f"agent {agent} is logged on to no queue")
        return found
