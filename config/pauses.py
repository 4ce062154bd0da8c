"""Puts together what pauses recordings, and what listens whether they were silent."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from config.branch import Branch, Shared
from cti.domain.access import Audit
from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName
from cti.domain.own_calls import LegState, RecordedLeg
from cti.domain.records import Direction
from customers.adapters.numbering import NumberingPlan
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.pause_book import SqlPauses
from recordings.domain.consent import forbidding
from recordings.domain.pauses import CHECK_PAUSES, RESUME_RECORDING, Pause
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import Reason
from recordings.ports import AudioStore
from recordings.service.pause_desk import PauseDesk
from recordings.service.silence_check import SilenceCheck


class Pauses(NamedTuple):
    """The parts, for the installation."""

    desk: PauseDesk
    check: SilenceCheck
    book: SqlPauses


class BranchLine:
    """The switch of a branch, as far as recordings are concerned."""

    def __init__(self, branch: Branch) -> None:
        self._monitor = branch.monitor
        self.mute = branch.link.switch.mute_recording

    def of_agent(self, agent: AgentId) -> Sequence[RecordedLeg]:
        for own in self._monitor.own_calls(agent):
            if own.state in {LegState.TALKING, LegState.HELD} and (legs := self._monitor.recorded(own.call)):
                return legs
        return []

    def of_channel(self, channel: ChannelId) -> Sequence[RecordedLeg]:
        return self._monitor.recorded_leg(channel)


def make_pauses(
    shared: Shared,
    branches: Sequence[Branch],
    seconds: float,
    audit: Audit,
    kept: tuple[SqlRecordingCatalogue, AudioStore],
) -> Pauses:
    """`seconds`: the longest pause."""
    clock, jobs = shared.clock, shared.job_desk
    lines: Mapping[PbxName, BranchLine] = {branch.pbx: BranchLine(branch) for branch in branches}

    def alert(what: str, pause: Pause) -> None:
        told = {"type": "recording", "what": what, "call": pause.call, "agent": pause.agent}
        shared.screens.alert(pause.agent, told)

    book = SqlPauses(shared.engine)
    desk = PauseDesk(lines, seconds, book, audit, clock, jobs, shared.spawn, alert)
    check = SilenceCheck(desk, book, *kept, clock, jobs)
    jobs.handle(RESUME_RECORDING, desk.end_overdue)
    jobs.handle(CHECK_PAUSES, check.check)
    return Pauses(desk, check, book)


def not_recorded(
    policy: RecordingPolicy, numbering: NumberingPlan, queue: QueueName, number: str | None
) -> Reason:
    """Why a caller of this number is not recorded in this queue; whoever stands in a queue called."""
    known = numbering.normalise(number) if policy.exclusions else None
    rule = forbidding(policy.exclusions, queue, known, Direction.INBOUND)
    return Reason.NONE if rule is None else rule.reason
