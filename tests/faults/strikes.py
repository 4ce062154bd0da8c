"""Each fault as a small function: it begins under load and ends healed; the scene's luck says when and how long."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.faults.real import Real
from tests.faults.scene import Scene, quietly, until
from tests.faults.simulated import Simulated


async def nothing(scene: Scene) -> None:
    """For comparison: what the checker says when all went well."""
    await scene.pause(2.0, 4.0)


# --- the server ----------------------------------------------------------------------------------------------


async def server_killed(scene: Scene) -> None:
    await scene.pause(0.0, 4.0)
    await scene.kill_server()
    await scene.pause(0.0, 2.0)
    await scene.start_server()


async def server_killed_while_recovering(scene: Scene) -> None:
    await scene.kill_server()
    for _ in range(3):
        starting = asyncio.ensure_future(quietly(scene.start_server()))
        await scene.pause(0.5, 3.0)
        await scene.kill_server()
        await starting
    await scene.start_server()


async def server_ended_in_order(scene: Scene) -> None:
    await scene.pause(0.0, 3.0)
    await asyncio.to_thread(scene.server.halt)
    await scene.pause(0.0, 2.0)
    await scene.start_server()


async def server_stopped(scene: Scene) -> None:
    scene.server.signal(signal.SIGSTOP)
    await asyncio.sleep(30)
    scene.server.signal(signal.SIGCONT)


async def server_started_with_many_live_calls(scene: Scene) -> None:
    await scene.kill_server()
    await asyncio.sleep(25 if scene.where != "simulator" else 8)
    await scene.start_server()


async def clock_an_hour_ahead(scene: Scene) -> None:
    await _clock(scene, 3600)


async def clock_an_hour_back(scene: Scene) -> None:
    await _clock(scene, -3600)


async def _clock(scene: Scene, seconds: float) -> None:
    await scene.pause(0.0, 2.0)
    scene.server.set_clock(seconds)
    await asyncio.sleep(5)
    scene.ami.cut()  # what was asked and told on two clocks meets in the snapshot
    await asyncio.sleep(3)
    scene.server.set_clock(0)


# --- the line to the switch ----------------------------------------------------------------------------------


async def line_reset(scene: Scene) -> None:
    for _ in range(4):
        await scene.pause(0.2, 2.5)
        scene.ami.cut()


async def line_half_open(scene: Scene) -> None:
    """Nothing comes for long enough to be noticed; then the old lines are found dead."""
    await scene.pause(0.0, 2.0)
    scene.ami.freeze()
    await asyncio.sleep(9)
    scene.ami.cut()
    scene.ami.thaw()


async def line_frozen_and_back(scene: Scene) -> None:
    scene.ami.freeze()
    await scene.pause(1.0, 3.5)
    scene.ami.thaw()


async def line_slow(scene: Scene) -> None:
    scene.ami.latency = 0.2
    await asyncio.sleep(8)
    scene.ami.latency = 0.0


async def line_in_single_bytes(scene: Scene) -> None:
    scene.ami.slices = 1
    await asyncio.sleep(6)
    scene.ami.slices = 0


async def line_narrow(scene: Scene) -> None:
    scene.ami.rate = 60_000
    await asyncio.sleep(6)
    scene.ami.rate = 0.0


async def line_cut_at_a_byte(scene: Scene) -> None:
    for _ in range(5):
        scene.ami.cut_at(scene.luck.randrange(1, 12_000), reset=scene.luck.random() < 0.5)
        await scene.pause(1.0, 2.5)


async def line_refused(scene: Scene) -> None:
    scene.ami.dead()
    await scene.pause(3.0, 8.0)
    scene.ami.open()


async def routing_unreachable(scene: Scene) -> None:
    scene.agi.freeze()
    await asyncio.sleep(4)
    scene.agi.dead()
    await asyncio.sleep(2)
    scene.agi.whole()


# --- the switch ----------------------------------------------------------------------------------------------


async def switch_killed(scene: Real) -> None:
    await scene.pause(0.0, 2.0)
    await scene.fall(scene.pbx.kill)


async def switch_stopped(scene: Real) -> None:
    await scene.pause(0.0, 2.0)
    await scene.fall(scene.pbx.halt)


async def switch_killed_while_the_server_is_down(scene: Real) -> None:
    await scene.kill_server()
    await scene.pause(0.0, 2.0)
    await scene.fall(scene.pbx.kill)
    await scene.pause(1.0, 3.0)
    await scene.start_server()


async def switch_reloaded(scene: Real) -> None:
    for command in ("core reload", "queue reload all", "manager reload"):
        await scene.pause(0.5, 2.0)
        await asyncio.to_thread(scene.pbx.cli, command)


async def simulated_switch_killed(scene: Simulated) -> None:
    await scene.pause(0.0, 2.0)
    await scene.ask("restart", down=scene.luck.uniform(0.0, 2.0))


async def login_refused(scene: Real) -> None:
    await scene.manager("[cti-events](+)\nsecret = another\n")
    await asyncio.sleep(4)
    await scene.manager("[cti-events](+)\nsecret = tierline-events\n")
    await until(
        lambda: not scene.server.not_ready(), 50
    )  # it asks every thirty seconds: a refusal is a person's to mend


async def permissions_reduced(scene: Real) -> None:
    await scene.manager("[cti-events](+)\nread = system\n")
    await asyncio.sleep(6)
    await scene.manager("[cti-events](+)\nread = system,call,agent,user,dialplan\n")


# --- broker and database -------------------------------------------------------------------------------------


async def broker_unreachable(scene: Scene) -> None:
    scene.mqtt.dead()
    await scene.pause(5.0, 10.0)
    scene.mqtt.open()


async def broker_killed(scene: Scene) -> None:
    scene.mqtt.dead()  # so that our own listener is back before the server
    await asyncio.to_thread(scene.broker.kill)
    await scene.pause(1.0, 4.0)
    await asyncio.to_thread(scene.broker.start_again)
    await asyncio.sleep(0.5)
    scene.mqtt.open()


async def broker_and_server_killed(scene: Scene) -> None:
    scene.mqtt.dead()
    await scene.pause(0.5, 3.0)
    await scene.kill_server()
    scene.mqtt.open()
    await scene.start_server()


async def postgres_killed(scene: Scene) -> None:
    assert scene.postgres is not None
    await scene.pause(0.0, 2.0)
    await asyncio.to_thread(scene.postgres.kill)
    await scene.pause(1.0, 6.0)
    await asyncio.to_thread(scene.postgres.start_again)


async def postgres_restarted(scene: Scene) -> None:
    assert scene.postgres is not None
    await asyncio.to_thread(scene.postgres.halt)
    await asyncio.to_thread(scene.postgres.start_again)


async def postgres_unreachable(scene: Scene) -> None:
    scene.database.dead()
    await scene.pause(4.0, 10.0)
    scene.database.open()


async def postgres_silent(scene: Scene) -> None:
    scene.database.freeze()
    await scene.pause(4.0, 10.0)
    scene.database.cut()
    scene.database.thaw()


async def sqlite_locked(scene: Scene) -> None:
    def hold() -> None:
        with sqlite3.connect(scene.folder / "tierline.db", timeout=10, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(scene.luck.uniform(6.0, 9.0))
            other.execute("COMMIT")

    await asyncio.to_thread(hold)


# --- the journal's disk --------------------------------------------------------------------------------------


class Disk(Simulated):
    """The journal on a disk of its own, of eight megabytes; root alone can mount one."""

    async def _raise_switch(self) -> None:
        journal = self.folder / "journal"
        journal.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(journal))
        self._stack.callback(subprocess.run, ["umount", "-l", str(journal)], check=True)
        await super()._raise_switch()

    def mount(self, *words: str) -> None:
        subprocess.run(["mount", *words], check=True, capture_output=True)

    @property
    def journal(self) -> Path:
        return self.folder / "journal"


async def _alarm(scene: Disk) -> None:
    """Within five seconds whoever watches is told; that calls go on, the checker says."""
    await until(lambda: any("journal" in reason for reason in scene.server.not_ready()), 5)


async def disk_full(scene: Disk) -> None:
    await scene.pause(0.0, 2.0)
    filler = scene.journal / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                return

    await asyncio.to_thread(fill)
    await _alarm(scene)
    await scene.pause(4.0, 8.0)
    filler.unlink()


async def disk_read_only(scene: Disk) -> None:
    """From a start on: a disk that somebody writes to cannot be made read-only."""
    await scene.kill_server()
    scene.mount("-o", "remount,ro", str(scene.journal))
    starting = asyncio.ensure_future(scene.start_server())  # ready when the disk is
    await until(scene.server.alive, 30)
    await _alarm(scene)
    await scene.pause(4.0, 8.0)
    scene.mount("-o", "remount,rw", str(scene.journal))
    await starting


async def disk_full_and_server_killed(scene: Disk) -> None:
    await disk_full(scene)
    await server_killed(scene)


# --- the ledger ----------------------------------------------------------------------------------------------


async def ledger_rotated(scene: Real) -> None:
    for _ in range(2):
        await scene.pause(0.5, 2.0)
        await asyncio.to_thread(scene.pbx.cli, "logger rotate")
    await server_killed(scene)
    await asyncio.to_thread(scene.pbx.cli, "logger rotate")


async def ledger_rotated_while_the_server_is_down(scene: Real) -> None:
    await scene.kill_server()
    await scene.pause(1.0, 3.0)
    await asyncio.to_thread(scene.pbx.cli, "logger rotate")
    await scene.pause(1.0, 3.0)
    await scene.start_server()


class HalfLines(Simulated):
    """The ledger reaches the server in pieces that end anywhere, as over a slow file system."""

    def of_the_switch(self) -> Mapping[str, str]:
        return {**super().of_the_switch(), "CTI_LEDGER__FILE": str(self.folder / "late_queue_log")}

    async def _raise_switch(self) -> None:
        await super()._raise_switch()
        task = asyncio.ensure_future(self._pass_on())
        self._stack.callback(task.cancel)

    async def _pass_on(self) -> None:
        with (
            (self._pbx / "log" / "queue_log").open("rb") as source,
            (self.folder / "late_queue_log").open("ab", buffering=0) as sink,
        ):
            while True:
                sink.write(source.read(self.luck.randrange(1, 200)))
                await asyncio.sleep(self.luck.uniform(0.0, 0.02))
