"""Builds every part of one installation. The consequences of every event stand on one screen: `REACTIONS`."""

import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from config.installation import Installation
from config.settings import Settings
from cti.adapters.accounts import FORGET_EVERY_SECONDS, FORGET_SESSIONS, SqlAccounts
from cti.adapters.ami.connection import AmiLink, LinkState
from cti.adapters.ami.line import AmiAccount
from cti.adapters.ami.translation import translate
from cti.adapters.audit import SqlAudit
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.job_store import SqlJobs
from cti.adapters.kpi_policy_file import read_policy as read_kpi_policy
from cti.adapters.mqtt import MqttDesktop
from cti.adapters.prometheus import CallCentreCollector, MetricSources
from cti.api.stream import LiveStream
from cti.domain import events
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, CallId, CustomerId, PbxName, PhoneNumber, QueueName
from cti.domain.jobs import Job
from cti.domain.metering import Distribution, LinkNumbers
from cti.domain.sheets import ReadySpan
from cti.ports import Reaction
from cti.service.agent_desk import END_AFTER_CALL_WORK, END_RETRIES, AgentDesk
from cti.service.announcer import Announcer, agent_json
from cti.service.call_monitor import CallMonitor
from cti.service.event_bus import EventBus
from cti.service.floor_picture import PlaceInLine
from cti.service.front_door import FrontDoor
from cti.service.job_desk import JobDesk
from cti.service.kpi_desk import KpiDesk
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screens
from cti.service.wallboard import Wallboard
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.adapters.store import SqlCustomers
from customers.domain.customer import Contact
from customers.domain.tiers import with_credits
from customers.service.desk import CustomerDesk
from customers.service.introduction import Introduction
from qa.adapters.review_store import SqlReviews
from qa.adapters.scorecard_files import ScorecardFolder
from qa.service.review_desk import ReviewDesk
from recordings.adapters.audio_store import FolderAudioStore
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.policy_file import read_policy as read_recording_policy
from recordings.adapters.sound import SoundFiles
from recordings.domain.events import RecordingStored
from recordings.domain.finishing import FINISH_RECORDING, FINISHING_RETRIES
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.fastagi import FastAgi
from routing.adapters.policy_file import load as load_routing_policy
from routing.adapters.switch_facts import AskedFacts
from routing.service.decisions import Decisions
from routing.service.preflight import Preflight
from routing.service.router import Router

log = logging.getLogger(__name__)

DECISION_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
SCORES = tuple(float(score) for score in range(10, 101, 10))


def reactions(house: Installation) -> Mapping[type, Sequence[Reaction]]:
    """REACTIONS: event → what we do, in this order. None waits, none calls another."""
    pop, wall, router, calls, told = (
        house.popper,
        house.wallboard,
        house.router,
        house.calls,
        house.announcer,
    )
    desk, intro, recorder, monitor = house.agent_desk, house.introduction, house.recorder, house.monitor
    return {
        events.CallOffered: [told.call],
        events.CallQueued: [intro.queued, wall.call_queued, router.consider, told.call],
        events.CallerRecognised: [
            monitor.recognise,
            wall.caller_recognised,
            intro.recognised,
            pop.update,
            told.call,
        ],
        events.CallDelivered: [pop.announce, wall.call_delivered, told.call],
        events.CallDiverted: [pop.withdraw, wall.call_diverted, told.call],
        events.CallEstablished: [pop.confirm, wall.call_established, told.call],
        events.CallHeld: [told.call],
        events.CallRetrieved: [told.call],
        events.CallTransferred: [told.call],
        events.CallsMerged: [pop.merge, wall.calls_merged, router.merged, intro.merged, told.call],
        events.CallBlocked: [wall.call_blocked, told.call],
        events.VisitEnded: [wall.visit_ended, router.visit_ended, recorder.visit_ended, told.call],
        events.CallAbandoned: [told.call],
        events.SegmentEnded: [pop.end, wall.segment_ended, desk.begin_wrap_up, told.call],
        events.CallCleared: [
            pop.forget,
            wall.call_cleared,
            router.call_cleared,
            recorder.call_cleared,
            intro.cleared,
            lambda event: calls.keep(event.record),
            told.call,
        ],
        events.WrapUpEnded: [
            wall.wrap_up_ended,
            lambda event: calls.keep_wrap_up(event.call, event.channel, event.seconds),
        ],
        events.AgentLoggedOn: [wall.agent_logged_on, told.agent],
        events.AgentLoggedOff: [wall.agent_logged_off, told.agent, keep_state(house)],
        events.AgentReady: [wall.agent_ready, desk.leave_wrap_up, told.agent, keep_state(house)],
        events.AgentNotReady: [wall.agent_not_ready, desk.leave_wrap_up, told.agent, keep_state(house)],
        events.AgentRinging: [told.agent, keep_state(house)],
        events.AgentBusy: [wall.agent_busy, told.agent, keep_state(house)],
        events.AgentWorkingAfterCall: [
            wall.agent_working_after_call,
            desk.enter_wrap_up,
            told.agent,
            keep_state(house),
        ],
        events.AgentUnreachable: [wall.agent_unreachable, told.agent, keep_state(house)],
        events.RecordingStarted: [recorder.recording_started, told.call],
        RecordingStored: [house.review_desk.propose],
        events.SwitchInService: [wall.switch_in_service, router.switch_in_service],
        events.SwitchOutOfService: [wall.switch_out_of_service],
        events.SignalUnexpected: [monitor.count_unexpected, wall.signal_unexpected],
    }


