"""Keeps the time agents are not ready, reason by reason, and warns when a limit is passed. Nobody is made ready by it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import tzinfo

from cti.domain import events
from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId
from cti.domain.intervals import midnight
from cti.domain.reason_times import Overrun, ReasonTimes
from cti.ports import Clock, StateHistory

NOT_READY = "not_ready"


class ReasonClock:
    """One for all switches: an agent who is not ready on two of them rests once."""

    def __init__(
        self,
        policy: DeskStates,
        history: StateHistory,
        clock: Clock,
        zone: tzinfo,
        warn: Callable[[AgentId], None],
        rests: Callable[[AgentId], bool],
    ) -> None:
        """`warn` says that something changed for this agent; it must not wait.

        `rests`: a switch shows him as not ready, in a queue where he is logged on.
        """
        self._rests = rests
        self._policy, self._history, self._clock, self._zone, self._warn = policy, history, clock, zone, warn
        self._times: dict[AgentId, ReasonTimes] = {}
        self._warned: set[tuple[AgentId, float, str]] = set()
        self.warnings: Counter[tuple[str, str]] = Counter()  # by reason and limit

    async def open(self) -> None:
        """Take up what today came to before this server began."""
        now = self._clock.now()
        for row in await self._history.changes(midnight(now, self._zone), now):
            if row.state == NOT_READY:
                self._of(row.agent).enter(row.reason, row.at)
            else:
                self._of(row.agent).leave(row.at)
        self._warned = {_stay(one) for one in self.overruns()}

    def not_ready(self, event: events.AgentNotReady) -> None:
        """Reaction."""
        self._of(event.agent).enter(event.reason, event.at)

    def left(
        self,
        event: events.AgentReady
        | events.AgentRinging
        | events.AgentBusy
        | events.AgentWorkingAfterCall
        | events.AgentUnreachable
        | events.AgentLoggedOff,
    ) -> None:
        """Reaction: any other state, unless he rests on in another queue or on another switch."""
        if not self._rests(event.agent):
            self._of(event.agent).leave(event.at)

    def today(self, agent: AgentId) -> dict[str, float]:
        """Seconds by reason."""
        now = self._clock.now()
        known = self._times.get(agent)
        return {} if known is None else known.today(midnight(now, self._zone), now)

    def overruns(self, agent: AgentId | None = None) -> list[Overrun]:
        """Limits that are passed now."""
        now = self._clock.now()
        begin = midnight(now, self._zone)
        asked = [times for name, times in self._times.items() if agent in {None, name}]
        return [one for times in asked for one in times.overruns(self._policy, begin, now)]

    def look(self) -> None:
        """Warn of each limit once a stay."""
        overruns = self.overruns()
        for one in overruns:
            if _stay(one) not in self._warned:
                self.warnings[one.reason, one.limit] += 1
                self._warn(one.agent)
        self._warned = {_stay(one) for one in overruns}

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look each second until cancelled."""
        while True:
            self.look()
            await sleep(1.0)

    def _of(self, agent: AgentId) -> ReasonTimes:
        return self._times.setdefault(agent, ReasonTimes(agent))


def _stay(one: Overrun) -> tuple[AgentId, float, str]:
    return one.agent, one.since, one.limit
