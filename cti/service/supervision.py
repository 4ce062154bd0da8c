"""Listening, whispering, joining in: each begins with a row in the audit, and its start and end are told."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from cti.domain import events
from cti.domain.access import Audit, User
from cti.domain.dialling import DiallingPolicy
from cti.domain.errors import NotPossibleNow, OutOfReach, Unknown
from cti.domain.identifiers import AgentId, ChannelId, PbxName, pbx_of
from cti.domain.own_calls import LegState, OwnCall
from cti.domain.supervision import SpyMode, Supervision, may_supervise, supervisors_leg
from cti.ports import Clock, NewCall
from cti.ports.access import Accounts
from cti.service.control_desk import Line, telephone
from cti.service.screens import Screens

log = logging.getLogger(__name__)

CONTEXT: Final = "cti-supervise"
RING_SECONDS: Final = 20.0
GIVEN_UP: Final = RING_SECONDS + 5
"""Seconds after which a supervision that never began is none."""


class SupervisionDesk:
    """`spawn` writes the end of each into the audit, beside the reactions, which never wait."""

    def __init__(
        self,
        lines: Mapping[PbxName, Line],
        policy: DiallingPolicy,
        accounts: Accounts,
        record: Audit,
        screens: Screens,
        clock: Clock,
        token: Callable[[], str],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        teams: Callable[[AgentId], frozenset[str]],
    ) -> None:
        self._lines, self._policy, self._accounts = lines, policy, accounts
        self._record, self._screens, self._clock = record, screens, clock
        self._token, self._spawn = token, spawn
        self._teams = teams
        self._running: dict[ChannelId, Supervision] = {}

    async def spy(self, user: User, agent: AgentId, mode: SpyMode) -> None:
        """Ring the supervisor's own telephone; who answers it hears the agent's call."""
        line, own = self._talks(user, agent)
        endpoint = await self.telephone(user)
        asked = Supervision(supervisors_leg(self._token()), user, agent, own.call, mode, self._clock.now())
        self._alone(asked)
        self._running[asked.channel] = asked
        try:
            await self._record(user, f"spy.{mode}", f"agent {agent} call {own.call}")
            variables = {"CTI_SPIED": own.name}
            shown = endpoint.partition("/")[2]
            await line.switch.make(
                NewCall(endpoint, CONTEXT, mode.value, shown, asked.channel, RING_SECONDS, variables)
            )
        except BaseException:
            self._running.pop(asked.channel, None)
            raise

    async def stop(self, user: User, agent: AgentId) -> None:
        """Leave the call one is in."""
        mine = [one for one in self._running.values() if one.supervisor.id == user.id and one.agent == agent]
        if not mine:
            raise NotPossibleNow("You are in no call of this agent.")
        for one in mine:
            await self._lines[pbx_of(one.call)].switch.hang_up(one.channel)

    def must_reach(self, user: User, agent: AgentId) -> None:
        """Raises Unknown when this agent is none of the user's."""
        if not may_supervise(user, agent, self._teams(agent)):
            raise OutOfReach(f"agent {agent}")

    async def telephone(self, user: User) -> str:
        """The endpoint of the account's own telephone."""
        phone = await self._accounts.phone(user)
        if phone is None:
            raise NotPossibleNow("Your account has no telephone: have one set for it, then try again.")
        return telephone(self._policy, f"PJSIP/{phone['sip_user']}")

    def started(self, event: events.SupervisionStarted) -> None:
        """Reaction: the supervisor is in the call."""
        asked = self._running.get(event.channel)
        if asked is not None and asked.since is None:
            self._running[event.channel] = asked._replace(since=event.at)
            self._mark(asked.agent)
            self._note(asked, "began")

    def ended(self, event: events.SupervisionEnded) -> None:
        """Reaction: the supervisor has left, or the call is over."""
        self._end(event.channel)

    def call_cleared(self, event: events.CallCleared) -> None:
        """Reaction: nobody hears a call that is over, whatever the switch could not tell us."""
        for channel in [channel for channel, asked in self._running.items() if asked.call == event.call]:
            self._end(channel)

    def merged(self, event: events.CallsMerged) -> None:
        """Reaction: he hears the call that this one became part of."""
        for channel, asked in self._running.items():
            if asked.call == event.absorbed:
                self._running[channel] = asked._replace(call=event.call)

    def heard_again(self, event: events.HearingResumed) -> None:
        """Reaction: the switch was looked at in full; a supervisor's leg that is gone ended unheard."""
        line = self._lines.get(event.pbx)
        there = frozenset[ChannelId]() if line is None else line.monitor.supervising
        for channel, asked in list(self._running.items()):
            if pbx_of(asked.call) == event.pbx and asked.since is not None and channel not in there:
                self._end(channel)

    def _end(self, channel: ChannelId) -> None:
        asked = self._running.pop(channel, None)
        if asked is None or asked.since is None:
            return  # nobody heard anything
        self._mark(asked.agent)
        self._note(asked, "ended")

    def mark(self, agent: AgentId) -> Mapping[str, Any]:
        """What the agent's desk is told, where policy says that it is."""
        heard = [one for one in self._running.values() if one.agent == agent and one.since is not None]
        return {"type": "supervised", "mode": heard[0].mode.value if heard else None}

    def marked(self, agent: AgentId) -> bool:
        """Whether the desk has something to show."""
        return self._policy.mark_supervised and self.mark(agent)["mode"] is not None

    def _mark(self, agent: AgentId) -> None:
        if self._policy.mark_supervised:
            self._screens.tell(agent, self.mark(agent))

    def _note(self, asked: Supervision, what: str) -> None:
        subject = f"agent {asked.agent} call {asked.call}"
        self._spawn(self._written(asked.supervisor, f"spy.{asked.mode}.{what}", subject))

    async def _written(self, user: User, action: str, subject: str) -> None:
        try:
            await self._record(user, action, subject)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("%s could not be written into the audit", action)

    def _talks(self, user: User, agent: AgentId) -> tuple[Line, OwnCall]:
        known = [line for line in self._lines.values() if line.monitor.agent(agent) is not None]
        if not known:
            raise Unknown(f"agent {agent}")
        self.must_reach(user, agent)
        for line in known:
            for own in line.monitor.own_calls(agent):
                if own.state in {LegState.TALKING, LegState.HELD}:
                    return line, own
        raise NotPossibleNow("This agent talks to nobody now.")

    def _alone(self, asked: Supervision) -> None:
        for channel, other in list(self._running.items()):
            if other.since is None and asked.at - other.at > GIVEN_UP:
                del self._running[channel]  # nobody answered it
            elif other.call == asked.call:
                raise NotPossibleNow("Somebody supervises this call already.")
