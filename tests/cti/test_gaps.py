"""What opens a gap and what ends it, told by the monitor of one switch."""

import pytest

from cti.domain.events import GapOpened, HearingResumed
from cti.domain.gaps import Evidence, Gap, GapKind, GapState, caught_up, verdict
from cti.domain.identifiers import ChannelId, PbxName
from cti.domain.signals import (
    ChannelHeld,
    FrameSetAside,
    LinkLost,
    MessagesMissed,
    SnapshotTaken,
    SwitchBooted,
)
from cti.service.call_monitor import DOUBT, CallMonitor
from tests.journals import Unwritten

PBX = PbxName("pbx1")


class StillClock:
    def now(self) -> float:
        return 1000.0


def told(*signals) -> list[tuple]:
    events: list = []
    monitor = CallMonitor(PBX, events.extend, StillClock(), Unwritten())
    monitor.hear_all([SwitchBooted(1000.0, 50.0), snapshot(1001.0), ChannelHeld(1010.0, ChannelId("c"))])
    events.clear()
    monitor.hear_all(signals)
    return [
        (one.kind, one.since, one.first, one.last) if isinstance(one, GapOpened) else ("resumed", one.at)
        for one in events
        if isinstance(one, (GapOpened, HearingResumed))
    ]


def snapshot(at: float) -> SnapshotTaken:
    return SnapshotTaken(at, (), (), ())


def test_a_lost_line_is_a_gap_from_the_last_thing_heard_to_the_next_look() -> None:
    assert told(LinkLost(1020.0, "reset", 1020.0), SwitchBooted(1030.0, 80.0), snapshot(1031.0)) == [
        (GapKind.RECONNECT, 1010.0, None, None),
        ("resumed", 1031.0),
    ]


def test_missing_numbers_and_untrusted_frames() -> None:
    assert told(
        MessagesMissed(1012.0, 7, 9), snapshot(1013.0), FrameSetAside(1015.0, "Event occurs twice")
    ) == [
        (GapKind.MISSED, 1010.0 - DOUBT, 7, 9),
        ("resumed", 1013.0),
        (GapKind.SET_ASIDE, 1013.0 - DOUBT, None, None),
    ]


def test_a_restart_is_a_gap_of_its_own_and_begins_where_the_line_was_lost() -> None:
    found = told(LinkLost(1020.0, "shut down", 1020.0), SwitchBooted(1030.0, 2.0), snapshot(1031.0))
    assert found == [
        (GapKind.RECONNECT, 1010.0, None, None),
        (GapKind.SWITCH_RESTART, 1010.0, None, None),
        ("resumed", 1031.0),
    ]


def test_a_look_without_a_doubt_says_nothing() -> None:
    assert told(snapshot(1020.0), snapshot(1030.0)) == []


GAP = Gap(PBX, GapKind.MISSED, 100.0, 110.0, 111.0, 7, 9, GapState.OPEN, None, {})


@pytest.mark.parametrize(
    ("gap", "evidence", "known", "closed"),
    [
        (GAP, Evidence(115.0, 0, 0, 0, 3, 1), True, True),
        (GAP, Evidence(114.9, 0, 0, 0, 3, 1), False, False),  # the margin
        (GAP, Evidence(None, 0, 0, 0, 3, 1), False, False),  # the ledger cannot be read
        (GAP, Evidence(500.0, 1, 0, 0, 3, 1), False, False),  # a visit was not compared
        (GAP, Evidence(500.0, 0, 1, 0, 3, 1), True, False),  # one lasts: nothing more can be known by now
        (GAP, Evidence(500.0, 0, 0, 1, 3, 1), True, False),  # one differs
        (GAP._replace(until=None), Evidence(500.0, 0, 0, 0, 3, 1), False, False),  # it is not over
        (GAP, Evidence(500.0, 0, 0, 0, 0, 0), True, True),  # nobody called: shown, too
    ],
)
def test_what_is_known_of_a_gap_and_what_closes_it(
    gap: Gap, evidence: Evidence, known: bool, closed: bool
) -> None:
    assert caught_up(gap, evidence, margin=5.0) is known
    assert (verdict(gap, evidence, margin=5.0) is not None) is closed


def test_gaps_of_one_kind_that_touch_are_one() -> None:
    assert GAP.continues(114.0, GapKind.MISSED)
    assert not GAP.continues(116.0, GapKind.MISSED)
    assert not GAP.continues(105.0, GapKind.RECONNECT)
    longer = GAP.extended(None, 11, 12)
    assert (longer.until, longer.first, longer.last) == (None, 7, 12)


@pytest.mark.parametrize(
    ("since", "until", "touches"),
    [
        (90, 99, False),
        (90, 100, True),
        (105, 106, True),
        (110, 120, True),
        (111, 120, False),
        (90, None, True),
    ],
)
def test_what_touches_a_gap(since: float, until: float | None, touches: bool) -> None:
    assert GAP.touches(since, until) is touches
