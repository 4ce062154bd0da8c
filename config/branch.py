"""A branch: one switch (a PBX is a private *branch* exchange), and all the parts that belong to it alone."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from config.erased_numbers import erased_numbers
from config.reconciling import reconciler_for
from config.settings import Settings, Switch
from config.team import MonitoredTeam
from cti.adapters.ami.connection import AmiLink, LinkState
from cti.adapters.ami.line import AmiAccount
from cti.adapters.ami.memory import JournalMemory
from cti.adapters.ami.translation import translate
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.journal import Journal
from cti.adapters.mqtt import MqttDesktop
from cti.adapters.outbox import Outbox
from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.domain.metering import LinkNumbers
from cti.domain.targets import KpiPolicy
from cti.service.agent_desk import AgentDesk
from cti.service.announcer import Announcer
from cti.service.bookkeeper import Bookkeeper
from cti.service.call_monitor import CallMonitor
from cti.service.event_bus import EventBus
from cti.service.floor_picture import PlaceInLine
from cti.service.job_desk import JobDesk
from cti.service.reconciler import Reconciler
from cti.service.recount import Recount
from cti.service.screens import Screens
from cti.service.wallboard import Wallboard
from customers.service.desk import CustomerDesk
from routing.adapters.decision_store import SqlDecisions
from routing.adapters.surge_store import SqlSurges
from routing.adapters.switch_facts import AskedFacts
from routing.domain.priority import PriorityPolicy
from routing.service.overflows import Overflows
from routing.service.penalties import Penalties
from routing.service.preflight import Preflight
from routing.service.router import Router
from routing.service.surges import Surges


class Shared(NamedTuple):
    """What all branches of an installation have in common."""

    settings: Settings
    engine: AsyncEngine
    clock: SystemClock
    zone: tzinfo
    kpi_policy: KpiPolicy
    routing_policy: PriorityPolicy
    """As the file has it."""
    live_policy: Callable[[], PriorityPolicy]
    desk_states: DeskStates
    books: SqlBooks
    outbox: Outbox
    calls: SqlCallStore
    customers: CustomerDesk
    decision_store: SqlDecisions
    surge_store: SqlSurges
    job_desk: JobDesk
    screens: Screens
    agent_name: Callable[[AgentId], str]
    acknowledge: Callable[[AgentId, str], None]
    spawn: Callable[[Coroutine[Any, Any, None]], object]


@dataclass(slots=True)
class Branch:
    """One switch's parts. Its bus delivers what happens there; `config/wiring.py` says to whom."""

    switch: Switch
    pbx: PbxName
    bus: EventBus
    journal: Journal
    memory: JournalMemory
    link: AmiLink
    monitor: CallMonitor
    bookkeeper: Bookkeeper
    router: Router
    wallboard: Wallboard
    broker: MqttDesktop
    announcer: Announcer
    agent_desk: AgentDesk
    reconciler: Reconciler
    recount: Recount
    preflight: Preflight
    penalties: Penalties
    overflows: Overflows
    surges: Surges

    @property
    def up(self) -> bool:
        return self.link.state is LinkState.UP

    def numbers(self) -> LinkNumbers:
        traffic = self.link.traffic
        return LinkNumbers(self.pbx, self.up, traffic.messages, self.link.lag, traffic.gaps)

    def not_ready(self) -> Iterable[str]:
        """What is wrong here, in words."""
        if not self.up:
            yield f"switch {self.pbx}: {self.link.state.value} ({self.link.reason})"
        if not self.broker.connected:
            yield f"broker for {self.pbx}: not connected"
        if self.journal.failing_since is not None:
            yield f"journal of {self.pbx}: {self.journal.reason}; calls go on without it"

    def report(self) -> Mapping[str, Any]:
        """The link and the journal on the operator's page."""
        traffic = self.link.traffic
        return {
            "pbx": self.pbx,
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


def make_branch(shared: Shared, switch: Switch) -> Branch:
    """Make one switch's parts; nothing runs yet."""
    settings, clock, pbx = shared.settings, shared.clock, PbxName(switch.ami.pbx)
    bus = EventBus()
    journal = Journal(settings.journal.folder / pbx, clock)
    monitor = CallMonitor(pbx, bus.publish_all, clock, journal)
    link = _link(switch, monitor, journal, clock)
    team = MonitoredTeam(monitor, lambda: link.state is LinkState.UP)
    router = Router(
        pbx,
        shared.routing_policy,
        shared.customers,
        link.switch,
        shared.decision_store,
        clock,
        bus.publish,
        shared.spawn,
        deadline=settings.fastagi.lookup_seconds,
        team=team,
        zone=shared.zone,
    )
    surges = Surges(
        pbx, shared.routing_policy, router.callers, team, clock, shared.surge_store, router.policy_changed
    )
    broker = MqttDesktop(
        settings.mqtt.url,
        pbx,
        shared.acknowledge,
        old_protocol=settings.mqtt.old_protocol,
        changes=shared.outbox if settings.mqtt.call_events else None,
    )
    reconciler = reconciler_for(
        pbx,
        switch.ledger,
        settings.timezone,
        shared.engine,
        clock,
        shared.customers,
        lambda: shared.live_policy().unknown_tier,
        bus.publish,
        monitor=monitor,
        flush=shared.books.flush,
        hears=lambda: link.state is LinkState.UP,
        erased=erased_numbers(shared.engine, settings.journal.folder),
    )
    wallboard = Wallboard(
        pbx,
        shared.kpi_policy,
        shared.zone,
        lambda queue: _places(router, queue),
        shared.agent_name,
        lambda: [reconciler.verification()],
        surges.since,
    )
    facts = AskedFacts(
        link.switch.ask,
        clock,
        asterisk_etc=switch.ami.etc,
        accounts=(switch.ami.events_username, switch.ami.actions_username),
    )
    return Branch(
        switch=switch,
        pbx=pbx,
        bus=bus,
        journal=journal,
        memory=JournalMemory(journal, switch.ami.fallback_encoding),
        link=link,
        monitor=monitor,
        bookkeeper=Bookkeeper(pbx, shared.books, monitor.agent, lambda: journal.position, monitor.noted),
        router=router,
        wallboard=wallboard,
        broker=broker,
        announcer=Announcer((shared.screens, broker), monitor.agent),
        agent_desk=AgentDesk(
            link.switch,
            monitor.agent,
            clock,
            settings.after_call_work_seconds,
            shared.job_desk,
            shared.desk_states.extensions,
            shared.desk_states.extension_seconds,
        ),
        reconciler=reconciler,
        recount=Recount(wallboard, pbx, shared.calls, shared.books.flush, monitor.records, clock),
        preflight=Preflight(facts, lambda: router.policy),
        penalties=Penalties(lambda: router.policy, team, link.switch),
        overflows=Overflows(
            lambda: router.policy, router.callers, team, link.switch, clock, shared.spawn, shared.zone
        ),
        surges=surges,
    )


def _link(switch: Switch, monitor: CallMonitor, journal: Journal, clock: SystemClock) -> AmiLink:
    ami = switch.ami
    return AmiLink(
        AmiAccount(ami.host, ami.port, ami.events_username, ami.events_secret.get_secret_value()),
        AmiAccount(ami.host, ami.port, ami.actions_username, ami.actions_secret.get_secret_value()),
        translate,
        monitor.hear,
        clock,
        journal=journal,
        fallback=ami.fallback_encoding,
        ping_seconds=ami.ping_seconds,
    )


def _places(router: Router, queue: QueueName) -> list[PlaceInLine]:
    return [
        PlaceInLine(
            place.waiting.call,
            place.waiting.credit_seconds,
            None if place.promised_at is None else round(place.promised_at, -1),  # or it moves with the clock
            {"en": place.why.text("en"), "zh": place.why.text("zh")},
        )
        for place in router.line(queue)
    ]
