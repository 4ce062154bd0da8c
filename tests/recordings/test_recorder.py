"""What becomes of files on real folders, in a real database."""

import hashlib
import os

import pytest

from cti.domain.events import RecordingStarted
from cti.domain.identifiers import ChannelId
from cti.domain.records import Outcome
from recordings.domain.events import RecordingExcluded, RecordingMissing, RecordingStored
from recordings.domain.recording import Reason, RecordingState

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
STORED = f"tierline/2027-01-15/{UID}-1800000000.flac"


async def test_a_marked_file_is_stored_by_ids_hashed_and_told(stage, calls):
    await stage.talked()
    content = stage.wav(NAME, 20).read_bytes()
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason, row.note) == (RecordingState.STORED, Reason.NONE, "")
    assert row.duration_seconds == pytest.approx(20, abs=0.05)
    assert (row.size_bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (row.agent, row.queue, row.tier) == ("101", "support", "gold")
    assert await stage.heard(row.path) == content
    assert row.path == STORED
    assert list(stage.spool.iterdir()) == []  # neither file nor marker is left
    assert stage.told == [
        RecordingStored(
            stage.clock.time, row.id, row.call, row.uniqueid, "support", "101", "gold", row.started_at,
            row.duration_seconds, corrects=False,
        )
    ]  # fmt: skip
    assert [(c.was, c.became) for c in await stage.catalogue.history(row.id)] == [
        (None, "expected"),
        ("expected", "stored"),
    ]
    await stage.after(100)
    assert len(stage.told) == 1


async def test_unmarked_file_is_final_five_seconds_after_it_stopped_growing(stage, calls):
    await stage.talked()
    for seconds in (18, 19, 20):
        stage.wav(NAME, seconds, done=False)
        await stage.after(2)
        assert (await stage.row()).state is RecordingState.GROWING
    await stage.after(2.9)
    assert (await stage.row()).state is RecordingState.GROWING
    await stage.after(2.2)
    assert (await stage.row()).state is RecordingState.STORED


async def test_a_resting_file_is_not_final_before_the_last_hang_up(stage, calls):
    visit = calls.visit(talk=200)
    stage.named(NAME, visit)
    stage.answered(visit)
    stage.wav(NAME, 20, done=False)
    for _ in range(5):
        await stage.after(31)
    assert (await stage.row()).state is RecordingState.GROWING


async def test_no_file_is_missing_after_the_deadline_and_only_then(stage, calls):
    visit = await stage.talked()
    await stage.after(59)
    assert (await stage.row()).state is RecordingState.EXPECTED
    await stage.after(2)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.MISSING, Reason.NEVER_APPEARED)
    assert row.detail == "No file 61 s after the last hang-up."
    assert stage.told == [RecordingMissing(stage.clock.time, row.id, visit.call, "support", row.reason)]
    assert stage.recorder.counts() == {
        "expected": 0, "growing": 0, "stored": 0, "missing": 1, "excluded": 0, "erased": 0
    }  # fmt: skip


async def test_a_late_file_corrects_missing_and_history_shows_it(stage, calls):
    await stage.talked()
    await stage.after(61)
    stage.wav(NAME, 20)
    await stage.after(61)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.STORED, Reason.CAME_LATE)
    assert [c.became for c in await stage.catalogue.history(row.id)] == ["expected", "missing", "stored"]
    assert [type(event) for event in stage.told] == [RecordingMissing, RecordingStored]
    assert stage.told[-1].corrects
    assert stage.recorder.counts()[RecordingState.MISSING] == 0


async def test_a_file_too_late_by_policy_changes_nothing(stage, calls):
    await stage.talked()
    await stage.after(61)
    stage.clock.time += 8 * 86_400
    stage.wav(NAME, 20)
    await stage.after(61)
    assert (await stage.row()).state is RecordingState.MISSING


@pytest.mark.parametrize("cut", [1, 100, 5000])
async def test_truncated_is_missing_and_stays_where_it_is(stage, calls, cut):
    await stage.talked()
    file = stage.wav(NAME, 20)
    os.truncate(file, file.stat().st_size - cut)
    await stage.after(1)
    assert (await stage.row()).state is RecordingState.GROWING  # a slow disk may still bring the rest
    await stage.after(60)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.MISSING, Reason.DAMAGED)
    assert "header tells of" in row.detail
    assert file.exists()
    assert not stage.kept_files()


