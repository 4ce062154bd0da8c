"""Takes out agents whom calls cannot reach although the queue takes them for ready, and brings them back."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from cti.domain import events
from cti.domain.access import Audit, Role, User
from cti.domain.agents import DEVICE_STATES, Agent, AgentState
from cti.domain.desk_states import UNREACHABLE
from cti.domain.errors import CtiError
from cti.domain.identifiers import AgentId, PbxName
from cti.domain.reachability import Cause, Deed, Patience, Signs, Standing, TakenOut, Watched, step
from cti.domain.records import OfferResult
from cti.ports import Clock, TakenOutBook
from cti.service.several import AgentDesks, CallMonitors

log = logging.getLogger(__name__)

SERVER = User("server", "server", "Tierline", Role.OPERATOR, None, "en")
"""Who the audit says it was."""
_OUT = frozenset({Standing.TAKEN_OUT, Standing.RETURNING})
_JUDGED = frozenset({AgentState.READY, AgentState.RINGING, AgentState.UNREACHABLE})
_SETTLING = 3.0
"""Seconds the switch may take to say what it was asked; then it counts as not done, or undone by somebody."""
_AT_ONCE = 16
"""Agents who are judged in one turn of the event loop: pops do not wait until a thousand are."""
_STALLED = 3.0
"""Seconds between two looks after which we ourselves were away: nobody's silence counts from before."""


