"""`cti recordings`: master keys are changed under a store that goes on, and stray files are listed."""

import asyncio
import base64
import os
import wave
from pathlib import Path

import pytest

from config.recording_store import make_store
from config.settings import Settings
from cti.adapters.database import connect
from recordings.domain.naming import parse
from tests.config.test_command import cti

NAME = "hq-1.2-3.wav"


@pytest.fixture
def env(tmp_path):
    (tmp_path / "monitor").mkdir()
    return {
        "CTI_DATABASE__URL": f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}",
        "CTI_RECORDINGS__INCOMING": str(tmp_path / "monitor"),
        "CTI_RECORDINGS__STORE": str(tmp_path / "store"),
    }


def kept(env, name=NAME, path="hq/1.flac"):
    """What the store serves; taken in first when the switch has just left it."""

    async def take_and_hear():
        settings = Settings(
            database={"url": env["CTI_DATABASE__URL"]},
            recordings={
                key.removeprefix("CTI_RECORDINGS__").lower(): value
                for key, value in env.items()
                if "RECORDINGS" in key
            },
        )
        engine = connect(settings.database.url)
        try:
            store = make_store(settings, engine).store
            if await store.survey([parse(name)]):
                await store.take(parse(name), path)
            audio = await store.open(path)
            return b"".join([piece async for piece in audio.read(0, audio.size)])
        finally:
            await engine.dispose()

    return asyncio.run(take_and_hear())


def leave(env, name=NAME):
    file = Path(env["CTI_RECORDINGS__INCOMING"], name)
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(range(256)) * 300)
    return file.read_bytes()


def test_master_keys_are_changed_and_old_ones_may_go(env, tmp_path):
    assert cti("recordings", "new-key", env=env).returncode == 0
    content = leave(env)
    assert cti("recordings", "orphans", env=env).returncode == 0  # makes the tables
    assert kept(env) == content
    second = cti("recordings", "new-key", env=env)
    assert (second.returncode, second.stderr) == (0, "")
    assert kept(env) == content
    done = cti("recordings", "rewrap", env=env)
    assert done.stdout == f"1 recordings put under the master key {second.stdout.split()[0]}\n"
    file = tmp_path / "store.key"
    file.write_text(file.read_text().splitlines()[0] + "\n")
    assert kept(env) == content
    assert cti("recordings", "rewrap", env=env).stdout.startswith("0 recordings")


def test_keys_that_nothing_opens_stay_and_are_said(env, tmp_path):
    cti("recordings", "new-key", env=env)
    cti("recordings", "orphans", env=env)
    leave(env)
    kept(env)
    other = base64.b64encode(bytes(range(32))).decode()
    done = cti("recordings", "rewrap", env={**env, "CTI_RECORDINGS__MASTER_KEYS": other})
    assert (done.returncode, done.stdout) == (1, "")
    assert "1 are sealed under keys that are not configured" in done.stderr
    assert done.stderr.count("\n") == 1
    assert kept(env)


@pytest.mark.parametrize("value", ["short", "a,b"])
def test_a_wrong_master_key_is_one_line(env, value):
    done = cti("recordings", "orphans", env={**env, "CTI_RECORDINGS__MASTER_KEYS": value})
    assert done.returncode == 1
    assert "CTI_RECORDINGS__MASTER_KEYS: key 1 is not 32 bytes in base64" in done.stderr
    assert done.stderr.count("\n") == 1


def test_stray_files_are_listed(env, tmp_path):
    leave(env)
    os.utime(tmp_path / "monitor" / NAME, (1e9, 1e9))
    done = cti("recordings", "orphans", env=env)
    assert (done.returncode, done.stdout) == (0, f"incoming\t{NAME}\t76844\tno_recording\n")
    assert done.stderr == "1 files belong to no recording\n"
    assert (tmp_path / "monitor" / NAME).exists()
