"""The parts that look after agents' work beside talking, put together."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from config.branch import Branch, Shared
from cti.adapters.audit import SqlAudit
from cti.adapters.work_store import SqlDispositions, SqlQueuePlaces, SqlStateHistory, SqlTakenOut
from cti.domain.access import User
from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId, CallId
from cti.domain.records import SegmentRecord
from cti.service.agent_desk import END_AFTER_CALL_WORK, END_RETRIES
from cti.service.disposition_desk import (
    LOOK_SECONDS,
    SETTLE_DISPOSITION,
    TELL_LEDGER,
    DispositionDesk,
)
from cti.service.kpi_desk import KpiDesk
from cti.service.phantom_guard import PhantomGuard
from cti.service.reason_clock import ReasonClock
from cti.service.several import AgentDesks, CallMonitors
from cti.service.shift_desk import ShiftDesk
from cti.service.work_day import WorkDay


@dataclass(frozen=True, slots=True)
class Work:
    """One installation's."""

    policy: DeskStates
    day: WorkDay
    desks: AgentDesks
    dispositions: DispositionDesk
    shift: ShiftDesk
    reasons: ReasonClock
    guard: PhantomGuard

    def numbers(self) -> dict[str, Callable[[], Any]]:
        """What Prometheus reads, by the names of its sources."""
        return {
            "dispositions": lambda: dict(self.dispositions.given),
            "phantoms": lambda: dict(self.guard.caught),
            "limit_warnings": lambda: dict(self.reasons.warnings),
        }

    def present(self, agent: AgentId, phone: bool, hidden: bool) -> None:
        self.guard.present(agent, phone=phone, hidden=hidden)


def make_work(
    shared: Shared,
    branches: Sequence[Branch],
    monitors: CallMonitors,
    desks: AgentDesks,
    kpi: KpiDesk,
    audit: SqlAudit,
    must_reach: Callable[[User, Collection[str]], None],
    has_telephone: Callable[[AgentId], bool],
) -> Work:
    """Make the parts; nothing runs yet. What must be done whatever dies is a job."""
    policy, clock, zone, jobs = shared.desk_states, shared.clock, shared.zone, shared.job_desk
    warn = shared.screens.work_changed

    def live(call: CallId) -> Sequence[SegmentRecord]:
        record = monitors.record(call)
        return () if record is None else record.segments

    def heard(agent: AgentId) -> bool:
        """The line stands of every switch this agent is logged on to."""
        theirs = [branch for branch in branches if (one := branch.monitor.agent(agent)) and one.memberships]
        return all(branch.up for branch in theirs)

    longest = shared.settings.after_call_work_seconds + policy.extensions * policy.extension_seconds
    dispositions = DispositionDesk(
        policy, SqlDispositions(shared.engine), jobs, clock, zone, live, longest, must_reach, warn
    )
    jobs.handle(END_AFTER_CALL_WORK, desks.end_overdue, END_RETRIES)
    dispositions.switches = {branch.pbx: branch.link.switch for branch in branches}
    jobs.handle(SETTLE_DISPOSITION, dispositions.settle)
    jobs.handle(TELL_LEDGER, dispositions.tell_ledger)
    jobs.ask(TELL_LEDGER, "all", every_seconds=LOOK_SECONDS)
    reasons = ReasonClock(policy, SqlStateHistory(shared.engine), clock, zone, warn, monitors.rests)
    guard = PhantomGuard(
        policy.patience, monitors, desks, heard, clock, audit, warn, SqlTakenOut(shared.engine)
    )
    shift = ShiftDesk(
        policy,
        SqlQueuePlaces(shared.engine),
        monitors.agent,
        {branch.pbx: (branch.link.switch, branch.monitor.agent) for branch in branches},
        has_telephone,
    )
    return Work(
        policy=policy,
        day=WorkDay(policy, reasons, guard, desks, kpi, clock),
        desks=desks,
        dispositions=dispositions,
        shift=shift,
        reasons=reasons,
        guard=guard,
    )
