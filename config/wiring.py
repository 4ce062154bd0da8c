"""Builds every part of one installation. The consequences of every event stand on one screen: `REACTIONS`."""

import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from care.adapters.last_satisfaction import SqlSatisfaction
from care.adapters.open_matters import SqlMatters
from care.adapters.survey_store import SqlSurveys
from config.access import make_access
from config.branch import Branch, Shared, make_branch
from config.care import make_care
from config.control import make_control
from config.hearing import make_listening
from config.installation import Installation
from config.keeping import make_keeping
from config.past_stays import past_stays
from config.pauses import make_pauses, not_recorded
from config.pops import SeenCalls, extension_of
from config.quality import make_quality, quality_jobs
from config.recording_clues import Clues
from config.recording_store import make_store
from config.reporting import make_reporting
from config.settings import Settings
from config.work import make_work
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.desk_policy_file import DeskPolicyFile
from cti.adapters.desk_states_file import read_policy as read_desk_states
from cti.adapters.dialling_policy_file import read_policy as read_dialling_policy
from cti.adapters.differences import SqlDifferences
from cti.adapters.entrances import FORGET_EVERY_SECONDS, FORGET_SESSIONS, SqlEntrances
from cti.adapters.job_store import SqlJobs
from cti.adapters.kpi_policy_file import read_policy as read_kpi_policy
from cti.adapters.outbox import Outbox
from cti.adapters.pop_hook import PopHook
from cti.adapters.prometheus import CallCentreCollector, MetricSources
from cti.adapters.quality_book import SqlQualityBook
from cti.adapters.webhooks import HttpMessenger, SqlWebhooks
from cti.domain import events
from cti.domain.dialling import is_extension
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, CustomerId, PhoneNumber
from cti.domain.jobs import Job
from cti.domain.metering import Distribution
from cti.domain.sheets import ReadySpan
from cti.ports import Reaction
from cti.service.agent_desk import END_AFTER_CALL_WORK, END_RETRIES
from cti.service.call_finder import CallFinder
from cti.service.event_bus import EventBus
from cti.service.job_desk import JobDesk
from cti.service.kpi_desk import KpiDesk
from cti.service.quality_desk import QualityDesk
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screens
from cti.service.several import AgentDesks, CallMonitors, PopDesktops
from cti.service.webhook_desk import WebhookDesk
from customers.adapters.csv_file import CsvFiles
from customers.adapters.dialling_plan import DiallingPlan
from customers.adapters.numbering import NumberingPlan
from customers.adapters.store import SqlCustomers
from customers.domain.customer import Contact, Customer
from customers.domain.tiers import with_credits
from customers.service.desk import CustomerDesk
from customers.service.introduction import Introduction
from qa.adapters.review_store import SqlReviews
from qa.service.satisfaction_report import SatisfactionDesk
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.policy_file import read_policy as read_recording_policy
from recordings.domain.events import RecordingStored
from recordings.domain.finishing import FINISH_RECORDING, FINISHING_RETRIES
from recordings.domain.recording import Reason
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from recordings.service.store_watch import StoreWatch
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.fastagi import FastAgi
from routing.adapters.policy_file import load as load_routing_policy
from routing.adapters.policy_file import parse as parse_routing_policy
from routing.adapters.policy_shelf import SqlPolicyShelf
from routing.adapters.surge_store import SqlSurges
from routing.domain.priority import PriorityPolicy
from routing.domain.surge import SurgeState
from routing.service.decisions import Decisions
from routing.service.policy_desk import PolicyDesk

log = logging.getLogger(__name__)

DECISION_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
SCORES = tuple(float(score) for score in range(10, 101, 10))


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
        events.AgentLoggedOn: [wall.agent_logged_on, told.agent],
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


