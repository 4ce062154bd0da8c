"""Calls that were passed on, as the real switch told of them: every recording stays tied to its call."""

import pytest

from cti.adapters.ami.trace import Replay
from cti.domain.identifiers import PbxName
from recordings.domain.recording import RecordingState
from recordings.service.store_watch import StoreWatch
from tests.cti.replaying import TRACES, TRANSFERS
from tests.recordings.conftest import PBX

PASSED_ON = (*TRANSFERS, "consult_and_return_varset")


def answers(trace) -> list[str]:
    """Who answered each visit, by the switch's own ledger. (A caller who takes a consulting leg's place in line takes
    its visit over, under a Uniqueid of his own there.)
    """
    lines = (line.split("|") for line in (trace / "queue_log").read_text().splitlines())
    return sorted(fields[3].removeprefix("PJSIP/") for fields in lines if fields[4] == "CONNECT")


@pytest.mark.parametrize("trace", PASSED_ON)
async def test_every_answered_visit_has_the_sound_of_all_its_legs(stage, trace):
    player = Replay(PbxName(PBX))
    player.feed((TRACES / trace / "ami.raw").read_bytes())
    calls, _ = player.finish(20.0)
    stage.policy = stage.policy._replace(queues=None)
    stage.start()
    stage.clock.time = max(call.ended_at for call in calls)
    for call in calls:
        for name in call.recordings:
            stage.pair(name, (5, 5))
        stage.cleared(call)
    await stage.after(1)
    rows = await stage.rows()
    assert sorted(row.agent for row in rows) == answers(TRACES / trace)
    assert {row.state for row in rows} == {RecordingState.STORED}
    assert {row.channels for row in rows} == {2}
    told = {call.call: {visit.agent for visit in call.visits} for call in calls}
    for row in rows:
        assert row.agent in told[row.call]
        assert row.file.startswith(f"{row.uniqueid}-")
    stage.clock.time += 5 * 3600
    watch = StoreWatch(stage.store, stage.catalogue, (stage.key_book, stage.wrapper), stage.clock, 4 * 3600)
    await watch.look()
    of_nobody = {file for call in calls for file in call.recordings} - {row.file for row in rows}
    assert {one.reason for one in watch.orphans.items} <= {"no_recording"}
    assert watch.orphans.total == 2 * len(of_nobody), "what no answered visit has is at least listed"
