"""The same script on the simulator and on the real switch: the same visits, by each one's own queue_log."""

from pathlib import Path

import pytest

from simulator.scenario import (
    EndedBy,
    Scenario,
    ScriptedAgent,
    ScriptedCall,
    ScriptedQueue,
    ScriptedTransfer,
)
from simulator.switch import SimulatedSwitch
from tools.ledger_truth import truth
from tools.pbx import Pbx
from tools.sip.play import play
from tools.sip.stage import site_for

SCRIPT = Scenario(
    queues=(ScriptedQueue("support", ring=4.0), ScriptedQueue("billing", ring=10.0, timeout=5.0)),
    agents=(
        ScriptedAgent("101", ("support",), answers_after=1.0),
        ScriptedAgent("102", ("support",), answers_after=None),
        ScriptedAgent("bo", ("billing",), answers_after=1.0),
        ScriptedAgent("105", (), answers_after=0.5),
    ),
    calls=(
        ScriptedCall(0.0, "+15550150", "support", "Anna Aalto", talk=9.0),
        ScriptedCall(0.5, "+15550151", "billing", "王小明", talk=6.0, hold=(1.0, 2.0)),
        ScriptedCall(1.5, "+15550152", "support", talk=3.0, ended_by=EndedBy.AGENT),
        ScriptedCall(2.0, "+15550153", "billing", talk=3.0),
        ScriptedCall(3.3, "+15550154", "support", "José".encode("latin-1"), patience=3.0),
        ScriptedCall(17.0, "+15550155", "support", talk=6.0, transfer=ScriptedTransfer("blind", "105", 2.0)),
        ScriptedCall(
            25.0, "+15550156", "support", talk=9.0, transfer=ScriptedTransfer("attended", "105", 2.0, 2.0)
        ),
        ScriptedCall(
            26.0, "+15550157", "billing", talk=4.0, transfer=ScriptedTransfer("blind", "support", 1.5)
        ),
    ),
    length=48.0,
)
EXACT = ("number", "queue", "outcome", "agent", "ended_by", "closing_event", "ringnoanswer")
SECONDS = ("wait", "hold", "talk", "ring")


@pytest.mark.live
@pytest.mark.timeout(240)
async def test_the_same_script_gives_the_same_visits(tmp_path: Path) -> None:
    async with SimulatedSwitch(tmp_path, speed=100) as switch:
        await switch.play(SCRIPT)
    simulated = truth(switch.queue_log.read_text())
    with Pbx(site=site_for(SCRIPT)) as pbx:
        await play(SCRIPT, pbx)
        real = truth(pbx.queue_log.read_text())
    order = ("number", "queue")
    simulated.sort(key=lambda visit: [visit[key] for key in order])
    real.sort(key=lambda visit: [visit[key] for key in order])
    assert [[visit.get(key) for key in EXACT] for visit in simulated] == [
        [visit.get(key) for key in EXACT] for visit in real
    ]
    assert len(real) == 9
    for mine, theirs in zip(simulated, real, strict=True):
        for key in SECONDS:
            assert mine.get(key, 0) == pytest.approx(theirs.get(key, 0), abs=1), (key, mine, theirs)
