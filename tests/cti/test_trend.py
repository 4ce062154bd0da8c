"""Today by quarters of an hour: the same counts as the key figures of those quarters."""

from collections.abc import Sequence
from typing import Any

from cti.domain.identifiers import QueueName
from cti.domain.records import Outcome, VisitRecord
from cti.domain.sheets import Grouping
from cti.domain.targets import KpiPolicy
from cti.domain.trend import QUARTER
from cti.service.kpi_desk import KpiDesk
from tests.cti.floors import MIDNIGHT, NOON, ZONE, Floor
from tests.cti.kpi_records import SALES, SUPPORT, visit
from tests.cti.test_kpi_desk import Journal

VISITS = [
    visit(MIDNIGHT - 1, Outcome.ANSWERED, 5.0),  # yesterday's
    visit(NOON, Outcome.ANSWERED, 7.0),
    visit(NOON + 899, Outcome.ANSWERED, 61.5),
    visit(NOON + 899.9, Outcome.ABANDONED, 3.0, queue=SALES),
    visit(NOON + 900, Outcome.TIMEOUT, 300.0),
]
REFUSED: Sequence[tuple[float, QueueName, None]] = [(NOON + 905, SUPPORT, None)]


def rows(floor: Floor, at: float) -> dict[tuple[float, str | None], dict[str, Any]]:
    return {(row["from"], row["queue"]): row for row in floor.show(at)["trend"]}


async def test_quarters_are_those_of_the_key_figures() -> None:
    floor = Floor()
    floor.board.recount(NOON + 1000, VISITS, REFUSED, [])
    floor.join("a", NOON + 990)
    told = rows(floor, NOON + 1000)

    class Clock:
        def now(self) -> float:
            return NOON + 1000

    waiting: VisitRecord = visit(NOON + 990, None, None)
    journal: Any = Journal(VISITS, [], [*REFUSED])
    desk = KpiDesk(journal, lambda: ([waiting], []), KpiPolicy(), Clock(), ZONE)
    for grouping in (Grouping.NONE, Grouping.QUEUE):
        report = await desk.report(interval=QUARTER, group_by=grouping)
        for item in report["items"]:
            mine = told.pop((item["from"], item["group"]), None)
            counts = (item["offered"], item["answered"], item["abandoned"])
            if mine is None:
                assert counts == (0, 0, 0)
                continue
            assert (mine["offered"], mine["answered"], mine["abandoned"]) == counts
            assert mine["service_level"] == item["service_level"]["value"]
    assert told == {}


def test_the_longest_wait_of_a_quarter_is_that_of_its_unluckiest_caller() -> None:
    floor = Floor()
    floor.board.recount(NOON + 1000, VISITS, REFUSED, [])
    told = rows(floor, NOON + 1000)
    assert {place: row["longest_waited_seconds"] for place, row in told.items()} == {
        (NOON, None): 61.5,
        (NOON, "support"): 61.5,
        (NOON, "sales"): 3.0,
        (NOON + 900, None): 300.0,
        (NOON + 900, "support"): 300.0,
    }


def test_a_row_moves_when_something_is_counted_and_empties_at_midnight() -> None:
    floor = Floor()
    floor.join("a", NOON + 1)
    assert rows(floor, NOON + 2)[NOON, "support"]["offered"] == 1
    floor.end("a", NOON + 1, NOON + 5, Outcome.ABANDONED)
    support = rows(floor, NOON + 6)[NOON, "support"]
    assert (support["offered"], support["abandoned"], support["service_level"]) == (1, 1, 0.0)
    assert floor.show(MIDNIGHT + 86_400)["trend"] == []
