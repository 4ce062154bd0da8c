"""The page Prometheus scrapes."""

import asyncio
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cti.adapters.prometheus import CallCentreCollector, MetricSources, families
from cti.domain import events
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, CallId, PbxName, QueueName, Tier
from cti.domain.metering import FloorNumbers, LinkNumbers, PromiseNumbers, distribution
from cti.domain.records import Outcome
from tests.cti.floors import NOON, Floor
from tests.cti.kpi_records import PBX, SALES, SUPPORT, segment, visit

CONTRACT: Mapping[str, set[str]] = {
    "cti_calls_offered_total": {"pbx", "queue", "tier"},
    "cti_calls_blocked_total": {"pbx", "queue", "tier"},
    "cti_visits_total": {"pbx", "queue", "tier", "outcome"},
    "cti_wait_seconds": {"queue", "tier", "outcome"},
    "cti_answered_within_target_total": {"queue", "tier"},
    "cti_talk_seconds": {"queue", "tier"},
    "cti_hold_seconds": {"queue", "tier"},
    "cti_wrap_up_seconds": {"queue", "tier"},
    "cti_handle_seconds": {"queue", "tier"},
    "cti_waiting": {"queue", "tier"},
    "cti_longest_wait_seconds": {"queue"},
    "cti_agents": {"queue", "state"},
    "cti_screen_pop_seconds": set(),
    "cti_screen_pops_total": {"result"},
    "cti_routing_decision_seconds": set(),
    "cti_wait_estimate_error_seconds": {"pbx", "queue"},
    "cti_ami_up": {"pbx"},
    "cti_ami_messages_total": {"pbx"},
    "cti_ami_lag_seconds": {"pbx"},
    "cti_ami_gaps_total": {"pbx"},
    "cti_unexpected_signals_total": {"state", "signal"},
    "cti_ledger_drift": {"pbx", "kind"},
    "cti_ledger_repaired_total": {"pbx", "cause"},
    "cti_gaps_open": {"pbx"},
    "cti_verified_until_seconds": {"pbx"},
    "cti_recordings": {"state"},
    "cti_recording_orphans": {"place"},
    "cti_recording_pauses": {"state"},
    "cti_retention_deleted_total": {"class"},
    "cti_recording_faults_total": {"fault"},
    "cti_recording_silence_ratio": set(),
    "cti_recording_dead_air_seconds": set(),
    "cti_recording_talk_over_seconds": set(),
    "cti_reviews": {"state"},
    "cti_review_score": set(),
    "cti_call_quality_mos": set(),
    "cti_jobs": {"kind", "state"},
    "cti_job_attempts_total": {"kind", "result"},
    "cti_cases": {"kind", "state"},
    "cti_csat_responses_total": {"queue", "tier", "score"},
    "cti_webhook_deliveries_total": {"result"},
    "cti_pop_hook_total": {"result"},
    "cti_dispositions_total": {"queue", "code"},
    "cti_phantom_agents_total": {"cause"},
    "cti_not_ready_limit_warnings_total": {"reason", "limit"},
    "cti_callbacks": {"state"},
    "cti_callbacks_kept_total": {"queue", "tier"},
    "cti_callback_late_seconds": set(),
    "cti_rescues": {"state"},
    "cti_rescues_overdue": set(),
    "cti_surge": {"pbx", "queue"},
    "cti_surges_total": {"pbx", "queue"},
    "cti_journal_backlog": set(),
    "cti_build_info": {"version"},
}


REACTIONS = (0.0005, 0.001, 0.01, 0.5, 10)
SCORES = (50, 85, 100)


def seen(bounds: Any, *values: float) -> Any:
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)
    return distribution(histogram)


