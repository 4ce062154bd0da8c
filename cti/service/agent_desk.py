"""Agents' own doing: ready, not ready, after-call work and its end."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from cti.domain import events
from cti.domain.agents import ACW, Agent, AgentState
from cti.domain.errors import CtiError, NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId
from cti.domain.jobs import Job, Retries
from cti.ports import Clock, Jobs, Switch

log = logging.getLogger(__name__)

AGAIN = 2.0
"""Seconds until the switch is asked once more to end what it did not end."""

END_AFTER_CALL_WORK = "end_after_call_work"
"""The kind of job that ends after-call work which outlived the server that should have ended it."""

END_RETRIES = Retries(attempts=60, first=AGAIN, longest=60.0)

_FOLLOWED_SECONDS = 3600.0
"""How long such a job waits for an agent nobody has told us of yet; then that agent is off duty."""


class AgentDesk:
    """Asks the switch to pause and unpause; what comes of it, the switch tells.

    After a queue call an agent gets after-call work (pause with reason `ACW`) for at most `wrap_up_seconds`; 0 means
    none. The waiting is done in one task, so a reaction never waits. A job, due a little later, keeps the time: it is
    dropped when the work ends as it should, and ends the work when we died in between.
    """

    def __init__(
        self,
        switch: Switch,
        find: Callable[[AgentId], Agent | None],
        clock: Clock,
        wrap_up_seconds: float,
        jobs: Jobs,
        extensions: int = 0,
        extension_seconds: float = 0.0,
    ) -> None:
        """After-call work may be extended so often, by so many seconds each time."""
        self._extensions, self._extension_seconds = extensions, extension_seconds
        self._extended: dict[AgentId, int] = {}
        self._jobs = jobs
        self._met: set[AgentId] = set()  # heard of since we began: jobs of others may be an earlier server's
        self._switch, self._find, self._clock = switch, find, clock
        self._wrap_up_seconds = wrap_up_seconds
        self._due: dict[AgentId, float] = {}
        self._asked: asyncio.Queue[tuple[AgentId, bool]] = asyncio.Queue(maxsize=10_000)

    def begin_wrap_up(self, event: events.SegmentEnded) -> None:
        """Reaction: the agent left a customer of a queue."""
        agent = self._find(event.segment.agent)
        if agent is None or event.segment.queue is None or self._wrap_up_seconds <= 0:
            return
        if agent.state in (AgentState.NOT_READY, AgentState.LOGGED_OFF):
            return  # whoever asked for a break gets it at once
        self._asked.put_nowait((agent.id, True))

    def enter_wrap_up(self, event: events.AgentWorkingAfterCall) -> None:
        """Reaction: the switch says so, and from here it lasts at most so long: also for whom we find like that."""
        if self._wrap_up_seconds > 0:
            due = self._due[event.agent] = self._clock.now() + self._wrap_up_seconds
            self._extended.pop(event.agent, None)
            self._met.add(event.agent)
            self._jobs.ask(END_AFTER_CALL_WORK, event.agent, at=due + AGAIN)

    def leave_wrap_up(self, event: events.AgentReady | events.AgentNotReady | events.AgentBusy) -> None:
        """Reaction: after-call work is over, by whomever."""
        if self._due.pop(event.agent, None) is not None or event.agent not in self._met:
            self._met.add(event.agent)
            self._jobs.drop(END_AFTER_CALL_WORK, event.agent)

    async def end_overdue(self, job: Job) -> float | None:
        """The job: after-call work that should be over. Raises SwitchError when the switch does not end it."""
        now, agent = self._clock.now(), AgentId(job.subject)
        known = self._find(agent)
        if known is None or not known.memberships:
            return now + 1.0 if now < job.asked_at + _FOLLOWED_SECONDS else None
        if self._works(agent):
            await self._pause(known, paused=False, reason="")
        return None

    async def ready(self, agent: AgentId) -> None:
        await self._pause(self._known(agent), paused=False, reason="")

    async def not_ready(self, agent: AgentId, reason: str) -> None:
        if reason == ACW:
            raise NotPossibleNow("After-call work begins by itself.")
        await self._pause(self._known(agent), paused=True, reason=reason)

    async def end_wrap_up(self, agent: AgentId) -> None:
        known = self._known(agent)
        if known.state is not AgentState.WORKING_AFTER_CALL:
            raise NotPossibleNow("There is no after-call work to end.")
        await self._pause(known, paused=False, reason="")

    def after_call_work(self, agent: AgentId) -> tuple[float, int] | None:
        """Until when it lasts, in seconds since 1970, and how often it may still be extended; None when there is none."""
        due = self._due.get(agent)
        if due is None or not self._works(agent):
            return None
        return due, self._extensions - self._extended.get(agent, 0)

    def extend(self, agent: AgentId) -> None:
        """Raises NotPossibleNow."""
        lasting = self.after_call_work(agent)
        if lasting is None:
            raise NotPossibleNow("There is no after-call work to extend.")
        due, left = lasting
        if left <= 0:
            raise NotPossibleNow("It was extended as often as the policy allows: finish it, or go not ready.")
        self._extended[agent] = self._extended.get(agent, 0) + 1
        self._due[agent] = due = due + self._extension_seconds
        self._jobs.drop(END_AFTER_CALL_WORK, agent)
        self._jobs.ask(END_AFTER_CALL_WORK, agent, at=due + AGAIN)

    def _known(self, agent: AgentId) -> Agent:
        known = self._find(agent)
        if known is None or not known.memberships:
            raise Unknown(f"agent {agent} is logged on to no queue")
        return known

    async def _pause(self, agent: Agent, *, paused: bool, reason: str) -> None:
        await self._switch.pause(agent.interface, paused, reason)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Begin and end after-call work until cancelled."""
        while True:
            await self._begin_asked()
            await self._end_due(self._clock.now())
            await sleep(0.05)

    async def _begin_asked(self) -> None:
        while not self._asked.empty():
            agent, _ = self._asked.get_nowait()
            if await self._try(agent, paused=True) and self._works(agent):  # else the switch is yet to say so
                self._due[agent] = self._clock.now() + self._wrap_up_seconds

    async def _end_due(self, now: float) -> None:
        for agent in list(self._due):
            if (
                self._due.get(agent, math.inf) > now
            ):  # asked again at his turn: the switch took its time over the others
                continue
            if self._works(agent):
                self._due[agent] = now + AGAIN  # until the switch says that it is over
                await self._try(agent, paused=False)
            else:
                del self._due[agent]

    def _works(self, agent: AgentId) -> bool:
        known = self._find(agent)
        return known is not None and known.state is AgentState.WORKING_AFTER_CALL

    async def _try(self, agent: AgentId, *, paused: bool) -> bool:
        known = self._find(agent)
        if known is None:
            return False
        try:
            await self._pause(known, paused=paused, reason=ACW if paused else "")
        except CtiError as refusal:
            log.warning(
                "after-call work of agent %s could not be %s: %s",
                agent,
                "begun" if paused else "ended",
                refusal,
            )
            return False
        return True
