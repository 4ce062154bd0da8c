"""The day of the fifty calls: first all that happens in calls, then a full disk, then a server that is killed twice."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.live.house.fifty import FORBIDDEN, PATIENCE, Call, Shift, until
from tests.live.house.installation import House, NotAsExpected, get

DISK = 24  # megabytes, more than the day needs
FAILED = re.compile(
    r'^cti_job_attempts_total\{kind="finish_recording",result="failed"\} ([0-9.e+]+)', re.MULTILINE
)
PLACES = itertools.count()


def _call(does: str = "talks", **more: Any) -> Call:
    place = next(PLACES)
    told = {"number": f"+1202555{7000 + place}", "hertz": 300 + 9 * place, "agent_ends": place % 3 == 2}
    return Call(**{**told, "does": does, **more})


def _talks(count: int) -> list[Call]:
    kinds = itertools.cycle(("golden", "waiting", "quarrel", "chat"))
    return [_call(dialogue=next(kinds)) for _ in range(count)]


def plan() -> dict[str, list[Call]]:
    """Fifty, by the part of the day they belong to."""
    spoilt = [
        _call("loses_his_recording", state="missing", reason="never_appeared"),
        _call("is_truncated", state="missing", reason="damaged"),
        _call("is_promised_more", state="missing", reason="damaged"),
        _call("is_header_only", state="excluded", reason="no_sound"),
        _call("loses_one_voice", reason="customer_alone"),
    ]
    paused = [
        _call("is_paused", dialogue="card", queue=queue)
        for queue in ("desk", "program", "support", "desk", "program", "support")
    ]
    passed = [
        _call(does, dialogue="pair", queue="hand" if "phone" not in does else "support")
        for does in (
            "is_passed_on_by_phone", "is_passed_on_by_phone_after_asking", "is_passed_on", "is_passed_on_after_asking",
            "goes_into_another_queue", "is_passed_on_by_phone", "is_passed_on_by_phone_after_asking",
        )
    ]  # fmt: skip
    excluded = _call(number=FORBIDDEN[0], state="excluded", reason="no_consent")
    return {
        "all day": [*spoilt, excluded, *passed, *paused, *_talks(16)],
        "disk full": _talks(6),
        "through": [_call("is_paused", dialogue="card", queue="program"), *_talks(2)],
        "just ended": _talks(2),
        "ends unheard": _talks(1),
        "unheard": [*_talks(2), _call(number=FORBIDDEN[1], state="excluded", reason="no_consent")],
    }


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own."""
    if os.geteuid():
        raise NotAsExpected("Only root can mount the small disk that this test fills up.")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Day:
    """Played once; `figures` are for people."""

    def __init__(self, house: House, shift: Shift, chief: httpx.Client, operator: httpx.Client) -> None:
        self.house, self.shift, self.chief, self.operator = house, shift, chief, operator
        self.plan = plan()
        self.calls = [call for calls in self.plan.values() for call in calls]
        self.half_heard = [
            call for part in ("through", "just ended", "ends unheard", "unheard") for call in self.plan[part]
        ]  # while the server was dead: it has some of their times from a ledger of whole seconds
        self.figures: dict[str, float] = {}
        self.luck = random.Random()

    async def play(self) -> None:
        await asyncio.gather(*map(self.shift.whole, self.plan["all day"]))
        await self.the_disk_is_full()
        await self.the_server_is_killed()

    async def the_disk_is_full(self) -> None:
        """Calls go on, whoever watches is told, and when there is room all is taken in by itself."""
        calls, filler = self.plan["disk full"], self.house.folder / "recordings" / "filler"
        await until(lambda: not self.waiting_for_the_store(), every=0.5)
        await asyncio.to_thread(_fill, filler)
        await asyncio.gather(*map(self.shift.whole, calls))
        await until(lambda: self.failed_attempts() > 0)
        await until(lambda: len(self.waiting_for_the_store("No space left")) == len(calls))
        assert self.house.server.alive()
        filler.unlink()
        begin = time.monotonic()
        await until(lambda: not self.waiting_for_the_store())
        self.figures["seconds until a freed disk has all"] = time.monotonic() - begin

    def failed_attempts(self) -> float:
        found = FAILED.search(self.chief.get(f"{self.house.server.url}/metrics").text)
        return float(found[1]) if found else 0.0

    def waiting_for_the_store(self, error: str = "") -> list[str]:
        jobs = get(self.operator, "/jobs", limit=500)["items"]
        return [job["subject"] for job in jobs if job["kind"] == "finish_recording" and error in job["error"]]

    async def the_server_is_killed(self) -> None:
        """With calls in their midst, one of them paused, and others on their way into the store; and again when it is back."""
        shift, server = self.shift, self.house.server
        through, ended, ends = (self.plan[part] for part in ("through", "just ended", "ends unheard"))
        paused = through[0]
        await shift.comes(paused)  # first: there is one agent for him
        await asyncio.gather(*map(shift.comes, [*through[1:], *ended, *ends]))
        since = await shift.pauses(paused, "1")
        await asyncio.gather(*map(shift.all_is_said, ended))
        await asyncio.gather(*map(shift.hangs_up, ended))
        await asyncio.sleep(self.luck.uniform(0.0, 1.5))
        await asyncio.to_thread(server.kill)
        await asyncio.gather(self._over(ends), *map(shift.whole, self.plan["unheard"]))
        await self._comes_back()
        paused.mutes.append((since, await shift.pauses(paused, "0")))
        await asyncio.sleep(2.0)
        await self._over(through)
        await asyncio.sleep(self.luck.uniform(0.0, 2.0))
        await asyncio.to_thread(server.kill)
        await self._comes_back()

    async def _over(self, calls: list[Call]) -> None:
        for call in calls:
            if call.does == "talks":
                await self.shift.all_is_said(call)
        await asyncio.gather(*map(self.shift.hangs_up, calls))

    async def _comes_back(self) -> None:
        await asyncio.to_thread(self.house.server.start_again, PATIENCE)
        await asyncio.to_thread(self.house.wait_until_ready, PATIENCE)


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
