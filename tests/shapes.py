"""Databases that have today's shape already: the migrations run once a process, and each test gets a copy."""

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from config.schema import upgrade
from cti.adapters.database import connect


def shape(url: str) -> None:
    """Run the migrations on the database at `url`; may be called where a loop runs."""

    async def run() -> None:
        engine = connect(url)
        try:
            await upgrade(engine)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, run()).result()


@cache
def _template() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="tierline-shape-")
    shape(f"sqlite+aiosqlite:///{folder.name}/tierline.db")
    return folder  # kept by the cache, removed when the process ends


def shaped(file: Path) -> Path:
    """The same file, a database in today's shape without a row."""
    shutil.copyfile(Path(_template().name, "tierline.db"), file)
    return file
