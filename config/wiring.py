"""Who does what about every event: the consequences of all of them stand on one screen, `REACTIONS`."""

from collections.abc import Mapping, Sequence

from config.branch import Branch
from config.installation import Installation
from cti.domain import events
from cti.ports import Reaction


def reactions(house: Installation, branch: Branch) -> Mapping[type, Sequence[Reaction]]:
    """REACTIONS: event → what we do, in this order. None waits, none calls another."""
    pop, intro, recorder, pauses = house.popper, house.introduction, house.recorder, house.pauses.desk
    wall, router, book, told = branch.wallboard, branch.router, branch.bookkeeper.enter, branch.announcer
    work, ended, guard = house.work.reasons, house.work.dispositions, house.work.guard
    desk, monitor, gaps, recount = branch.agent_desk, branch.monitor, branch.reconciler.gaps, branch.recount
    return {
        events.CallOffered: [book],
        events.CallQueued: [intro.queued, wall.call_queued, router.consider, book],
        events.CallerRecognised: [
            monitor.recognise,
            wall.caller_recognised,
            intro.recognised,
            pop.update,
            book,
        ],
        events.CallDelivered: [intro.delivered, pop.announce, wall.call_delivered, book],
        events.CallDiverted: [pop.withdraw, wall.call_diverted, guard.diverted, book],
        events.CallEstablished: [pop.confirm, wall.call_established, guard.established, book],
        events.CallHeld: [book],
        events.CallRetrieved: [book],
        events.CallTransferred: [book],
        events.CallsMerged: [
            pop.merge,
            wall.calls_merged,
            router.merged,
            intro.merged,
            house.control_desk.merged,
            house.supervision.merged,
            pauses.merged,
            book,
        ],
        events.CallBlocked: [wall.call_blocked, book],
        events.VisitEnded: [
            wall.visit_ended,
            router.visit_ended,
            recorder.visit_ended,
            house.care.rescues.visit_ended,
            book,
        ],
        events.CallAbandoned: [book],
        events.SegmentEnded: [
            pop.end,
            wall.segment_ended,
            desk.begin_wrap_up,
            ended.segment_ended,
            house.work.day.segment_ended,
            book,
        ],
        events.CallCleared: [
            pop.forget,
            wall.call_cleared,
            router.call_cleared,
            recorder.call_cleared,
            intro.cleared,
            recount.call_cleared,
            house.supervision.call_cleared,
            pauses.cleared,
            book,
        ],
        events.CallCorrected: [recount.call_corrected, house.care.rescues.call_corrected, book],
        events.WrapUpEnded: [pop.put_away, wall.wrap_up_ended, ended.wrap_up_ended, book],
        events.AgentLoggedOn: [wall.agent_logged_on, told.agent, book],
        events.AgentLoggedOff: [pop.put_away, wall.agent_logged_off, work.left, told.agent, book],
        events.AgentReady: [pop.put_away, wall.agent_ready, desk.leave_wrap_up, work.left, told.agent, book],
        events.AgentNotReady: [
            pop.put_away,
            wall.agent_not_ready,
            desk.leave_wrap_up,
            work.not_ready,
            guard.not_ready,
            told.agent,
            book,
        ],
        events.AgentRinging: [work.left, told.agent, book],
        events.AgentBusy: [wall.agent_busy, work.left, told.agent, book],
        events.AgentWorkingAfterCall: [
            wall.agent_working_after_call,
            desk.enter_wrap_up,
            work.left,
            told.agent,
            book,
        ],
        events.AgentUnreachable: [wall.agent_unreachable, work.left, told.agent, book],
        events.RecordingStarted: [recorder.recording_started, pauses.started, book],
        events.RecordingPaused: [pauses.paused, wall.recording_paused, book],
        events.RecordingResumed: [pauses.resumed, wall.recording_resumed, book],
        events.RecordingPauseAsked: [pauses.asked],
        events.SupervisionStarted: [house.supervision.started],
        events.SupervisionEnded: [house.supervision.ended],
        events.CallbackChanged: [house.screens.callback_changed, book],
        events.RescueChanged: [book],
        events.SwitchInService: [wall.switch_in_service, router.switch_in_service],
        events.SwitchOutOfService: [wall.switch_out_of_service],
        events.GapOpened: [gaps.gap_opened],
        events.HearingResumed: [gaps.hearing_resumed, house.supervision.heard_again],
        events.SignalUnexpected: [monitor.count_unexpected, wall.signal_unexpected],
    }


def restored(house: Installation, branch: Branch) -> Mapping[type, Sequence[Reaction]]:
    """RESTORED: what stands after a restart → who takes it up. Nothing is asked of the switch or entered twice."""
    pop, intro, recorder = house.popper, house.introduction, house.recorder
    wall, router, told, desk = branch.wallboard, branch.router, branch.announcer, branch.agent_desk
    rest = house.work.reasons
    return {
        events.CallQueued: [intro.queued, wall.call_queued, router.consider],
        events.CallerRecognised: [wall.caller_recognised, intro.recognised],
        events.CallDelivered: [intro.delivered, pop.take_up, wall.call_delivered],
        events.CallEstablished: [pop.confirm, wall.call_established],
        events.VisitEnded: [wall.visit_ended, router.visit_ended, recorder.visit_ended],
        events.SegmentEnded: [pop.end, wall.segment_ended, house.work.day.segment_ended],
        events.RecordingStarted: [recorder.recording_started],
        events.RecordingPaused: [house.pauses.desk.paused, wall.recording_paused],
        events.AgentLoggedOn: [wall.agent_logged_on],  # a state follows, and is told
        events.AgentReady: [wall.agent_ready, rest.left, told.agent],
        events.AgentNotReady: [wall.agent_not_ready, rest.not_ready, told.agent],
        events.AgentRinging: [rest.left, told.agent],
        events.AgentBusy: [wall.agent_busy, rest.left, told.agent],
        events.AgentWorkingAfterCall: [
            wall.agent_working_after_call,
            desk.enter_wrap_up,
            rest.left,
            told.agent,
        ],
        events.AgentUnreachable: [wall.agent_unreachable, rest.left, told.agent],
    }
