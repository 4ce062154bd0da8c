"""An agent's work as the desk shows it: the states of now, and the figures of the day by the one formula there is."""

import asyncio
import math
from collections.abc import Mapping
from typing import Any

from cti.domain import events
from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId
from cti.domain.reachability import Standing
from cti.domain.records import SegmentRecord
from cti.domain.sheets import Grouping
from cti.ports import Clock
from cti.service.kpi_desk import KpiDesk
from cti.service.phantom_guard import PhantomGuard
from cti.service.reason_clock import ReasonClock
from cti.service.several import AgentDesks

FIGURES = (
    "handled",
    "talk_seconds",
    "hold_seconds",
    "wrap_up_seconds",
    "aht_seconds",
    "occupancy",
    "outbound_handled",
)
FRESH_SECONDS = 15.0
"""How old the figures of the day may be."""
NOTHING_YET: dict[str, Any] = dict.fromkeys(FIGURES, 0) | {"aht_seconds": None, "occupancy": None}


class WorkDay:
    """Puts together what the other desks know of one agent."""

    def __init__(
        self,
        policy: DeskStates,
        reasons: ReasonClock,
        guard: PhantomGuard,
        desks: AgentDesks,
        kpi: KpiDesk,
        clock: Clock,
    ) -> None:
        self._policy, self._reasons, self._guard, self._desks = policy, reasons, guard, desks
        self._kpi, self._clock = kpi, clock
        self._last: dict[AgentId, SegmentRecord] = {}
        self._counting = asyncio.Lock()
        self._counted: Mapping[str, Mapping[str, Any]] = {}
        self._counted_at = -math.inf

    def segment_ended(self, event: events.SegmentEnded) -> None:
        """Reaction: after-call work belongs to this conversation."""
        if event.segment.queue is not None:
            self._last[event.segment.agent] = event.segment

    def now(self, agent: AgentId) -> dict[str, Any]:
        """What lasts, and the seconds of each reason today."""
        return {
            "agent": agent,
            "at": self._clock.now(),
            "reasons_today": self._reasons.today(agent),
            "after_call": self._after_call(agent),
        }

    def _after_call(self, agent: AgentId) -> dict[str, Any] | None:
        lasting = self._desks.after_call_work(agent)
        if lasting is None:
            return None
        segment = self._last.get(agent)
        return {
            "until": lasting[0],
            "extensions_left": lasting[1],
            "extension_seconds": self._policy.extension_seconds,
            "call": segment.call if segment else None,
            "channel": segment.channel if segment else None,
            "queue": segment.queue if segment else None,
        }

    def unreachable(self) -> list[dict[str, Any]]:
        """Who is taken out, and why."""
        return [
            {
                "agent": agent,
                "cause": known.cause.value if known.cause else "device",
                "page_hidden": known.page_hidden,
                "returning": known.standing is Standing.RETURNING,
                "since": known.since,
            }
            for agent, known in self._guard.taken_out()
        ]

    async def figures(self, agent: AgentId) -> dict[str, Any]:
        """Since midnight."""
        item = (await self._figures_of_all()).get(agent, NOTHING_YET)
        return {name: item[name] for name in FIGURES}

    async def _figures_of_all(self) -> Mapping[str, Mapping[str, Any]]:
        """One report counts every row of the day: one at a time, and for all desks that ask within some seconds."""
        async with self._counting:
            if self._clock.now() - self._counted_at >= FRESH_SECONDS:
                report = await self._kpi.report(group_by=Grouping.AGENT)
                self._counted = {item["group"]: item for item in report["items"]}
                self._counted_at = self._clock.now()
        return self._counted