class Page(NamedTuple):
    """An agent's page with his telephone in it. Heard of never (minus infinity): it must speak first."""

    heard_at: float
    hidden: bool


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
        kept: TakenOutBook,
    ) -> None:
        """`heard`: the line to this agent's switch stands. `record` makes an audit row."""
        self._patience, self._monitors, self._desks, self._heard = patience, monitors, desks, heard
        self._clock, self._record, self._warn, self._kept = clock, record, warn, kept
        self._pages: dict[AgentId, Page] = {}  # with a telephone in them
        self._on_duty: set[tuple[PbxName, AgentId]] = (
            set()
        )  # their telephones could ring since they logged on, or their pages lived
        self._missed: Counter[AgentId] = Counter()
        self._watched: dict[AgentId, Watched] = {}
        self._before: dict[AgentId, TakenOut] = {}  # by a server before this one
        self._looked_at = clock.now()
        self._awake_since = clock.now()
        self.caught: Counter[str] = Counter()  # by cause

    async def open(self) -> None:
        """Take up whom a server before this one took out, and why: what spoke against them has not been disproved since."""
        self._before = {one.agent: one for one in await self._kept.all()}

    def present(self, agent: AgentId, *, phone: bool, hidden: bool = False) -> None:
        """His page lives; `phone`: his telephone is in it, `hidden`: nobody can see it."""
        if phone:
            self._pages[agent] = Page(self._clock.now(), hidden)
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
        self._before.pop(agent, None)

    def taken_out(self) -> list[tuple[AgentId, Watched]]:
        return [(agent, known) for agent, known in self._watched.items() if known.standing in _OUT]

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        while True:
            await self.look()
            await sleep(1.0)

    async def look(self) -> None:
        """Judge every agent once, wherever he is logged on."""
        now = self._clock.now()
        if now - self._looked_at > _STALLED:
            self._awake_since = now
        self._looked_at = now
        for place, (agent, told) in enumerate(self._monitors.logged_on().items(), 1):
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if told:
                await self._judge(agent, told, now)
            else:
                await self._forget(agent)

    async def _judge(self, agent: AgentId, told: Mapping[PbxName, Agent], now: float) -> None:
        known = await self._seen_so_far(agent, told, now)
        after, deed = step(known, self._signs(agent, told, now), self._patience, now)
        self._watched[agent] = after
        try:
            if deed is Deed.TAKE_OUT and after.cause is not None:
                await self._take_out(TakenOut(agent, after.cause, now))
            elif deed is Deed.BRING_BACK:
                await self._bring_back(agent)
        except CtiError as refusal:
            self._watched[agent] = known._replace(since=now)  # and once more after the same patience
            log.warning("agent %s could not be taken out or brought back: %s", agent, refusal)

    async def _seen_so_far(self, agent: AgentId, told: Mapping[PbxName, Agent], now: float) -> Watched:
        """What we hold of him, corrected by what the switch says."""
        known = self._watched.get(agent, Watched(since=now))
        out = _is_out(told)
        if out and known.standing not in _OUT:
            return self._taken_up(agent, now)
        if not out and known.standing in _OUT and now - known.since > _SETTLING:
            self.confirm(agent)  # somebody made him ready
            await self._keep(None, agent)
            return Watched(since=now)
        return known

    def _taken_up(self, agent: AgentId, now: float) -> Watched:
        """By a server before this one. A telephone can say that it is there again; all else, the agent says himself."""
        before = self._before.pop(agent, TakenOut(agent, Cause.MISSED_CALLS, now))
        if before.cause is Cause.MISSED_CALLS:
            self._missed[agent] = self._patience.missed_calls
        elif before.cause is Cause.SILENT_PAGE and agent not in self._pages:
            self._pages[agent] = Page(-math.inf, hidden=False)
        return Watched(Standing.TAKEN_OUT, before.since, before.cause)

    def _signs(self, agent: AgentId, told: Mapping[PbxName, Agent], now: float) -> Signs:
        page, rings, talking = self._pages.get(agent), True, False
        for pbx, one in told.items():
            members = one.memberships.values()
            states = {DEVICE_STATES.get(member.status, AgentState.UNREACHABLE) for member in members}
            talking |= AgentState.BUSY in states or any(member.in_call for member in members)
            if states != {AgentState.UNREACHABLE} or page is not None:
                self._on_duty.add((pbx, agent))
            # A name in queues.conf whose telephone was never there is just not at work on that switch.
            rings &= states != {AgentState.UNREACHABLE} or (pbx, agent) not in self._on_duty
        return Signs(
            device_rings=rings,
            page_silent_seconds=None if page is None else self._silence(page, now),
            missed_calls=self._missed[agent],
            page_hidden=page is not None and page.hidden,
            talking=talking,
            judged=self._heard(agent)
            and any((pbx, agent) in self._on_duty for pbx in told)
            and (_is_out(told) or any(one.state in _JUDGED for one in told.values())),
        )

    def _silence(self, page: Page, now: float) -> float:
        heard_at = page.heard_at if page.heard_at == -math.inf else max(page.heard_at, self._awake_since)
        return now - heard_at

    async def _take_out(self, one: TakenOut) -> None:
        await self._keep(one, one.agent)
        await self._desks.not_ready(one.agent, UNREACHABLE)
        self.caught[one.cause.value] += 1
        log.info("agent %s is taken out: calls cannot reach him (%s)", one.agent, one.cause.value)
        self._warn(one.agent)
        await self._record(SERVER, f"agent.taken_out.{one.cause.value}", one.agent)

    async def _bring_back(self, agent: AgentId) -> None:
        await self._desks.ready(agent)
        await self._keep(None, agent)
        log.info("agent %s is back: calls can reach him", agent)
        self._warn(agent)
        await self._record(SERVER, "agent.brought_back", agent)

    async def _keep(self, one: TakenOut | None, agent: AgentId) -> None:
        """A database that is away keeps nobody in, and nobody out."""
        try:
            await (self._kept.forget(agent) if one is None else self._kept.keep(one))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("why agent %s is taken out could not be kept", agent)

    async def _forget(self, agent: AgentId) -> None:
        known = self._watched.pop(agent, None)
        self._on_duty = {(pbx, who) for pbx, who in self._on_duty if who != agent}
        self.confirm(agent)
        if known is not None and known.standing in _OUT:
            await self._keep(None, agent)


def _is_out(told: Mapping[PbxName, Agent]) -> bool:
    """Taken out by us: paused for our reason wherever he is logged on."""
    return all(one.state is AgentState.NOT_READY and one.reason == UNREACHABLE for one in told.values())