def assemble(settings: Settings, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> Installation:
    """Make the parts and connect them; nothing runs yet. Raises PolicyRefused when a policy file is wrong."""
    clock, bus, zone = SystemClock(), EventBus(), ZoneInfo(settings.timezone)
    folder = settings.policies.folder
    kpi_policy = read_kpi_policy(folder / "kpi.yaml", zone)
    routing_policy = load_routing_policy(folder / "routing.yaml")
    desk_states = read_desk_states(folder / "desk-states.yaml")
    engine = connect(settings.database.url)
    calls, outbox = SqlCallStore(engine), Outbox(engine)
    books = SqlBooks(engine, outbox, clock, {})
    job_store = SqlJobs(engine)
    job_desk = JobDesk(job_store, clock, secrets.token_hex(8))
    agent_names: dict[AgentId, str] = {}
    access = make_access(engine, clock, agent_names, settings.oidc, settings.refused_passwords)

    def tell_routers(changed: Sequence[Customer]) -> None:
        for branch in branches:
            branch.router.customers_changed(changed)

    numbering = NumberingPlan(settings.region)
    customers = CustomerDesk(
        SqlCustomers(engine),
        numbering,
        _Contacts(calls),
        CsvFiles(),
        clock,
        tiers=with_credits(routing_policy.credits),
        changed=tell_routers,
    )

    def take_over(policy: PriorityPolicy) -> None:
        customers.tiers = with_credits(policy.credits)
        for branch in branches:
            branch.surges.policy_changed(policy)

    decision_store, surge_store = SqlDecisions(engine), SqlSurges(engine)
    screens = Screens(access.teams.floor_for, access.teams.reaches, access.teams.audience)
    shared = Shared(
        settings=settings,
        engine=engine,
        clock=clock,
        zone=zone,
        kpi_policy=kpi_policy,
        routing_policy=routing_policy,
        live_policy=lambda: policy_desk.policy,
        desk_states=desk_states,
        books=books,
        outbox=outbox,
        calls=calls,
        customers=customers,
        decision_store=decision_store,
        surge_store=surge_store,
        job_desk=job_desk,
        screens=screens,
        agent_name=lambda agent: agent_names.get(agent, agent),
        acknowledge=lambda agent, pop: popper.acknowledge(agent, pop),  # noqa: PLW0108  made below
        spawn=spawn,
    )
    branches = tuple(make_branch(shared, switch) for switch in settings.every_switch)
    books.journals = {branch.pbx: branch.journal for branch in branches}
    monitors = {branch.pbx: branch.monitor for branch in branches}
    monitor = CallMonitors(monitors)
    agent_desks = AgentDesks({branch.pbx: branch.agent_desk for branch in branches}, monitors)
    numbers = (
        DiallingPlan(settings.region),
        read_dialling_policy(folder / "dialling.yaml", settings.region),
    )
    control = make_control(
        engine, branches, access.accounts, access.audit, screens, clock, spawn, access.teams.of, numbers
    )
    reconcilers = [branch.reconciler for branch in branches]

    decisions = Decisions(
        [branch.router.callers for branch in branches], decision_store, lambda: policy_desk.policy.names
    )
    policy_desk = PolicyDesk(
        SqlPolicyShelf(engine),
        lambda text: parse_routing_policy(text, "routing.yaml"),
        (folder / "routing.yaml").read_text(encoding="utf-8"),
        lambda start, end: past_stays(calls, start, end, policy_desk.policy.unknown_tier),
        clock,
        take_over,
    )
    care = make_care(
        (folder, zone),
        numbers,
        numbering,
        engine,
        branches,
        customers,
        lambda: branches[0].router.policy,
        calls,
        books.flush,
        clock,
    )
    recording_policy = read_recording_policy(folder / "recordings.yaml")
    decision_seconds = Histogram(DECISION_SECONDS)
    fastagi = FastAgi(
        branches[0].router,
        spawn,
        lambda seconds, _result: decision_seconds.observe(seconds),
        others={branch.pbx: branch.router for branch in branches},
        promise=care.promise,
        records=lambda asked: (
            recording_policy.records(asked.queue)
            and not_recorded(recording_policy, numbering, asked.queue, asked.number) is Reason.NONE
        ),
    )
    seen = SeenCalls(
        {branch.pbx: branch for branch in branches},
        decisions,
        lambda call: popper.refresh(call),  # noqa: PLW0108  made below
        clock,
    )
    introduction = Introduction(customers, seen, SqlMatters(engine), SqlSatisfaction(engine, clock), spawn)
    topics = PopDesktops({branch.pbx: branch.broker for branch in branches})
    desk_policy = DeskPolicyFile(folder / "desk.yaml")
    pop_hook = PopHook(lambda: desk_policy.now().hook, screens.tell, clock, version("tierline"))
    popper = ScreenPopper(
        (screens, topics, pop_hook), introduction.describe, clock, lambda agent: extension_of(monitor, agent)
    )
    catalogue = SqlRecordingCatalogue(engine, Clues(engine, customers.normalise, zone, clock))
    audio, key_book, key_wrapper = make_store(settings, engine)
    store_watch = StoreWatch(
        audio, catalogue, (key_book, key_wrapper), clock, recording_policy.unended_after_hours * 3600
    )
    pauses = make_pauses(
        engine,
        branches,
        recording_policy.pause_seconds,
        access.audit,
        screens,
        clock,
        job_desk,
        spawn,
        (catalogue, audio),
    )
    recorder = Recorder(
        recording_policy,
        audio,
        catalogue,
        bus.publish,
        clock,
        job_desk,
        calls,
        forbids=lambda visit: not_recorded(recording_policy, numbering, visit.queue, visit.caller_number),
    )

    async def forget() -> None:
        outbox.forget_recent()
        await recorder.recount()

    keeping = make_keeping(
        engine,
        folder / "retention.yaml",
        (settings.journal.folder, [branch.pbx for branch in branches]),
        numbering,
        (catalogue, audio),
        access.audit,
        clock,
        job_desk,
        forget,
    )
    listening = make_listening(
        settings,
        folder,
        engine,
        (catalogue, audio, pauses.check.of),
        calls.call,
        access.audit,
        job_desk,
        bus.publish,
        clock,
    )
    messenger = HttpMessenger(version("tierline"))
    webhook_desk = WebhookDesk(SqlWebhooks(engine), messenger, outbox, clock)
    scores = Histogram(SCORES)
    archivist = Archivist(catalogue, audio, lambda ids: review_desk.of_recordings(ids))  # noqa: PLW0108  made below
    surveys = SqlSurveys(engine)
    quality = make_quality(
        folder,
        zone,
        engine,
        archivist,
        surveys.of_calls,
        access.accounts,
        access.teams,
        care.policy.hours_of,
        scores,
        clock,
    )
    review_desk = quality.reviews
    reporting = make_reporting(
        engine,
        review_desk,
        access.accounts,
        access.teams,
        agent_names,
        job_desk,
        settings.mail,
        clock,
        zone,
    )
    kpi_desk = KpiDesk(
        calls,
        monitor.live,
        kpi_policy,
        clock,
        zone,
        offers=calls.offers,
        ready=lambda start, end: _ready_spans(calls, start, end),
        proof=lambda: [one.verification() for one in reconcilers],
    )
    work = make_work(
        shared,
        branches,
        monitor,
        agent_desks,
        kpi_desk,
        access.audit,
        access.teams.must_reach,
        lambda agent: agent in agent_names and is_extension(control.policy, agent),
    )
    _jobs(job_desk, recorder, agent_desks, access.entrances, clock)
    quality_jobs(job_desk, quality)
    listening.take_jobs(job_desk, settings.recordings.hearing_processes)
    quality_desk = QualityDesk(SqlQualityBook(engine), monitor.record, calls, clock)
    sources = MetricSources(
        version=version("tierline"),
        floors=lambda: [branch.wallboard.numbers(clock.now()) for branch in branches],
        links=lambda: [branch.numbers() for branch in branches],
        drift=lambda: {key: count for one in reconcilers for key, count in one.drift().items()},
        repaired=lambda: {key: count for one in reconcilers for key, count in one.repaired().items()},
        gaps_open=lambda: {str(one.pbx): len(one.gaps.open) for one in reconcilers},
        verified_until=lambda: {
            str(one.pbx): until
            for one in reconcilers
            if (until := one.verification().verified_until) is not None
        },
        pops=lambda: dict(popper.results),
        pop_seconds=lambda: _distribution(popper.seconds),
        decision_seconds=lambda: _distribution(decision_seconds),
        estimate_errors=lambda: {
            (str(branch.pbx), str(queue)): one
            for branch in branches
            for queue, one in branch.router.estimates.histograms().items()
        },
        recordings=lambda: {state.value: count for state, count in recorder.counts().items()},
        recording_orphans=store_watch.counts,
        **listening.numbers(),
        recording_pauses=pauses.desk.counts,
        retained=lambda: dict(keeping.retention.deleted),
        reviews=lambda: {state.value: count for state, count in review_desk.counts().items()},
        jobs=job_desk.counts,
        job_attempts=job_desk.attempts,
        review_scores=lambda: _distribution(scores),
        call_quality=lambda: _distribution(quality_desk.scores),
        webhooks=lambda: dict(webhook_desk.results),
        pop_hook=lambda: dict(pop_hook.results),
        **work.numbers(),
        promises=care.numbers,
        surges=lambda: {
            (str(branch.pbx), str(one.queue)): int(one.surge.state is SurgeState.SURGE)
            for branch in branches
            for one in branch.surges.standing()
        },
        surges_begun=lambda: {
            (str(branch.pbx), str(queue)): count
            for branch in branches
            for queue, count in branch.surges.counts.items()
        },
        journal_backlog=lambda: books.writer.backlog,
    )
    house = Installation(
        settings=settings,
        engine=engine,
        bus=bus,
        branches=branches,
        monitor=monitor,
        agent_desks=agent_desks,
        control_desk=control.desk,
        supervision=control.supervision,
        waiting_desk=control.waiting,
        note_desk=control.notes,
        calls=calls,
        outbox=outbox,
        books=books,
        webhook_desk=webhook_desk,
        messenger=messenger,
        popper=popper,
        screens=screens,
        job_store=job_store,
        job_desk=job_desk,
        introduction=introduction,
        customers=customers,
        decisions=decisions,
        decision_store=decision_store,
        surge_store=surge_store,
        policy_desk=policy_desk,
        fastagi=fastagi,
        recorder=recorder,
        archivist=archivist,
        store_watch=store_watch,
        listening=listening,
        pauses=pauses,
        keeping=keeping,
        numbering=numbering,
        review_desk=review_desk,
        quality=quality,
        reporting=reporting,
        satisfaction_desk=SatisfactionDesk(SqlReviews(engine), surveys.of_calls),
        kpi_desk=kpi_desk,
        finder=CallFinder(calls, monitor.records, kpi_policy, clock, zone),
        work=work,
        care=care,
        quality_desk=quality_desk,
        desk_policy=desk_policy,
        pop_hook=pop_hook,
        differences=SqlDifferences(engine),
        **access._asdict(),
        collector=CallCentreCollector(sources),
        clock=clock,
        version=version("tierline"),
        agent_names=agent_names,
    )
    heard = [
        listening.hearer.recording_stored,
        listening.scribe.recording_stored,
        pauses.check.stored,
    ]
    bus.connect({RecordingStored: [review_desk.propose, *heard]})
    for branch in branches:
        branch.bus.connect(reactions(house, branch))
    return house


def _jobs(
    desk: JobDesk, recorder: Recorder, agents: AgentDesks, entrances: SqlEntrances, clock: SystemClock
) -> None:
    """JOBS: kind → who does it, and how often it is tried. What must come again and again is asked for here."""

    async def forget_sessions(_: Job) -> None:
        await entrances.forget_ended(clock.now())

    desk.handle(FINISH_RECORDING, recorder.finish, FINISHING_RETRIES)
    desk.handle(END_AFTER_CALL_WORK, agents.end_overdue, END_RETRIES)
    desk.handle(FORGET_SESSIONS, forget_sessions)
    desk.ask(FORGET_SESSIONS, "all", every_seconds=FORGET_EVERY_SECONDS)


class _Contacts:
    """The customers' port on earlier calls, answered by the store of calls."""

    def __init__(self, calls: SqlCallStore) -> None:
        self._calls = calls

    async def contacts(
        self, customer: CustomerId | None, numbers: Sequence[PhoneNumber], limit: int
    ) -> Sequence[Contact]:
        return [Contact(**row) for row in await self._calls.contacts(customer, numbers, limit)]


def _distribution(histogram: Histogram) -> Distribution:
    return Distribution(histogram.bounds, tuple(histogram.counts), histogram.total)


async def _ready_spans(calls: SqlCallStore, start: float, end: float) -> list[ReadySpan]:
    """When agents stood ready, from the changes of their states."""
    spans: list[ReadySpan] = []
    since: dict[AgentId, float] = {}
    for at, agent, state in await calls.agent_states(start, end):
        began = since.pop(agent, None)
        if began is not None:
            spans.append(ReadySpan(agent, began, at))
        if state == "ready":
            since[agent] = max(at, start)
    spans += [ReadySpan(agent, began, end) for agent, began in since.items()]
    return spans
