"""Reports: journal and live calls together, by interval, group and view."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cti.domain.errors import QuestionRefused
from cti.domain.identifiers import QueueName, Tier
from cti.domain.kpi import SERVICE_LEVELS
from cti.domain.records import OfferRecord, OfferResult, Outcome, SegmentRecord, VisitRecord
from cti.domain.sheets import Grouping, ReadySpan, View
from cti.domain.targets import KpiPolicy, KpiRules
from cti.service import kpi_desk
from cti.service.kpi_desk import KpiDesk
from tests.cti.kpi_records import A101, A102, SALES, SUPPORT, offer, segment, visit

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZONE).timestamp()
NOON = MIDNIGHT + 12 * 3600
Blocked = tuple[float, QueueName | None, str | None]


class Journal:
    """Keeps the port's promises about time ranges."""

    def __init__(
        self, visits: Sequence[VisitRecord], segments: Sequence[SegmentRecord], blocked: Sequence[Blocked]
    ):
        self._visits, self._segments, self._blocked = visits, segments, blocked

    async def visits(self, start: float, end: float, pbx: Any = None) -> Sequence[VisitRecord]:
        return [row for row in self._visits if start <= row.joined_at < end]

    async def segments(self, start: float, end: float, pbx: Any = None) -> Sequence[SegmentRecord]:
        return [row for row in self._segments if row.began_at < end and (row.ended_at or end) >= start]

    async def blocked(self, start: float, end: float, pbx: Any = None) -> Sequence[Blocked]:
        return [row for row in self._blocked if start <= row[0] < end]


class StoppedClock:
    def now(self) -> float:
        return NOON


def desk(
    visits: Sequence[VisitRecord] = (),
    segments: Sequence[SegmentRecord] = (),
    blocked: Sequence[Blocked] = (),
    live_visits: Sequence[VisitRecord] = (),
    live_segments: Sequence[SegmentRecord] = (),
    **more: Any,
) -> KpiDesk:
    journal: Any = Journal(visits, segments, blocked)
    policy = more.pop("policy", KpiPolicy())
    return KpiDesk(journal, lambda: (live_visits, live_segments), policy, StoppedClock(), ZONE, **more)


async def test_today_so_far_is_what_is_asked_when_nothing_is_said() -> None:
    report = await desk([visit(MIDNIGHT - 1), visit(MIDNIGHT), visit(NOON - 1)]).report()
    (item,) = report["items"]
    assert (item["from"], item["until"], item["group"], item["offered"]) == (MIDNIGHT, NOON, None, 2)
    assert (report["version"], report["policy_versions"], report["total"]) == ("1", ["1"], 1)


async def test_a_live_call_counts_once_and_its_live_state_wins() -> None:
    known = visit(NOON - 60, None, uniqueid="hub-1")
    answered = visit(NOON - 60, uniqueid="hub-1")
    again = visit(NOON - 30, uniqueid="hub-1", number_in_call=2)
    report = await desk([known], live_visits=[answered, again]).report()
    assert (report["items"][0]["answered"], report["items"][0]["open"]) == (2, 0)
    kept, running = segment(NOON - 100, NOON - 50), segment(NOON - 100, NOON - 40, talk_seconds=60.0)
    report = await desk(segments=[kept], live_segments=[running]).report()
    assert (report["items"][0]["handled"], report["items"][0]["talk_seconds"]) == (1, 60.0)


async def test_live_calls_outside_of_the_time_asked_for_do_not_count() -> None:
    report = await desk(live_visits=[visit(NOON - 60)]).report(MIDNIGHT, NOON - 3600)
    assert report["items"][0]["offered"] == 0


async def test_quarters_in_order_empty_ones_too_and_the_running_one_provisional() -> None:
    report = await desk(
        [visit(NOON - 1000), visit(NOON - 10, None)], blocked=[(NOON - 5, SUPPORT, None)]
    ).report(NOON - 3600, NOON + 900, 900)
    shown = [
        (item["from"] - NOON, item["offered"], item["blocked"], item["provisional"])
        for item in report["items"]
    ]
    assert shown == [
        (-3600, 0, 0, False),
        (-2700, 0, 0, False),
        (-1800, 1, 0, False),
        (-900, 1, 1, True),
        (0, 0, 0, True),
    ]


async def test_groups_stand_in_every_interval_the_unnamed_last() -> None:
    rows = [visit(NOON - 3000, agent=A102), visit(NOON - 1000, Outcome.ABANDONED), visit(NOON - 2000)]
    report = await desk(rows).report(NOON - 3600, NOON, 3600, Grouping.AGENT)
    assert [(item["group"], item["offered"]) for item in report["items"]] == [
        ("101", 1),
        ("102", 1),
        (None, 1),
    ]


