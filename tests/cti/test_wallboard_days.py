"""The live floor at midnight and after a restart."""

from typing import Any

from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from tests.cti.floors import MIDNIGHT, NOON, Floor
from tests.cti.kpi_records import SUPPORT, segment, visit
from tests.cti.test_kpi_desk import Journal


def test_midnight_begins_a_new_day_for_those_who_arrive_after_it() -> None:
    floor = Floor()
    eve = MIDNIGHT + 86_400
    floor.join("old", eve - 30)
    floor.join("new", eve + 1)
    floor.end("old", eve - 30, eve + 5, Outcome.ABANDONED)
    floor.answer("new", eve + 1, eve + 5)
    floor.finish("talked", eve - 60, eve + 6)  # began yesterday
    shown = floor.show(eve + 10)
    assert (shown["tiles"]["offered"], shown["tiles"]["abandoned"], shown["tiles"]["answered"]) == (1, 0, 1)
    assert floor.agent(at=eve + 10)["handled"] == 0
    numbers = floor.board.numbers(eve + 10)
    assert (
        numbers.visits[SUPPORT, "unknown", "abandoned"],
        numbers.visits[SUPPORT, "unknown", "answered"],
    ) == (1, 1)


def test_a_quiet_floor_turns_at_midnight_too() -> None:
    floor = Floor()
    floor.end("a", NOON, NOON + 5, Outcome.ABANDONED)
    assert floor.show(NOON)["tiles"]["abandoned"] == 1
    assert floor.show(MIDNIGHT + 86_400)["tiles"]["abandoned"] == 0


async def test_a_restart_takes_up_today_from_the_journal() -> None:
    floor = Floor()
    journal: Any = Journal(
        [visit(MIDNIGHT - 5), visit(MIDNIGHT + 5, tier=Tier.IRON), visit(NOON - 9, Outcome.ABANDONED)],
        [
            segment(MIDNIGHT - 50, MIDNIGHT + 50),
            segment(NOON - 100, NOON - 40, wrap_up_seconds=20.0),
        ],
        [(NOON - 1, None, None), (NOON - 1, SUPPORT, "gold")],
    )
    await floor.board.load(journal, NOON)
    tiles = floor.show()["tiles"]
    assert (tiles["offered"], tiles["answered"], tiles["abandoned"], tiles["blocked"]) == (2, 1, 1, 2)
    assert (tiles["aht_seconds"], floor.agent()["handled"]) == (80.0, 1)
    assert floor.show()["queues"][0]["tiers"]["iron"]["offered"] == 1
    assert sum(floor.board.numbers(NOON).visits.values()) == 0  # counters count what happened since the start
