"""Measured, not tested: how long until the server is right again, and what it does while the database or the broker is dead.

The stream is the benchmarks' (whole calls of the real switch); the server is a process of its own with lines that can be made bad.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from tests.benchmarks.children import STAGE, Child
from tests.benchmarks.report import share
from tests.faults.proxy import FaultProxy
from tests.faults.report import Figure
from tests.faults.scene import Server
from tests.live.house.installation import SUPERVISOR
from tests.servers import HOST, REPOSITORY, Mosquitto, Postgres

LIVE = 10_000  # calls
BEHIND = 100_000  # frames told since the last state that was surely kept
DEAD = 60.0  # seconds
A_SECOND = 2000.0  # events
STEP = 0.005  # seconds between two looks
GLANCE = 0.002  # seconds between two looks at a socket
LASTED = 4.0  # seconds: a line that breaks again sooner is come back to more slowly
WAITED = 90.0  # seconds at most for anything to become right


class Standing(Child):
    """The switch that knows what it has told."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.standing_switch", json.dumps(self._asked)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.set_blocking(self._process.stderr.fileno(), False)
        self.said = self.heard()
        return self


@dataclass
class Place:
    """An installation to measure."""

    switch: Standing
    server: Server
    ami: FaultProxy
    mqtt: FaultProxy
    database: FaultProxy
    postgres: Postgres | None
    stack: ExitStack

    def client(self) -> httpx.Client:
        client = httpx.Client(base_url=f"{self.server.url}/api/v1", timeout=30)
        self.stack.callback(client.close)
        told = {"login": SUPERVISOR.login, "password": SUPERVISOR.password}
        assert client.post("/session", json=told).status_code == 200
        return client

    def resident(self) -> int:
        return int(Path(f"/proc/{self.server.pid}/statm").read_text().split()[1]) * 4096


@contextlib.contextmanager
def place(*, live: float, postgres: bool = False, **settings: str) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tierline-volume-")))
        broker = stack.enter_context(Mosquitto())
        ami, mqtt, database = (stack.enter_context(FaultProxy(0)) for _ in range(3))
        switch = stack.enter_context(Standing("", STAGE, live=live))
        ami.target, mqtt.target = switch.said["port"], broker.port
        kept = stack.enter_context(Postgres()) if postgres else None
        url = f"sqlite+aiosqlite:///{folder / 'tierline.db'}"
        if kept is not None:
            database.target = kept.port
            url = kept.new_database().replace(f":{kept.port}/", f":{database.port}/")
        (folder / "monitor").mkdir()
        server = Server(
            folder,
            {
                "CTI_DEMO": "true",
                "CTI_LOG_LEVEL": "error",
                "CTI_AFTER_CALL_WORK_SECONDS": "0",
                "CTI_AMI__HOST": HOST,
                "CTI_AMI__PORT": str(ami.port),
                "CTI_DATABASE__URL": url,
                "CTI_MQTT__URL": f"mqtt://cti:{Mosquitto.ACCOUNTS['cti']}@{HOST}:{mqtt.port}",
                "CTI_JOURNAL__FOLDER": str(folder / "journal"),
                "CTI_RECORDINGS__INCOMING": str(folder / "monitor"),
                "CTI_RECORDINGS__STORE": str(folder / "recordings"),
                **settings,
            },
        )
        stack.callback(server.stop)
        server.cti(
            "user", "add", SUPERVISOR.login, "--role", SUPERVISOR.role, said=f"{SUPERVISOR.password}\n"
        )
        server.start()
        yield Place(switch, server, ami, mqtt, database, kept, stack)


def written(client: httpx.Client) -> int:
    """Calls in the database; who last, or are on their way to it, stand in the list without a filter alone."""
    return int(client.get("/calls", params={"limit": 1, "from": 1}).json()["total"])


def until_true(there: Callable[[], bool], begin: float, seconds: float = WAITED, step: float = STEP) -> float:
    """Seconds from `begin` until it is so; infinite when it never was."""
    while time.monotonic() - begin < seconds:
        with contextlib.suppress(httpx.HTTPError, AssertionError, KeyError, OSError):
            if there():
                return time.monotonic() - begin
        time.sleep(step)
    return float("inf")


def _routes(port: int) -> bool:
    """FastAGI answers a caller with what the dialplan is to do, or lets him go on at once."""
    asked = (
        "agi_network: yes\nagi_network_script: route\nagi_channel: PJSIP/trunk-1\nagi_uniqueid: v-1.1\n"
        "agi_callerid: +12025550100\nagi_arg_1: support\n\n"
    )
    with socket.create_connection((HOST, port), timeout=1) as line:
        line.sendall(asked.encode())
        return line.recv(64).startswith(b"SET VARIABLE")


def _floor(client: httpx.Client) -> tuple[int, int]:
    told = client.get("/floor").json()
    return len(told["waiting"]), sum(agent["state"] == "busy" for agent in told["agents"])