@pytest.mark.parametrize(("view", "talk"), [(View.AS_POSTED, [0.0, 1800.0]), (View.CLIPPED, [900.0, 900.0])])
async def test_views(view: View, talk: list[float]) -> None:
    eleven = NOON - 3600
    spoke = segment(eleven - 900, eleven + 900, wrap_up_seconds=0.0)
    waited = visit(
        eleven - 100_000, Outcome.ABANDONED, wait=1e5 + 5
    )  # older than a day: no view looks so far back
    late = visit(eleven - 50, Outcome.ABANDONED, wait=60.0)
    report = await desk([waited, late], [spoke]).report(eleven - 3600, NOON, 3600, view=view)
    assert [item["talk_seconds"] for item in report["items"]] == talk
    assert [item["abandoned"] for item in report["items"]] == ([0, 1] if view is View.AS_POSTED else [1, 0])
    clipped = view is View.CLIPPED
    assert [item["aht_seconds"] for item in report["items"]] == ([None, None] if clipped else [None, 1800.0])


async def test_what_joined_before_and_became_known_within_is_posted() -> None:
    joined = visit(NOON - 7200, Outcome.ABANDONED, wait=5400.0)
    report = await desk([joined]).report(NOON - 3600, NOON, view=View.AS_POSTED)
    assert report["items"][0]["abandoned"] == 1


async def test_offers_and_ready_time_are_used_where_they_are_given() -> None:
    async def offers(start: float, end: float) -> Sequence[OfferRecord]:
        rows = [
            offer(A101, NOON - 20, NOON - 10, OfferResult.CONNECTED),
            offer(A101, NOON - 50, NOON - 40, OfferResult.BUSY),
        ]
        return [row for row in rows if start <= row.rung_at < end]

    async def ready(start: float, end: float) -> Sequence[ReadySpan]:
        return [ReadySpan(A101, NOON - 30, NOON - 20)]

    bare = await desk().report()
    assert (bare["items"][0]["agent_answer_rate"], bare["items"][0]["occupancy"]) == (None, None)
    full = await desk(offers=offers, ready=ready).report()
    assert (full["items"][0]["agent_answer_rate"], full["items"][0]["occupancy"]) == (0.5, 0.5)


async def test_the_formula_is_the_policys_unless_another_is_asked_for() -> None:
    policy = KpiPolicy((KpiRules(formula="answered_only"),))
    rows = [visit(NOON - 60), visit(NOON - 50, Outcome.ABANDONED)]
    own = (await desk(rows, policy=policy).report())["items"][0]
    assert own["service_level"] == {"formula": "answered_only", "threshold_seconds": 20.0, "value": 1.0}
    asked = (await desk(rows, policy=policy).report(formula="strict"))["items"][0]
    assert asked["service_level"] == {"formula": "strict", "threshold_seconds": 20.0, "value": 0.5}
    assert set(asked["service_levels"]) == set(SERVICE_LEVELS)


async def test_an_empty_group_still_says_its_threshold() -> None:
    rules = KpiRules(exact_targets={(SALES, None): 30.0, (None, Tier.GOLD): 10.0})
    rows = [visit(NOON - 3000, queue=SALES, tier=Tier.GOLD)]
    for group, seconds in ((Grouping.QUEUE, 30.0), (Grouping.TIER, 10.0), (Grouping.NONE, 20.0)):
        report = await desk(rows, policy=KpiPolicy((rules,))).report(NOON - 3600, NOON, 900, group)
        assert report["items"][-1]["service_level"]["threshold_seconds"] == seconds


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"start": NOON, "end": NOON}, "must lie before"),
        ({"start": 0.0, "end": 1e9, "interval": 900}, "too many intervals"),
        ({"interval": 60}, "900, 3600, 86400 or none"),
        ({"formula": "best"}, "strict, abandons_positive"),
    ],
)
async def test_questions_that_cannot_be_answered(question: dict[str, Any], says: str) -> None:
    with pytest.raises(QuestionRefused, match=says):
        await desk().report(**question)


async def test_too_many_rows_are_refused_before_they_are_made() -> None:
    rows = [visit(NOON - 60, queue=QueueName(f"q{number}")) for number in range(60)]
    with pytest.raises(QuestionRefused, match="too many rows"):
        await desk(rows).report(NOON - 86_400, NOON, 900, Grouping.QUEUE)


async def test_a_long_report_lets_other_work_run() -> None:
    turns = 0

    async def other_work() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        other = tasks.create_task(other_work())
        report = await desk([visit(MIDNIGHT + number) for number in range(10 * kpi_desk.STEP)]).report()
        other.cancel()
    assert report["items"][0]["offered"] == 10 * kpi_desk.STEP
    assert turns >= 10
