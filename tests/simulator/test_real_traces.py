"""The simulator against the real switch: the same scene gives the same ledger, the same events, the same headers."""

import asyncio
import csv
import re
from functools import partial
from pathlib import Path

import pytest

from simulator.scenario import ScriptedAgent
from simulator.switch import SimulatedSwitch
from tests.simulator.scenes import QUEUES, SCENES, Scene, Stage
from tests.simulator.tap import ACTIONS, Tap, events, frames, ledger

TRACES = Path(__file__).resolve().parents[1] / "traces"
_played: dict[str, tuple[bytes, str, str]] = {}


async def played(name: str, folder: Path) -> tuple[bytes, str, str]:
    """The bytes an event account hears and the two ledgers the scene leaves; played once for all tests."""
    if name not in _played:
        _played[name] = await play(SCENES[name], folder)
    return _played[name]


async def play(scene: Scene, folder: Path) -> tuple[bytes, str, str]:
    async with SimulatedSwitch(folder, speed=60, systemname="tierline", epoch=1795317060.0) as switch:
        for settings, _ in QUEUES.values():
            switch.add_queue(settings)
        for name in ("101", "102", "103", "104", "105", "106"):
            queues = tuple(queue for queue, (_, members) in QUEUES.items() if name in members)
            switch.add_agent(ScriptedAgent(name, queues, scene.agents.get(name)))
        async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as actions:
            for name in ("101", "102", "103", "104", "105", "106"):
                if name not in scene.agents:
                    switch.unplug(name)
            tap.raw = tap.raw[: tap.raw.find(b"\r\n") + 2]
            begin = -(-switch.clock.now() // 1)
            await switch.clock.sleep(begin + 0.18 - switch.clock.now())  # as real calls, not on the dot
            for script in scene.calls:
                switch.clock.after(script.at, partial(switch.call, script))
            if scene.act is not None:
                await Stage(switch, actions).play(scene.act)
            await switch.clock.sleep(scene.length)
            await asyncio.sleep(0.05)
        return tap.raw, switch.queue_log.read_text(encoding="utf-8"), switch.cel.read_text(encoding="utf-8")


def close(ours: list[str], theirs: list[str]) -> bool:
    """Equal, numbers of seconds within one, of milliseconds within 150."""
    if len(ours) != len(theirs):
        return False
    for mine, real in zip(ours, theirs, strict=True):
        fields = list(zip(mine.split("|"), real.split("|"), strict=False))
        if mine.count("|") != real.count("|"):
            return False
        for one, other in fields:
            both_numbers = re.fullmatch(r"\d{1,5}", one) and re.fullmatch(r"\d{1,5}", other)
            if one != other and not (
                both_numbers and abs(int(one) - int(other)) <= (150 if int(other) > 600 else 1)
            ):
                return False
    return True


@pytest.mark.parametrize("name", SCENES)
async def test_same_ledger(name: str, tmp_path: Path) -> None:
    _, mine, _ = await played(name, tmp_path)
    ours, theirs = ledger(mine), ledger((TRACES / name / "queue_log").read_text(encoding="utf-8"))
    assert close(ours, theirs), "\n".join(["ours:", *ours, "the real switch:", *theirs])


# What changes the meaning of a call, with the header that says how. Per channel, because Asterisk promises no more.
TELLING = {
    "Newchannel": "ChannelStateDesc", "Newstate": "ChannelStateDesc", "QueueCallerJoin": "Position",
    "QueueCallerAbandon": "OriginalPosition", "QueueCallerLeave": "Count", "AgentConnect": "MemberName",
    "BridgeEnter": "BridgeNumChannels", "BridgeLeave": "Uniqueid", "Hold": "Exten", "Unhold": "Exten",
    "Hangup": "Cause", "UserEvent": "UserEvent", "MixMonitorStart": "Exten", "MixMonitorStop": "Exten",
    "AgentRingNoAnswer": "RingTime", "AgentCalled": "MemberName",
}  # fmt: skip


def stories(raw: bytes) -> dict[str, list[str]]:
    """Channel by channel, in order of birth, what was told about it; member by member, which states it went through."""
    told: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for event in events(raw):
        kind = event["Event"]
        if kind == "Newchannel":
            base = event["Channel"].rpartition("-")[0] + event["Channel"].partition(";")[2]
            names[event["Channel"]] = f"{base} #{sum(each.startswith(base) for each in names.values()) + 1}"
        if kind in TELLING and event.get("Channel") in names:
            value = event[TELLING[kind]] if kind != "BridgeLeave" else "-"  # two threads, either first
            told.setdefault(names[event["Channel"]], []).append(f"{kind} {value}")
    return told


@pytest.mark.parametrize("name", SCENES)
async def test_same_events_in_the_same_order_on_each_channel(name: str, tmp_path: Path) -> None:
    mine, _, _ = await played(name, tmp_path)
    assert stories(mine) == stories((TRACES / name / "ami.raw").read_bytes())


FACTS = {"CHAN_START", "ANSWER", "APP_START", "BRIDGE_ENTER", "BRIDGE_EXIT", "BLINDTRANSFER", "ATTENDEDTRANSFER",
         "APP_END", "HANGUP", "CHAN_END"}  # fmt: skip


def legs(text: str) -> dict[str, list[str]]:
    """Leg by leg, in order of birth, what CEL says about it; the legs by number, for a name can move to another."""
    told: dict[str, list[str]] = {}
    for row in csv.reader(text.splitlines()):
        if row[0] in FACTS:
            what = f" {row[8]} {row[9]}" if row[0] == "APP_START" else ""
            told.setdefault(row[10], []).append(row[0] + what)
    return {str(number): story for number, story in enumerate(told.values())}


@pytest.mark.parametrize("name", SCENES)
async def test_same_channel_events(name: str, tmp_path: Path) -> None:
    _, _, mine = await played(name, tmp_path)
    real = (TRACES / name / "cel.csv").read_text(encoding="utf-8", errors="replace")
    assert {leg: sorted(story) for leg, story in legs(mine).items()} == {
        leg: sorted(story) for leg, story in legs(real).items()
    }
    for one, other in zip(legs(mine).values(), legs(real).values(), strict=True):
        assert [fact for fact in one if fact.startswith("BRIDGE")] == [
            fact for fact in other if fact.startswith("BRIDGE")
        ]


def shapes(raw: bytes) -> dict[str, set[tuple[str, ...]]]:
    """The header names of each kind of event, in order."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for frame in frames(raw):
        if frame[0][0] == "Event" and dict(frame).get("SequenceNumber"):
            found.setdefault(frame[0][1], set()).add(tuple(key for key, _ in frame))
    return found


# Seen on a real switch when app_queue's thread was late and both channels were gone; none of the traces here has it.
BOTH_GONE = ("Queue", "Interface", "MemberName", "HoldTime", "TalkTime", "Reason")


async def test_every_event_has_the_headers_of_the_real_one_in_the_same_order(tmp_path: Path) -> None:
    real: dict[str, set[tuple[str, ...]]] = {}
    for path in sorted(TRACES.glob("*/ami.raw")):
        for kind, seen in shapes(path.read_bytes()).items():
            real.setdefault(kind, set()).update(seen)
    strange = []
    for name in SCENES:
        mine, _, _ = await played(name, tmp_path / name)
        for kind, seen in shapes(mine).items():
            strange += [
                (name, kind, shape)
                for shape in seen - real.get(kind, set())
                if (kind, shape[8:]) != ("AgentComplete", BOTH_GONE)
            ]
    assert strange == []


async def test_privilege_and_source_line_are_the_real_ones(tmp_path: Path) -> None:
    def origins(raw: bytes) -> dict[str, tuple[str, ...]]:
        keys = ("Privilege", "File", "Line", "Func")
        return {event["Event"]: tuple(event[key] for key in keys) for event in events(raw)}

    real: dict[str, tuple[str, ...]] = {}
    for path in sorted(TRACES.glob("*/ami.raw")):
        real |= origins(path.read_bytes())
    for name in ("attended_to_queue_varset", "holds", "pauses", "ringnoanswer_then_second", "queue_full"):
        mine, _, _ = await played(name, tmp_path / name)
        assert origins(mine).items() <= real.items()
