"""What a real Asterisk leaves in its folder, taken in by a real recorder."""

import asyncio
import io
import time
import wave

import numpy as np
import pytest

from cti.domain.events import RecordingStarted
from cti.domain.records import Outcome
from recordings.domain.recording import RecordingState
from tests.live.switch import Stage as Switch


@pytest.fixture
def recorder(stage, pbx):
    """The stage's recorder, looking into the switch's own folder, by the real clock."""
    stage.clock.now = lambda: time.time() + stage.ahead
    stage.ahead = 0.0
    stage.spool.rmdir()
    stage.spool.symlink_to(pbx.monitor_dir)
    stage.start()
    return stage


async def stored(stage):
    async with asyncio.timeout(10):
        while True:
            await stage.after(0)
            for row in await stage.rows():
                if row.state is RecordingState.STORED:
                    return row
            await asyncio.sleep(0.2)


def loudest(lane: np.ndarray) -> float:
    """The tone (Hz) that is loudest in it."""
    return float(np.abs(np.fft.rfft(lane)).argmax() * 8000 / len(lane))


async def test_the_customer_is_left_the_agent_right_as_long_as_they_were_bridged(recorder, calls, pbx):
    """SIPp's caller hums 440 Hz, its agent 660."""
    stage = recorder
    async with Switch(pbx) as switch:
        await switch.agent("101", answers_after=1.5)
        caller = await switch.caller("5550100", "+15550150")
        named = await switch.ami.event("UserEvent", 10, UserEvent="CtiRecording")
        joined = await switch.ami.event("QueueCallerJoin", 10)
        answered = await switch.ami.event("AgentConnect", 10)
        entered = await switch.ami.event("BridgeEnter", 10, Uniqueid=joined["Uniqueid"])
        await asyncio.sleep(6)
        start = len(switch.ami.events)
        await caller.hang_up()
        left = await switch.ami.event("BridgeLeave", 10, start, Uniqueid=joined["Uniqueid"])
        await switch.ami.event("Hangup", 10, start, Uniqueid=joined["Uniqueid"])
        bridged = float(left["Timestamp"]) - float(entered["Timestamp"])
        visit = calls.visit(
            uniqueid=joined["Uniqueid"],
            joined=float(joined["Timestamp"]),
            wait=float(answered["Timestamp"]) - float(joined["Timestamp"]),
            talk=bridged,
        )
        stage.cleared(calls.record(visit, recordings=[named["Recording"]], ended=float(left["Timestamp"])))
        row = await stored(stage)
    with wave.open(io.BytesIO(await stage.heard(row.path))) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 8000)
        lanes = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2).T.astype(float)
    customer, agent = lanes
    assert loudest(customer) == pytest.approx(440, abs=2)
    assert loudest(agent) == pytest.approx(660, abs=2)
    assert row.duration_seconds == pytest.approx(bridged, abs=0.1)
    assert list(stage.spool.glob(f"{joined['Uniqueid']}*")) == []


async def test_an_answered_call_is_stored_and_an_abandoned_one_leaves_nothing(recorder, calls, pbx):
    stage = recorder
    async with Switch(pbx) as switch:
        await switch.agent("101", answers_after=1.0)
        caller = await switch.caller("5550100", "+15550150")
        named = await switch.ami.event("UserEvent", 10, UserEvent="CtiRecording")
        joined = await switch.ami.event("QueueCallerJoin", 10)
        answered = await switch.ami.event("AgentConnect", 10)
        visit = calls.visit(
            uniqueid=joined["Uniqueid"],
            joined=float(joined["Timestamp"]),
            wait=float(answered["Timestamp"]) - float(joined["Timestamp"]),
        )
        stage.recorder.recording_started(
            RecordingStarted(visit.joined_at, visit.call, named["Uniqueid"], named["Recording"])
        )
        stage.answered(visit)
        await asyncio.sleep(2)
        await stage.recorder.turn()
        growing = await stage.row()
        assert (growing.state, growing.file) == (RecordingState.GROWING, named["Recording"])
        await asyncio.sleep(2)
        start = len(switch.ami.events)
        await caller.hang_up()
        closed = await switch.ami.event("Hangup", 10, start, Uniqueid=joined["Uniqueid"])
        ended = float(closed["Timestamp"])
        talk = calls.segment(visit.outcome_at, ended)
        stage.cleared(calls.record(visit, segments=[talk], recordings=[named["Recording"]], ended=ended))
        for _ in range(20):
            await stage.after(0)
            row = await stage.row()
            if row.state is RecordingState.STORED:
                break
            await asyncio.sleep(0.2)
        assert (row.state, row.note) == (RecordingState.STORED, "")
        with wave.open(io.BytesIO(await stage.heard(row.path))) as sound:
            assert sound.getnchannels() == 2
            assert sound.getnframes() / sound.getframerate() == row.duration_seconds
        assert row.duration_seconds == pytest.approx(ended - visit.outcome_at, abs=1)
        low, high = zip(*(await stage.archivist.waveform(row)).points, strict=True)
        assert min(low) < -0.1 < 0.1 < max(high)  # there is something to hear

        await switch.ami.action("QueuePause", Interface="PJSIP/101", Paused="true")
        start = len(switch.ami.events)
        caller = await switch.caller("5550100", "+15550151")
        await switch.ami.event("QueueCallerJoin", 10, start)
        await caller.hang_up()
        gone = await switch.ami.event("QueueCallerAbandon", 10, start)
        await asyncio.sleep(1)
    left = sorted(file.name for file in stage.spool.iterdir())
    assert left
    assert all(name.startswith(gone["Uniqueid"]) for name in left)
    stage.answered(calls.visit(uniqueid=gone["Uniqueid"], outcome=Outcome.ABANDONED))
    stage.ahead = 3700.0
    await stage.after(0)
    assert list(stage.spool.iterdir()) == []
    assert len(await stage.rows()) == 1
