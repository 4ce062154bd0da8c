"""The journal on a real disk: whole after any cut, silent about trouble upstream, honest about what it lost."""

import asyncio
import errno
import os
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from cti.adapters.clock import SystemClock
from cti.adapters.journal import Journal
from cti.adapters.journal_files import Kind, SegmentWriter, Tail, prune, segments
from cti.domain.errors import JournalInUse
from cti.domain.signals import LinkLost
from tests.servers import REPOSITORY


@asynccontextmanager
async def written(folder, **options):
    journal = Journal(folder, SystemClock(), pause=0.0, **options)
    journal.open()
    writing = asyncio.ensure_future(journal.run())
    await asyncio.sleep(0)
    try:
        yield journal
    finally:
        writing.cancel()
        await asyncio.wait([writing])


def frame(number):
    return b"Event: Hold\r\nUniqueid: %d" % number


async def filled(folder, reads=10, **options):
    """Three messages a read, and a signal after each."""
    async with written(folder, **options) as journal:
        for read in range(reads):
            for number in range(3):
                journal.message(frame(read * 3 + number), float(read))
            journal.signal(LinkLost(read + 0.5, "gone", read + 0.25))
            await journal.synced(journal.position)
        return journal.position


def read(folder, after=0):
    return list(Tail(folder, after).new())


