"""Restarts, full queues, failing disks and databases: nothing is lost, nothing is told twice."""

import asyncio
import os
from itertools import count

import pytest
import soundfile

from recordings.domain.events import RecordingStored
from recordings.domain.naming import parse
from recordings.domain.recording import Reason, RecordingState

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
STORED = f"tierline/2027-01-15/{UID}-1800000000.flac"


class TestRestart:
    async def test_pending_rows_are_taken_up_again(self, stage, calls):
        await stage.talked()
        await stage.after(1)
        stage.start()
        stage.wav(NAME, 20)
        await stage.after(1)
        assert (await stage.row()).state is RecordingState.STORED
        assert stage.recorder.counts()[RecordingState.STORED] == 1

    async def test_a_call_that_ended_while_we_were_gone_is_stored_by_its_marker(self, stage, calls):
        visit = calls.visit()
        stage.named(NAME, visit)
        stage.answered(visit)
        await stage.after(1)
        stage.start()
        stage.clock.time = visit.ended_at
        stage.wav(NAME, 20)
        os.utime(stage.spool / f"{NAME}.done", (stage.clock.time,) * 2)
        await stage.after(31)
        assert (await stage.row()).state is RecordingState.GROWING
        await stage.after(31)
        assert (await stage.row()).state is RecordingState.STORED

    async def test_without_marker_or_end_it_takes_hours(self, stage, calls):
        stage.answered(calls.visit())
        await stage.after(1)
        stage.start()
        stage.wav(NAME, 20, done=False)
        await stage.after(31)
        await stage.after(3.9 * 3600)
        assert (await stage.row()).state is RecordingState.GROWING
        await stage.after(0.2 * 3600)
        assert (await stage.row()).state is RecordingState.STORED

    async def test_moved_but_not_written_down(self, stage, calls):
        await stage.talked()
        await stage.after(0)
        content = stage.wav(NAME, 20).read_bytes()
        await stage.store.take(parse(NAME), STORED)
        stage.start()
        await stage.after(1)
        row = await stage.row()
        assert (row.state, row.path) == (RecordingState.STORED, STORED)
        assert await stage.heard(STORED) == content

    async def test_visits_that_were_never_told_live_are_asked_of_the_journal(self, stage, calls):
        stage.journal.kept = [calls.visit(), calls.visit(uniqueid="tierline-1800000000.9")]
        stage.clock.time += 40
        stage.wav(NAME, 20)
        await stage.after(1)
        await stage.after(61)
        assert {r.uniqueid[-1]: r.state for r in await stage.rows()} == {"7": "stored", "9": "missing"}
        stage.start()
        await stage.after(1)
        assert len(await stage.rows()) == 2
        assert sum(stage.recorder.counts().values()) == 2

    async def test_what_is_stored_stays_when_the_caller_comes_back_to_a_queue(self, stage, calls):
        first = await stage.talked()
        stage.wav(NAME, 20)
        await stage.after(1)
        before = await stage.row()
        second = calls.visit(joined=first.ended_at + 5, number=2)
        stage.answered(second)
        await stage.after(1)
        stage.start()  # the journal tells both; only the second is still looked after
        stage.journal.kept = [first, second]
        await stage.after(1)
        stored, other = await stage.rows()
        assert stored == before
        assert other.state is not RecordingState.STORED
        assert await stage.heard(STORED)

    async def test_the_same_call_told_again_changes_nothing(self, stage, calls):
        visit = await stage.talked()
        stage.wav(NAME, 20)
        await stage.after(1)
        before = await stage.row()
        stage.start()
        stage.answered(visit._replace(joined_at=visit.joined_at + 0.4))
        stage.cleared(calls.record(visit, recordings=[NAME]))
        await stage.after(1)
        assert await stage.row() == before
        assert len(stage.told) == 1


