"""After-call work whose server is killed ends when it would have ended, and once."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers import REPOSITORY

CAP = 8.0
GRACE = 2.0  # the job stands behind the desk's own clock


@contextmanager
def living(url, folder) -> Iterator[None]:
    """A life that ends with SIGKILL."""
    command = [sys.executable, "-m", "tests.cti.mortal_desk", url, str(folder), str(CAP)]
    process = subprocess.Popen(command, cwd=REPOSITORY)
    try:
        yield
        assert process.poll() is None, "it died by itself"
    finally:
        process.kill()
        process.wait()


def wait_for(condition, seconds):
    until = time.time() + seconds
    while not condition():
        assert time.time() < until
        time.sleep(0.02)


def kept(url):
    """Whether the job is written, asked of the database itself."""
    if url.startswith("sqlite"):
        command = [sys.executable, "-c", SQLITE, url.partition("///")[2]]
    else:
        command = [sys.executable, "-c", POSTGRES, url.replace("+asyncpg", "")]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


SQLITE = """
import sqlite3, sys
sys.exit(not sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM jobs WHERE subject='101'").fetchone()[0])
"""
POSTGRES = """
import asyncio, asyncpg, sys
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    return await connection.fetchval("SELECT count(*) FROM jobs WHERE subject='101'")
sys.exit(not asyncio.run(main()))
"""


@pytest.mark.parametrize("down", ["within the cap", "until it was over"])
def test_it_ends_when_it_would_have_and_once(database_url, tmp_path, down):
    folder = tmp_path / "switch"
    folder.mkdir()
    (folder / "paused").write_text("ACW")
    (folder / "asked").write_text("")
    began = time.time()
    with living(database_url, folder):
        wait_for(lambda: kept(database_url), 60)
    time.sleep(CAP + GRACE if down == "until it was over" else CAP - 3)
    with living(database_url, folder):
        wait_for((folder / "asked").read_text, 60)
        time.sleep(1.5)
    (asked,) = (folder / "asked").read_text().splitlines()
    at, paused = asked.split()
    assert paused == "False"
    assert float(at) > began + CAP
    assert float(at) < float((folder / "up").read_text()) + CAP, "a new cap was begun"
