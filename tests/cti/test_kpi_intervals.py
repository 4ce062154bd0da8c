"""Which interval a call belongs to."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cti.domain.identifiers import AgentId, Tier
from cti.domain.intervals import grid, midnight
from cti.domain.kpi import occupancy
from cti.domain.records import Direction, OfferResult, Outcome
from cti.domain.sheets import Grouping, ReadySpan, Sheet, View
from cti.domain.targets import KpiPolicy, KpiRules
from tests.cti.kpi_records import A101, A102, SALES, SUPPORT, offer, segment, visit

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
LATER = 4e9


def at(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def sheet(
    start: str,
    end: str,
    view: View,
    length: int | None = 1800,
    group: Grouping = Grouping.NONE,
    now: float = LATER,
    zone: ZoneInfo = SHANGHAI,
    policy: KpiPolicy | None = None,
) -> Sheet:
    made = grid(at(start, zone), at(end, zone), 900 if length == 1800 else length, zone)
    if length == 1800:  # the published example has half hours
        made = type(made)(made.edges[::2])
    return Sheet(made, policy or KpiPolicy(), view, group, now, occupancy=True)


def minutes(laid: Sheet) -> list[int]:
    cells = [laid.cells.get((index, None)) for index, _ in enumerate(laid.grid)]
    return [cell.talk_ms // 60_000 if cell else 0 for cell in cells]


@pytest.mark.parametrize(
    ("view", "talk"),
    [(View.AS_POSTED, [0, 16, 30]), (View.CLIPPED, [14, 27, 5]), (View.BY_ARRIVAL, [16, 30, 0])],
)
def test_the_published_pair_of_calls(view: View, talk: list[int]) -> None:
    """09:16 to 09:32 and 09:35 to 10:05: posted 0/16/30 minutes, clipped 14/27/5."""
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:30", view)
    laid.segment(segment(at("2026-11-22T09:16"), at("2026-11-22T09:32"), wrap_up_seconds=0.0))
    laid.segment(segment(at("2026-11-22T09:35"), at("2026-11-22T10:05"), wrap_up_seconds=0.0))
    assert minutes(laid) == talk


@pytest.mark.parametrize(("view", "abandoned"), [(View.BY_ARRIVAL, [1, 0]), (View.AS_POSTED, [0, 1])])
def test_an_abandon_belongs_to_its_arrival_or_to_its_moment(view: View, abandoned: list[int]) -> None:
    """Joins 10:58, hangs up 11:01."""
    laid = sheet("2026-11-22T10:00", "2026-11-22T12:00", view, length=3600)
    laid.visit(visit(at("2026-11-22T10:58"), Outcome.ABANDONED, wait=180.0))
    assert [laid.cells[index, None].abandoned for index in (0, 1)] == abandoned


def test_after_call_work_and_hold_are_clipped_too() -> None:
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:00", View.CLIPPED)
    laid.segment(
        segment(at("2026-11-22T09:00"), at("2026-11-22T09:20"), hold_seconds=240.0, wrap_up_seconds=1200.0)
    )
    first, second = laid.cells[0, None], laid.cells[1, None]
    assert (first.hold_ms, first.wrap_up_ms) == (240_000, 600_000)
    assert (second.hold_ms, second.wrap_up_ms) == (0, 600_000)
    assert (first.handled, second.handled) == (1, 0)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-11-22", SHANGHAI, 24),
        ("2026-03-29", BERLIN, 23),
        ("2026-10-25", BERLIN, 25),
        ("2018-11-04", ZoneInfo("America/Sao_Paulo"), 23),  # midnight itself does not exist
        ("2026-10-04", ZoneInfo("Australia/Lord_Howe"), 23.5),
    ],
)
def test_days_of_the_site_are_as_long_as_they_are(day: str, zone: ZoneInfo, hours: float) -> None:
    noon = at(f"{day}T12:00", zone)
    begin, end = midnight(noon, zone), midnight(noon, zone, days=1)
    assert end - begin == hours * 3600
    quarters = list(grid(begin, end, 900, zone))
    assert len(quarters) == hours * 4
    assert quarters[0][0] == begin
    assert quarters[-1][1] == end
    assert list(grid(begin, end, 86_400, zone)) == [(begin, end)]


def test_a_week_with_a_long_day_is_cut_at_each_local_midnight() -> None:
    start, end = at("2026-10-24T00:00", BERLIN), at("2026-10-27T00:00", BERLIN)
    assert [finish - begin for begin, finish in grid(start, end, 86_400, BERLIN)] == [86_400, 90_000, 86_400]


def test_outer_intervals_are_cut_to_what_was_asked() -> None:
    start, end = at("2026-11-22T09:10"), at("2026-11-22T09:50")
    assert list(grid(start, end, 900, SHANGHAI)) == [
        (start, at("2026-11-22T09:15")),
        (at("2026-11-22T09:15"), at("2026-11-22T09:30")),
        (at("2026-11-22T09:30"), at("2026-11-22T09:45")),
        (at("2026-11-22T09:45"), end),
    ]


def test_what_is_not_over_makes_its_interval_provisional() -> None:
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:30", View.BY_ARRIVAL, now=at("2026-11-22T10:10"))
    laid.visit(visit(at("2026-11-22T09:05")))
    assert laid.provisional == set()
    laid.visit(visit(at("2026-11-22T09:31"), None))
    assert laid.provisional == {1}
    laid.segment(
        segment(at("2026-11-22T09:40"), at("2026-11-22T10:09"))
    )  # its after-call work may still come
    assert laid.provisional == {1, 2}


def test_an_interval_is_final_once_after_call_work_can_come_no_more() -> None:
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:30", View.BY_ARRIVAL, now=at("2026-11-22T10:10"))
    laid.segment(segment(at("2026-11-22T09:40"), at("2026-11-22T09:59")))
    assert laid.provisional == set()


def test_groups() -> None:
    records = [
        visit(at("2026-11-22T09:01"), queue=SALES, tier=Tier.GOLD, agent=A102),
        visit(at("2026-11-22T09:02"), Outcome.ABANDONED, tier=Tier.GOLD),
        visit(at("2026-11-22T09:03")),
    ]
    found = {}
    for group in Grouping:
        laid = sheet("2026-11-22T09:00", "2026-11-22T10:00", View.BY_ARRIVAL, length=None, group=group)
        for record in records:
            laid.visit(record)
        laid.blocked(at("2026-11-22T09:04"), SUPPORT, Tier.IRON)
        found[group] = {key[1]: (cell.offered, cell.blocked) for key, cell in laid.cells.items()}
    assert found == {
        Grouping.NONE: {None: (3, 1)},
        Grouping.QUEUE: {"sales": (1, 0), "support": (2, 1)},
        Grouping.TIER: {"gold": (2, 0), None: (1, 0), "iron": (0, 1)},
        Grouping.AGENT: {"102": (1, 0), "101": (1, 0), None: (1, 1)},
    }


def test_each_visit_is_judged_by_the_rules_of_its_day() -> None:
    change = at("2026-11-23T00:00")
    policy = KpiPolicy((KpiRules("1", 0.0, target_seconds=20.0), KpiRules("2", change, target_seconds=10.0)))
    laid = sheet("2026-11-22T00:00", "2026-11-24T00:00", View.BY_ARRIVAL, length=86_400, policy=policy)
    laid.visit(visit(change - 1, wait=15.0))
    laid.visit(visit(change, wait=15.0))
    assert [laid.cells[day, None].answered_in_target for day in (0, 1)] == [1, 0]


@pytest.mark.parametrize("view", View)
def test_occupancy_is_clipped_in_every_view(view: View) -> None:
    """09:50 to 10:20 in conversation after ten seconds of ringing, ready before it from 09:00."""
    laid = sheet("2026-11-22T09:00", "2026-11-22T11:00", view, length=3600, group=Grouping.AGENT)
    began, ended = at("2026-11-22T09:50"), at("2026-11-22T10:20")
    laid.offer(offer(A101, began - 10, began, OfferResult.CONNECTED))
    laid.segment(segment(began, ended, wrap_up_seconds=600.0))
    laid.ready(ReadySpan(A101, at("2026-11-22T09:00"), began - 10))
    laid.ready(ReadySpan(A101, at("2026-11-22T10:30"), None))
    assert occupancy(laid.cells[0, A101]) == 610 / 3600
    assert occupancy(laid.cells[1, A101]) == 0.5


def test_occupancy_counts_outbound_and_internal_conversations_as_work() -> None:
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:00", View.BY_ARRIVAL, length=None, group=Grouping.AGENT)
    nine = at("2026-11-22T09:00")
    laid.segment(segment(nine, nine + 600, direction=Direction.OUTBOUND))
    laid.segment(segment(nine + 600, nine + 900, direction=Direction.INTERNAL))
    laid.ready(ReadySpan(AgentId("101"), nine + 900, nine + 3600))
    assert occupancy(laid.cells[0, A101]) == 0.25


def test_occupancy_is_not_told_of_queues() -> None:
    laid = sheet("2026-11-22T09:00", "2026-11-22T10:00", View.BY_ARRIVAL, length=None, group=Grouping.QUEUE)
    laid.segment(segment(at("2026-11-22T09:00"), at("2026-11-22T09:10")))
    laid.ready(ReadySpan(A101, at("2026-11-22T09:10"), at("2026-11-22T09:20")))
    assert {key: occupancy(cell) for key, cell in laid.cells.items()} == {(0, "support"): None}