async def test_a_damaged_file_made_whole_is_stored_after_all(stage, calls):
    await stage.talked()
    file = stage.wav(NAME, 20)
    whole = file.read_bytes()
    file.write_bytes(whole[:-500])
    await stage.after(61)
    await stage.after(61)
    assert (await stage.row()).state is RecordingState.MISSING
    file.write_bytes(whole)
    await stage.after(61)
    assert (await stage.row()).state is RecordingState.STORED


async def test_a_file_of_zero_bytes_is_missing(stage, calls):
    await stage.talked()
    (stage.spool / NAME).touch()
    stage.mark(NAME)
    await stage.after(61)
    assert (await stage.row()).reason is Reason.EMPTY_FILE


async def test_header_without_sound_is_excluded_and_swept(stage, calls):
    await stage.talked()
    assert stage.wav(NAME, 0).stat().st_size == 44
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, Reason.NO_SOUND)
    assert stage.told == [RecordingExcluded(stage.clock.time, row.id, row.call, "support", row.reason)]
    assert list(stage.spool.iterdir()) == []


async def test_too_short_is_excluded(stage, calls):
    await stage.talked(seconds=2.0)
    stage.wav(NAME, 2)
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, Reason.TOO_SHORT)
    assert row.detail == "2.0 s, the shortest kept is 3 s."


async def test_a_queue_that_is_not_recorded_is_excluded_and_its_sound_deleted(stage, calls):
    await stage.talked(queue="complaints")
    stage.wav(NAME, 20)
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, Reason.QUEUE_NOT_RECORDED)
    assert list(stage.spool.iterdir()) == []
    assert not stage.kept_files()


async def test_caller_gone_before_anybody_was_through(stage, calls):
    visit = calls.visit(talk=0)
    stage.answered(visit)
    stage.cleared(calls.record(visit, segments=[calls.segment(visit.outcome_at, visit.outcome_at)]))
    await stage.after(100)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, Reason.NO_TALK)


async def test_a_link_is_never_followed(stage, calls, tmp_path):
    await stage.talked()
    secret = stage.wav(f"{UID}-9.wav", 20, done=False).rename(tmp_path / "secret.wav")
    (stage.spool / NAME).symlink_to(secret)
    stage.mark(NAME)
    await stage.after(61)
    assert (await stage.row()).reason is Reason.FILE_REFUSED
    assert secret.exists()
    assert not stage.kept_files()


async def test_a_pipe_in_the_folder_does_not_hang_anything(stage, calls):
    await stage.talked()
    os.mkfifo(stage.spool / NAME)
    stage.mark(NAME)
    await stage.after(61)
    assert (await stage.row()).reason is Reason.FILE_REFUSED


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        f"../{NAME}",
        f"/tmp/{NAME}",
        f"{NAME}\n",
        "",
        "x.wav",
        f"{UID}-01.wav",
        f"a/{NAME}",
    ],
)
async def test_names_that_lead_elsewhere_are_refused_and_the_file_found_by_its_id(stage, calls, name, caplog):
    visit = calls.visit()
    stage.named(name, visit)
    assert stage.recorder.refused_names == 1
    assert name.strip() == "" or name.strip() not in caplog.text
    stage.answered(visit)
    stage.cleared(calls.record(visit, recordings=[name]))
    stage.clock.time = visit.ended_at
    stage.wav(NAME, 20)
    await stage.after(1)
    assert (await stage.row()).state is RecordingState.STORED


async def test_a_channel_cannot_claim_the_file_of_another(stage, calls):
    visit = calls.visit()
    stage.recorder.recording_started(
        RecordingStarted(visit.joined_at, visit.call, ChannelId("tierline-1800000000.8"), NAME)
    )
    assert stage.recorder.refused_names == 1


async def test_sound_and_bridge_time_that_differ_leave_a_note(stage, calls):
    await stage.talked(seconds=30.0)
    stage.wav(NAME, 20)
    await stage.after(1)
    assert (await stage.row()).note == "The sound lasts 20.0 s, the conversation lasted 30.0 s."


