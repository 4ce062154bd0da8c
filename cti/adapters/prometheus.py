"""The page Prometheus scrapes: numbers copied on the event loop, their text written in another thread.

Nothing on the way of an event touches a metric object: the numbers live as plain counters where things happen, and are
read here when somebody asks. A source that fails costs its own metrics, not the page.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.samples import Sample

from cti.domain.metering import Distribution, FloorNumbers, LinkNumbers, PromiseNumbers, together

log = logging.getLogger(__name__)


CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
REST = 0.00005
RESTS_EVERY = 16
"""The writing thread rests so many seconds every few samples. Python lets a waiting thread in after 5 ms only, unless
the running one pauses: with these pauses the event loop gets its turn within a fraction of a millisecond."""

Numbers = TypeVar("Numbers")


def _nothing() -> Mapping[Any, int]:
    return {}


def _no_distribution() -> Distribution | None:
    return None


NOTHING_OWED = PromiseNumbers({}, {}, None, {}, None)


def _no_promises() -> PromiseNumbers | None:
    return None


@dataclass(frozen=True, slots=True)
class MetricSources:
    """Where the numbers come from. Each is asked on the event loop at scrape time, must not wait, and returns copies."""

    version: str
    floors: Callable[[], Sequence[FloorNumbers]]  # of each switch
    links: Callable[[], Sequence[LinkNumbers]] = tuple
    drift: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (pbx, kind) -> unexplained differences
    repaired: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (pbx, cause) -> repaired differences
    gaps_open: Callable[[], Mapping[str, int]] = _nothing  # pbx -> gaps that no evidence has closed
    verified_until: Callable[[], Mapping[str, float]] = _nothing  # pbx -> seconds since 1970
    pops: Callable[[], Mapping[str, int]] = _nothing  # result -> pops
    pop_seconds: Callable[[], Distribution | None] = _no_distribution  # from the switch's event to rendered
    decision_seconds: Callable[[], Distribution | None] = _no_distribution
    estimate_errors: Callable[[], Mapping[tuple[str, str], Distribution]] = dict  # (pbx, queue) -> seconds
    recordings: Callable[[], Mapping[str, int]] = _nothing  # state -> recordings
    recording_orphans: Callable[[], Mapping[str, int]] = _nothing  # place -> files
    recording_faults: Callable[[], Mapping[str, int]] = _nothing  # fault -> recordings heard
    silence_shares: Callable[[], Distribution | None] = _no_distribution  # 0 to 1
    dead_airs: Callable[[], Distribution | None] = _no_distribution  # the longest of each recording, seconds
    talk_overs: Callable[[], Distribution | None] = _no_distribution  # in each recording, seconds
    recording_pauses: Callable[[], Mapping[str, int]] = _nothing  # state -> pauses
    retained: Callable[[], Mapping[str, int]] = _nothing  # class -> things deleted, for their time was over
    reviews: Callable[[], Mapping[str, int]] = _nothing  # state -> reviews
    review_scores: Callable[[], Distribution | None] = _no_distribution  # 0 to 100
    call_quality: Callable[[], Distribution | None] = _no_distribution  # MOS, 1 to 4.5
    jobs: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (kind, state) -> jobs
    job_attempts: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (kind, result) -> attempts
    cases: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (kind, state) -> cases
    csat: Callable[[], Mapping[tuple[str, str, str], int]] = _nothing  # (queue, tier, score) -> answers
    webhooks: Callable[[], Mapping[str, int]] = _nothing  # result -> attempts
    pop_hook: Callable[[], Mapping[str, int]] = _nothing  # result -> questions
    dispositions: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (queue, code) -> given
    phantoms: Callable[[], Mapping[str, int]] = _nothing  # cause -> agents taken out
    limit_warnings: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (reason, limit) -> warnings
    promises: Callable[[], PromiseNumbers | None] = _no_promises
    surges: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (pbx, queue) -> 1 in a surge
    surges_begun: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (pbx, queue) -> surges
    journal_backlog: Callable[[], int] = field(default=int)  # records taken and not yet written


class Copied(NamedTuple):
    """All sources at one moment. None: the source failed."""

    version: str
    floors: Sequence[FloorNumbers] | None
    links: Sequence[LinkNumbers] | None
    drift: Mapping[tuple[str, str], int] | None
    repaired: Mapping[tuple[str, str], int] | None
    gaps_open: Mapping[str, int] | None
    verified_until: Mapping[str, float] | None
    pops: Mapping[str, int] | None
    pop_seconds: Distribution | None
    decision_seconds: Distribution | None
    estimate_errors: Mapping[tuple[str, str], Distribution] | None
    recordings: Mapping[str, int] | None
    recording_orphans: Mapping[str, int] | None
    recording_faults: Mapping[str, int] | None
    silence_shares: Distribution | None
    dead_airs: Distribution | None
    talk_overs: Distribution | None
    recording_pauses: Mapping[str, int] | None
    retained: Mapping[str, int] | None
    reviews: Mapping[str, int] | None
    review_scores: Distribution | None
    call_quality: Distribution | None
    jobs: Mapping[tuple[str, str], int] | None
    job_attempts: Mapping[tuple[str, str], int] | None
    cases: Mapping[tuple[str, str], int] | None
    csat: Mapping[tuple[str, str, str], int] | None
    webhooks: Mapping[str, int] | None
    pop_hook: Mapping[str, int] | None
    dispositions: Mapping[tuple[str, str], int] | None
    phantoms: Mapping[str, int] | None
    limit_warnings: Mapping[tuple[str, str], int] | None
    promises: PromiseNumbers | None
    surges: Mapping[tuple[str, str], int] | None
    surges_begun: Mapping[tuple[str, str], int] | None
    journal_backlog: int | None


class CallCentreCollector(Collector):
    """Registered once; gives the numbers of the last `copy`."""

    def __init__(self, sources: MetricSources, registry: CollectorRegistry | None = None) -> None:
        """Without a `registry` of others, it is alone in one of its own."""
        self._sources, self._registry = sources, registry or CollectorRegistry()
        self._copied: Copied | None = None
        self._registry.register(self)

    def copy(self) -> None:
        """Take the numbers as they stand now. On the event loop only."""
        asked = {
            name: _ask(name, getattr(self._sources, name)) for name in Copied._fields if name != "version"
        }
        self._copied = Copied(self._sources.version, **asked)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        if self._copied is None:
            return
        yield from families(self._copied)

    async def page(self) -> bytes:
        """The text of a scrape."""
        self.copy()
        return await asyncio.to_thread(generate_latest, self._registry)


class Lazily(list[Sample]):
    """Samples made while they are read, one at a time, by a reader who pauses now and then.

    Made all at once they would wake the garbage collector, which stops every thread.
    """

    def __init__(self, make: Callable[[], Iterable[Sample]]) -> None:
        super().__init__()
        self._make = make

    def __iter__(self) -> Iterator[Sample]:
        for number, sample in enumerate(self._make()):
            if number % RESTS_EVERY == 0:
                time.sleep(REST)
            yield sample


def _ask(name: str, source: Callable[[], Numbers]) -> Numbers | None:
    try:
        return source()
    except Exception:
        log.exception("The numbers of %s cannot be read", name)
        return None


def families(copied: Copied) -> Iterator[Metric]:
    yield _simple(
        "gauge",
        "cti_build_info",
        "Always 1; the label says which version runs.",
        ("version",),
        {copied.version: 1},
    )
    if copied.floors:
        yield from _floors(copied.floors)
    if copied.links is not None:
        yield from _links(copied.links)
    yield _simple(
        "gauge",
        "cti_ledger_drift",
        "Differences between our records and the switch's ledger that nothing explains.",
        ("pbx", "kind"),
        copied.drift,
    )
    yield _simple(
        "counter",
        "cti_ledger_repaired",
        "Differences repaired from the switch's ledger, by cause.",
        ("pbx", "cause"),
        copied.repaired,
    )
    yield _simple(
        "gauge",
        "cti_gaps_open",
        "Stretches in which something may have been missed, not yet proven harmless.",
        ("pbx",),
        copied.gaps_open,
    )
    yield _simple(
        "gauge",
        "cti_verified_until_seconds",
        "All visits that ended before this moment, in seconds since 1970, agree with the switch's ledger.",
        ("pbx",),
        copied.verified_until,
    )
    yield _simple("counter", "cti_screen_pops", "Screen pops by result.", ("result",), copied.pops)
    yield _single(
        "cti_screen_pop_seconds",
        "From the switch's event to the acknowledgement that the pop is on the screen.",
        copied.pop_seconds,
    )
    yield _single(
        "cti_routing_decision_seconds", "From the dialplan's question to our answer.", copied.decision_seconds
    )
    yield _histogram(
        "cti_wait_estimate_error_seconds",
        "By how much a wait differed from what was estimated at the join, in either direction.",
        ("pbx", "queue"),
        copied.estimate_errors or {},
    )
    yield _simple("gauge", "cti_recordings", "Recordings by state.", ("state",), copied.recordings)
    yield _simple(
        "gauge",
        "cti_recording_orphans",
        "Sound files that belong to no recording, in the switch's folder (incoming) and in the store.",
        ("place",),
        copied.recording_orphans,
    )
    yield from _heard(copied)
    paused = "Pauses of recordings by where they stand, and by what their files said."
    yield _simple("gauge", "cti_recording_pauses", paused, ("state",), copied.recording_pauses)
    over = "Things whose time was over and whose personal part was deleted, since this server began."
    yield _simple("counter", "cti_retention_deleted", over, ("class",), copied.retained)
    yield _simple("gauge", "cti_reviews", "Quality reviews by state.", ("state",), copied.reviews)
    yield _single("cti_review_score", "Scores of reviews drawn at random, 0 to 100.", copied.review_scores)
    yield _single(
        "cti_call_quality_mos",
        "Estimated opinion score of a call at the agent's softphone, 1 to 4.5.",
        copied.call_quality,
    )
    yield _simple(
        "gauge", "cti_jobs", "Durable work not done, by kind and state.", ("kind", "state"), copied.jobs
    )
    yield _simple(
        "counter",
        "cti_job_attempts",
        "Attempts at durable work, by how they ended.",
        ("kind", "result"),
        copied.job_attempts,
    )
    yield _simple("gauge", "cti_cases", "Cases by kind and state.", ("kind", "state"), copied.cases)
    yield _simple(
        "counter",
        "cti_csat_responses",
        "Answers to the satisfaction survey.",
        ("queue", "tier", "score"),
        copied.csat,
    )
    yield _simple(
        "counter",
        "cti_webhook_deliveries",
        "Attempts to tell a webhook's receiver of a change.",
        ("result",),
        copied.webhooks,
    )
    asked = "Rings told to the site's own program, by what it answered or why it did not."
    yield _simple("counter", "cti_pop_hook", asked, ("result",), copied.pop_hook)
    yield _simple(
        "counter",
        "cti_dispositions",
        "How calls ended, in the agents' words; corrections count again.",
        ("queue", "code"),
        copied.dispositions,
    )
    yield _simple(
        "counter",
        "cti_phantom_agents",
        "Agents taken out because calls could not reach them, by what spoke against them.",
        ("cause",),
        copied.phantoms,
    )
    yield _simple(
        "counter",
        "cti_not_ready_limit_warnings",
        "Stays of agents beyond a limit of their reason.",
        ("reason", "limit"),
        copied.limit_warnings,
    )
    yield from _promises(copied.promises or NOTHING_OWED)
    queue = ("pbx", "queue")
    now = "1 while a queue goes by its surge rules; queues without such rules are left out."
    yield _simple("gauge", "cti_surge", now, queue, copied.surges)
    yield _simple("counter", "cti_surges", "Surges that began.", queue, copied.surges_begun)
    backlog = {} if copied.journal_backlog is None else {(): copied.journal_backlog}
    yield _simple("gauge", "cti_journal_backlog", "Records taken and not yet written.", (), backlog)


def _heard(copied: Copied) -> Iterator[Metric]:
    faults = "Recordings heard since the start that have a technical fault."
    yield _simple("counter", "cti_recording_faults", faults, ("fault",), copied.recording_faults)
    share = "Share of a recording, hold left out, in which nobody speaks."
    yield _single("cti_recording_silence_ratio", share, copied.silence_shares)
    longest = "The longest dead air of each recording that has any."
    yield _single("cti_recording_dead_air_seconds", longest, copied.dead_airs)
    both = "Time in each recording in which customer and agent talk at once."
    yield _single("cti_recording_talk_over_seconds", both, copied.talk_overs)


def _promises(owed: PromiseNumbers) -> Iterator[Metric]:
    yield _simple("gauge", "cti_callbacks", "Callbacks by state.", ("state",), owed.callbacks)
    kept = "Callbacks kept: by a conversation, before they were due."
    yield _simple("counter", "cti_callbacks_kept", kept, ("queue", "tier"), owed.kept)
    late = "How long after their time callbacks ended, kept or not; 0 in time."
    yield _single("cti_callback_late_seconds", late, owed.late)
    found = "Callers who gave up and are to be found, by state."
    yield _simple("gauge", "cti_rescues", found, ("state",), owed.rescues)
    overdue = "Rescues that are open past their deadline."
    late_now = {} if owed.overdue is None else {(): owed.overdue}
    yield _simple("gauge", "cti_rescues_overdue", overdue, (), late_now)


def _floors(floors: Sequence[FloorNumbers]) -> Iterator[Metric]:
    queue_tier = ("queue", "tier")
    floor = together(floors)

    def by_pbx(name: str) -> Mapping[Any, int]:
        return {(str(one.pbx), *key): count for one in floors for key, count in getattr(one, name).items()}

    yield _simple("counter", "cti_calls_offered", "Queue joins.", ("pbx", *queue_tier), by_pbx("offered"))
    yield _simple(
        "counter",
        "cti_calls_blocked",
        "Calls a queue refused, full or empty: no visits.",
        ("pbx", *queue_tier),
        by_pbx("blocked"),
    )
    yield _simple(
        "counter",
        "cti_visits",
        "Queue visits whose outcome is known.",
        ("pbx", *queue_tier, "outcome"),
        by_pbx("visits"),
    )
    yield _simple(
        "counter",
        "cti_answered_within_target",
        "Visits answered within their target.",
        queue_tier,
        floor.answered_within_target,
    )
    yield _histogram("cti_wait_seconds", "Wait in the queue.", (*queue_tier, "outcome"), floor.waits)
    yield _histogram("cti_talk_seconds", "Talk of a segment, without hold.", queue_tier, floor.talks)
    yield _histogram("cti_hold_seconds", "Hold of a segment.", queue_tier, floor.holds)
    yield _histogram("cti_wrap_up_seconds", "After-call work of a segment.", queue_tier, floor.wrap_ups)
    yield _histogram(
        "cti_handle_seconds", "Talk, hold and after-call work of a segment.", queue_tier, floor.handles
    )
    yield _simple("gauge", "cti_waiting", "Callers who wait now.", queue_tier, floor.waiting)
    yield _simple(
        "gauge",
        "cti_longest_wait_seconds",
        "How long the longest waiting caller has waited.",
        ("queue",),
        floor.longest_wait_seconds,
    )
    yield _simple("gauge", "cti_agents", "Agents of a queue by state.", ("queue", "state"), floor.agents)
    yield _simple(
        "counter",
        "cti_unexpected_signals",
        "Signals of the switch that the state tables do not foresee.",
        ("state", "signal"),
        floor.unexpected,
    )


def _links(links: Sequence[LinkNumbers]) -> Iterator[Metric]:
    for kind, name, text, field_name in (
        ("gauge", "cti_ami_up", "1 while the link to the switch works.", "up"),
        ("counter", "cti_ami_messages", "Messages received from the switch.", "messages"),
        ("gauge", "cti_ami_lag_seconds", "How old the newest message was when it was read.", "lag_seconds"),
        ("counter", "cti_ami_gaps", "Stretches of messages that never came.", "gaps"),
    ):
        yield _simple(kind, name, text, ("pbx",), {link.pbx: getattr(link, field_name) for link in links})


def _simple(
    kind: str, name: str, text: str, labels: Sequence[str], numbers: Mapping[Any, float] | None
) -> Metric:
    """A counter or gauge. A key is the tuple of its labels' values, or the one value."""
    metric = Metric(name, text, kind)
    told = f"{name}_total" if kind == "counter" else name

    def make() -> Iterator[Sample]:
        for key, value in (numbers or {}).items():
            values = (key,) if isinstance(key, str) else key
            yield Sample(told, dict(zip(labels, values, strict=True)), value)

    metric.samples = Lazily(make)
    return metric


def _single(name: str, text: str, seen: Distribution | None) -> Metric:
    return _histogram(name, text, (), {} if seen is None else {(): seen})


def _histogram(
    name: str, text: str, labels: Sequence[str], distributions: Mapping[Any, Distribution]
) -> Metric:
    metric = Metric(name, text, "histogram")

    def make() -> Iterator[Sample]:
        for key, seen in distributions.items():
            own = dict(zip(labels, key, strict=True))
            below = 0
            bounds = (*(str(float(bound)) for bound in seen.bounds), "+Inf")
            for bound, count in zip(bounds, seen.counts, strict=True):
                below += count
                yield Sample(f"{name}_bucket", own | {"le": bound}, below)
            yield Sample(f"{name}_count", own, below)
            yield Sample(f"{name}_sum", own, seen.total)

    metric.samples = Lazily(make)
    return metric
