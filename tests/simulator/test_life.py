"""Recordings, the clock, a script played twice, and the living centre."""

import asyncio
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from simulator.clock import Clock
from simulator.day import live
from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import Tap, events

SUPPORT, SALES = ScriptedQueue("support", ring=4.0), ScriptedQueue("sales", "ringall", ring=4.0, wrapup=3.0)
BUSY = Scenario(
    queues=(SUPPORT, SALES),
    agents=(
        ScriptedAgent("101", ("support",), 1.0),
        ScriptedAgent("102", ("support", "sales"), 2.0),
        ScriptedAgent("103", ("sales",), None),
    ),
    calls=(
        *(
            ScriptedCall(2.0 * number, f"+1202555010{number}", "support", talk=6.0 + number)
            for number in range(6)
        ),
        ScriptedCall(3.0, "+12025550110", "sales", talk=5.0, ended_by=EndedBy.AGENT, hold=(1.0, 2.0)),
        ScriptedCall(4.0, "+12025550111", "support", patience=3.0),
        ScriptedCall(
            5.0, "+12025550112", "support", talk=20.0, transfer=ScriptedTransfer("blind", "sales", 3.0)
        ),
        ScriptedCall(
            30.0, "+12025550113", "support", talk=20.0, transfer=ScriptedTransfer("attended", "103", 3.0, 2.0)
        ),
    ),
    length=90.0,
)


async def played(
    folder: Path, seed: int = 1, epoch: float = 1795311200.0
) -> tuple[list[str], SimulatedSwitch]:
    async with SimulatedSwitch(folder, speed=200, seed=seed, epoch=epoch) as switch:
        await switch.play(BUSY)
    first = None
    lines = []
    for line in switch.queue_log.read_text().splitlines()[1:]:
        at, _, rest = line.partition("|")
        first = first or int(at)
        lines.append(f"{int(at) - first}|{rest.replace(str(first)[:5], 'T')}")
    return [line.split("|")[0] + "|" + "|".join(line.split("|")[2:]) for line in lines], switch


async def test_the_same_script_gives_the_same_ledger_to_the_second(tmp_path: Path) -> None:
    first, _ = await played(tmp_path / "a")
    second, _ = await played(tmp_path / "b")
    assert [line.partition("|sim-")[0] for line in first] == [line.partition("|sim-")[0] for line in second]
    kinds = {line.split("|")[3] for line in first}
    assert kinds >= {
        "ENTERQUEUE",
        "CONNECT",
        "COMPLETECALLER",
        "COMPLETEAGENT",
        "ABANDON",
        "BLINDTRANSFER",
        "RINGNOANSWER",
    }


async def test_every_visit_ends_exactly_once(tmp_path: Path) -> None:
    lines, switch = await played(tmp_path)
    ends = {
        "COMPLETECALLER",
        "COMPLETEAGENT",
        "ABANDON",
        "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
        "EXITWITHTIMEOUT",
    }
    kinds = [line.split("|")[3] for line in lines]
    assert kinds.count("ENTERQUEUE") == sum(kind in ends for kind in kinds) == 11
    assert switch.exchange.channels == {}
    assert switch.exchange.bridges == {}
    assert all(not phone.channels for phone in switch.exchange.phones.values())


async def test_a_recording_is_as_long_as_the_talk_and_marked_when_whole(tmp_path: Path) -> None:
    scenario = Scenario(
        (SUPPORT,),
        (ScriptedAgent("101", ("support",), 1.0),),
        (ScriptedCall(0.0, "+12025550101", "support", talk=12.0, hold=(4.0, 5.0)),
         ScriptedCall(1.0, "+12025550102", "support", patience=2.0)),
        30.0,
    )  # fmt: skip
    async with SimulatedSwitch(tmp_path, speed=100) as switch, Tap(switch.ami_port) as tap:
        await switch.play(scenario)
        names = [event["Recording"] for event in events(tap.raw) if event.get("UserEvent") == "CtiRecording"]
        channels = [
            event["Uniqueid"] for event in events(tap.raw) if event.get("UserEvent") == "CtiRecording"
        ]
    assert sorted(path.name for path in switch.monitor.iterdir()) == sorted(
        [file for name in names for file in (*halves(name), f"{name}.done")]
    )
    for name, uniqueid in zip(names, channels, strict=True):
        assert name.startswith(f"{uniqueid}-")
    voices = []
    for half in halves(names[0]):
        with wave.open(str(switch.monitor / half)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
            assert file.getnframes() / 8000 == pytest.approx(12.0, abs=0.05)
            voices.append(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float))
    customer, agent = np.abs(voices)
    assert (customer + agent)[: 4 * 8000].mean() > 300
    assert (customer + agent)[int(4.1 * 8000) : int(8.9 * 8000)].max() == 0  # on hold
    spoken = np.minimum(customer, agent)  # one speaks, the other listens
    assert (spoken > 500).mean() < 0.01 < (customer > 500).mean()
    for half in halves(names[1]):
        with wave.open(str(switch.monitor / half)) as file:
            assert file.getnframes() == 0


