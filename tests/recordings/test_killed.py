"""Killed with SIGKILL at every step of finishing, and at random instants: every recording ends once, as it would have."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from cti.adapters.database import connect
from qa.adapters.review_store import SqlReviews
from qa.domain.review import ReviewSearch
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.folder import Folder
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.master_keys import MasterKeyFile
from recordings.adapters.sound import SoundFiles
from recordings.domain.recording import UNSETTLED, Search
from tests.recordings.mortal_calls import prepare, truth, visits
from tests.servers import REPOSITORY

STEPS = [
    "writing the job",
    "claiming",
    "taking the sound",
    "writing the key",
    "putting the file",
    "removing a file",
    "discarding",
    "writing the row",
    "telling",
    "settling the job",
    "laying out the review",
]


class Nursery:
    """Where lives are begun."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.recordings.mortal"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, folder: Path, url: str, step: str | None = None, occurrence: int = 1) -> int:
        """How a life ended: 0 when all was done, -9 when it was killed."""
        self.begin(folder, url, step, occurrence)
        return self.end()

    def begin(self, folder: Path, url: str, step: str | None = None, occurrence: int = 1) -> None:
        told = {"folder": str(folder), "url": url, "step": step, "occurrence": occurrence}
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()

    def end(self) -> int:
        return int(self._process.stdout.readline())

    def kill_the_living(self) -> None:
        """The one child there is at any time."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in children.read_text().split():
            os.kill(int(child), 9)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


async def check(folder: Path, url: str, kept: dict[str, str]) -> None:
    """The catalogue, the reviews and both folders, held to what was laid out before anybody lived."""
    engine = connect(url)
    try:
        catalogue, key_book = SqlRecordingCatalogue(engine), SqlKeyBook(engine)
        wrapper = MasterKeyFile(folder / "master.key")
        rows = (await catalogue.search(Search(), 500, 0)).items
        ends = {
            row.id: row.state.value if row.state == "stored" else f"{row.state.value} {row.reason.value}"
            for row in rows
        }
        assert ends == truth(folder)
        for row in rows:
            ended = [
                change.became for change in await catalogue.history(row.id) if change.became not in UNSETTLED
            ]
            assert ended == [row.state]
            if row.state == "stored":
                assert row.sha256 == kept[row.file]
        stored = sorted(row.id for row in rows if row.state == "stored")
        reviews = (await SqlReviews(engine).search(ReviewSearch(), 500, 0)).items
        assert sorted(review.recording for review in reviews) == stored
        store = KeepingStore([], Folder(folder / "store"), SoundFiles(), KeyRing(key_book, wrapper))
        there = {}
        for file in (folder / "store").rglob("*"):
            if file.is_file():
                audio = await store.open(str(file.relative_to(folder / "store")))
                heard = b"".join([piece async for piece in audio.read(0, audio.size)])
                there[file.name.replace(".flac", ".wav")] = sha256(heard).hexdigest()
        assert there == kept
        assert sum((await key_book.masters()).values()) == len(kept), "as many keys as sounds"
    finally:
        await engine.dispose()
    left = [file.name for file in (folder / "monitor").iterdir()]
    assert all(name.startswith("tierline-1800000000.6-") for name in left), left  # the damaged one


@contextmanager
def said(words: str) -> Iterator[None]:
    """What to repeat when it fails."""
    try:
        yield
    except AssertionError as wrong:
        raise AssertionError(f"{words}: {wrong}") from wrong


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_ends_as_it_would_have(nursery, database_url, tmp_path, step):
    folder = tmp_path / "house"
    kept = prepare(folder, 8)
    assert nursery.live(folder, database_url, f"before {step}") == -9, "the step was never reached"
    assert nursery.live(folder, database_url, f"after {step}") == -9, "the step was never reached again"
    nursery.live(folder, database_url, f"after {step}", occurrence=2)  # where it is reached twice
    assert nursery.live(folder, database_url) == 0
    await check(folder, database_url, kept)


@pytest.mark.timeout(300)
async def test_killed_at_random_instants_it_ends_as_it_would_have(nursery, database_url, tmp_path):
    seed = int(os.environ.get("KILL_SEED", time.time_ns() % 1_000_000))
    print(f"KILL_SEED={seed}")
    luck, folder = random.Random(seed), tmp_path / "house"
    kept = prepare(folder, 6)
    with said(f"KILL_SEED={seed}"):
        for _ in range(12):
            nursery.begin(folder, database_url)
            time.sleep(luck.uniform(0.05, 0.8))
            nursery.kill_the_living()
            if nursery.end() == 0:
                break
        assert nursery.live(folder, database_url) == 0
        await check(folder, database_url, kept)
    assert len(truth(folder)) == len(visits(folder))
