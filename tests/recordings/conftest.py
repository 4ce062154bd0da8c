import os
import random
import wave
from collections.abc import AsyncIterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from cti.adapters.database import METADATA, connect
from cti.adapters.job_store import SqlJobs
from cti.domain.events import CallCleared, RecordingStarted, VisitEnded
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.records import CallRecord, Direction, Outcome, SegmentRecord, VisitRecord
from cti.service.job_desk import JobDesk
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.folder import Folder
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.master_keys import MasterKeyFile
from recordings.adapters.sound import SoundFiles
from recordings.adapters.spool import Spool
from recordings.domain.finishing import FINISH_RECORDING, FINISHING_RETRIES
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import Search
from recordings.service.archivist import Archivist
from recordings.service.recorder import Recorder

T0 = 1_800_000_000.0
PBX = PbxName("tierline")


class SetClock:
    def __init__(self) -> None:
        self.time = T0

    def now(self) -> float:
        return self.time


class Journal:
    def __init__(self) -> None:
        self.kept: list[VisitRecord] = []
        self.asked = 0

    async def visits(self, start: float, end: float) -> Sequence[VisitRecord]:
        self.asked += 1
        return [visit for visit in self.kept if start <= visit.joined_at < end]


def visit(
    uniqueid: str = "tierline-1800000000.7",
    joined: float = T0,
    wait: float = 10.0,
    talk: float = 20.0,
    outcome: Outcome = Outcome.ANSWERED,
    queue: str = "support",
    number: int = 1,
) -> VisitRecord:
    return VisitRecord(
        call=CallId(f"{PBX}:{uniqueid}"),
        pbx=PBX,
        uniqueid=ChannelId(uniqueid),
        number_in_call=number,
        queue=QueueName(queue),
        tier=Tier.GOLD,
        joined_at=joined,
        original_position=1,
        outcome=outcome,
        outcome_at=joined + wait,
        wait_seconds=wait,
        agent=AgentId("101"),
        talk_seconds=talk,
        hold_seconds=0.0,
        ended_at=joined + wait + talk,
        ended_by="caller",
        caller_number=None,
    )


def segment(began: float, ended: float, agent: str = "101", held: float = 0.0) -> SegmentRecord:
    return SegmentRecord(
        call=CallId("x"),
        pbx=PBX,
        agent=AgentId(agent),
        channel=ChannelId(f"a{agent}"),
        queue=None,
        tier=None,
        began_at=began,
        ended_at=ended,
        talk_seconds=ended - began - held,
        hold_seconds=held,
        hold_count=0,
        transferred=False,
        wrap_up_seconds=None,
        direction=Direction.INBOUND,
    )


def record(
    *visits: VisitRecord,
    segments: Sequence[SegmentRecord] | None = None,
    recordings: Sequence[str] = (),
    ended: float | None = None,
) -> CallRecord:
    if segments is None:
        segments = [segment(v.outcome_at, v.ended_at) for v in visits if v.outcome is Outcome.ANSWERED]
    return CallRecord(
        call=visits[0].call,
        pbx=PBX,
        uniqueid=visits[0].uniqueid,
        direction=Direction.INBOUND,
        state="cleared",
        caller_number=None,
        caller_name=None,
        customer=None,
        tier=Tier.GOLD,
        started_at=visits[0].joined_at,
        ended_at=visits[-1].ended_at if ended is None else ended,
        visits=visits,
        offers=(),
        segments=tuple(segments),
        transfers=(),
        blocked=(),
        recordings=tuple(recordings),
        timeline=(),
    )


