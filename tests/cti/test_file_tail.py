"""A ledger file followed while somebody writes it: rotated, truncated, cut, missing, half written."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cti.adapters.cdr_cel import SwitchFiles
from cti.adapters.file_tail import FileTail, TailState
from cti.adapters.ledger_file import LedgerFile
from cti.domain.identifiers import ChannelId
from cti.domain.ledger_reader import LedgerReader
from tests.cti.reconciling import PBX, entries
from tests.cti.replaying import TRACES, bridged


class Follower:
    """Reads step by step; its place goes through JSON, as a database keeps it."""

    def __init__(self, path: Path, chunk: int = 1 << 18) -> None:
        self.tail, self.place = FileTail(path, chunk), None
        self.lines: list[str] = []
        self.half: list[str] = []
        self.holes = 0

    def step(self) -> TailState:
        told = self.tail.read(self.place)
        self.place = json.loads(json.dumps(told.place))
        self.lines += [text for text, whole in told.lines if whole]
        self.half += [text for text, whole in told.lines if not whole]
        self.holes += told.hole
        return told.state

    def to_the_end(self) -> None:
        for _ in range(1000):
            before = self.place
            if self.step() is not TailState.READING and self.place == before:
                return
        raise AssertionError("it never ends")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


def write(path: Path, *lines: str, end: str = "\n") -> None:
    with path.open("a") as out:
        out.write("\n".join(lines) + end)


def test_what_comes_is_read_once(file: Path) -> None:
    follower = Follower(file)
    assert follower.step() is TailState.MISSING
    write(file, "one", "two")
    follower.to_the_end()
    write(file, "three")
    follower.to_the_end()
    assert (follower.lines, follower.holes) == (["one", "two", "three"], 0)


def test_a_half_written_line_is_waited_for(file: Path) -> None:
    follower = Follower(file)
    write(file, "one", "tw", end="")
    follower.to_the_end()
    assert follower.lines == ["one"]
    write(file, "o", "three")
    follower.to_the_end()
    assert (follower.lines, follower.half) == (["one", "two", "three"], [])


def test_rotated_by_renaming_the_old_one_is_finished_first(file: Path) -> None:
    follower = Follower(file)
    write(file, "one")
    follower.to_the_end()
    write(file, "two")
    file.rename(file.with_name("queue_log.0"))
    follower.to_the_end()
    write(file.with_name("queue_log.0"), "three")  # the switch has not opened the new one yet
    follower.to_the_end()
    write(file.with_name("queue_log.0"), "four")
    write(file, "five")
    follower.to_the_end()
    write(file, "six")
    follower.to_the_end()
    assert (follower.lines, follower.holes) == (["one", "two", "three", "four", "five", "six"], 0)


def test_rotated_several_times_while_nobody_read(file: Path) -> None:
    follower = Follower(file)
    write(file, "1")
    follower.to_the_end()
    for number in range(2, 6):
        write(file, f"{number}")
        for old in range(5, 0, -1):
            if file.with_name(f"queue_log.{old}").exists():
                file.with_name(f"queue_log.{old}").rename(file.with_name(f"queue_log.{old + 1}"))
        file.rename(file.with_name("queue_log.1"))
        time.sleep(0.02)
    write(file, "6")
    follower.to_the_end()
    assert (follower.lines, follower.holes) == (["1", "2", "3", "4", "5", "6"], 0)


def test_copied_and_truncated(file: Path) -> None:
    follower = Follower(file)
    write(file, "one")
    follower.to_the_end()
    write(file, "two")
    shutil.copy2(file, file.with_name("queue_log.1"))
    os.truncate(file, 0)
    follower.to_the_end()
    write(file, "three")
    follower.to_the_end()
    assert (follower.lines, follower.holes) == (["one", "two", "three"], 0)


def test_truncated_and_grown_beyond_the_old_place(file: Path) -> None:
    follower = Follower(file)
    write(file, "a line that was there before")
    follower.to_the_end()
    shutil.copy2(file, file.with_name("queue_log.1"))
    os.truncate(file, 0)
    write(file, "other", "lines that are longer than the one before was", "and more")
    follower.to_the_end()
    assert follower.lines[1:] == ["other", "lines that are longer than the one before was", "and more"]
    assert follower.holes == 0


def test_an_old_file_that_is_gone_leaves_a_hole_that_is_told(file: Path) -> None:
    follower = Follower(file)
    write(file, "one")
    follower.to_the_end()
    write(file, "lost")
    file.unlink()
    assert follower.step() is TailState.MISSING
    write(file, "three")
    follower.to_the_end()
    assert (follower.lines, follower.holes) == (["one", "three"], 1)


def test_the_last_line_of_a_finished_file_may_be_cut(file: Path) -> None:
    follower = Follower(file)
    write(file, "one", "tw", end="")
    follower.to_the_end()
    file.rename(file.with_name("queue_log.1"))
    write(file, "three")
    follower.to_the_end()
    assert (follower.lines, follower.half) == (["one", "three"], ["tw"])


def test_a_line_longer_than_a_step_does_not_stop_it(file: Path) -> None:
    follower = Follower(file, chunk=1000)
    write(file, "x" * 8191, "next")
    follower.to_the_end()
    assert follower.lines[-1] == "next"
    assert "".join(follower.lines[:-1]) == "x" * 8191


def test_a_folder_in_its_place_is_a_state(file: Path) -> None:
    file.mkdir()
    follower = Follower(file)
    assert follower.step() is TailState.UNREADABLE
    file.rmdir()
    write(file, "one")
    follower.to_the_end()
    assert follower.lines == ["one"]


WRITER = """
import os, random, shutil, sys, time
path, seed = sys.argv[1], int(sys.argv[2])
luck, number, out = random.Random(seed), 0, open(path, "a")
time.sleep(0.3)
while number < 6000:
    for _ in range(luck.randrange(1, 60)):
        number += 1
        line = f"{number:06} " + "y" * luck.randrange(1, 200) + "\\n"
        cut = luck.randrange(1, len(line))
        out.write(line[:cut]); out.flush()
        out.write(line[cut:]); out.flush()
    act = luck.random()
    if act < 0.15:
        time.sleep(0.01)  # files are told apart by when they were written last, a few milliseconds at best
        for old in range(40, 0, -1):
            if os.path.exists(f"{path}.{old}"):
                os.rename(f"{path}.{old}", f"{path}.{old + 1}")
        os.rename(path, path + ".1")
        if luck.random() < 0.5:
            number += 1
            out.write(f"{number:06} late\\n"); out.flush()
        out.close(); time.sleep(0.01 + luck.random() * 0.01); out = open(path, "a")
    time.sleep(luck.random() * 0.004)
