"""Builds every part of one installation, and connects them by the tables of `config/wiring.py`."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from care.adapters.survey_store import SqlSurveys
from config.access import make_access
from config.branch import Shared, make_branch
from config.care import make_care
from config.control import make_control
from config.customers import make_customers
from config.figures import make_kpi_desk
from config.installation import Installation
from config.metrics import metric_sources
from config.pauses import not_recorded
from config.pops import make_pops
from config.quality import make_quality, quality_jobs
from config.recordings import make_recordings
from config.reporting import make_reporting
from config.routing import make_fastagi, make_policy_desk
from config.schema import upgrade
from config.settings import Settings
from config.wiring import reactions
from config.work import make_work
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.desk_states_file import read_policy as read_desk_states
from cti.adapters.dialling_policy_file import read_policy as read_dialling_policy
from cti.adapters.differences import SqlDifferences
from cti.adapters.job_store import SqlJobs
from cti.adapters.kpi_policy_file import read_policy as read_kpi_policy
from cti.adapters.outbox import Outbox
from cti.adapters.prometheus import CallCentreCollector
from cti.adapters.quality_book import SqlQualityBook
from cti.adapters.webhooks import HttpMessenger, SqlWebhooks
from cti.domain.dialling import is_extension
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId
from cti.service.call_finder import CallFinder
from cti.service.event_bus import EventBus
from cti.service.job_desk import JobDesk
from cti.service.quality_desk import QualityDesk
from cti.service.screens import Screens
from cti.service.several import AgentDesks, CallMonitors
from cti.service.webhook_desk import WebhookDesk
from customers.adapters.dialling_plan import DiallingPlan
from customers.adapters.numbering import NumberingPlan
from customers.domain.customer import Customer
from customers.domain.tiers import with_credits
from qa.adapters.review_store import SqlReviews
from qa.service.satisfaction_report import SatisfactionDesk
from recordings.adapters.policy_file import read_policy as read_recording_policy
from recordings.domain.events import RecordingStored
from recordings.domain.recording import Reason
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.policy_file import load as load_routing_policy
from routing.adapters.surge_store import SqlSurges
from routing.domain.priority import PriorityPolicy
from routing.service.decisions import Decisions

DECISION_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
SCORES = tuple(float(score) for score in range(10, 101, 10))


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[tuple[Installation, asyncio.TaskGroup]]:
    """An installation with nothing at work. Its database is left last, when all that its parts began has ended."""
    async with AsyncExitStack() as last, asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        last.push_async_callback(house.engine.dispose)
        yield house, tasks


@asynccontextmanager
async def upgraded(settings: Settings) -> AsyncIterator[tuple[Installation, asyncio.TaskGroup]]:
    """The same, on a database of today's shape."""
    async with assembled(settings) as (house, tasks):
        await upgrade(house.engine)
        yield house, tasks