class Stage:
    """A recorder on real folders and a real database, with a clock that is set by hand."""

    def __init__(self, folder: Path, engine) -> None:
        self.spool, self.root = folder / "monitor", folder / "store"
        self.spool.mkdir(exist_ok=True)
        self.clock, self.journal, self.told = SetClock(), Journal(), []
        self.engine, self.servers = engine, count(1)
        self.catalogue, self.key_book = SqlRecordingCatalogue(engine), SqlKeyBook(engine)
        self.wrapper = MasterKeyFile(folder / "master.key")
        self.policy = RecordingPolicy(queues=frozenset({QueueName("support"), QueueName("sales")}))
        self.start()

    def start(self, **changes) -> None:
        """Begin, or begin again after the process was gone: only folders and database remain."""
        keys = KeyRing(self.key_book, self.wrapper)
        self.store = KeepingStore([Spool(self.spool)], Folder(self.root), SoundFiles(), keys)
        self.policy = self.policy._replace(**changes)
        self.job_store = SqlJobs(self.engine)
        self.job_desk = JobDesk(self.job_store, self.clock, f"server {next(self.servers)}")
        self.recorder = Recorder(
            self.policy, self.store, self.catalogue, self.told.append, self.clock, self.job_desk, self.journal
        )
        self.job_desk.handle(FINISH_RECORDING, self.recorder.finish, FINISHING_RETRIES)
        self.archivist = Archivist(self.catalogue, self.store)

    async def heard(self, path: str) -> bytes:
        """The WAV file that is served."""
        audio = await self.store.open(path)
        return b"".join([piece async for piece in audio.read(0, audio.size)])

    def kept_files(self) -> list[str]:
        return sorted(str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file())

    def pair(self, name: str, seconds: tuple[float, float], *, done: bool = True) -> list[Path]:
        """A file of each voice: the customer's and the agent's; each its own noise."""
        files = []
        for seed, (lane, length) in enumerate(zip(("customer", "agent"), seconds, strict=True)):
            file = self.spool / name.replace(".wav", f".{lane}.wav")
            with wave.open(str(file), "wb") as sound:
                sound.setparams((1, 2, 8000, 0, "NONE", ""))
                sound.writeframes(random.Random(seed).randbytes(int(length * 8000) * 2))
            os.utime(file, (self.clock.time,) * 2)
            files.append(file)
        if done:
            self.mark(name)
        return files

    def wav(self, name: str, seconds: float, *, done: bool = True, at: float | None = None) -> Path:
        file = self.spool / name
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(range(256)) * int(seconds * 8000 * 2 / 256))
        if done:
            self.mark(name)
        os.utime(file, (at or self.clock.time,) * 2)
        return file

    def mark(self, name: str) -> None:
        (self.spool / f"{name}.done").touch()

    def named(self, name: str, v: VisitRecord) -> None:
        self.recorder.recording_started(RecordingStarted(v.joined_at, v.call, v.uniqueid, name))

    def answered(self, v: VisitRecord) -> None:
        self.recorder.visit_ended(VisitEnded(v.outcome_at or 0.0, v.call, v))

    def cleared(self, r: CallRecord) -> None:
        self.recorder.call_cleared(CallCleared(r.ended_at or 0.0, r.call, r))

    async def talked(self, seconds: float = 20.0, name: str = "tierline-1800000000.7-1800000000.wav", **more):
        """A call that was answered and ended; its file is not written yet."""
        answered = visit(talk=seconds, **more)
        self.named(name, answered)
        self.answered(answered)
        await self.after(10)
        self.cleared(record(answered, recordings=[name]))
        self.clock.time = answered.ended_at
        return answered

    async def after(self, seconds: float) -> None:
        """A round of the recorder, and whatever it leaves to jobs."""
        self.clock.time += seconds
        await self.recorder.turn()
        await self.finish_jobs()

    async def finish_jobs(self) -> None:
        if self.job_store.writer.backlog:
            await self.job_store.writer._write_next()
        await self.job_desk.turn()

    async def rows(self):
        return sorted((await self.catalogue.search(Search(), 100, 0)).items, key=lambda row: row.joined_at)

    async def row(self):
        rows = await self.rows()
        assert len(rows) == 1
        return rows[0]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator:
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'recordings.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def stage(tmp_path: Path, engine) -> Stage:
    return Stage(tmp_path, engine)


@pytest.fixture(scope="session")
def calls():
    """Makers of visits, segments and records."""

    class Makers:
        T0, PBX = T0, PBX

    Makers.visit, Makers.segment, Makers.record = (
        staticmethod(visit),
        staticmethod(segment),
        staticmethod(record),
    )
    return Makers
