"""One running server as a whole: its parts, and what the HTTP side asks of all of them together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from config.branch import Branch
from config.care import Care
from config.hearing import Listening
from config.keeping import Keeping
from config.pauses import Pauses
from config.quality import Quality
from config.reconciling import summary
from config.reporting import Reporting
from config.settings import Settings
from config.work import Work
from cti.adapters.accounts import SqlAccounts
from cti.adapters.audit import SqlAudit
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.desk_policy_file import DeskPolicyFile
from cti.adapters.differences import SqlDifferences
from cti.adapters.entrances import SqlEntrances
from cti.adapters.job_store import SqlJobs
from cti.adapters.oidc import OpenIdProvider
from cti.adapters.outbox import Outbox
from cti.adapters.pop_hook import PopHook
from cti.adapters.prometheus import CONTENT_TYPE, CallCentreCollector
from cti.adapters.webhooks import HttpMessenger
from cti.domain.export import agent_json
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, QueueName
from cti.service.call_finder import CallFinder
from cti.service.control_desk import ControlDesk
from cti.service.event_bus import EventBus
from cti.service.floor_picture import picture
from cti.service.front_door import FrontDoor
from cti.service.job_desk import JobDesk
from cti.service.kpi_desk import KpiDesk
from cti.service.note_desk import NoteDesk
from cti.service.own_account import OwnAccount
from cti.service.people import People
from cti.service.quality_desk import QualityDesk
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screens
from cti.service.several import AgentDesks, CallMonitors
from cti.service.single_sign_on import SingleSignOn
from cti.service.supervision import SupervisionDesk
from cti.service.teams import Teams
from cti.service.waiting_desk import WaitingDesk
from cti.service.webhook_desk import WebhookDesk
from customers.adapters.numbering import NumberingPlan
from customers.service.desk import CustomerDesk
from customers.service.introduction import Introduction
from qa.service.review_desk import ReviewDesk
from qa.service.satisfaction_report import SatisfactionDesk
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from recordings.service.store_watch import StoreWatch
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.fastagi import FastAgi
from routing.adapters.surge_store import SqlSurges
from routing.domain.estimate_error import ErrorSummary
from routing.service.decisions import Decisions
from routing.service.policy_desk import PolicyDesk

BACKLOG_ALARM = 5_000
"""Records that wait for the database before `/health/ready` says so."""


ORPHANS_SHOWN = 20
"""Files that belong to no recording, on the operator's page: the oldest. The API gives more of them."""


