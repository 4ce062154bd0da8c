import asyncio
import itertools
import wave
from pathlib import Path

import numpy as np
import pytest

from cti.adapters.database import METADATA, connect
from cti.domain.identifiers import ChannelId
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.folder import Folder
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.master_keys import MasterKeyFile
from recordings.adapters.policy_file import read_policy
from recordings.adapters.sound import SoundFiles
from recordings.adapters.spool import Spool
from recordings.domain.errors import AudioGone, FileRefused, NotWhole, PolicyRefused
from recordings.domain.naming import parse
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import Reason, RecordingState, Search, Step, expect, take_step


def write(path, samples: np.ndarray, channels: int = 1, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


class TestSound:
    @pytest.mark.parametrize(("frames", "points"), [(1, 800), (799, 800), (8000 * 61, 800), (200_001, 7)])
    def test_peaks_are_the_lowest_and_highest_of_each_stretch(self, tmp_path, frames, points):
        samples = np.random.default_rng(5).integers(-32768, 32767, frames)
        write(tmp_path / "a.wav", samples)
        with (tmp_path / "a.wav").open("rb") as file:
            found = SoundFiles().peaks(file, points)
        points = min(points, frames)
        edges = [-(-n * frames // points) for n in range(points + 1)]
        expected = [
            (round(part.min() / 32768, 4), round(part.max() / 32768, 4))
            for part in (samples[a:b] for a, b in itertools.pairwise(edges))
        ]
        assert found == [pytest.approx(np.array(expected), abs=1.1e-4)]

    def test_each_lane_has_peaks_of_its_own(self, tmp_path):
        left, right = np.full(8000, 16384), np.tile([-8192, 0], 4000)
        write(tmp_path / "a.wav", np.column_stack([left, right]).ravel(), channels=2)
        with (tmp_path / "a.wav").open("rb") as file:
            assert SoundFiles().peaks(file, 2) == [[(0.5, 0.5)] * 2, [(-0.25, 0.0)] * 2]

    def test_shape_of_stereo(self, tmp_path):
        write(tmp_path / "a.wav", np.zeros(2 * 4000), channels=2, rate=16000)
        with (tmp_path / "a.wav").open("rb") as file:
            assert SoundFiles().describe(file) == (0.25, 16000, 2)

    def test_what_is_no_sound(self, tmp_path):
        (tmp_path / "a.wav").write_bytes(b"RIFF????WAVEnonsense")
        with (tmp_path / "a.wav").open("rb") as file, pytest.raises(NotWhole):
            SoundFiles().describe(file)


class TestFolders:
    @pytest.fixture
    def store(self, tmp_path, engine) -> KeepingStore:
        (tmp_path / "spool").mkdir()
        keys = KeyRing(SqlKeyBook(engine), MasterKeyFile(tmp_path / "master.key"))
        return KeepingStore([Spool(tmp_path / "spool")], Folder(tmp_path / "store"), SoundFiles(), keys)

    async def test_two_visits_of_a_call_take_the_file_they_share_at_once(self, store, tmp_path):
        name, path = parse("1.2-3.wav"), "pbx/1970-01-01/1.2-3.flac"
        write(tmp_path / "spool" / name.file, np.zeros(8000))
        first, *others = await asyncio.gather(*(store.take(name, path) for _ in range(5)))
        assert others == [first] * 4
        assert list((tmp_path / "spool").iterdir()) == []

    @pytest.mark.parametrize(
        "path", ["../outside.wav", "a/../../outside.wav", "/etc/hostname", ".", "a/..", ""]
    )
    async def test_nothing_outside_is_opened(self, store, tmp_path, path):
        write(tmp_path / "outside.wav", np.zeros(8000))
        with pytest.raises(AudioGone):
            await store.open(path)

    async def test_a_link_among_the_folders_is_not_a_way_out(self, store, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        write(tmp_path / "elsewhere" / "a.wav", np.zeros(8000))
        (tmp_path / "store" / "link").symlink_to(tmp_path / "elsewhere")
        (tmp_path / "store" / "a.wav").symlink_to(tmp_path / "elsewhere" / "a.wav")
        for path in ("link/a.wav", "a.wav"):
            with pytest.raises(AudioGone):
                await store.open(path)

    async def test_nothing_is_written_through_a_link(self, store, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "store" / "pbx").symlink_to(tmp_path / "elsewhere")
        write(tmp_path / "spool" / "1.2-3.wav", np.zeros(8000))
        with pytest.raises(FileRefused):
            await store.take(parse("1.2-3.wav"), "pbx/1970-01-01/1.2-3.flac")
        assert list((tmp_path / "elsewhere").iterdir()) == []

    async def test_only_names_that_follow_the_rule_are_listed(self, store, tmp_path):
        for name in (
            "1.2-3.wav",
            "1.2-3.wav.done",
            "notes.txt",
            "a b.wav",
            "1.2-4.customer.wav",
            "1.2-4.agent.wav",
        ):
            (tmp_path / "spool" / name).write_bytes(b"x")
        listed = sorted(await store.listing())
        assert [(one.name.file, one.size) for one in listed] == [("1.2-3.wav", 1), ("1.2-4.wav", 2)]


class TestCatalogue:
    """On SQLite and on PostgreSQL."""

    @pytest.fixture
    async def catalogue(self, database_url):
        engine = connect(database_url)
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield SqlRecordingCatalogue(engine)
        await engine.dispose()

    async def test_rows_read_back_and_are_found(self, catalogue, calls):
        rows, changes = [], []
        for n in range(7):
            recording = expect(
                calls.visit(uniqueid=f"hq-1.{n}", joined=1000.5 + n, queue=["support", "sales"][n % 2])
            )
            if n > 2:
                step = [Step.STORE, Step.MISS][n % 2]
                recording, change = take_step(recording, step, 2000.0 + n, Reason.NONE, "words 词")
                changes.append(change)
            rows.append(recording)
        await catalogue.save(rows, changes)
        await catalogue.save(rows, changes)
        newest_first = rows[::-1]

        async def found(**asked):
            return (await catalogue.search(Search(**asked), 100, 0)).items

        assert await found() == newest_first
        assert await found(queue="sales") == [r for r in newest_first if r.queue == "sales"]
        assert await found(since=1013.5, until=1015.5) == [rows[4], rows[3]]
        assert await found(states=frozenset({RecordingState.STORED})) == [rows[6], rows[4]]
        assert await found(agent="102") == []
        page = await catalogue.search(Search(), 2, 3)
        assert (page.items, page.total) == (newest_first[3:5], 7)
        assert await catalogue.get(rows[3].id) == rows[3]
        assert await catalogue.history(rows[3].id) == [changes[0]]
        assert await catalogue.get("none") is None
        assert sorted(await catalogue.unsettled()) == rows[:3]
        assert await catalogue.stored_since(2005, 9) == [rows[6]]
        assert await catalogue.of_channels(
            {(calls.PBX, ChannelId("hq-1.2")), ("other", ChannelId("hq-1.3"))}
        ) == [rows[2]]
        channels = {ChannelId(f"hq-1.{n}") for n in range(1000)}
        assert sorted(await catalogue.missing_since(2004, channels)) == [rows[5]]
        assert await catalogue.counts() == {"expected": 3, "missing": 2, "stored": 2}

    async def test_large_files_fit(self, catalogue, calls):
        recording = expect(calls.visit())._replace(size_bytes=5 * 1024**3)
        await catalogue.save([recording], [])
        assert await catalogue.get(recording.id) == recording


class TestPolicyFile:
    def test_the_shipped_policy_is_the_default(self):
        shipped = Path(__file__).parents[2] / "config" / "policies" / "recordings.yaml"
        assert read_policy(shipped) == RecordingPolicy()

    def test_a_file_may_leave_out_what_it_does_not_change(self, tmp_path):
        file = tmp_path / "recordings.yaml"
        file.write_text("queues: [support]\nlate_days: 1\n")
        assert read_policy(file) == RecordingPolicy(queues=frozenset({"support"}), late_days=1)

    @pytest.mark.parametrize(
        ("text", "line", "field"),
        [
            ("queues: none", 1, "queues"),
            ("queues: [a, [b]]", 1, "queues"),
            ("late_days: 1\nminimum_seconds: short", 2, "minimum_seconds"),
            ("minimum_seconds: -1", 1, "minimum_seconds"),
            ("minimum_seconds: .nan", 1, "minimum_seconds"),
            ("minimum_seconds: [1]", 1, "minimum_seconds"),
            ("\nlate_days: 1\nlate_days: 2", 3, "late_days"),
            ("queues: all\nkeep_for: 3", 2, "keep_for"),
            ("- queues", 1, ""),
            ("", 1, ""),
            ("queues: [all", 1, ""),
            ("\n\tqueues: all", 2, ""),
        ],
    )
    def test_one_sentence_with_file_line_and_field(self, tmp_path, text, line, field):
        file = tmp_path / "recordings.yaml"
        file.write_text(text)
        with pytest.raises(PolicyRefused) as refused:
            read_policy(file)
        assert f"{file}:{line}: {field}" in str(refused.value)
        assert "\n" not in str(refused.value)

    def test_no_file(self, tmp_path):
        with pytest.raises(PolicyRefused, match="cannot be read"):
            read_policy(tmp_path / "recordings.yaml")

    def test_not_text(self, tmp_path):
        file = tmp_path / "recordings.yaml"
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(PolicyRefused):
            read_policy(file)