def halves(name: str) -> list[str]:
    return [name.replace(".wav", f".{who}.wav") for who in ("customer", "agent")]


async def test_the_clock_keeps_appointments_exactly_and_in_order() -> None:
    clock = Clock(speed=1000, epoch=1000.0)
    seen: list[tuple[str, float]] = []
    clock.after(5.0, lambda: seen.append(("second", clock.now())))
    clock.after(2.0, lambda: clock.after(1.0, lambda: seen.append(("first", clock.now()))))
    clock.after(3.5, lambda: seen.append(("never", 0.0))).cancel()
    start = clock.now()
    await clock.sleep(6.0)
    assert [name for name, _ in seen] == ["first", "second"]
    assert seen[1][1] - start == pytest.approx(5.0, abs=0.5)
    clock.stop()


async def test_time_slows_down_while_somebody_outside_thinks() -> None:
    clock = Clock(speed=100)
    before = clock.now()
    with clock.unhurried():
        await asyncio.sleep(0.2)
        assert clock.now() - before < 5  # it would be 20
    await asyncio.sleep(0.05)
    assert clock.now() - before > 3
    clock.stop()


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=0)


async def test_the_centre_is_alive_within_ten_seconds_and_stays_so(tmp_path: Path) -> None:
    customers = [(f"+1202555{number:04}", f"Customer {number}") for number in range(100, 180)]
    waiting: list[int] = []
    async with SimulatedSwitch(tmp_path, speed=60) as switch, Tap(switch.ami_port) as tap:
        begin = switch.clock.now()
        living = asyncio.ensure_future(live(switch, customers=customers))
        while switch.clock.now() < begin + 600:
            await switch.clock.sleep(10)
            waiting.append(sum(len(queue.callers) for queue in switch.exchange.queues.values()))
        heard = events(tap.raw)
        assert not living.done()
        living.cancel()
    assert waiting[0] >= 2
    assert max(waiting) <= 12
    assert sum(2 <= count <= 7 for count in waiting) > 0.8 * len(waiting)
    kinds = {event["Event"] for event in heard}
    assert {"AgentConnect", "Hold", "QueueMemberPause", "QueueCallerAbandon"} <= kinds
    callers = [event for event in heard if event["Event"] == "QueueCallerJoin"]
    assert 55 <= len(callers) <= 120
    assert any(event["CallerIDName"].startswith("Customer") for event in callers)
    assert any(event["CallerIDName"] == "<unknown>" for event in callers)


async def test_the_centre_loses_its_ami_connection_now_and_then(tmp_path: Path) -> None:
    async with SimulatedSwitch(tmp_path, speed=200) as switch, Tap(switch.ami_port) as tap:
        living = asyncio.ensure_future(live(switch, customers=[]))
        await asyncio.wait_for(tap.closed.wait(), 10)
        living.cancel()


async def test_it_starts_from_the_command_line(tmp_path: Path) -> None:
    import sys

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--folder", str(tmp_path), "--ami-port", "0",
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        port = int(line.partition("127.0.0.1:")[2].partition(",")[0])
        async with Tap(port) as tap:
            start = time.monotonic()
            await tap.wait("BridgeEnter")
            assert time.monotonic() - start < 10
    finally:
        process.terminate()
        await process.wait()


async def test_a_failed_appointment_is_not_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept: list[str] = []
    with pytest.raises(ZeroDivisionError):
        async with SimulatedSwitch(tmp_path, speed=100) as switch:
            switch.clock.after(1.0, lambda: kept.append(str(1 // 0)))
            switch.clock.after(2.0, lambda: kept.append("later ones are kept all the same"))
            await switch.clock.sleep(3.0)
    assert kept == ["later ones are kept all the same"]
    assert "ZeroDivisionError" in caplog.text