class TestTrouble:
    async def test_more_than_the_queue_holds_is_asked_of_the_journal(self, stage, calls):
        stage.recorder._capacity = 3
        await stage.after(0)
        visits = [calls.visit(uniqueid=f"tierline-1800000000.{n}") for n in range(10)]
        for visit in visits:
            stage.answered(visit)
        assert stage.recorder.backlog == 3
        assert stage.recorder.lost == 7
        stage.journal.kept = visits
        stage.clock.time += 1
        await stage.after(0)
        assert len(await stage.rows()) == 10

    async def test_a_failing_disk_holds_up_only_its_file_and_is_tried_again(self, stage, calls, monkeypatch):
        await stage.talked()
        other = calls.visit(uniqueid="tierline-1800000000.8")
        stage.cleared(calls.record(other))
        stage.wav(NAME, 20)
        stage.wav(f"{other.uniqueid}-1800000000.wav", 20)
        take = stage.store.take

        async def full(name, *more):
            if name.file == NAME:
                raise OSError(28, "No space left on device")
            return await take(name, *more)

        monkeypatch.setattr(stage.store, "take", full)
        await stage.after(300)
        assert [r.state for r in await stage.rows()] == ["expected", "stored"]
        monkeypatch.setattr(stage.store, "take", take)
        await stage.after(1)
        assert [r.state for r in await stage.rows()] == ["stored", "stored"]

    async def test_a_file_nobody_foresaw_holds_up_only_itself(self, stage, calls, monkeypatch):
        await stage.talked()
        other = calls.visit(uniqueid="tierline-1800000000.8")
        stage.cleared(calls.record(other))
        stage.wav(NAME, 20)
        stage.wav(f"{other.uniqueid}-1800000000.wav", 20)
        take = stage.store.take

        async def confused(name, *more):
            if name.file == NAME:
                raise RuntimeError
            return await take(name, *more)

        monkeypatch.setattr(stage.store, "take", confused)
        await stage.after(1)
        assert [r.state for r in await stage.rows()] == ["expected", "stored"]

    async def test_a_folder_that_is_not_there_makes_nothing_missing(self, stage, calls, caplog):
        await stage.talked()
        stage.spool.rmdir()
        stage.clock.time += 1000
        for _ in range(5):
            await stage.after(2)
        assert caplog.text.count(str(stage.spool)) == 1
        assert (await stage.row()).state is RecordingState.EXPECTED
        stage.spool.mkdir()
        await stage.after(1)
        assert (await stage.row()).state is RecordingState.MISSING

    async def test_nothing_is_told_before_it_is_written(self, stage, calls, monkeypatch):
        await stage.talked()
        stage.wav(NAME, 20)
        save = stage.catalogue.save

        async def refused(*_):
            raise ConnectionError

        await stage.after(0)
        stage.told.clear()
        visit = calls.visit(uniqueid="tierline-1800000000.8")
        stage.cleared(calls.record(visit))
        stage.wav(f"{visit.uniqueid}-1800000000.wav", 20)
        monkeypatch.setattr(stage.catalogue, "save", refused)
        with pytest.raises(ConnectionError):
            await stage.after(1)
        assert stage.told == []
        monkeypatch.setattr(stage.catalogue, "save", save)
        await stage.after(1)
        assert [type(event) for event in stage.told] == [RecordingStored]
        assert [r.state for r in await stage.rows()] == ["stored", "stored"]

    async def test_another_sound_under_the_same_name_is_never_overwritten(self, stage, calls):
        await stage.talked()
        target = stage.root / STORED
        target.parent.mkdir(parents=True)
        stage.wav(NAME, 5).rename(target)
        before = target.read_bytes()
        stage.wav(NAME, 20)
        await stage.after(61)
        assert (await stage.row()).reason is Reason.NAME_TAKEN
        assert target.read_bytes() == before

    async def test_nothing_but_the_sound_is_left(self, stage, calls):
        await stage.talked()
        content = stage.wav(NAME, 20).read_bytes()
        await stage.after(1)
        assert (await stage.row()).state is RecordingState.STORED
        assert await stage.heard(STORED) == content
        assert stage.kept_files() == [STORED]
        assert list(stage.spool.iterdir()) == []


async def test_run_takes_in_and_stops_with_everything_written(stage, calls):
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(stage.recorder.run(tick=0.05))
        jobs = [tasks.create_task(stage.job_desk.run()), tasks.create_task(stage.job_store.writer.run())]
        visit = await talked_without_turn(stage, calls)
        async with asyncio.timeout(10):
            while not stage.told:
                await asyncio.sleep(0.02)
        stage.answered(calls.visit(uniqueid="tierline-1800000000.8"))
        for task in (running, *jobs):
            task.cancel()
    assert [r.state for r in await stage.rows()] == ["stored", "expected"]
    with (await stage.store.place(STORED)).open() as file:
        assert soundfile.info(file).duration == pytest.approx(visit.talk_seconds, abs=0.05)


async def talked_without_turn(stage, calls):
    visit = calls.visit()
    stage.named(NAME, visit)
    stage.answered(visit)
    stage.cleared(calls.record(visit, recordings=[NAME]))
    stage.clock.time = visit.ended_at + 1
    stage.wav(NAME, 20)
    return visit


async def test_a_rush_does_not_keep_it_from_writing_down(stage, calls, monkeypatch):
    of_channels, others = stage.catalogue.of_channels, count(100)

    async def and_meanwhile_somebody_else_is_answered(channels):
        stage.answered(calls.visit(uniqueid=f"tierline-1800000000.{next(others)}"))
        return await of_channels(channels)

    monkeypatch.setattr(stage.catalogue, "of_channels", and_meanwhile_somebody_else_is_answered)
    stage.answered(calls.visit(uniqueid="tierline-1800000000.99"))
    async with asyncio.timeout(5):
        await stage.after(1)
    assert [row.uniqueid for row in await stage.rows()] == ["tierline-1800000000.99"]
    monkeypatch.undo()
    await stage.after(1)
    assert len(await stage.rows()) == 2