def assemble(settings: Settings, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> Installation:
    """Make the parts and connect them; nothing runs yet. Raises PolicyRefused when a policy file is wrong."""
    clock, bus, zone = SystemClock(), EventBus(), ZoneInfo(settings.timezone)
    folder = settings.policies.folder
    routing_policy = load_routing_policy(folder / "routing.yaml")
    engine = connect(settings.database.url)
    calls, outbox = SqlCallStore(engine), Outbox(engine)
    books = SqlBooks(engine, outbox, clock, {})
    job_store = SqlJobs(engine)
    job_desk = JobDesk(job_store, clock, secrets.token_hex(8))
    agent_names: dict[AgentId, str] = {}
    access = make_access(engine, clock, agent_names, job_desk, settings.oidc, settings.refused_passwords)

    def tell_routers(changed: Sequence[Customer]) -> None:
        for branch in branches:
            branch.router.customers_changed(changed)

    def take_over(policy: PriorityPolicy) -> None:
        customers.tiers = with_credits(policy.credits)
        for branch in branches:
            branch.surges.policy_changed(policy)

    numbering = NumberingPlan(settings.region)
    customers = make_customers(
        engine, numbering, calls, with_credits(routing_policy.credits), clock, tell_routers
    )
    policy_desk = make_policy_desk(folder / "routing.yaml", engine, calls, clock, take_over)
    shared = Shared(
        settings=settings,
        engine=engine,
        clock=clock,
        zone=zone,
        kpi_policy=read_kpi_policy(folder / "kpi.yaml", zone),
        routing_policy=routing_policy,
        live_policy=lambda: policy_desk.policy,
        desk_states=read_desk_states(folder / "desk-states.yaml"),
        books=books,
        outbox=outbox,
        calls=calls,
        customers=customers,
        decision_store=SqlDecisions(engine),
        surge_store=SqlSurges(engine),
        job_desk=job_desk,
        screens=Screens(access.teams.floor_for, access.teams.reaches, access.teams.audience),
        agent_name=lambda agent: agent_names.get(agent, agent),
        acknowledge=lambda agent, pop: pops.popper.acknowledge(agent, pop),  # noqa: PLW0108  made below
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
    control = make_control(shared, branches, access, numbers)
    decisions = Decisions(
        [branch.router.callers for branch in branches],
        shared.decision_store,
        lambda: policy_desk.policy.names,
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
    pops = make_pops(shared, branches, monitor, decisions)
    recording_policy = read_recording_policy(folder / "recordings.yaml")
    recordings = make_recordings(
        shared,
        branches,
        recording_policy,
        numbering,
        access.audit,
        bus.publish,
        lambda ids: quality.reviews.of_recordings(ids),  # noqa: PLW0108  made below
    )
    decision_seconds, review_scores = Histogram(DECISION_SECONDS), Histogram(SCORES)
    surveys = SqlSurveys(engine)
    quality = make_quality(
        folder,
        zone,
        engine,
        recordings.archivist,
        surveys.of_calls,
        access.accounts,
        access.teams,
        care.policy.hours_of,
        review_scores,
        clock,
    )
    quality_jobs(job_desk, quality)
    kpi_desk = make_kpi_desk(shared, branches, monitor)
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
    messenger = HttpMessenger(version("tierline"))
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
        webhook_desk=WebhookDesk(SqlWebhooks(engine), messenger, outbox, clock),
        messenger=messenger,
        screens=shared.screens,
        job_store=job_store,
        job_desk=job_desk,
        customers=customers,
        decisions=decisions,
        decision_store=shared.decision_store,
        decision_seconds=decision_seconds,
        surge_store=shared.surge_store,
        policy_desk=policy_desk,
        fastagi=make_fastagi(
            branches,
            decision_seconds,
            care.promise,
            lambda asked: (
                recording_policy.records(asked.queue)
                and not_recorded(recording_policy, numbering, asked.queue, asked.number) is Reason.NONE
            ),
            spawn,
        ),
        numbering=numbering,
        review_desk=quality.reviews,
        review_scores=review_scores,
        quality=quality,
        reporting=make_reporting(
            engine,
            quality.reviews,
            access.accounts,
            access.teams,
            agent_names,
            job_desk,
            settings.mail,
            clock,
            zone,
        ),
        satisfaction_desk=SatisfactionDesk(SqlReviews(engine), surveys.of_calls),
        kpi_desk=kpi_desk,
        finder=CallFinder(calls, monitor, books.unwritten, shared.kpi_policy, clock, zone),
        work=work,
        care=care,
        quality_desk=QualityDesk(SqlQualityBook(engine), monitor.record, calls, clock),
        differences=SqlDifferences(engine),
        clock=clock,
        version=version("tierline"),
        agent_names=agent_names,
        **access._asdict(),
        **pops._asdict(),
        **recordings._asdict(),
    )
    house.collector = CallCentreCollector(metric_sources(house))
    bus.connect({RecordingStored: [quality.reviews.propose, *recordings.stored]})
    for branch in branches:
        branch.bus.connect(reactions(house, branch))
    return house
