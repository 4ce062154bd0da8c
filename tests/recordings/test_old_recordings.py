"""Recordings of earlier versions lie in the store as plain WAV files: after an upgrade they are heard as before."""

import hashlib
import wave

import pytest
from alembic import command
from sqlalchemy import MetaData, insert

from config.schema import alembic_config, upgrade
from cti.adapters.database import connect
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.domain.naming import RecordingId
from recordings.service.archivist import Archivist
from tests.recordings.conftest import PBX, Stage, visit

ID = RecordingId(f"{PBX}:tierline-1800000000.7-1800000000")
NAME = "tierline-1800000000.7-1800000000.wav"
PATH = f"tierline/2027-01-15/{NAME}"


@pytest.fixture
async def engine(empty_database_url):
    engine = connect(empty_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0014"))
    yield engine
    await engine.dispose()


async def test_a_recording_of_before_is_heard_after_the_upgrade(engine, tmp_path):
    file = tmp_path / "store" / PATH
    file.parent.mkdir(parents=True)
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(range(256)) * 2000)
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()

    def store(sync):
        seen = MetaData()
        seen.reflect(sync, only=["recordings"])
        one = visit()
        row = {
            "id": ID, "call": one.call, "pbx": PBX, "uniqueid": one.uniqueid, "queue": "support", "agent": "101",
            "tier": "gold", "joined_at": one.joined_at, "started_at": one.outcome_at, "state": "stored", "reason": "",
            "detail": "", "note": "", "file": NAME, "path": PATH, "duration_seconds": 32.0,
            "size_bytes": len(content), "sample_rate": 8000, "channels": 1, "sha256": digest, "settled_at": 1.8e9,
        }  # fmt: skip
        sync.execute(insert(seen.tables["recordings"]), [row])

    async with engine.begin() as connection:
        await connection.run_sync(store)
    await upgrade(engine)
    stage = Stage(tmp_path, engine)
    archivist = Archivist(SqlRecordingCatalogue(engine), stage.store)
    row = await archivist.get(ID)
    opened = await archivist.open(row)
    assert opened.size == row.size_bytes
    heard = b"".join([piece async for piece in opened.read(0, opened.size)])
    assert hashlib.sha256(heard).hexdigest() == row.sha256
    again = await archivist.open(row)
    assert b"".join([piece async for piece in again.read(1000, 1100)]) == content[1000:1100]
    waveform = await archivist.waveform(row)
    assert len(waveform.lanes) == 1
    assert waveform.points == waveform.lanes[0]
    with (await archivist.place(row)).open() as place:
        assert place.read() == content
    await stage.store.erase(PATH)
    assert not file.exists()