def keep_state(house: Installation) -> Reaction:
    """Each change of an agent's state is kept: occupancy is made of them."""

    def keep(event: Any) -> None:
        agent = house.monitor.agent(event.agent)
        if agent is not None:
            house.calls.keep_agent_state(event.at, agent.id, agent.state.value, agent.reason)

    return keep


def assemble(settings: Settings, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> Installation:
    """Make the parts and connect them; nothing runs yet. Raises PolicyRefused when a policy file is wrong."""
    clock, bus = SystemClock(), EventBus()
    zone, pbx = ZoneInfo(settings.timezone), PbxName(settings.ami.pbx)
    folder = settings.policies.folder
    kpi_policy = read_kpi_policy(folder / "kpi.yaml", zone)
    routing_policy = load_routing_policy(folder / "routing.yaml")
    engine = connect(settings.database.url)
    calls = SqlCallStore(engine)
    monitor = CallMonitor(pbx, bus.publish, clock)
    link = _link(settings, monitor, clock)
    accounts = SqlAccounts(engine)
    job_store = SqlJobs(engine)
    job_desk = JobDesk(job_store, clock, secrets.token_hex(8))
    agent_names: dict[AgentId, str] = {}

    customers = CustomerDesk(
        SqlCustomers(engine),
        NumberingPlan(settings.region),
        _Contacts(calls),
        CsvFiles(),
        clock,
        tiers=with_credits(routing_policy.credits),
        changed=lambda changed: router.customers_changed(changed),  # noqa: PLW0108  made below
    )
    decision_store = SqlDecisions(engine)
    router = Router(
        pbx,
        routing_policy,
        customers,
        link.switch,
        decision_store,
        clock,
        bus.publish,
        spawn,
        deadline=settings.fastagi.lookup_seconds,
    )
    decisions = router.decisions
    decision_seconds = Histogram(DECISION_SECONDS)
    fastagi = FastAgi(router, spawn, lambda seconds, _result: decision_seconds.observe(seconds))

    screens = Screens()
    introduction = Introduction(
        customers,
        lambda call: _words(decisions, call),
        spawn,
        lambda call: popper.refresh(call),  # noqa: PLW0108  made below
    )
    broker = MqttDesktop(
        settings.mqtt.url,
        pbx,
        lambda agent, pop: popper.acknowledge(agent, pop),  # noqa: PLW0108  made below
        old_protocol=settings.mqtt.old_protocol,
    )
    popper = ScreenPopper((screens, broker), introduction.describe, clock)
    wallboard = Wallboard(
        pbx,
        kpi_policy,
        zone,
        lambda queue: _places(router, queue),
        lambda agent: agent_names.get(agent, agent),
    )
    catalogue = SqlRecordingCatalogue(engine)
    audio = FolderAudioStore(settings.recordings.incoming, settings.recordings.store, SoundFiles())
    recorder = Recorder(
        read_recording_policy(folder / "recordings.yaml"),
        audio,
        catalogue,
        bus.publish,
        clock,
        job_desk,
        calls,
    )
    scores = Histogram(SCORES)
    archivist = Archivist(catalogue, audio, lambda ids: review_desk.of_recordings(ids))  # noqa: PLW0108  made below
    review_desk = ReviewDesk(
        SqlReviews(engine),
        ScorecardFolder(folder / "scorecards"),
        archivist,
        clock,
        on_scored=lambda scored: scores.observe(scored.score) if scored.score is not None else None,
    )
    door = FrontDoor(accounts, clock)
    agent_desk = AgentDesk(link.switch, monitor.agent, clock, settings.after_call_work_seconds, job_desk)
    _jobs(job_desk, recorder, agent_desk, accounts, clock)
    sources = MetricSources(
        version=version("tierline"),
        floor=lambda: wallboard.numbers(clock.now()),
        links=lambda: [
            LinkNumbers(pbx, link.state is LinkState.UP, link.traffic.messages, link.lag, link.traffic.gaps)
        ],
        pops=lambda: dict(popper.results),
        pop_seconds=lambda: _distribution(popper.seconds),
        decision_seconds=lambda: _distribution(decision_seconds),
        recordings=lambda: {state.value: count for state, count in recorder.counts().items()},
        reviews=lambda: {state.value: count for state, count in review_desk.counts().items()},
        jobs=job_desk.counts,
        job_attempts=job_desk.attempts,
        review_scores=lambda: _distribution(scores),
        journal_backlog=lambda: calls.writer.backlog,
    )
    house = Installation(
        settings=settings,
        engine=engine,
        bus=bus,
        link=link,
        monitor=monitor,
        calls=calls,
        wallboard=wallboard,
        popper=popper,
        screens=screens,
        broker=broker,
        agent_desk=agent_desk,
        job_store=job_store,
        job_desk=job_desk,
        announcer=Announcer((broker,) if settings.mqtt.call_events else (), (screens, broker), monitor.agent),
        introduction=introduction,
        customers=customers,
        router=router,
        decisions=decisions,
        decision_store=decision_store,
        fastagi=fastagi,
        preflight=Preflight(
            AskedFacts(
                link.switch.ask,
                clock,
                asterisk_etc=settings.ami.etc,
                accounts=(settings.ami.events_username, settings.ami.actions_username),
            )
        ),
        recorder=recorder,
        archivist=archivist,
        review_desk=review_desk,
        kpi_desk=KpiDesk(
            calls,
            monitor.live,
            kpi_policy,
            clock,
            zone,
            offers=calls.offers,
            ready=lambda start, end: _ready_spans(calls, start, end),
        ),
        accounts=accounts,
        door=door,
        audit=SqlAudit(engine, clock),
        stream=LiveStream(
            screens,
            popper,
            lambda: wallboard.snapshot(clock.now()),
            lambda agent: _agent_state(monitor, agent),
        ),
        collector=CallCentreCollector(sources),
        clock=clock,
        version=version("tierline"),
        agent_names=agent_names,
    )
    bus.connect(reactions(house))
    return house


def _link(settings: Settings, monitor: CallMonitor, clock: SystemClock) -> AmiLink:
    ami = settings.ami
    return AmiLink(
        AmiAccount(ami.host, ami.port, ami.events_username, ami.events_secret.get_secret_value()),
        AmiAccount(ami.host, ami.port, ami.actions_username, ami.actions_secret.get_secret_value()),
        translate,
        monitor.hear,
        clock,
        fallback=ami.fallback_encoding,
        ping_seconds=ami.ping_seconds,
    )


def _jobs(
    desk: JobDesk, recorder: Recorder, agents: AgentDesk, accounts: SqlAccounts, clock: SystemClock
) -> None:
    """JOBS: kind → who does it, and how often it is tried. What must come again and again is asked for here."""

    async def forget_sessions(_: Job) -> None:
        await accounts.forget_ended(clock.now())

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


def _words(decisions: Decisions, call: CallId) -> Mapping[str, str] | None:
    sentence = decisions.why(call)
    return None if sentence is None else {"en": sentence.text("en"), "zh": sentence.text("zh")}


def _places(router: Router, queue: QueueName) -> list[PlaceInLine]:
    return [
        PlaceInLine(
            place.waiting.call,
            place.waiting.credit_seconds,
            place.promised_at,
            {"en": place.why.text("en"), "zh": place.why.text("zh")},
        )
        for place in router.line(queue)
    ]


def _distribution(histogram: Histogram) -> Distribution:
    return Distribution(histogram.bounds, tuple(histogram.counts), histogram.total)


def _agent_state(monitor: CallMonitor, agent: AgentId) -> Mapping[str, Any] | None:
    known = monitor.agent(agent)
    return None if known is None else agent_json(known)


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