out.close()
"""


@pytest.mark.parametrize("seed", range(3))
def test_with_a_writer_that_rotates(file: Path, seed: int) -> None:
    """Each step is another reader, begun anew from the kept place: whatever the writer did, every line once, in order."""
    luck = random.Random(seed)
    write(file, end="")
    place = FileTail(file).read(None).place
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file), str(seed)])
    found: list[int] = []
    while True:
        over = writer.poll() is not None
        told = FileTail(file, luck.choice((4096, 65536))).read(place)
        place = json.loads(json.dumps(told.place))
        found += [int(text[:6]) for text, _ in told.lines]
        assert not told.hole
        if over and told.state is TailState.AT_END and not told.lines:
            break
        time.sleep(luck.random() * 0.004)
    assert writer.returncode == 0
    assert found == list(range(1, found[-1] + 1))
    assert found[-1] >= 6000


async def test_the_ledger_as_a_file_in_steps(tmp_path: Path) -> None:
    """A large old file is read piece by piece, and comes to what one reading comes to."""
    file = tmp_path / "queue_log"
    text = (TRACES / "overlapping" / "queue_log").read_text()
    file.write_text(text)
    source, reader, place, steps = LedgerFile(file), LedgerReader(PBX), None, 0
    source._tail._chunk = 120
    while True:
        reading = await source.read(place, 0.0)
        place, steps = reading.place, steps + 1
        for line, whole in reading.lines:
            reader.feed(line, whole=whole)
        if reading.complete:
            break
    assert steps > 3
    assert reader.take() == entries("overlapping")


async def test_bridge_times_and_calls_of_the_switch(tmp_path: Path) -> None:
    folder = TRACES / "answered_caller_ends"
    files = SwitchFiles(folder / "cdr.csv", folder / "cel.csv")
    await files.refresh()
    [entry] = entries("answered_caller_ends")
    assert files.bridged(entry) == pytest.approx(bridged("answered_caller_ends")[entry.agent_channel])
    call = files.seen(entry.uniqueid)
    assert call is not None
    assert (call.started_at, call.caller_name) == (entry.joined_at, "Anna Aalto")
    assert call.ended_at == pytest.approx(entry.ended_at, abs=1.1)
    assert not files.in_bridge(entry.agent_channel)
    cut = tmp_path / "cel.csv"
    cut.write_text("".join((folder / "cel.csv").read_text().splitlines(keepends=True)[:7]))
    talking = SwitchFiles(None, cut)
    await talking.refresh()
    assert talking.in_bridge(entry.agent_channel)
    nothing = SwitchFiles(None, None)
    await nothing.refresh()
    assert (nothing.bridged(entry), nothing.seen(entry.uniqueid)) == (None, None)
    missing = SwitchFiles(tmp_path / "none.csv", tmp_path / "none2.csv")
    await missing.refresh()
    assert missing.seen(entry.uniqueid) is None


async def test_a_long_call_keeps_its_first_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two legs are remembered here: the one that was heard of last stays, however long ago it began."""
    monkeypatch.setattr("cti.adapters.cdr_cel.LEGS", 2)
    cel = tmp_path / "cel.csv"

    def row(kind: str, at: float, channel: str, bridge: str) -> str:
        fields = [""] * 15
        fields[0], fields[1], fields[10], fields[13] = (
            kind,
            str(at),
            channel,
            f'{{""bridge_id"":""{bridge}""}}',
        )
        return ",".join(f'"{field}"' for field in fields)

    def talk(channel: str, begin: float, end: float, bridge: str) -> list[str]:
        return [row("BRIDGE_ENTER", begin, channel, bridge), row("BRIDGE_EXIT", end, channel, bridge)]

    held = [
        *talk("1.1", 0, 10, "a"),
        *talk("1.2", 5, 6, "b"),
        *talk("1.1", 20, 25, "a"),
        *talk("1.3", 30, 40, "c"),
    ]
    write(cel, *held)
    files = SwitchFiles(None, cel)
    await files.refresh()
    assert files.leg(ChannelId("1.1")) == (15, 25)
    assert files.leg(ChannelId("1.2")) is None
    assert files.leg(ChannelId("1.3")) == (10, 40)
