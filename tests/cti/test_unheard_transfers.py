"""What happened while nobody heard: that a customer was passed on, to whom, and by whom."""

import pytest

from cti.domain.ledger_reader import LedgerReader
from cti.domain.ledger_visits import PassedOn
from cti.domain.versions import changes
from tests.cti.reconciling import PBX, entries, following, frames, hear, judged, kind
from tests.cti.replaying import TRANSFERS
from tests.cti.unheard import BASE, GAP, PASSED_ON, ledger, told_by_the_ledger


class Near(float):
    """A moment of ours, or of the ledger in whole seconds."""

    def __eq__(self, other):
        return abs(self - other) <= 1.1

    __hash__ = float.__hash__


def handed_over(calls):
    return [
        (one.kind, one.from_agent, one.to, one.result, Near(one.at))
        for call in calls
        for one in call.transfers
    ]


@pytest.mark.parametrize("scenario", TRANSFERS)
def test_a_transfer_that_was_not_heard_is_told_by_the_ledger(scenario):
    """A real one, less the one message that tells it: a hole in the numbers, so a gap."""
    stream = frames(scenario)
    whole = hear(stream, following(scenario))
    [transfer] = handed_over(whole.records)
    deaf = hear(
        [one for one in stream if kind(one) not in {"AttendedTransfer", "BlindTransfer"}], following(scenario)
    )
    assert handed_over(deaf.records) == []
    assert deaf.gaps
    case = judged(deaf.records, entries(scenario), deaf.gaps)
    calls = [call for call, _ in case.corrected(0.0)]
    if (
        scenario == "attended_to_queue_varset"
    ):  # the other agent talks in the asking leg's call, to the last we heard
        transfer = (*transfer[:2], None, *transfer[3:])
    assert handed_over(calls) == [transfer]
    assert [one.what for call in calls for one in call.timeline].count("CallTransferred") == 1
    assert {one.agent for call in calls for one in call.segments if one.transferred} == {transfer[1]}
    before = {call.call: call for call in deaf.records}
    told = [one for call in calls for one in changes(before.get(call.call), call).get("transfers", ())]
    assert told == [[], [f"{transfer[0]}: 101 → {transfer[2] or '?'}"]]
    again = judged(calls, entries(scenario), deaf.gaps)
    assert handed_over(again.calls.values()) == [transfer]


@pytest.mark.parametrize("scenario", TRANSFERS)
def test_a_transfer_that_was_heard_is_not_told_again(scenario):
    """Whatever else is missing."""
    stream = frames(scenario)
    lost = next(place for place, one in enumerate(stream) if kind(one) == "QueueCallerLeave")
    heard = hear([*stream[:lost], *stream[lost + 1 :]], following(scenario))
    case = judged(heard.records, entries(scenario), [(0.0, heard.gaps[-1][1])])
    assert len(handed_over(case.calls.values())) == 1


def test_a_call_that_the_ledger_alone_knows_tells_how_it_was_passed_on():
    call = told_by_the_ledger(*PASSED_ON)
    assert [tuple(one) for one in call.transfers] == [(BASE + 2.0, "blind", "101", "support", "success")]
    asked = (
        *PASSED_ON[:2],
        f"{BASE + 1}|c9|sales|NONE|ENTERQUEUE||101|1",
        f"{BASE + 2}|c9|sales|102|CONNECT|1|a2|1",
        f"{BASE + 4}|c1|support|101|ATTENDEDTRANSFER|BRIDGE|b1|1|3|1",
        f"{BASE + 9}|c1|sales|102|COMPLETEAGENT|1|7|1",
    )
    call = next(one for one in judged([], ledger(*asked), [GAP]).calls.values() if one.uniqueid == "c1")
    assert [(one.kind, one.to) for one in call.transfers] == [("attended", "102")]


def test_what_the_ledger_says_of_a_transfer_outlives_a_restart_of_its_reader():
    reader = LedgerReader(PBX)
    for line in PASSED_ON[:2]:
        reader.feed(line)
    reader.take()
    resumed = LedgerReader.resumed(PBX, reader.memento())
    resumed.feed(PASSED_ON[2])
    [entry] = resumed.take()
    assert entry.passed_on == PassedOn("blind", "support")
