"""One installation in this process: a database in a folder, the simulated PBX or none, and its HTTP side."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from config.installation import Installation
from config.running import running
from config.server import create_app
from config.settings import Policies, Settings
from cti.domain.access import Role
from cti.domain.identifiers import AgentId
from tests.shapes import shaped
from tools.pbx import free_port

PASSWORD = "a long password"


def sampled(folder: Path, was: str, becomes: str) -> dict[str, Path]:
    """Settings of policies: the shipped ones, with something else in the sampling policy."""
    policies = folder / "policies"
    shutil.copytree(Policies().folder, policies)
    text = (policies / "sampling.yaml").read_text(encoding="utf-8")
    assert was in text
    (policies / "sampling.yaml").write_text(text.replace(was, becomes), encoding="utf-8")
    return {"folder": policies}


def settings(folder: Path, **given) -> Settings:
    """Nothing reached beyond the folder unless `given` says so: ports nobody listens on."""
    closed = free_port()
    told = {
        "demo": True,
        "database": {"url": f"sqlite+aiosqlite:///{folder / 'tierline.db'}"},
        "journal": {"folder": folder / "journal"},
        "ami": {"host": "127.0.0.1", "port": closed},
        "mqtt": {"url": f"mqtt://127.0.0.1:{closed}"},
        "fastagi": {"port": free_port()},
        "recordings": {"incoming": folder / "monitor", "store": folder / "recordings"},
    }
    (folder / "monitor").mkdir(exist_ok=True)
    if not (folder / "tierline.db").exists():
        shaped(folder / "tierline.db")
    return Settings(**{**told, **given})


QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
"""Five passwords are made for every house; what they cost on purpose is no matter of most tests."""


_APPS: dict[int, FastAPI | None] = {}
"""Of open houses: two hundred routes take a second to build, once for all who come to the same house."""


def _app(house: Installation) -> FastAPI:
    app = _APPS.get(id(house)) or create_app(house)
    if id(house) in _APPS:
        _APPS[id(house)] = app
    return app


@asynccontextmanager
async def open_house(folder: Path, **given) -> AsyncIterator[Installation]:
    with patch.object(PasswordHash, "recommended", return_value=QUICK):
        async with running(settings(folder, **given)) as house:
            for role in Role:
                agent = AgentId("101") if role is Role.AGENT else None
                await house.accounts.add(role.value, PASSWORD, role.value.title(), role, agent, "en")
            _APPS[id(house)] = None
            try:
                yield house
            finally:
                del _APPS[id(house)]


@asynccontextmanager
async def client(house: Installation, role: Role | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's view of it, signed in as somebody of that role."""
    transport = httpx.ASGITransport(app=_app(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tierline") as browser:
        if role is not None:
            answer = await browser.post("/api/v1/session", json={"login": role.value, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        yield browser


async def until(condition, seconds=10.0):
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
