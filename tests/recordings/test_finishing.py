"""A store that fails for long: attempts further and further apart, given up, and tried again by an operator."""

import errno
import os

import pytest

from recordings.adapters.sealing import SealingWriter
from recordings.domain.errors import NotWhole
from recordings.domain.events import RecordingStored
from recordings.domain.finishing import FINISH_RECORDING, FINISHING_RETRIES, Finishing, finishing
from recordings.domain.naming import parse
from recordings.domain.recording import Reason, RecordingState, Step
from recordings.domain.verdict import Verdict

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
DAY = "tierline/2027-01-15"
STORED = f"{DAY}/{UID}-1800000000.flac"
JOB = f"{FINISH_RECORDING}:tierline:{UID}-1800000000"


async def jobs(stage):
    return list((await stage.job_desk.page(None, 10, 0)).items)


async def try_until_dead(stage):
    waited = 0.0
    while (await jobs(stage))[0].state != "dead":
        step = (await jobs(stage))[0].next_at - stage.clock.time
        waited += step
        await stage.after(step)
        assert waited < 3 * 3600
    return waited


def test_what_was_decided_outlives_the_server():
    decided = Finishing(parse(NAME), Verdict(Step.EXCLUDE, Reason.TOO_SHORT, "1.0 s"))
    assert finishing(decided.payload()) == decided


async def test_a_store_that_cannot_be_written_is_given_up_after_half_an_hour_and_tried_again(stage):
    await stage.talked()
    content = stage.wav(NAME, 20).read_bytes()
    (stage.root / "tierline").write_text("a file where the folder should be")
    await stage.after(1)
    waited = await try_until_dead(stage)
    assert waited > 1800
    (dead,) = await jobs(stage)
    assert (dead.id, dead.attempts) == (JOB, FINISHING_RETRIES.attempts)
    assert dead.error in {os.strerror(errno.ENOTDIR), os.strerror(errno.EEXIST)}
    assert ((await stage.row()).state, stage.told) == (RecordingState.EXPECTED, [])
    stage.start()  # a restart asks for nothing that was given up
    await stage.after(1000)
    assert [job.state for job in await jobs(stage)] == ["dead"]
    (stage.root / "tierline").unlink()
    await stage.job_desk.try_again(JOB)
    await stage.finish_jobs()
    assert (await stage.row()).state is RecordingState.STORED
    assert await stage.heard(STORED) == content
    assert [type(event) for event in stage.told] == [RecordingStored]
    assert await jobs(stage) == []


async def test_a_full_disk_leaves_no_half_file_and_the_next_attempt_stores_it(stage, monkeypatch):
    """It is full in the midst of writing, where a C library calls us back."""
    await stage.talked()
    file = stage.wav(NAME, 20)
    content = file.read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(SealingWriter, "_put", full)
        await stage.after(1)
        assert file.read_bytes() == content
        (failed,) = await jobs(stage)
        assert (failed.state, failed.attempts, failed.error) == ("waiting", 1, "No space left on device")
        assert list((stage.root / DAY).iterdir()) == []
    await stage.after(1)
    assert await stage.heard(STORED) == content
    assert (await stage.row()).state is RecordingState.STORED


async def test_what_is_handed_over_is_looked_at_no_more(stage, monkeypatch):
    await stage.talked()
    stage.wav(NAME, 20)
    (stage.root / "tierline").write_text("in the way")
    await stage.after(1)
    asked = []

    async def survey(names):
        asked.extend(names)
        return {}

    monkeypatch.setattr(stage.store, "survey", survey)
    for _ in range(5):
        await stage.after(0.1)
    assert asked == []


async def test_a_sound_that_cannot_be_decoded_is_missing_when_patience_ends(stage, monkeypatch):
    await stage.talked()
    stage.wav(NAME, 20)

    async def undecodable(*_):
        raise NotWhole("It cannot be decoded.")

    monkeypatch.setattr(stage.store, "take", undecodable)
    await stage.after(1)
    assert [(job.state, job.attempts) for job in await jobs(stage)] == [("waiting", 0)], "no failed attempt"
    await stage.after(30)
    assert (await stage.row()).state is RecordingState.EXPECTED
    await stage.after(30)
    row = await stage.row()
    assert (row.state, row.reason, row.detail) == ("missing", Reason.DAMAGED, "It cannot be decoded.")
    assert await jobs(stage) == []


@pytest.mark.parametrize("gone", ["the file", "the folder"])
async def test_a_file_that_goes_before_it_is_taken(stage, gone):
    await stage.talked()
    file = stage.wav(NAME, 20)
    await stage.recorder.turn()
    file.unlink()
    (stage.spool / f"{NAME}.done").unlink()
    if gone == "the folder":
        stage.spool.rmdir()
    stage.clock.time += 100
    await stage.finish_jobs()
    if gone == "the file":
        row = await stage.row()
        assert (row.state, row.detail) == ("missing", "The file was there and is gone.")
    else:
        assert (await stage.row()).state is RecordingState.EXPECTED
        assert [(job.state, job.attempts) for job in await jobs(stage)] == [("waiting", 1)]


async def test_told_again_when_nobody_knows_whether_it_was_told(stage):
    """Killed between the row and the note that the job is done: the row tells, and nothing is moved twice."""
    await stage.talked()
    stage.wav(NAME, 20)
    settle = stage.job_store.settle

    async def killed(ended, owner):
        raise ConnectionError

    stage.job_store.settle = killed
    with pytest.raises(ConnectionError):
        await stage.after(1)
    stage.job_store.settle = settle
    stage.start()
    await stage.after(30)
    first, second = stage.told
    assert first == second
    assert await jobs(stage) == []
