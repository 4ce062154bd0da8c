"""Files that belong to no recording are listed and stay where they are."""

import os

import pytest

from recordings.domain.recording import Reason, RecordingState
from recordings.service.store_watch import StoreWatch

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
GRACE = 4 * 3600.0


@pytest.fixture
def watch(stage) -> StoreWatch:
    return StoreWatch(stage.store, stage.catalogue, (stage.key_book, stage.wrapper), stage.clock, GRACE)


def old(stage, *files) -> None:
    for file in files:
        os.utime(file, (stage.clock.time - GRACE - 1,) * 2)


async def found(watch) -> set[tuple[str, str, str]]:
    await watch.look()
    return {(one.place.value, one.path, one.reason.value) for one in watch.orphans.items}


async def test_what_belongs_to_a_recording_is_none(stage, watch):
    await stage.talked()
    stage.pair(NAME, (20, 20))
    await stage.after(1)
    os.utime(stage.root / (await stage.row()).path, (1.0, 1.0))
    assert await found(watch) == set()
    assert watch.orphans == ([], 0, stage.clock.time)


async def test_each_kind_is_listed_with_its_reason_and_nothing_is_touched(stage, watch, calls):
    await stage.talked()
    mixed, pair = stage.wav(NAME, 20), stage.pair(NAME, (20, 20))
    await stage.after(1)
    assert (await stage.row()).state is RecordingState.STORED
    assert not mixed.exists()
    stranger = stage.wav("tierline-1800000000.99-1800000000.wav", 20)
    other = stage.spool / "holiday.wav"
    other.write_bytes(b"x")
    (stage.root / "pbx").mkdir()
    lost, part = stage.root / "pbx/lost.flac", stage.root / "pbx/.a.flac.part"
    for file in (lost, part):
        file.write_bytes(b"y")
    fresh = stage.spool / "tierline-1800000000.50-1800000000.wav"
    fresh.write_bytes(b"")
    every = [*pair, stranger, other, lost, part]
    old(stage, *every)
    os.utime(fresh, (stage.clock.time,) * 2)
    assert await found(watch) == {
        *(("incoming", file.name, "left_over") for file in pair),
        ("incoming", stranger.name, "no_recording"),
        ("incoming", "holiday.wav", "unknown_name"),
        ("store", "pbx/lost.flac", "no_recording"),
        ("store", "pbx/.a.flac.part", "unfinished"),
    }
    assert watch.counts() == {"incoming": 4, "store": 2}
    assert all(file.exists() for file in every)


async def test_a_damaged_file_belongs_to_the_recording_it_is_missing_from(stage, watch):
    await stage.talked()
    file = stage.wav(NAME, 20)
    os.truncate(file, 1000)
    await stage.after(61)
    assert (await stage.row()).reason is Reason.DAMAGED
    old(stage, file)
    names = {path for _, path, _ in await found(watch)}
    assert names == set()


async def test_a_master_key_that_is_not_at_hand_is_said(stage, watch, tmp_path, caplog):
    await stage.talked()
    stage.wav(NAME, 20)
    await stage.after(1)
    await watch.look()
    ((master, recordings, at_hand),) = watch.masters
    assert (recordings, at_hand) == (1, True)
    (tmp_path / "master.key").unlink()
    await watch.look()
    assert list(watch.masters) == [(master, 1, False)]
    assert f"1 are sealed under the master key {master}" in caplog.text
