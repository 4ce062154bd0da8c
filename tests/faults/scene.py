"""One installation under fault: the server between bad lines, a switch with callers, listeners, and the check at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.faults.checker import check
from tests.faults.ears import MqttEar
from tests.faults.findings import Finding
from tests.faults.proxy import FaultProxy
from tests.live.house.installation import PBX, CtiServer, NotAsExpected
from tests.servers import HOST, Mosquitto, Postgres, ServerNotReady

QUIET = 60.0  # seconds of quiet at most: whatever the checker says of a look begun after them counts
LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


class Server(CtiServer):
    """As a site runs it; the clock it sees can be set while it runs, where `clock` says so."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *, clock: bool = False) -> None:
        super().__init__(folder, settings)
        self._clock_file = folder / "clock" if clock else None
        if self._clock_file:
            if not LIBFAKETIME.exists():
                raise ServerNotReady("`faketime` is not installed: run `make servers`.")
            self._clock_file.write_text("+0")

    def environment(self) -> Mapping[str, str]:
        told = dict(super().environment())
        if self._clock_file:
            told |= {
                "LD_PRELOAD": str(LIBFAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock_file),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        return told

    def set_clock(self, seconds: float) -> None:
        """How far ahead of the machine's the server's clock is from now on."""
        assert self._clock_file is not None
        self._clock_file.write_text(f"{seconds:+.0f}")

    def signal(self, which: signal.Signals) -> None:
        os.kill(self.pid, which)


class Scene:
    """`async with Scene(folder, seed) as scene:`, then `begin`, a fault, `end`, `verdict`. `luck` decides when and how long.

    Between the server and what it talks to stand `ami`, `agi`, `mqtt` and, on PostgreSQL, `database`.
    """

    where: ClassVar[str]

    def __init__(
        self, folder: Path, seed: int, *, postgres: bool = False, clock: bool = False, **settings: str
    ) -> None:
        self.folder = folder
        self.luck = random.Random(seed)
        self.broker = Mosquitto()
        self.postgres = Postgres() if postgres else None
        self.ami, self.agi, self.mqtt, self.database = (FaultProxy(0) for _ in range(4))
        self.expected: dict[str, Any] = {}
        self.notes: list[str] = []
        self._stack = AsyncExitStack()
        self._seed = seed
        self.server = Server(
            folder,
            {
                "CTI_DEMO": "true",  # takes the shipped AMI secrets
                "CTI_AMI__HOST": HOST,
                "CTI_AMI__PORT": str(self.ami.port),
                "CTI_AMI__PBX": PBX,
                "CTI_AMI__PING_SECONDS": "2",
                "CTI_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'tierline.db'}",
                "CTI_MQTT__URL": f"mqtt://cti:{Mosquitto.ACCOUNTS['cti']}@{HOST}:{self.mqtt.port}",
                "CTI_JOURNAL__FOLDER": str(folder / "journal"),
                "CTI_RECORDINGS__STORE": str(folder / "recordings"),
                "CTI_AFTER_CALL_WORK_SECONDS": "1",
                "CTI_LEDGER__SETTLE_SECONDS": "2",
                **self.of_the_switch(),
                **settings,
            },
            clock=clock,
        )
        self.mqtt.target, self.agi.target = self.broker.port, self.server.fastagi_port

    def of_the_switch(self) -> Mapping[str, str]:
        """Where the server finds what the switch writes."""
        raise AssertionError("each scene has its own")

    async def __aenter__(self) -> Self:
        try:
            for line in (self.ami, self.agi, self.mqtt, self.database):
                self._stack.enter_context(line)
            self._stack.callback(self.broker.stop)
            await asyncio.to_thread(self.broker.start)
            if self.postgres is not None:
                self._stack.callback(self.postgres.stop)
                await asyncio.to_thread(self.postgres.start)
                self._on_postgres(self.postgres)
            await self._raise_switch()
            await self._stack.enter_async_context(MqttEar(self.broker, self.folder / "mqtt.jsonl"))
            self._stack.callback(self.server.stop)
            await asyncio.to_thread(self.server.start)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def at_the_end(self, deed: Callable[[], Any]) -> None:
        """What a fault brought goes when the scene goes."""
        self._stack.callback(deed)

    def _on_postgres(self, postgres: Postgres) -> None:
        self.database.target = postgres.port
        url = postgres.new_database().replace(f":{postgres.port}/", f":{self.database.port}/")
        self.server.settings["CTI_DATABASE__URL"] = url

    async def _raise_switch(self) -> None:
        raise AssertionError("each scene has its own")

    # --- callers ---------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Callers come from now on."""
        raise AssertionError("each scene has its own")

    async def end(self) -> int:
        """No more callers, and the last one gone: how many there were."""
        raise AssertionError("each scene has its own")

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.luck.uniform(least, most))

    # --- the server ------------------------------------------------------------------------------------------

    async def kill_server(self) -> None:
        await asyncio.to_thread(self.server.kill)

    async def start_server(self) -> None:
        """Returns when it says it is ready; whoever starts it under a fault asks only that it lives."""
        begin = time.monotonic()
        await asyncio.to_thread(self.server.start_again)
        self.notes.append(f"ready after {time.monotonic() - begin:.1f} s")

    # --- the end ---------------------------------------------------------------------------------------------

    async def verdict(self) -> list[Finding]:
        """What the checker says once all is quiet; earlier than QUIET when it has nothing to say and nothing moves."""
        for line in (self.ami, self.agi, self.mqtt, self.database):
            line.whole()
        begin, before = time.monotonic(), None
        while True:
            quiet = time.monotonic() - begin  # until the look, which takes minutes when there is much to see
            findings = await asyncio.to_thread(self._look)
            now = (self.folder / "case" / "export.jsonl").read_bytes()
            spent = time.monotonic() - begin
            if (not findings and now == before) or quiet > QUIET:
                self.notes.append(
                    f"agreed after {spent:.0f} s" if not findings else f"not agreed in {spent:.0f} s"
                )
                return findings
            before = now
            await asyncio.sleep(1.0)

    def _look(self) -> list[Finding]:
        case = self.folder / "case"
        shutil.rmtree(case, ignore_errors=True)
        (case / PBX).mkdir(parents=True)
        for name, file in self.ledgers():
            if file.exists():
                shutil.copy2(file, case / PBX / name)
        shutil.copy2(self.folder / "mqtt.jsonl", case / "mqtt.jsonl")
        (case / "expect.json").write_text(json.dumps(self.expected))
        said: list[Finding] = []
        try:
            (case / "export.jsonl").write_text(self.server.cti("export"), encoding="utf-8")
        except NotAsExpected as refusal:
            (case / "export.jsonl").write_text("")
            said.append(Finding("unresolved", f"no export: {str(refusal)[-300:]}"))
        if not self.server.running:
            said.append(Finding("unresolved", "the server does not run"))
        said += [
            Finding("unresolved", f"the server is not ready: {reason}") for reason in self.server.not_ready()
        ]
        return said + check(case)

    def ledgers(self) -> Sequence[tuple[str, Path]]:
        """What the switch wrote: the name a copy gets, and the file."""
        raise AssertionError("each scene has its own")


async def until(there: Callable[[], bool], seconds: float = 30.0, step: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(there):
        if time.monotonic() > deadline:
            raise TimeoutError("It did not happen in time.")
        await asyncio.sleep(step)


async def quietly(work: Awaitable[Any]) -> None:
    """For what a fault may break at any moment."""
    with contextlib.suppress(Exception):
        await work
