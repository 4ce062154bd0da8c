"""Takes out agents whom calls cannot reach although the queue takes them for ready, and brings them back."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from cti.domain import events
from cti.domain.access import Audit, Role, User
from cti.domain.agents import DEVICE_STATES, Agent, AgentState
from cti.domain.desk_states import UNREACHABLE
from cti.domain.errors import CtiError
from cti.domain.identifiers import AgentId
from cti.domain.reachability import Cause, Deed, Patience, Signs, Standing, Watched, step
from cti.domain.records import OfferResult
from cti.ports import Clock
from cti.service.several import AgentDesks, CallMonitors

log = logging.getLogger(__name__)

SERVER = User("server", "server", "Tierline", Role.OPERATOR, None, "en")
"""Who the audit says it was."""
_OUT = frozenset({Standing.TAKEN_OUT, Standing.RETURNING})
_JUDGED = frozenset({AgentState.READY, AgentState.RINGING, AgentState.UNREACHABLE})
_SETTLING = 3.0
"""Seconds the switch may take to say what it was asked; then it counts as not done, or undone by somebody."""
_STALLED = 3.0
"""Seconds between two looks after which we ourselves were away: nobody's silence counts from before."""


class PhantomGuard:
    """Looks at every agent each second. Pages say by `present` that they live; all else, the switch tells."""

    def __init__(
        self,
        patience: Patience,
        monitors: CallMonitors,
        desks: AgentDesks,
        heard: Callable[[AgentId], bool],
        clock: Clock,
        record: Audit,
        warn: Callable[[AgentId], None],
    ) -> None:
        """`heard`: the line to this agent's switch stands. `record` makes an audit row."""
        self._patience, self._monitors, self._desks, self._heard = patience, monitors, desks, heard
        self._clock, self._record, self._warn = clock, record, warn
        self._pages: dict[AgentId, float] = {}  # pages with a telephone in them, and when last heard of
        self._on_duty: set[AgentId] = (
            set()
        )  # their telephones could ring since they logged on, or their pages lived
        self._missed: Counter[AgentId] = Counter()
        self._watched: dict[AgentId, Watched] = {}
        self._looked_at = clock.now()
        self._awake_since = clock.now()
        self.caught: Counter[str] = Counter()  # by cause

    def present(self, agent: AgentId, *, phone: bool) -> None:
        """His page lives; `phone`: his telephone is in it."""
        if phone:
            self._pages[agent] = self._clock.now()
        else:
            self._pages.pop(agent, None)

    def diverted(self, event: events.CallDiverted) -> None:
        """Reaction: it rang and nobody answered."""
        if event.queue is not None and event.result is OfferResult.RING_NO_ANSWER:
            self._missed[event.agent] += 1

    def established(self, event: events.CallEstablished) -> None:
        """Reaction."""
        self._missed.pop(event.agent, None)

    def not_ready(self, event: events.AgentNotReady) -> None:
        """Reaction: who asks for a break is there."""
        if event.reason != UNREACHABLE:
            self._missed.pop(event.agent, None)

    def confirm(self, agent: AgentId) -> None:
        """Somebody says that calls reach this agent again: judge him anew."""
        self._missed.pop(agent, None)
        self._pages.pop(agent, None)  # a page that lives says so at once

    def of(self, agent: AgentId) -> Watched | None:
        """Why an agent is taken out; None when he is not."""
        known = self._watched.get(agent)
        return known if known is not None and known.standing in _OUT else None

    def taken_out(self) -> list[tuple[AgentId, Watched]]:
        return [(agent, known) for agent, known in self._watched.items() if known.standing in _OUT]

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        while True:
            await self.look()
            await sleep(1.0)

    async def look(self) -> None:
        """Judge every agent once."""
        now = self._clock.now()
        if now - self._looked_at > _STALLED:
            self._awake_since = now
        self._looked_at = now
        for agent in self._monitors.agents():
            if agent.memberships:
                await self._judge(agent, now)
            else:
                self._forget(agent.id)

    async def _judge(self, agent: Agent, now: float) -> None:
        known = self._seen_so_far(agent, now)
        after, deed = step(known, self._signs(agent, now), self._patience, now)
        self._watched[agent.id] = after
        try:
            if deed is Deed.TAKE_OUT and after.cause is not None:
                await self._take_out(agent.id, after.cause)
            elif deed is Deed.BRING_BACK:
                await self._bring_back(agent.id)
        except CtiError as refusal:
            self._watched[agent.id] = known._replace(since=now)  # and once more after the same patience
            log.warning("agent %s could not be taken out or brought back: %s", agent.id, refusal)

    def _seen_so_far(self, agent: Agent, now: float) -> Watched:
        """What we hold of him, corrected by what the switch says."""
        known = self._watched.get(agent.id, Watched(since=now))
        out = agent.state is AgentState.NOT_READY and agent.reason == UNREACHABLE
        if out and known.standing not in _OUT:
            return Watched(Standing.TAKEN_OUT, now, known.cause)  # by a server before this one
        if not out and known.standing in _OUT and now - known.since > _SETTLING:
            self.confirm(agent.id)  # somebody made him ready
            return Watched(since=now)
        return known

    def _signs(self, agent: Agent, now: float) -> Signs:
        members = agent.memberships.values()
        states = {DEVICE_STATES.get(member.status, AgentState.UNREACHABLE) for member in members}
        heard_at = self._pages.get(agent.id)
        out = agent.state is AgentState.NOT_READY and agent.reason == UNREACHABLE
        rings = states != {AgentState.UNREACHABLE}
        if rings or heard_at is not None:
            self._on_duty.add(agent.id)
        return Signs(
            device_rings=rings,
            page_silent_seconds=None if heard_at is None else now - max(heard_at, self._awake_since),
            missed_calls=self._missed[agent.id],
            talking=AgentState.BUSY in states or any(member.in_call for member in members),
            judged=self._heard(agent.id)
            and agent.id
            in self._on_duty  # a name in queues.conf whose telephone was never there is just not at work
            and (out or agent.state in _JUDGED),
        )

    async def _take_out(self, agent: AgentId, cause: Cause) -> None:
        await self._desks.not_ready(agent, UNREACHABLE)
        self.caught[cause.value] += 1
        log.info("agent %s is taken out: calls cannot reach him (%s)", agent, cause.value)
        self._warn(agent)
        await self._record(SERVER, f"agent.taken_out.{cause.value}", agent)

    async def _bring_back(self, agent: AgentId) -> None:
        await self._desks.ready(agent)
        log.info("agent %s is back: calls can reach him", agent)
        self._warn(agent)
        await self._record(SERVER, "agent.brought_back", agent)

    def _forget(self, agent: AgentId) -> None:
        self._watched.pop(agent, None)
        self._on_duty.discard(agent)
        self.confirm(agent)
