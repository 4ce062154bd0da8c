"""Measured, not tested: how much the server takes with all its books, what a rush and a slow database do, and half an hour of faults."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from tests.faults import strikes
from tests.faults.playing import keep
from tests.faults.report import Figure
from tests.faults.scene import Scene
from tests.faults.simulated import Simulated
from tests.faults.volume import DEAD, LIVE, Pauses, Place, dead, lines, place, recovery, until_true, written

CALLS = 4_000  # some 200,000 events
MINUTES = 30.0
COMMIT = 0.05  # seconds each trip to the database takes
LOOK = 0.25  # seconds between two questions to a server that is to do something else
RUSH = 10.0  # times as many calls
CUT = 0.1  # seconds without a byte taken after which Asterisk parts with a listener by default


def throughput(calls: int = CALLS) -> Iterator[Figure]:
    """As fast as it reads, journal and all books included; then the journal told again into an empty database."""
    for postgres in (False, True):
        with place(live=1_000, postgres=postgres) as it:
            client = it.client()
            plan = it.switch.ask("prepare", calls=calls)
            begin = time.monotonic()
            it.switch.tell("flood")
            took = until_true(partial(_all_kept, client, plan["calls"]), begin, 300, LOOK)
            it.switch.heard()
            where = "PostgreSQL" if postgres else "SQLite"
            yield Figure(
                f"a flood with journal and {where}, until every call is written, on two cores",
                f"{plan['events'] / took:,.0f} events/s",
                "50,000",
                plan["events"] / took >= 50_000,
            )
            if not postgres:
                yield _told_again(it, plan["events"])


def _all_kept(client: httpx.Client, calls: int) -> bool:
    return written(client) >= calls


def _told_again(it: Place, events: int) -> Figure:
    heard = it.server.cti("export", "--heard")
    it.server.halt()
    target = f"sqlite+aiosqlite:///{it.server.log.parent / 'again.db'}"
    begin = time.monotonic()
    it.server.cti("rebuild", "--database", target)
    took = time.monotonic() - begin
    it.server.settings["CTI_DATABASE__URL"] = target
    same = it.server.cti("export", "--heard") == heard
    return Figure(
        "… the journal told again into an empty database (`cti rebuild`), and the export compared byte by byte",
        f"{events / took:,.0f} events/s, {'identical' if same else 'DIFFERENT'}",
        "identical",
        same,
    )


def rush(a_second: float = 2000.0, seconds: float = 5.0) -> Iterator[Figure]:
    """Ten times as many calls for some seconds, on a database that takes 50 ms a trip."""
    with place(live=a_second / 10, postgres=True) as it:
        it.database.latency = COMMIT / 2
        client = it.client()
        calls = it.switch.ask("play", events_a_second=a_second, seconds=5)["calls"]
        it.switch.ask("longest_standstill")
        it.switch.ask("rush", factor=RUSH)
        with Pauses(it) as pauses:
            it.switch.tell("play", events_a_second=a_second * RUSH, seconds=seconds)
            most = 0.0
            deadline = time.monotonic() + 1 + seconds  # a second to make the stream
            while time.monotonic() < deadline:
                most = max(most, _lag(it))
                time.sleep(0.1)
            begin = time.monotonic()
            back = until_true(lambda: _lag(it) < 1.0, begin)
            calls += it.switch.heard()["calls"]
            written = until_true(partial(_all_kept, client, calls), begin)
        it.switch.ask("rush", factor=1 / RUSH)
        it.switch.tell("play", events_a_second=a_second, seconds=5)
        it.switch.heard()
        stood = it.switch.ask("longest_standstill")["seconds"]
        head = f"{a_second * RUSH:,.0f} events/s for {seconds:.0f} s on a database of {COMMIT * 1e3:.0f} ms a trip"
        yield Figure(
            f"{head}: lag at most, and below 1 s again after",
            f"{most:.1f} s, {back:.1f} s",
            "60 s",
            back <= 60,
        )
        yield Figure("… every call is written after", f"{written:.1f} s", "60 s", written <= 60)
        yield Figure("… longest time the line took nothing (Asterisk parts after 100 ms)", f"{stood * 1e3:.0f} ms",
                     "100 ms", stood < CUT)  # fmt: skip
        yield Figure("… memory at most", f"{pauses.most_memory / 1e6:.0f} MB", "bounded", None)


def _lag(it: Place) -> float:
    """Seconds that the newest event was late, as /metrics says."""
    page = httpx.get(f"{it.server.url}/metrics", timeout=30).text
    found = re.search(r"^cti_ami_lag_seconds\{[^}]*\} (\S+)", page, re.MULTILINE)
    assert found is not None
    return float(found[1])


EVERY_SO_OFTEN = (
    strikes.line_reset,
    strikes.line_frozen_and_back,
    strikes.line_in_single_bytes,
    strikes.line_cut_at_a_byte,
    strikes.line_refused,
    strikes.simulated_switch_killed,
    strikes.broker_unreachable,
    strikes.broker_killed,
    strikes.sqlite_locked,
    strikes.nothing,
)
"""All that leaves the server alive, whose memory is watched."""


def soak(minutes: float = MINUTES, seed: int = 1) -> Iterator[Figure]:
    """The simulated switch with some eight callers a second; faults in turn; the checker at the end."""
    yield from asyncio.run(_soak(minutes, seed))


async def _soak(minutes: float, seed: int) -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="tierline-soak-"))
    luck = random.Random(seed)
    struck = 0
    try:
        async with Simulated(folder, seed) as scene:
            samples: list[float] = []
            sampling = asyncio.ensure_future(_sample(scene, samples))
            await scene.begin()
            deadline = time.monotonic() + minutes * 60
            while time.monotonic() < deadline:
                await luck.choice(EVERY_SO_OFTEN)(scene)
                struck += 1
                await asyncio.sleep(luck.uniform(5.0, 20.0))
            calls = await scene.end()
            sampling.cancel()
            findings = await scene.verdict()
        if findings:
            keep(folder, f"soak {seed}", findings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    third = len(samples) // 3
    early, late = median(samples[third : third + third // 3]), median(samples[-third // 3 :])
    growth = late / early - 1
    return [
        Figure(
            f"{minutes:.0f} minutes with {struck} faults and {calls:,} calls: findings of the checker",
            f"{len(findings)}" + (f", first “{str(findings[0])[:160]}”" if findings else ""),
            "0",
            not findings,
        ),
        Figure(
            "… memory after a third of it / at the end",
            f"{early / 1e6:.0f} / {late / 1e6:.0f} MB ({growth:+.1%})",
            "± 5 %",
            abs(growth) <= 0.05,
        ),
    ]


async def _sample(scene: Scene, samples: list[float]) -> None:
    while True:
        samples.append(int(Path(f"/proc/{scene.server.pid}/statm").read_text().split()[1]) * 4096.0)
        await asyncio.sleep(1.0)


def measure(scale: float = 1.0) -> Iterator[Figure]:
    """All of them, smaller and shorter where `scale` is below one."""
    scale = min(1.0, scale)
    yield from recovery(max(500, round(LIVE * scale)))
    yield from lines()
    for what in ("nothing", "broker", "database"):
        yield from dead(max(10.0, DEAD * scale), what)
    yield from throughput(max(500, round(CALLS * scale)))
    yield from rush()
    yield from soak(max(1.0, MINUTES * scale))