def busy_floor() -> FloorNumbers:
    floor = Floor()
    floor.recognise("a", Tier.GOLD)
    floor.join("a", NOON)
    floor.join("b", NOON + 5, SALES)
    floor.answer("a", NOON, NOON + 20)
    floor.finish("a", NOON + 20, NOON + 80, hold_seconds=15.0, tier=Tier.GOLD)
    floor.wrap_up("a", NOON + 90, 10.0)
    floor.end("x", NOON, NOON + 40, Outcome.ABANDONED)
    floor.board.call_blocked(events.CallBlocked(NOON, CallId("full"), SUPPORT, "FULL"))
    floor.board.signal_unexpected(events.SignalUnexpected(NOON, "waiting", "AgentFinished"))
    return floor.board.numbers(NOON + 100)


def sources(**given: Any) -> MetricSources:
    plain: dict[str, Any] = {
        "version": "0.1.0",
        "floors": lambda: [busy_floor()],
        "links": lambda: [LinkNumbers(PBX, up=True, messages=1234, lag_seconds=0.25, gaps=2)],
        "drift": lambda: {("hub", "outcome"): 3},
        "repaired": lambda: {("hub", "unheard"): 8},
        "gaps_open": lambda: {"hub": 1},
        "verified_until": lambda: {"hub": NOON},
        "pops": lambda: {"acknowledged": 5},
        "pop_seconds": lambda: seen(REACTIONS, 0.0005, 0.3, 99.0),
        "decision_seconds": lambda: seen(REACTIONS, 0.0004),
        "estimate_errors": lambda: {("hub", "support"): seen(REACTIONS, 0.0004)},
        "recordings": lambda: {"stored": 7, "missing": 1},
        "recording_faults": lambda: {"one_way_audio": 2},
        "recording_orphans": lambda: {"store": 3},
        "recording_pauses": lambda: {"silent": 4},
        "retained": lambda: {"recordings": 5},
        "silence_shares": lambda: seen((0.1, 0.5), 0.3),
        "dead_airs": lambda: seen((10.0, 20.0), 12.0),
        "talk_overs": lambda: seen((1.0, 5.0), 0.0, 2.5),
        "reviews": lambda: {"open": 4},
        "review_scores": lambda: seen(SCORES, 85.0),
        "call_quality": lambda: seen((3.1, 4.03), 4.2, 2.9),
        "jobs": lambda: {("finish_recording", "dead"): 1},
        "job_attempts": lambda: {("finish_recording", "done"): 6},
        "cases": lambda: {("complaint", "open"): 1},
        "csat": lambda: {("support", "gold", "5"): 2},
        "webhooks": lambda: {"taken": 3},
        "pop_hook": lambda: {"open": 2},
        "dispositions": lambda: {("support", "solved"): 4},
        "phantoms": lambda: {"device": 1},
        "limit_warnings": lambda: {("break", "stay"): 2},
        "promises": lambda: PromiseNumbers(
            {"waiting": 2}, {("support", "gold"): 5}, seen(REACTIONS, 0.0), {"open": 1}, 1
        ),
        "surges": lambda: {("hub", "support"): 1},
        "surges_begun": lambda: {("hub", "support"): 3},
        "journal_backlog": lambda: 11,
    }
    return MetricSources(**(plain | given))


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def page(given: MetricSources) -> str:
    return (await CallCentreCollector(given, CollectorRegistry()).page()).decode()


async def test_every_metric_of_the_contract_with_its_very_labels() -> None:
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(await page(sources())):
        for sample in family.samples:
            name = sample.name
            if family.type == "histogram":
                name = family.name
            found.setdefault(name, set()).update(set(sample.labels) - {"le"})
    assert found == CONTRACT


