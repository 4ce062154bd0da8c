"""One running server as a whole: its parts, and what the HTTP side asks of all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from config.reconciling import summary
from config.settings import Settings
from cti.adapters.accounts import SqlAccounts
from cti.adapters.ami.connection import AmiLink, LinkState
from cti.adapters.ami.memory import JournalMemory
from cti.adapters.audit import SqlAudit
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.case_book import SqlDifferences
from cti.adapters.clock import SystemClock
from cti.adapters.job_store import SqlJobs
from cti.adapters.journal import Journal
from cti.adapters.mqtt import MqttDesktop
from cti.adapters.outbox import Outbox
from cti.adapters.prometheus import CONTENT_TYPE, CallCentreCollector
from cti.adapters.webhooks import HttpMessenger
from cti.api.stream import LiveStream
from cti.domain.identifiers import AgentId
from cti.service.agent_desk import AgentDesk
from cti.service.announcer import Announcer
from cti.service.bookkeeper import Bookkeeper
from cti.service.call_monitor import CallMonitor
from cti.service.event_bus import EventBus
from cti.service.front_door import FrontDoor
from cti.service.job_desk import JobDesk
from cti.service.kpi_desk import KpiDesk
from cti.service.reconciler import Reconciler
from cti.service.recount import Recount
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screens
from cti.service.wallboard import Wallboard
from cti.service.webhook_desk import WebhookDesk
from customers.service.desk import CustomerDesk
from customers.service.introduction import Introduction
from qa.service.review_desk import ReviewDesk
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.fastagi import FastAgi
from routing.service.decisions import Decisions
from routing.service.preflight import Preflight
from routing.service.router import Router

BACKLOG_ALARM = 5_000
"""Records that wait for the database before `/health/ready` says so."""


@dataclass(slots=True)
class Installation:
    """Every part of one running server, and what the HTTP side asks of the whole."""

    settings: Settings
    engine: AsyncEngine
    bus: EventBus
    link: AmiLink
    monitor: CallMonitor
    calls: SqlCallStore
    outbox: Outbox
    journal: Journal
    memory: JournalMemory
    books: SqlBooks
    webhook_desk: WebhookDesk
    messenger: HttpMessenger
    bookkeeper: Bookkeeper
    wallboard: Wallboard
    popper: ScreenPopper
    screens: Screens
    broker: MqttDesktop
    agent_desk: AgentDesk
    job_store: SqlJobs
    job_desk: JobDesk
    announcer: Announcer
    introduction: Introduction
    customers: CustomerDesk
    router: Router
    decisions: Decisions
    decision_store: SqlDecisions
    fastagi: FastAgi
    preflight: Preflight
    recorder: Recorder
    archivist: Archivist
    review_desk: ReviewDesk
    kpi_desk: KpiDesk
    reconcilers: Sequence[Reconciler]  # one a switch
    differences: SqlDifferences
    recount: Recount
    accounts: SqlAccounts
    door: FrontDoor
    audit: SqlAudit
    stream: LiveStream
    collector: CallCentreCollector
    clock: SystemClock
    version: str
    agent_names: dict[AgentId, str] = field(default_factory=dict)

    def name_of(self, agent: AgentId) -> str:
        return self.agent_names.get(agent, agent)

    def floor(self) -> Mapping[str, Any]:
        return self.wallboard.snapshot(self.clock.now())

    def not_ready(self) -> list[str]:
        """Why callers may not be served as promised; nothing when all is well."""
        reasons = []
        if self.link.state is not LinkState.UP:
            reasons.append(f"switch {self.monitor.pbx}: {self.link.state.value} ({self.link.reason})")
        if not self.broker.connected:
            reasons.append("broker: not connected")
        for one in self.reconcilers:
            reasons += [
                f"switch {one.pbx}: {gap.kind.value} gap open since {_moment(gap.since)}"
                for gap in one.gaps.open
            ]
        if self.books.writer.backlog > BACKLOG_ALARM:
            reasons.append(f"database: {self.books.writer.backlog} entries wait to be written")
        if self.journal.failing_since is not None:
            reasons.append(f"journal of {self.monitor.pbx}: {self.journal.reason}; calls go on without it")
        return reasons

    async def reconciliation(self) -> list[dict[str, Any]]:
        """Where each switch's comparison with its ledger stands."""
        return await summary(self.reconcilers, self.differences)

    async def metrics(self) -> tuple[bytes, str]:
        """The text of a Prometheus scrape, and its content type."""
        return await self.collector.page(), CONTENT_TYPE

    async def operations(self) -> dict[str, Any]:
        """The operator's page."""
        traffic = self.link.traffic
        return {
            "version": self.version,
            "reasons": self.not_ready(),
            "links": [
                {
                    "pbx": self.monitor.pbx,
                    "state": self.link.state.value,
                    "since_at": self.link.since,
                    "reason": self.link.reason,
                    "messages": traffic.messages,
                    "quarantined": traffic.quarantined,
                    "malformed": traffic.malformed,
                    "gaps": traffic.gaps,
                    "missed": traffic.missed,
                    "reconnects": traffic.reconnects,
                    "lag_seconds": self.link.lag,
                }
            ],
            "reconciliation": await self.reconciliation(),
            "books": {"backlog": self.books.writer.backlog, "lost": self.books.writer.lost},
            "journal": {
                "position": self.journal.position,
                "backlog": self.journal.backlog,
                "let_go": self.journal.let_go,
                "problem": self.journal.reason,
            },
            "broker": {
                "connected": self.broker.connected,
                "backlog": self.broker.backlog,
                "lost": self.broker.lost,
            },
            "screens": {"open": self.screens.count, "overruns": self.screens.overruns},
            "reactions_failed": dict(self.bus.failures),
            "fastagi": dict(self.fastagi.counts),
            "routing": self.router.counts(),
            "preflight": [finding.document() for finding in self.preflight.last],
        }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