async def test_two_answered_visits_with_a_file_each(stage, calls):
    first = calls.visit(talk=20)
    second = calls.visit(joined=first.ended_at + 1, wait=5, talk=8, queue="sales", number=2)
    names = [NAME, f"{UID}-{int(second.joined_at)}.wav"]
    stage.named(names[0], first)
    stage.answered(first)
    stage.named(names[1], second)
    stage.answered(second)
    stage.cleared(calls.record(first, second, recordings=names))
    stage.clock.time = second.ended_at
    stage.wav(names[0], 20, at=first.ended_at)
    stage.wav(names[1], 8)
    await stage.after(1)
    rows = await stage.rows()
    assert [(r.state, r.file, r.queue, r.note) for r in rows] == [
        ("stored", names[0], "support", ""),
        ("stored", names[1], "sales", ""),
    ]


async def test_two_answered_visits_in_one_covering_file(stage, calls):
    first = calls.visit(talk=20)
    second = calls.visit(joined=first.ended_at + 1, wait=5, talk=8, number=2)
    stage.named(NAME, first)
    for visit in (first, second):
        stage.answered(visit)
    stage.cleared(calls.record(first, second, recordings=[NAME]))
    stage.clock.time = second.ended_at
    stage.wav(NAME, 28)
    await stage.after(1)
    rows = await stage.rows()
    assert [(r.state, r.path, r.note) for r in rows] == [("stored", STORED, "")] * 2
    assert rows[0].sha256 == rows[1].sha256 is not None


async def test_a_covering_file_is_not_deleted_for_the_visit_that_is_not_recorded(stage, calls):
    first = calls.visit(talk=20, queue="complaints")
    second = calls.visit(joined=first.ended_at + 1, wait=5, talk=8, number=2)
    stage.cleared(calls.record(first, second, recordings=[NAME]))
    stage.clock.time = second.ended_at
    stage.wav(NAME, 28)
    await stage.after(1)
    assert [r.state for r in await stage.rows()] == ["excluded", "stored"]


async def test_the_first_visits_file_is_not_taken_for_a_missing_second(stage, calls):
    first = calls.visit(talk=20)
    second = calls.visit(joined=first.ended_at + 30, wait=5, talk=8, number=2)
    for visit in (first, second):
        stage.answered(visit)
    stage.cleared(calls.record(first, second, recordings=[NAME]))
    stage.wav(NAME, 20, at=first.ended_at)
    stage.clock.time = second.ended_at
    await stage.after(61)
    assert [r.state for r in await stage.rows()] == ["stored", "missing"]


async def test_a_transfer_goes_on_in_the_same_file(stage, calls):
    visit = calls.visit(talk=20)
    stage.answered(visit)
    talks = [
        calls.segment(visit.outcome_at, visit.ended_at),
        calls.segment(visit.ended_at + 4, visit.ended_at + 14, agent="102", held=3),
    ]
    stage.cleared(calls.record(visit, segments=talks, ended=visit.ended_at + 14))
    stage.clock.time = visit.ended_at + 14
    stage.wav(NAME, 30)
    await stage.after(1)
    assert (await stage.row()).note == ""


async def test_only_answered_visits_have_a_row(stage, calls):
    visit = calls.visit(outcome=Outcome.ABANDONED)
    stage.named(NAME, visit)
    stage.answered(visit)
    stage.cleared(calls.record(visit, recordings=[NAME]))
    await stage.after(100)
    assert await stage.rows() == []


async def test_markers_of_calls_nobody_answered_are_swept_up_but_no_sound_is(stage, calls):
    lone, silent, spoken = (f"tierline-1800000000.{n}-1800000000.wav" for n in (20, 21, 22))
    stage.mark(lone)
    stage.wav(silent, 0)
    stage.wav(spoken, 5)
    (stage.spool / "notes.txt").touch()
    for file in stage.spool.iterdir():
        os.utime(file, (stage.clock.time,) * 2)
    await stage.after(1)
    assert len(list(stage.spool.iterdir())) == 6
    await stage.after(3700)
    assert sorted(f.name for f in stage.spool.iterdir()) == sorted(["notes.txt", spoken, f"{spoken}.done"])