@dataclass(slots=True)
class Installation:
    """Every part of one running server, and what the HTTP side asks of the whole."""

    settings: Settings
    engine: AsyncEngine
    bus: EventBus
    branches: tuple[Branch, ...]  # at least one; the first is that of CTI_AMI__…
    monitor: CallMonitors
    agent_desks: AgentDesks
    control_desk: ControlDesk
    supervision: SupervisionDesk
    waiting_desk: WaitingDesk
    note_desk: NoteDesk
    calls: SqlCallStore
    outbox: Outbox
    books: SqlBooks
    webhook_desk: WebhookDesk
    messenger: HttpMessenger
    popper: ScreenPopper
    screens: Screens
    job_store: SqlJobs
    job_desk: JobDesk
    introduction: Introduction
    customers: CustomerDesk
    decisions: Decisions
    decision_store: SqlDecisions
    surge_store: SqlSurges
    policy_desk: PolicyDesk
    fastagi: FastAgi
    decision_seconds: Histogram
    recorder: Recorder
    archivist: Archivist
    store_watch: StoreWatch
    listening: Listening
    pauses: Pauses
    keeping: Keeping
    numbering: NumberingPlan
    review_desk: ReviewDesk
    review_scores: Histogram
    quality: Quality
    reporting: Reporting
    satisfaction_desk: SatisfactionDesk
    care: Care
    kpi_desk: KpiDesk
    finder: CallFinder
    work: Work
    quality_desk: QualityDesk
    desk_policy: DeskPolicyFile
    pop_hook: PopHook
    differences: SqlDifferences
    accounts: SqlAccounts
    entrances: SqlEntrances
    door: FrontDoor
    own_account: OwnAccount
    people: People
    teams: Teams
    sign_on: SingleSignOn | None
    provider: OpenIdProvider | None
    audit: SqlAudit
    clock: SystemClock
    version: str
    agent_names: dict[AgentId, str] = field(default_factory=dict)
    collector: CallCentreCollector = field(init=False)  # of all the others' numbers

    def name_of(self, agent: AgentId) -> str:
        return self.agent_names.get(agent, agent)

    def agent_state(self, agent: AgentId) -> Mapping[str, Any] | None:
        """As screens are told it; None for somebody no switch knows."""
        known = self.monitor.agent(agent)
        return None if known is None else agent_json(known)

    @property
    def first(self) -> Branch:
        """The switch of `CTI_AMI__…`."""
        return self.branches[0]

    def floor(self) -> Mapping[str, Any]:
        now = self.clock.now()
        return picture([branch.wallboard.floor(now) for branch in self.branches])

    def estimate_errors(self) -> dict[QueueName, ErrorSummary]:
        """Of each queue, on the switch that measured most of them."""
        found: dict[QueueName, ErrorSummary] = {}
        for branch in self.branches:
            for queue, one in branch.router.estimates.summaries().items():
                if queue not in found or found[queue].callers < one.callers:
                    found[queue] = one
        return found

    def not_ready(self) -> list[str]:
        """Why callers may not be served as promised; nothing when all is well."""
        reasons = [reason for branch in self.branches for reason in branch.not_ready()]
        reasons += [
            f"switch {branch.pbx}: {gap.kind.value} gap open since {_moment(gap.since)}"
            for branch in self.branches
            for gap in branch.reconciler.gaps.behind
        ]
        if self.books.writer.backlog > BACKLOG_ALARM:
            reasons.append(f"database: {self.books.writer.backlog} entries wait to be written")
        return reasons

    def gaps(self) -> list[dict[str, Any]]:
        """Every stretch that is not proven yet; one that waits for calls that last is no reason to be unready."""
        return [
            {"pbx": branch.pbx, "kind": gap.kind.value, "since": _moment(gap.since)}
            for branch in self.branches
            for gap in branch.reconciler.gaps.open
        ]

    async def reconciliation(self) -> list[dict[str, Any]]:
        """Where each switch's comparison with its ledger stands."""
        return await summary([branch.reconciler for branch in self.branches], self.differences)

    async def metrics(self) -> tuple[bytes, str]:
        """The text of a Prometheus scrape, and its content type."""
        return await self.collector.page(), CONTENT_TYPE

    async def operations(self) -> dict[str, Any]:
        """The operator's page."""
        routing: Counter[str] = Counter()
        failed = Counter(self.bus.failures)
        for branch in self.branches:
            routing.update(branch.router.counts())
            routing.update(branch.penalties.counts)
            routing.update(branch.overflows.counts)
            failed.update(branch.bus.failures)
        return {
            "version": self.version,
            "reasons": self.not_ready(),
            "links": [branch.report() for branch in self.branches],
            "reconciliation": await self.reconciliation(),
            "books": {"backlog": self.books.writer.backlog, "lost": self.books.writer.lost},
            "journal": {
                "position": sum(branch.journal.position for branch in self.branches),
                "backlog": sum(branch.journal.backlog for branch in self.branches),
                "let_go": sum(branch.journal.let_go for branch in self.branches),
                "problem": next(
                    (branch.journal.reason for branch in self.branches if branch.journal.reason), ""
                ),
            },
            "broker": {
                "connected": all(branch.broker.connected for branch in self.branches),
                "backlog": sum(branch.broker.backlog for branch in self.branches),
                "lost": sum(branch.broker.lost for branch in self.branches),
            },
            "screens": {"open": self.screens.count, "overruns": self.screens.overruns},
            "reactions_failed": dict(failed),
            "fastagi": dict(self.fastagi.counts),
            "routing": dict(routing),
            "recording_keys": [use._asdict() for use in self.store_watch.masters],
            "recording_orphans": [
                orphan._asdict() for orphan in self.store_watch.orphans.items[:ORPHANS_SHOWN]
            ],
            "preflight": [
                finding.document() for branch in self.branches for finding in branch.preflight.last
            ],
        }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
