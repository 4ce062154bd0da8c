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

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from cti.domain.metering import Distribution, FloorNumbers, LinkNumbers

log = logging.getLogger(__name__)

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
LET_OTHERS_RUN = 0.0001
"""Seconds the writing thread rests between two metrics: the event loop gets the interpreter at once, not after 5 ms."""

Numbers = TypeVar("Numbers")


def _nothing() -> Mapping[Any, int]:
    return {}


def _no_distribution() -> Distribution | None:
    return None


@dataclass(frozen=True, slots=True)
class MetricSources:
    """Where the numbers come from. Each is asked on the event loop at scrape time, must not wait, and returns copies."""

    version: str
    floor: Callable[[], FloorNumbers]
    links: Callable[[], Sequence[LinkNumbers]] = tuple
    drift: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (pbx, kind) -> unexplained differences
    pops: Callable[[], Mapping[str, int]] = _nothing  # result -> pops
    pop_seconds: Callable[[], Distribution | None] = _no_distribution  # from the switch's event to rendered
    decision_seconds: Callable[[], Distribution | None] = _no_distribution
    recordings: Callable[[], Mapping[str, int]] = _nothing  # state -> recordings
    reviews: Callable[[], Mapping[str, int]] = _nothing  # state -> reviews
    review_scores: Callable[[], Distribution | None] = _no_distribution  # 0 to 100
    cases: Callable[[], Mapping[tuple[str, str], int]] = _nothing  # (kind, state) -> cases
    csat: Callable[[], Mapping[tuple[str, str, str], int]] = _nothing  # (queue, tier, score) -> answers
    journal_backlog: Callable[[], int] = field(default=int)  # records taken and not yet written


class Copied(NamedTuple):
    """All sources at one moment. None: the source failed."""

    version: str
    floor: FloorNumbers | None
    links: Sequence[LinkNumbers] | None
    drift: Mapping[tuple[str, str], int] | None
    pops: Mapping[str, int] | None
    pop_seconds: Distribution | None
    decision_seconds: Distribution | None
    recordings: Mapping[str, int] | None
    reviews: Mapping[str, int] | None
    review_scores: Distribution | None
    cases: Mapping[tuple[str, str], int] | None
    csat: Mapping[tuple[str, str, str], int] | None
    journal_backlog: int | None


class CallCentreCollector(Collector):
    """Registered once; gives the numbers of the last `copy`."""

    def __init__(self, sources: MetricSources, registry: CollectorRegistry) -> None:
        self._sources, self._registry = sources, registry
        self._copied: Copied | None = None
        registry.register(self)

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
        for metric in families(self._copied):
            yield metric
            time.sleep(LET_OTHERS_RUN)

    async def page(self) -> bytes:
        """The text of a scrape."""
        self.copy()
        return await asyncio.to_thread(generate_latest, self._registry)


def _ask(name: str, source: Callable[[], Numbers]) -> Numbers | None:
    try:
        return source()
    except Exception:
        log.exception("The numbers of %s cannot be read", name)
        return None


def families(copied: Copied) -> Iterator[Metric]:
    yield _info(copied.version)
    if copied.floor is not None:
        yield from _floor(copied.floor)
    if copied.links is not None:
        yield from _links(copied.links)
    drift = GaugeMetricFamily(
        "cti_ledger_drift",
        "Differences between our records and the switch's ledger that nothing explains.",
        labels=("pbx", "kind"),
    )
    yield _filled(drift, copied.drift)
    pops = CounterMetricFamily("cti_screen_pops", "Screen pops by result.", labels=("result",))
    yield _filled(pops, copied.pops)
    yield _histogram(
        "cti_screen_pop_seconds",
        "From the switch's event to the acknowledgement that the pop is on the screen.",
        (),
        {(): copied.pop_seconds} if copied.pop_seconds else {},
    )
    yield _histogram(
        "cti_routing_decision_seconds",
        "From the dialplan's question to our answer.",
        (),
        {(): copied.decision_seconds} if copied.decision_seconds else {},
    )
    recordings = GaugeMetricFamily("cti_recordings", "Recordings by state.", labels=("state",))
    yield _filled(recordings, copied.recordings)
    reviews = GaugeMetricFamily("cti_reviews", "Quality reviews by state.", labels=("state",))
    yield _filled(reviews, copied.reviews)
    scores = {(): copied.review_scores} if copied.review_scores else {}
    yield _histogram("cti_review_score", "Scores given in reviews, 0 to 100.", (), scores)
    cases = GaugeMetricFamily("cti_cases", "Cases by kind and state.", labels=("kind", "state"))
    yield _filled(cases, copied.cases)
    csat = CounterMetricFamily(
        "cti_csat_responses", "Answers to the satisfaction survey.", labels=("queue", "tier", "score")
    )
    yield _filled(csat, copied.csat)
    backlog = GaugeMetricFamily("cti_journal_backlog", "Records taken and not yet written to the database.")
    if copied.journal_backlog is not None:
        backlog.add_metric((), copied.journal_backlog)
    yield backlog


