"""Servers beside the server: a second one started by mistake, a standby, and one of a later version."""

from __future__ import annotations

import asyncio
import os
import subprocess

from alembic import command
from sqlalchemy import Connection

from config.schema import alembic_config
from cti.adapters.database import connect
from tests.faults.scene import Scene, Server

BEFORE = "0004"  # the shape of the database one version ago


async def second_server_started(scene: Scene) -> None:
    """On the same settings: it says in one line why it does not run, and the first goes on."""
    for _ in range(2):
        await scene.pause(0.5, 1.5)
        ended = await asyncio.to_thread(
            subprocess.run,
            scene.server.command(),
            env={**os.environ, **scene.server.environment()},
            cwd=scene.server.directory,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        last = ended.stderr.splitlines()[-1:]
        assert ended.returncode == 1, f"the second server ended with {ended.returncode}: {last}"
        assert last[0].startswith("cti: Another server"), f"the second server said {last}"


async def standby_takes_over(scene: Scene) -> None:
    """A second server on the same PostgreSQL and journal, with ports of its own; then the first is killed."""
    place = scene.folder / "standby"
    place.mkdir()
    second = Server(place, scene.server.settings)
    scene.at_the_end(second.stop)
    starting = asyncio.ensure_future(asyncio.to_thread(second.start))
    await asyncio.sleep(8)
    assert not starting.done(), "the standby serves while the first server lives"
    await scene.kill_server()
    scene.agi.target = second.fastagi_port  # where the switch asks next
    scene.server = second
    await starting  # when it says it is ready, or does not


async def upgraded(scene: Scene) -> None:
    """The server is killed, and one of the next version finds the database as the former left it."""
    await scene.kill_server()
    engine = connect(scene.server.settings["CTI_DATABASE__URL"])
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_back)
    finally:
        await engine.dispose()
    await scene.start_server()


def _back(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), BEFORE)
