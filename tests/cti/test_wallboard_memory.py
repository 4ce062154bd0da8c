"""The live floor keeps nothing of what is over."""

import gc

from cti.domain import events
from cti.domain.identifiers import CallId, ChannelId, Tier
from cti.domain.records import Outcome
from cti.service.wallboard import KNOWN_CALLERS
from tests.cti.floors import NOON, Floor
from tests.cti.kpi_records import A101, SUPPORT, visit


def run_calls(floor: Floor, first: int, last: int) -> None:
    for number in range(first, last):
        name, at = f"c{number}", NOON + number / 100
        floor.recognise(name, Tier.GOLD, at)
        floor.join(name, at)
        if number % 4:
            record = visit(at, wait=1.0, uniqueid=name, call=CallId(name), tier=Tier.GOLD)
            floor.board.call_delivered(
                events.CallDelivered(at, CallId(name), A101, ChannelId("l"), SUPPORT, 0.5, None, None, None)
            )
            floor.board.visit_ended(events.VisitEnded(at + 1, CallId(name), record))
            floor.board.call_established(
                events.CallEstablished(at + 1, CallId(name), A101, None, SUPPORT, 1.0, 1.0, None)
            )
            floor.finish(name, at + 1, at + 2)
            floor.wrap_up(name, at + 3, 1.0)
        else:
            record = visit(at, Outcome.ABANDONED, 1.0, uniqueid=name, call=CallId(name), tier=Tier.GOLD)
            floor.board.visit_ended(events.VisitEnded(at + 1, CallId(name), record))
        floor.clear(name, at + 3)


def test_memory_is_flat_after_a_hundred_thousand_calls() -> None:
    floor = Floor()
    run_calls(floor, 0, 2_000)
    gc.collect()
    before = len(gc.get_objects())
    run_calls(floor, 2_000, 100_000)
    gc.collect()
    after = len(gc.get_objects())
    assert floor.show()["tiles"]["offered"] == 100_000
    assert after < before + 100
    board = floor.board
    held = (
        board._waiting,
        board._line_of,
        board._callers,
        board._after,
        board._agents._at_call,
        board._meter._after,
    )
    assert [len(kept) for kept in held] == [0] * 6


def test_callers_never_heard_of_again_are_forgotten() -> None:
    floor = Floor()
    for number in range(KNOWN_CALLERS + 10):
        floor.recognise(f"ghost{number}", Tier.LEAD)
    assert len(floor.board._callers) == KNOWN_CALLERS