def _info(version: str) -> Metric:
    info = GaugeMetricFamily(
        "cti_build_info", "Always 1; the label says which version runs.", labels=("version",)
    )
    info.add_metric((version,), 1)
    return info


def _floor(floor: FloorNumbers) -> Iterator[Metric]:
    pbx = str(floor.pbx)
    queue_tier = ("queue", "tier")
    yield _filled(
        CounterMetricFamily("cti_calls_offered", "Queue joins.", labels=("pbx", *queue_tier)),
        {(pbx, *key): count for key, count in floor.offered.items()},
    )
    yield _filled(
        CounterMetricFamily(
            "cti_calls_blocked",
            "Calls a queue refused: full or empty. No visits.",
            labels=("pbx", *queue_tier),
        ),
        {(pbx, *key): count for key, count in floor.blocked.items()},
    )
    yield _filled(
        CounterMetricFamily(
            "cti_visits", "Queue visits whose outcome is known.", labels=("pbx", *queue_tier, "outcome")
        ),
        {(pbx, *key): count for key, count in floor.visits.items()},
    )
    yield _filled(
        CounterMetricFamily(
            "cti_answered_within_target", "Visits answered within their target.", labels=queue_tier
        ),
        floor.answered_within_target,
    )
    yield _histogram("cti_wait_seconds", "Wait in the queue.", (*queue_tier, "outcome"), floor.waits)
    yield _histogram("cti_talk_seconds", "Talk of a segment, without hold.", queue_tier, floor.talks)
    yield _histogram("cti_hold_seconds", "Hold of a segment.", queue_tier, floor.holds)
    yield _histogram("cti_wrap_up_seconds", "After-call work of a segment.", queue_tier, floor.wrap_ups)
    yield _histogram(
        "cti_handle_seconds", "Talk, hold and after-call work of a segment.", queue_tier, floor.handles
    )
    waiting = GaugeMetricFamily("cti_waiting", "Callers who wait now.", labels=queue_tier)
    yield _filled(waiting, floor.waiting)
    longest = GaugeMetricFamily(
        "cti_longest_wait_seconds", "How long the longest waiting caller has waited.", labels=("queue",)
    )
    yield _filled(longest, floor.longest_wait_seconds)
    agents = GaugeMetricFamily("cti_agents", "Agents of a queue by state.", labels=("queue", "state"))
    yield _filled(agents, floor.agents)
    yield _filled(
        CounterMetricFamily(
            "cti_unexpected_signals",
            "Signals of the switch that the state tables do not foresee.",
            labels=("state", "signal"),
        ),
        floor.unexpected,
    )


def _links(links: Sequence[LinkNumbers]) -> Iterator[Metric]:
    up = GaugeMetricFamily("cti_ami_up", "1 while the link to the switch works.", labels=("pbx",))
    messages = CounterMetricFamily("cti_ami_messages", "Messages received from the switch.", labels=("pbx",))
    lag = GaugeMetricFamily(
        "cti_ami_lag_seconds", "How old the newest message was when it was read.", labels=("pbx",)
    )
    gaps = CounterMetricFamily("cti_ami_gaps", "Stretches of messages that never came.", labels=("pbx",))
    for link in links:
        up.add_metric((link.pbx,), link.up)
        messages.add_metric((link.pbx,), link.messages)
        lag.add_metric((link.pbx,), link.lag_seconds)
        gaps.add_metric((link.pbx,), link.gaps)
    yield from (up, messages, lag, gaps)


def _filled(
    family: CounterMetricFamily | GaugeMetricFamily, numbers: Mapping[Any, float] | None
) -> CounterMetricFamily | GaugeMetricFamily:
    for key, value in (numbers or {}).items():
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family


def _histogram(
    name: str, text: str, labels: Sequence[str], distributions: Mapping[Any, Distribution]
) -> Metric:
    family = HistogramMetricFamily(name, text, labels=labels)
    for key, seen in distributions.items():
        buckets: list[tuple[str, float]] = []
        below = 0
        for bound, count in zip((*map(str, map(float, seen.bounds)), "+Inf"), seen.counts, strict=True):
            below += count
            buckets.append((bound, below))
        family.add_metric(key, buckets, sum_value=seen.total)
    return family