async def test_values() -> None:
    got = samples(await page(sources()))

    def value(name: str, **labels: str) -> float:
        return got[name, frozenset(labels.items())]

    gold = {"queue": "support", "tier": "gold"}
    assert value("cti_calls_offered_total", pbx="hub", **gold) == 1
    assert value("cti_calls_blocked_total", pbx="hub", queue="support", tier="unknown") == 1
    assert value("cti_visits_total", pbx="hub", outcome="answered", **gold) == 1
    assert value("cti_answered_within_target_total", **gold) == 1
    assert value("cti_wait_seconds_bucket", outcome="answered", le="15.0", **gold) == 0
    assert value("cti_wait_seconds_bucket", outcome="answered", le="20.0", **gold) == 1
    assert value("cti_wait_seconds_bucket", outcome="answered", le="+Inf", **gold) == 1
    assert value("cti_wait_seconds_sum", outcome="answered", **gold) == 20.0
    assert value("cti_talk_seconds_sum", **gold) == 45.0
    assert value("cti_hold_seconds_sum", **gold) == 15.0
    assert value("cti_wrap_up_seconds_sum", **gold) == 10.0
    assert (value("cti_handle_seconds_sum", **gold), value("cti_handle_seconds_count", **gold)) == (70.0, 1)
    assert value("cti_waiting", queue="sales", tier="unknown") == 1
    assert value("cti_longest_wait_seconds", queue="sales") == 95.0
    assert value("cti_agents", queue="support", state="ready") == 2
    assert value("cti_ami_up", pbx="hub") == 1
    assert value("cti_ami_messages_total", pbx="hub") == 1234
    assert value("cti_ami_lag_seconds", pbx="hub") == 0.25
    assert value("cti_ledger_drift", pbx="hub", kind="outcome") == 3
    assert value("cti_screen_pop_seconds_bucket", le="0.0005") == 1
    assert value("cti_screen_pop_seconds_bucket", le="10.0") == 2
    assert value("cti_screen_pop_seconds_count") == 3
    assert value("cti_recording_faults_total", fault="one_way_audio") == 2
    assert value("cti_recording_orphans", place="store") == 3
    assert value("cti_recording_pauses", state="silent") == 4
    assert value("cti_retention_deleted_total", **{"class": "recordings"}) == 5
    assert value("cti_recording_silence_ratio_bucket", le="0.5") == 1
    assert value("cti_recording_talk_over_seconds_sum") == 2.5
    assert value("cti_review_score_bucket", le="85.0") == 1
    assert value("cti_call_quality_mos_bucket", le="3.1") == 1
    assert value("cti_call_quality_mos_count") == 2
    assert value("cti_surge", pbx="hub", queue="support") == 1
    assert value("cti_surges_total", pbx="hub", queue="support") == 3
    assert value("cti_journal_backlog") == 11
    assert value("cti_build_info", version="0.1.0") == 1


async def test_counters_agree_with_visits_to_the_call() -> None:
    floor = Floor()
    for number in range(40):
        floor.join(f"n{number}", NOON + number)
        floor.end(f"n{number}", NOON + number, NOON + number + 15 + number % 10, list(Outcome)[number % 10])
    got = samples(await page(sources(floors=lambda: [floor.board.numbers(NOON + 99)])))
    by_outcome = {
        dict(labels)["outcome"]: count
        for (name, labels), count in got.items()
        if name == "cti_visits_total" and count
    }
    assert by_outcome == {outcome.value: 4 for outcome in Outcome}
    within = sum(count for (name, _), count in got.items() if name == "cti_answered_within_target_total")
    assert within == floor.show(NOON + 99)["tiles"]["service_level"] * 36 == 4  # all but the lost ones


async def test_nothing_given_still_names_every_metric() -> None:
    def nothing() -> FloorNumbers:
        return [Floor().board.numbers(NOON)]

    text = await page(MetricSources(version="1", floors=nothing))
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert named == set(CONTRACT)