def recovery(live: int = LIVE) -> Iterator[Figure]:
    """Killed with so many live calls; the switch lives on and is asked for what exists."""
    with place(live=live * 100) as it:
        it.switch.ask("introduce", agents=live + live // 5)
        it.switch.ask("flood")
        plan = it.switch.ask("prepare", calls=live, hold=1.0)
        it.switch.ask("flood")
        told = plan["events"]
        while told < BEHIND * live / LIVE:
            told += it.switch.ask("prepare", calls=live // 20, hold=1.0)["events"]
            it.switch.ask("flood")
        client = it.client()
        right: tuple[int, int] | None = None
        steady = 0
        while steady < 3:  # all of it is heard
            now = _floor(client)
            steady, right = (steady + 1, right) if now == right else (0, now)
            time.sleep(0.5)
        standing = it.switch.ask("standing")
        it.server.kill()
        begin = time.monotonic()
        spawning = threading.Thread(target=it.server.start_again)
        spawning.start()
        answers = until_true(lambda: _routes(it.server.fastagi_port), begin)
        agrees = until_true(
            lambda: _floor(client) == right, begin
        )  # a page that was open comes back by its cookie
        caught_up = until_true(lambda: not it.server.not_ready(), begin)
        spawning.join()
        what = f"killed with {standing['legs']:,} live legs, {standing['waiting']:,} of them waiting, and {told:,} frames told before"
        yield Figure(f"{what}: routing answers after", _seconds(answers), "1 s", answers <= 1)
        yield Figure("… who waits and who talks is right after", _seconds(agrees), "5 s (1 s)", agrees <= 5)
        yield Figure("… says it is ready after", _seconds(caught_up), "10 s", caught_up <= 10)


def lines() -> Iterator[Figure]:
    """A cut line and a silent one."""
    with place(live=10) as it:

        def up() -> bool:
            return not it.server.not_ready()

        took = []
        for _ in range(5):
            until_true(up, time.monotonic())
            time.sleep(LASTED)
            before = it.ami.accepted
            it.ami.cut()
            begin = time.monotonic()
            took.append(until_true(lambda before=before: it.ami.accepted >= before + 2 and up(), begin))
        yield Figure("a cut AMI connection is in step again after, median / longest of five",
                     f"{share(took, 0.5):.2f} / {max(took):.2f} s", "0.5 s", max(took) <= 0.5)  # fmt: skip
        silent = []
        for later in range(3):  # the moment between two pings differs
            until_true(up, time.monotonic())
            time.sleep(LASTED + later)
            it.ami.freeze()
            begin = time.monotonic()
            silent.append(until_true(lambda: not up(), begin))
            it.ami.cut()
            it.ami.thaw()
        yield Figure("a switch that says nothing any more is noticed after, longest of three",
                     _seconds(max(silent)), "10 s", max(silent) <= 10)  # fmt: skip


class Pauses:
    """How long the server leaves the switch's bytes unread, and keeps somebody waiting who asks every few milliseconds.

    The asker shares the machine with all that plays here, so his waits are the server's and the machine's; what lies
    unread in the socket, the kernel says.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask), threading.Thread(target=self._watch)]
        self.took: list[float] = []
        self.unread = 0.0  # seconds at most
        self.most_memory = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._place.server.url, timeout=30) as client:
            while not self._over.wait(STEP):
                begin = time.monotonic()
                with contextlib.suppress(httpx.HTTPError):
                    client.get("/health/live")
                self.took.append(time.monotonic() - begin)
                self.most_memory = max(self.most_memory, self._place.resident())

    def _watch(self) -> None:
        """Bytes that lie there have been unread since there were none, or since they last became fewer."""
        port, before, since = self._place.ami.port, 0, time.monotonic()
        while not self._over.wait(GLANCE):
            waiting, now = _unread(port), time.monotonic()
            if waiting == 0 or waiting < before:
                since = now
            self.unread = max(self.unread, now - since)
            before = waiting


def _unread(port: int) -> int:
    """Bytes in the receive queue of whoever is connected to a port of this machine (Linux, proc_net_tcp)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, queues, *_ = line.split()
        if state == "01" and int(remote.partition(":")[2], 16) == port:
            return int(queues.partition(":")[2], 16)
    return 0


def dead(seconds: float, what: str) -> Iterator[Figure]:
    """`what`: "nothing" for comparison, "broker" or "database"."""
    with place(live=A_SECOND / 10, postgres=what == "database") as it:
        line = {"broker": it.mqtt, "database": it.database}.get(what)
        margin = 5.0
        it.switch.tell("play", events_a_second=A_SECOND, seconds=seconds + 2 * margin)
        time.sleep(margin)
        before = it.resident()
        with Pauses(it) as pauses:
            if line is not None:
                line.dead()
            time.sleep(seconds)
        if line is not None:
            line.open()
        played = it.switch.heard()
        begin = time.monotonic()
        client = it.client()
        kept = 0

        def all_there() -> bool:
            nonlocal kept
            kept = written(client)
            return kept >= played["calls"] and not it.server.not_ready()

        caught_up = until_true(all_there, begin)
        named = {"nothing": "nothing dead", "broker": "broker dead", "database": "PostgreSQL dead"}[what]
        head = f"{named} for {seconds:.0f} s at {A_SECOND:,.0f} events/s"
        yield Figure(f"{head}: longest time that bytes of the switch lay unread", f"{pauses.unread * 1e3:.0f} ms",
                     "50 ms", pauses.unread <= 0.05)  # fmt: skip
        yield Figure("… somebody who asks waits, p99 / longest",
                     f"{share(pauses.took, 0.99) * 1e3:.0f} / {max(pauses.took) * 1e3:.0f} ms", "50 ms",
                     max(pauses.took) <= 0.05)  # fmt: skip
        yield Figure(
            "… memory before / most",
            f"{before / 1e6:.0f} / {pauses.most_memory / 1e6:.0f} MB",
            "bounded",
            None,
        )
        yield Figure("… calls kept of those that came, all of them after", f"{kept:,} of {played['calls']:,}, {_seconds(caught_up)}",
                     "all", kept == played["calls"])  # fmt: skip


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < WAITED else f"not in {WAITED:.0f} s"
