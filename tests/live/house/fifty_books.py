"""What is known of the fifty calls when all is over: by the server, and by the switch's own ledgers and files."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import shutil
import time
import urllib.parse
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from tests.faults.report import Figure
from tests.live.house.desks import Desks
from tests.live.house.fifty import COLLEAGUES, HANDS_ON, PAGE, PROGRAM, Call, Shift, until
from tests.live.house.fifty_day import Day
from tests.live.house.installation import OPERATOR, SUPERVISOR, House, agent, everything, get
from tests.live.house.ledgers import Switch, witness
from tests.live.switch import Stage

PEOPLE = (*map(agent, (PAGE, PROGRAM, HANDS_ON)), SUPERVISOR, OPERATOR)


class Kept(NamedTuple):
    """One recording as the server has it, beside what the switch's own files hold."""

    row: dict[str, Any]
    signals: dict[str, Any] | None
    spans: dict[str, Any]
    served: bytes
    lanes: np.ndarray | None  # of the switch's files, (samples, 2)

    @property
    def sound(self) -> np.ndarray:
        return soundfile.read(io.BytesIO(self.served), dtype="float64", always_2d=True)[0]


class Books(NamedTuple):
    """All that is to be compared."""

    day: Day
    truth: Switch
    connects: list[tuple[str, str, str]]  # uniqueid, queue and agent of each CONNECT of the ledger
    kept: dict[str, list[Kept]]  # by the visit's uniqueid
    stories: dict[str, dict[str, Any]]
    left: list[str]  # in the switch's folder
    store: list[str]
    complaints: list[str]
    figures: list[Figure]  # for people, written down by the tests

    def note(self, what: str, figure: str, goal: str = "", *, reached: bool | None = None) -> None:
        self.figures.append(Figure(what, figure, goal, reached))

    def of(self, call: Call) -> list[Kept]:
        return sorted(self.kept.get(call.uniqueid, []), key=lambda one: one.row["started_at"])

    def stored(self, does: str) -> list[tuple[Call, Kept]]:
        calls = [call for call in self.day.calls if call.does == does]
        return [(call, one) for call in calls for one in self.of(call) if one.row["state"] == "stored"]


async def played(house: House) -> Books:
    begin = time.monotonic()
    async with AsyncExitStack() as stack:
        clients = {
            person.login.removeprefix("agent-"): stack.enter_context(closing(house.client(person)))
            for person in PEOPLE
        }
        stage = await stack.enter_async_context(Stage(house.pbx))
        desks = await stack.enter_async_context(Desks(house))
        shift = Shift(house, stage, clients, await desks.open(agent(PAGE)))
        await shift.agents_come()
        await asyncio.to_thread(house.wait_until_ready)
        for colleague in COLLEAGUES:
            answer = await asyncio.to_thread(
                clients["supervisor"].post, f"/agents/{colleague}/not-ready", json={"reason": "break"}
            )
            assert answer.status_code < 300, answer.text
        day = Day(house, shift, clients["supervisor"], clients["operator"])
        day.figures["seconds until all are at work"] = time.monotonic() - begin
        await day.play()
        day.figures["seconds until the last call was over"] = time.monotonic() - begin
        settled = await _settled(day)
        day.figures["seconds until all is settled and heard"] = time.monotonic() - begin
        shutil.rmtree(shift.sounds)
        (house.folder / "events.json").write_text(json.dumps(stage.ami.events))
        return await asyncio.to_thread(_collect, day, settled)


async def _settled(day: Day) -> list[dict[str, Any]]:
    """Every row once it is at its end, and what is stored once it was heard; after a while, as it stands."""
    connects = _connects(day.house.pbx.queue_log)
    done: dict[str, dict[str, Any]] = {}

    def look() -> bool:
        rows = everything(day.chief, "/recordings")
        for row in rows:
            if row["id"] in done or row["state"] == "expected":
                continue
            shown = get(day.chief, f"/recordings/{row['id']}")
            checked = all(pause["silence"] != "unchecked" for pause in shown["pauses"])
            stored = row["state"] == "stored"
            if not stored or (checked and get(day.chief, f"/recordings/{row['id']}/signals")["signals"]):
                done[row["id"]] = shown
        return len(rows) >= len(connects) and len(rows) == len(done)

    with contextlib.suppress(TimeoutError):
        await until(look, 240, every=1.0)
    return [
        done.get(row["id"]) or get(day.chief, f"/recordings/{row['id']}")
        for row in everything(day.chief, "/recordings")
    ]


def _connects(queue_log: Path) -> list[tuple[str, str, str]]:
    lines = (line.split("|") for line in queue_log.read_text().splitlines())
    return [(fields[1], fields[2], fields[3]) for fields in lines if fields[4] == "CONNECT"]


def _collect(day: Day, rows: list[dict[str, Any]]) -> Books:
    house, chief = day.house, day.chief
    kept: dict[str, list[Kept]] = {}
    for row in rows:
        heard = get(chief, f"/recordings/{row['id']}/signals")
        served = b""
        if row["state"] == "stored":
            answer = chief.get(f"/recordings/{row['id']}/audio")
            assert answer.status_code == 200, answer.text
            served = answer.content
        one = Kept(row, heard["signals"], heard["spans"], served, _witness(day.shift, row["file"]))
        kept.setdefault(row["visit_uniqueid"], []).append(one)
    store = house.folder / "recordings"
    return Books(
        day=day,
        truth=witness(house.pbx, day.shift.stage.ami.events),
        connects=_connects(house.pbx.queue_log),
        kept=kept,
        stories={
            row["call"]: get(chief, f"/calls/{urllib.parse.quote(row['call'], safe='')}") for row in rows
        },
        left=sorted(file.name for file in house.pbx.monitor_dir.iterdir()),
        store=sorted(str(file.relative_to(store)) for file in store.rglob("*") if file.is_file()),
        complaints=house.server.complaints(),
        figures=[],
    )


def _witness(shift: Shift, file: str | None) -> np.ndarray | None:
    """What the switch wrote."""
    if file is None:
        return None
    lanes = []
    for half in shift.halves(file):
        if not (shift.witness / half).exists() or (shift.witness / half).stat().st_size <= 44:
            return None
        lanes.append(soundfile.read(shift.witness / half, dtype="float64")[0])
    whole = np.zeros((max(map(len, lanes)), 2))
    for side, lane in enumerate(lanes):
        whole[: len(lane), side] = lane
    return whole