async def test_a_failing_source_costs_its_own_metrics(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Mapping[str, int]:
        raise ValueError("disk")

    text = await page(sources(reviews=broken, pop_seconds=broken))
    assert 'cti_recordings{state="stored"} 7.0' in text
    assert "cti_reviews{" not in text
    assert "cti_screen_pop_seconds_bucket" not in text
    assert [record.getMessage() for record in caplog.records] == [
        "The numbers of pop_seconds cannot be read",
        "The numbers of reviews cannot be read",
    ]


async def test_the_page_reads_on_the_loop_and_writes_in_another_thread() -> None:
    here = threading.get_ident()
    read_in: list[int] = []
    written_in: list[int] = []

    class Watching(CallCentreCollector):
        def collect(self) -> Any:
            written_in.append(threading.get_ident())
            return super().collect()

    def floor() -> list[FloorNumbers]:
        read_in.append(threading.get_ident())
        return [busy_floor()]

    await Watching(sources(floors=floor), CollectorRegistry()).page()
    assert read_in == [here]
    assert len(written_in) == 1
    assert written_in != [here]


async def test_other_collectors_of_the_registry_stand_on_the_same_page() -> None:
    registry = CollectorRegistry()
    collector = CallCentreCollector(sources(), registry)
    assert generate_latest(registry) == b""  # nothing was read yet
    Gauge("site_temperature", "Of another part.", registry=registry).set(21)
    text = await collector.page()
    assert b"site_temperature 21.0" in text
    assert b'cti_build_info{version="0.1.0"} 1.0' in text


async def test_names_a_caller_could_choose_are_escaped() -> None:
    floor = Floor()
    floor.join("a", NOON, QueueName('evil"} 1\ncti_ami_up{pbx="'))
    got = samples(await page(sources(floors=lambda: [floor.board.numbers(NOON)], links=list)))
    assert not [name for name, _ in got if name == "cti_ami_up"]


async def test_promtool_finds_nothing_to_say() -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=await page(sources()),
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in (checked.stdout + checked.stderr).splitlines() if line]
    assert said == []
    assert checked.returncode == 0


async def test_a_scrape_of_a_large_centre_leaves_the_loop_free() -> None:
    """50 queues, five tiers, all outcomes: pops must not wait for the text to be written."""
    floor = Floor()
    for queue in range(50):
        for tier in Tier:
            for outcome in (Outcome.ANSWERED, Outcome.ABANDONED):
                record = visit(NOON, outcome, 12.0, queue=QueueName(f"q{queue}"), tier=tier)
                floor.board.visit_ended(events.VisitEnded(NOON, record.call, record))
            spoken = segment(
                NOON, NOON + 60, queue=QueueName(f"q{queue}"), tier=tier, agent=AgentId(f"{queue}")
            )
            floor.board.segment_ended(events.SegmentEnded(NOON, spoken.call, spoken))
    collector = CallCentreCollector(sources(floors=lambda: [floor.board.numbers(NOON)]), CollectorRegistry())
    delays: dict[bool, list[float]] = {False: [], True: []}
    scraping, done = False, False

    async def tick() -> None:
        while not done:
            state, before = scraping, time.perf_counter()
            await asyncio.sleep(0.001)
            delays[state].append(time.perf_counter() - before - 0.001)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tick())
        await asyncio.sleep(0.3)
        scraping = True
        text = await collector.page()
        done = True
    quiet, busy = (sorted(delays[state])[len(delays[state]) // 2] for state in (False, True))
    assert len(text) > 300_000
    assert busy < 3 * quiet + 0.002  # a thread that never pauses makes the loop wait 5 ms each time
    copied = collector._copied
    assert copied is not None
    assert sum(1 for family in families(copied) for _ in family.samples) > 5_000


async def test_queues_of_one_name_on_two_switches_are_one_where_no_label_tells_them_apart() -> None:
    here, there = busy_floor(), busy_floor()._replace(pbx=PbxName("pbx2"))
    got = samples(await page(sources(floors=lambda: [here, there])))
    alone = samples(await page(sources(floors=lambda: [here])))
    for (name, labels), value in alone.items():
        if "pbx" in dict(labels) and name.startswith(("cti_calls_", "cti_visits")):
            assert got[name, labels] == value
            other = frozenset((key, "pbx2" if key == "pbx" else own) for key, own in labels)
            assert got[name, other] == value
        elif name.startswith(("cti_answered_within", "cti_wait_seconds_", "cti_waiting", "cti_agents")):
            assert got[name, labels] == 2 * value
        elif name == "cti_longest_wait_seconds":
            assert got[name, labels] == value