async def test_what_is_told_is_read_again_in_order(tmp_path):
    assert await filled(tmp_path) == 40
    entries = read(tmp_path)
    assert [entry.position for entry in entries] == list(range(1, 41))
    messages = [entry for entry in entries if entry.kind is Kind.MESSAGE]
    assert [entry.payload for entry in messages] == [frame(number) for number in range(30)]
    assert [entry.at for entry in messages] == [number // 3 for number in range(30)]
    for after in (0, 1, 2, 3, 4, 17, 39, 40):
        assert read(tmp_path, after) == entries[after:]


async def test_a_tail_torn_at_any_byte_is_cut(tmp_path):
    await filled(tmp_path, reads=3)
    (segment,) = segments(tmp_path)
    data, whole = segment.file.read_bytes(), read(tmp_path)
    for size in range(len(data)):
        segment.file.write_bytes(data[:size])
        journal = Journal(tmp_path, SystemClock())
        journal.open()
        kept = read(tmp_path)
        assert kept == whole[: len(kept)]
        assert journal.position == len(kept)
        journal.close()


@pytest.mark.parametrize("at", range(0, 500, 7))
async def test_a_broken_byte_costs_what_stands_behind_it_in_its_segment(tmp_path, at):
    await filled(tmp_path, segment_bytes=300)
    first, *rest = segments(tmp_path)
    whole = read(tmp_path)
    data = bytearray(first.file.read_bytes())
    if at >= len(data):
        return
    data[at] ^= 0x40
    first.file.write_bytes(bytes(data))
    kept = read(tmp_path)
    holes = [entry for entry in kept if entry.kind is Kind.HOLE]
    assert [entry for entry in kept if entry.kind is not Kind.HOLE] == [
        entry
        for entry in whole
        if not any(hole.position <= entry.position <= int(hole.payload) for hole in holes)
    ]
    assert len(holes) <= 1
    assert kept[-1] == whole[-1]
    assert rest


async def test_a_follower_reads_what_is_written_meanwhile(tmp_path):
    tail, seen = Tail(tmp_path), []
    async with written(tmp_path, segment_bytes=2000) as journal:
        for number in range(300):
            journal.message(frame(number), float(number))
            if number % 7 == 0:
                await journal.synced(journal.position)
                seen += tail.new()
        await journal.synced(journal.position)
        seen += tail.new()
    assert [entry.payload for entry in seen] == [frame(number) for number in range(300)]
    assert len(segments(tmp_path)) > 5


async def test_a_second_server_is_refused(tmp_path):
    async with written(tmp_path):
        with pytest.raises(JournalInUse, match=str(tmp_path)):
            Journal(tmp_path, SystemClock()).open()
    async with written(tmp_path):
        pass  # it is free again


async def test_a_refusing_disk_holds_nobody_up_and_takes_everything_later(tmp_path, monkeypatch):
    refuses = True
    fdatasync = os.fdatasync

    def sometimes(file):
        if refuses:
            raise OSError(errno.ENOSPC, "No space left on device")
        fdatasync(file)

    monkeypatch.setattr("cti.adapters.journal.RETRY", 0.02)
    monkeypatch.setattr(os, "fdatasync", sometimes)
    async with written(tmp_path) as journal:
        for number in range(20):
            journal.message(frame(number), float(number))
            await asyncio.sleep(0.005)
        await asyncio.wait_for(journal.synced(journal.position), 5)  # nobody waits for such a disk
        assert journal.failing_since is not None
        assert journal.reason == "No space left on device"
        assert journal.durable == 0
        refuses = False
        async with asyncio.timeout(5):
            while journal.durable < 20:
                await asyncio.sleep(0.01)
        assert journal.failing_since is None
        assert journal.let_go == 0
    assert [entry.payload for entry in read(tmp_path)] == [frame(number) for number in range(20)]


@pytest.mark.parametrize("waiting_bytes", [0, 2000])
async def test_what_a_refusing_disk_costs_is_a_hole(tmp_path, monkeypatch, waiting_bytes):
    """With no room to wait in, all is let go: that the disk takes entries again is found out without another one."""
    refuses = True
    write = SegmentWriter.write

    def sometimes(self, *asked):
        if refuses:
            raise OSError(errno.EROFS, "Read-only file system")
        write(self, *asked)

    monkeypatch.setattr("cti.adapters.journal.RETRY", 0.01)
    monkeypatch.setattr(SegmentWriter, "write", sometimes)
    async with written(tmp_path, waiting_bytes=waiting_bytes) as journal:
        for number in range(200):
            journal.message(frame(number), float(number))
            await asyncio.sleep(0.001)
        async with asyncio.timeout(5):
            while not waiting_bytes and journal.let_go < 200:
                await asyncio.sleep(0.01)
            refuses = False
            while journal.durable < 200:
                await asyncio.sleep(0.01)
        assert journal.failing_since is None
        assert 0 < journal.let_go <= 200
    entries = read(tmp_path)
    holes = [entry for entry in entries if entry.kind is Kind.HOLE]
    assert sum(int(hole.payload) - hole.position + 1 for hole in holes) == journal.let_go
    for entry in entries:
        if entry.kind is Kind.MESSAGE:
            assert entry.payload == frame(entry.position - 1)
    reopened = Journal(tmp_path, SystemClock())
    reopened.open()
    assert reopened.position == 200
    reopened.close()


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from cti.adapters.clock import SystemClock
from cti.adapters.journal import Journal

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))  # no file may grow beyond: the kernel refuses
    journal = Journal(Path(sys.argv[1]), SystemClock(), pause=0.0)
    journal.open()
    writing = asyncio.ensure_future(journal.run())
    for number in range(200):
        journal.message(b"Event: Hold\\r\\nUniqueid: %d" % number, float(number))
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)
    assert journal.failing_since is not None, journal.durable
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

asyncio.run(main())
"""


def test_the_kernel_refuses_in_the_middle_of_a_record(tmp_path):
    made = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    for place, entry in enumerate(read(tmp_path), 1):
        assert entry.position == place
        assert entry.payload == frame(place - 1)
    journal = Journal(tmp_path, SystemClock())
    journal.open()
    assert journal.position == len(read(tmp_path)) > 10
    journal.close()


async def test_old_segments_go_and_needed_ones_stay(tmp_path):
    await filled(tmp_path, reads=40, segment_bytes=300)
    many = segments(tmp_path)
    assert len(many) > 5
    assert prune(tmp_path, many[3].first, 4e9, 1 << 40) == 3  # too old, but for what is needed
    assert segments(tmp_path) == many[3:]
    assert prune(tmp_path, many[-1].first, 0.0, 1 << 40) == 0
    assert prune(tmp_path, many[-1].first, 0.0, 900) > 0  # too much
    assert segments(tmp_path)[-1] == many[-1]
