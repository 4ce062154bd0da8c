"""Cases in which everything is right, to be spoilt by the checker's own tests: from golden traces, and from the simulator.

Only here the product is asked, for what it makes of a capture: the checker itself never imports it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from cti.domain.changes import event_json
from cti.domain.events import (
    CallBlocked,
    CallCleared,
    CallQueued,
    CallsMerged,
    Event,
    SegmentEnded,
    VisitEnded,
)
from cti.domain.export import call_json
from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.cti.replaying import SCENARIOS, TRACES, hear, signals_of
from tests.simulator.tap import Tap

PBX = "pbx1"
NUMBERED = (CallBlocked, CallCleared, CallQueued, CallsMerged, SegmentEnded, VisitEnded)


def from_traces(folder: Path) -> Path:
    """All captures of the real switch, one after another as they were played."""
    place = folder / PBX
    place.mkdir()
    told: list[Event] = []
    for scene in sorted(
        SCENARIOS, key=lambda name: json.loads((TRACES / name / "meta.json").read_text())["started"]
    ):
        told += hear(signals_of((TRACES / scene / "ami.raw").read_bytes())).events
        for file in ("queue_log", "cel.csv", "cdr.csv", "ami.raw"):
            with (place / file).open("ab") as whole:
                whole.write((TRACES / scene / file).read_bytes())
    _write(folder, told)
    return folder


async def from_the_simulator(folder: Path) -> Path:
    """Forty calls of every kind within a minute of the switch's time."""
    agents = [str(number) for number in range(101, 113)]
    queues = (
        ScriptedQueue("support", "rrmemory", ring=4.0),
        ScriptedQueue("sales", "rrmemory", timeout=9.0),
        ScriptedQueue("nobody", timeout=3.0, ring=2.0),
    )
    scenario = Scenario(
        queues,
        (
            *(ScriptedAgent(name, ("support", "sales"), 1.0 + int(name) % 3 * 0.4) for name in agents),
            ScriptedAgent("199", ("nobody",), None),
            *(ScriptedAgent(name, (), 0.8) for name in ("120", "121")),
        ),
        tuple(_caller(number) for number in range(40)),
        70.0,
    )
    async with SimulatedSwitch(
        folder / "switch", scenario=scenario, speed=10, epoch=1_795_400_000.0
    ) as switch:
        async with Tap(switch.ami_port) as tap:
            await switch.play(scenario)
            raw = tap.raw
        place = folder / PBX
        place.mkdir()
        shutil.copy(switch.queue_log, place / "queue_log")
        shutil.copy(switch.cel, place / "cel.csv")
    (place / "ami.raw").write_bytes(raw)
    _write(folder, hear(signals_of(raw)).events)
    return folder


def _caller(number: int) -> ScriptedCall:
    transfer = {
        5: ScriptedTransfer("blind", "sales", 2.0),
        6: ScriptedTransfer("attended", "sales", 1.5, 1.0),
        7: ScriptedTransfer("blind", "120", 2.0),
        8: ScriptedTransfer("attended", "121", 1.5, 2.0),
    }.get(number % 10)
    return ScriptedCall(
        at=number * 1.1,
        number=f"+1555010{number:04}",
        queue="nobody" if number % 10 == 2 else "sales" if number % 4 == 0 else "support",
        patience=0.7 if number % 10 == 9 else None,
        talk=7.0 if transfer else 4.0,
        hold=(1.0, 1.2) if number % 10 == 3 else None,
        ended_by=EndedBy.AGENT if number % 3 == 0 else EndedBy.CALLER,
        transfer=transfer,
    )


def _write(folder: Path, told: Iterable[Event]) -> None:
    told = list(told)
    records = [event.record for event in told if isinstance(event, CallCleared)]
    exported = []
    for record in sorted(records, key=lambda one: (one.started_at, one.call)):
        more = {"pbx": PBX, "tier": record.tier, "customer": record.customer, "version": 1, "source": "ami"}
        exported.append({"call": call_json(record) | more})
    exported.append({"agent_state": {"at": 1.0, "agent": "101", "state": "ready", "reason": None}})
    gap = {
        "pbx": PBX,
        "kind": "reconnect",
        "since": 1.0,
        "until": 2.0,
        "state": "closed",
        "evidence": "ledger",
    }
    exported += [{"gap": gap}, {"drift": {"pbx": PBX, "kind": "lost", "count": 0}}]
    changes = []
    for seq, event in enumerate((event for event in told if isinstance(event, NUMBERED)), 1):
        payload = {"id": f"{PBX}-{seq}", "seq": seq, **event_json(event)}
        changes.append(
            {"at": event.at, "topic": f"cti/v1/{PBX}/calls/{event.call}/events", "payload": payload}
        )
    lines(folder / "export.jsonl", exported)
    lines(folder / "mqtt.jsonl", changes)


def lines(file: Path, told: Iterable[Any]) -> None:
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in told))
