"""A recorder that dies at a given step: forked again and again from one process that has imported everything.

Each line on standard input is a life, as JSON: where it works, and before which occurrence of which step it is killed
(SIGKILL, by itself). Each line on standard output is how that life ended: the exit code, -9 when it was killed, and
which steps it took.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.job_store import SqlJobs
from cti.service.job_desk import JobDesk
from qa.adapters.review_store import SqlReviews
from qa.adapters.scorecard_files import ScorecardFolder
from qa.service.review_desk import ReviewDesk
from recordings.adapters import spool as switch_folder
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.folder import Folder
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.master_keys import MasterKeyFile
from recordings.adapters.sound import SoundFiles
from recordings.adapters.spool import Spool
from recordings.domain.events import RecordingStored
from recordings.domain.finishing import FINISH_RECORDING
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import UNSETTLED
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder
from tests.recordings.mortal_calls import visits
from tests.servers import CONFIG


class Clock:
    def now(self) -> float:
        return time.time()


class Journal:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def visits(self, start: float, end: float):
        return visits(self._folder)


class Life:
    """Counts steps, writes each down, and ends at the one it is to end at."""

    def __init__(self, folder: Path, step: str | None, occurrence: int) -> None:
        self._step, self._occurrence = step, occurrence
        self.steps: Counter[str] = Counter()
        self._log = os.open(folder / "steps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def at(self, step: str) -> None:
        self.steps[step] += 1
        os.write(self._log, f"{step}\n".encode())
        if step == self._step and self.steps[step] == self._occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, place, name: str, step: str) -> None:
        """Have a step before and after a function of this place."""
        function = getattr(place, name)
        if asyncio.iscoroutinefunction(function):

            async def stepped(*given, **named):
                self.at(f"before {step}")
                answer = await function(*given, **named)
                self.at(f"after {step}")
                return answer
        else:

            def stepped(*given, **named):
                self.at(f"before {step}")
                answer = function(*given, **named)
                self.at(f"after {step}")
                return answer

        setattr(place, name, stepped)


async def live(told: dict) -> None:
    folder = Path(told["folder"])
    life = Life(folder, told.get("step"), told.get("occurrence", 1))
    engine = connect(told["url"])
    await upgrade(engine)
    clock, store = Clock(), SqlJobs(engine)
    desk = JobDesk(store, clock, f"life {os.getpid()}", hold_seconds=0.4)
    catalogue, reviews = SqlRecordingCatalogue(engine), SqlReviews(engine)
    key_book, shelf = SqlKeyBook(engine), Folder(folder / "store")
    keys = KeyRing(key_book, MasterKeyFile(folder / "master.key"))
    sounds = KeepingStore([Spool(folder / "monitor")], shelf, SoundFiles(), keys)
    for place, name, step in (
        (key_book, "add", "writing the key"),
        (shelf, "put", "putting the file"),
        (switch_folder, "remove", "removing a file"),
        (sounds, "take", "taking the sound"),
        (sounds, "discard", "discarding"),
        (catalogue, "save", "writing the row"),
        (store, "claim", "claiming"),
        (store, "settle", "settling the job"),
        (reviews, "add", "laying out the review"),
    ):
        life.around(place, name, step)
    life.around(store.writer, "_write", "writing the job")

    def publish(event) -> None:
        life.at("before telling")
        if isinstance(event, RecordingStored):
            review_desk.propose(event)
        life.at("after telling")

    recorder = Recorder(RecordingPolicy(), sounds, catalogue, publish, clock, desk, Journal(folder))
    archivist = Archivist(catalogue, sounds)
    review_desk = ReviewDesk(reviews, ScorecardFolder(CONFIG / "policies/scorecards"), archivist, clock)
    desk.handle(FINISH_RECORDING, recorder.finish)
    works = (recorder.run(0.05), desk.run(), store.writer.run(), review_desk.run(0.05))
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        async with asyncio.timeout(30):
            while not await settled(folder, catalogue, store, reviews):
                await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await engine.dispose()


async def settled(folder: Path, catalogue, store, reviews) -> bool:
    counts = await catalogue.counts()
    if sum(counts.values()) < len(visits(folder)) or any(counts.get(state) for state in UNSETTLED):
        return False
    return not await store.counts() and sum((await reviews.counts()).values()) == counts.get("stored", 0)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                asyncio.run(live(json.loads(line)))
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
