"""Each recording has a key, each key is wrapped by a master key; without it nothing is heard and nothing is lost."""

import base64
import pickle
import stat

import pytest

from cti.adapters.database import METADATA, connect
from recordings.adapters.key_book import SqlKeyBook
from recordings.adapters.master_keys import MasterKeyFile, MasterKeys, master_id, read_keys
from recordings.adapters.sealing import fresh_key
from recordings.domain.errors import AudioDamaged, AudioGone, KeysRefused, KeyUnknown
from recordings.domain.naming import parse
from recordings.domain.recording import RecordingState
from recordings.ports import WrappedKey
from recordings.service.key_keeper import KeyKeeper

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
STORED = f"tierline/2027-01-15/{UID}-1800000000.flac"
FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))


class TestMasterKeys:
    async def test_the_first_one_wraps_and_each_opens_what_it_wrapped(self):
        key = fresh_key()
        old = await MasterKeys([FIRST]).wrap(key, "a")
        both = MasterKeys([SECOND, FIRST])
        new = await both.wrap(key, "a")
        assert (
            (old.master, new.master) == (master_id(FIRST), master_id(SECOND)) == ("630dcd2966c4", new.master)
        )
        assert [await both.unwrap(one, "a") for one in (old, new)] == [key, key]
        with pytest.raises(KeyUnknown, match=master_id(SECOND)):
            await MasterKeys([FIRST]).unwrap(new, "a")

    async def test_a_wrapped_key_is_of_its_recording_alone_and_cannot_be_changed(self):
        master = MasterKeys([FIRST])
        wrapped = await master.wrap(fresh_key(), "a")
        raw = bytearray(base64.b64decode(wrapped.wrapped))
        raw[20] ^= 1
        for other, path in (
            (wrapped, "b"),
            (wrapped._replace(wrapped=base64.b64encode(raw).decode()), "a"),
            (wrapped._replace(wrapped="0" * 80), "a"),
            (wrapped._replace(wrapped="AA=="), "a"),
        ):
            with pytest.raises(KeyUnknown):
                await master.unwrap(other, path)

    async def test_the_file_is_made_once_for_us_alone(self, tmp_path, caplog):
        file = tmp_path / "new" / "master.key"
        keys = MasterKeyFile(file)
        with pytest.raises(KeyUnknown, match="not there"):
            await keys.wrap(fresh_key(), "a")
        await keys.begin()
        content = file.read_bytes()
        await keys.begin()
        assert file.read_bytes() == content
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert caplog.text.count(str(file)) == 1
        assert content.decode().strip() not in caplog.text

    async def test_a_new_key_in_front_is_used_at_once(self, tmp_path):
        keys = MasterKeyFile(tmp_path / "master.key")
        await keys.begin()
        old = await keys.wrap(fresh_key(), "a")
        first = keys.add_key()
        assert (await keys.wrap(fresh_key(), "b")).master == first == await keys.current()
        assert await keys.unwrap(old, "a")

    async def test_a_file_others_may_read_is_refused(self, tmp_path):
        file = tmp_path / "master.key"
        await MasterKeyFile(file).begin()
        file.chmod(0o640)
        with pytest.raises(KeysRefused, match="chmod 600"):
            await MasterKeyFile(file).wrap(fresh_key(), "a")

    @pytest.mark.parametrize("text", ["", " , ", "short", base64.b64encode(bytes(31)).decode(), "ä" * 44])
    def test_what_is_no_key_is_one_sentence_without_it(self, text):
        with pytest.raises(KeysRefused, match="CTI_X: ") as refused:
            read_keys(text, "CTI_X")
        assert "\n" not in str(refused.value)
        assert not text.strip(" ,") or text not in str(refused.value)

    def test_commas_and_lines(self):
        one, two = (base64.b64encode(key).decode() for key in (FIRST, SECOND))
        assert read_keys(f"{one}, {two}", "x") == read_keys(f"{one}\n{two}\n", "x") == [FIRST, SECOND]


class TestBook:
    """On SQLite and on PostgreSQL."""

    @pytest.fixture
    async def book(self, database_url):
        engine = connect(database_url)
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield SqlKeyBook(engine)
        await engine.dispose()

    async def test_keys_are_kept_changed_and_destroyed(self, book):
        one, two = WrappedKey("m1", "a" * 80), WrappedKey("m2", "b" * 80)
        assert await book.add("p/1", one) == one
        assert await book.add("p/1", two) == one, "the first one stands"
        await book.add("p/2", two)
        assert (await book.get("p/1"), await book.get("p/3")) == (one, None)
        assert await book.masters() == {"m1": 1, "m2": 1}
        assert await book.one_of("m2") == ("p/2", two)
        assert await book.wrapped_by_others("m2", "", 9) == [("p/1", one)]
        assert await book.wrapped_by_others("m2", "p/1", 9) == []
        await book.replace("p/1", two, one)
        assert await book.get("p/1") == one, "it was not the one that stood"
        await book.replace("p/1", one, two)
        assert await book.get("p/1") == two
        await book.destroy("p/1")
        await book.destroy("p/1")
        assert (await book.get("p/1"), await book.masters()) == (None, {"m2": 1})

    async def test_all_come_under_the_new_key_and_what_cannot_stays(self, book):
        old, new, lost = MasterKeys([FIRST]), MasterKeys([SECOND, FIRST]), MasterKeys([bytes(32)])
        keys = {f"p/{n:03}": fresh_key() for n in range(450)}
        for path, key in keys.items():
            await book.add(path, await old.wrap(key, path))
        stranger = await lost.wrap(fresh_key(), "p/100x")
        await book.add("p/100x", stranger)
        assert await KeyKeeper(book, new).rewrap() == (master_id(SECOND), 450, 1)
        assert await book.masters() == {master_id(SECOND): 450, stranger.master: 1}
        alone = MasterKeys([SECOND])
        assert {path: await alone.unwrap(await book.get(path), path) for path in keys} == keys
        assert await book.get("p/100x") == stranger
        assert await KeyKeeper(book, new).rewrap() == (master_id(SECOND), 0, 1)


class TestStore:
    @pytest.fixture
    async def kept(self, stage):
        await stage.talked()
        content = stage.wav(NAME, 20).read_bytes()
        await stage.after(1)
        assert (await stage.row()).state is RecordingState.STORED
        return content

    async def test_without_the_master_key_nothing_is_heard_and_with_it_all(self, stage, kept, tmp_path):
        file = tmp_path / "master.key"
        file.rename(tmp_path / "elsewhere")
        for deed in (stage.store.open(STORED), stage.store.peaks(STORED, 5), stage.store.place(STORED)):
            with pytest.raises(KeyUnknown, match="not there"):
                await deed
        MasterKeyFile(file).add_key()
        with pytest.raises(KeyUnknown, match="not among"):
            await stage.store.open(STORED)
        (tmp_path / "elsewhere").rename(file)
        assert await stage.heard(STORED) == kept

    async def test_a_lost_key_file_is_not_made_anew_while_recordings_need_it(self, stage, kept, tmp_path):
        (tmp_path / "master.key").unlink()
        other = parse("tierline-1800000000.8-1800000000.wav")
        file = stage.wav(other.file, 20)
        with pytest.raises(KeyUnknown, match="not there"):
            await stage.store.take(other, "p/other.flac")
        assert file.exists()
        assert not (tmp_path / "master.key").exists()
        assert stage.kept_files() == [STORED]

    async def test_erased_it_is_gone_even_from_a_copy_of_the_store(self, stage, kept):
        await stage.store.peaks(STORED, 5)
        copy = (stage.root / STORED).read_bytes()
        await stage.store.erase(STORED)
        await stage.store.erase(STORED)
        assert stage.kept_files() == []
        assert await stage.key_book.masters() == {}
        (stage.root / STORED).write_bytes(copy)
        for deed in (stage.store.open(STORED), stage.store.peaks(STORED, 5)):
            with pytest.raises(AudioGone):
                await deed

    async def test_a_place_is_heard_elsewhere_and_shows_no_key(self, stage, kept):
        import soundfile

        place = await stage.archivist.place(await stage.row())
        key = await stage.wrapper.unwrap(await stage.key_book.get(STORED), STORED)
        assert key.hex() not in repr(place)
        assert repr(key) not in repr(place)
        with pickle.loads(pickle.dumps(place)).open() as file:
            assert soundfile.info(file).frames == (len(kept) - 44) // 2

    @pytest.mark.parametrize("harm", ["changed", "cut off", "emptied"])
    async def test_a_damaged_file_is_one_error_and_not_half_a_sound(self, stage, kept, harm):
        file = stage.root / STORED
        content = bytearray(file.read_bytes())
        if harm == "changed":
            content[100] ^= 1
        file.write_bytes({"changed": content, "cut off": content[: len(content) // 2], "emptied": b""}[harm])
        with pytest.raises(AudioDamaged):
            await stage.heard(STORED)

    async def test_what_was_written_and_cannot_be_read_back_is_not_believed(self, stage, monkeypatch):
        name = parse(NAME)
        file = stage.wav(NAME, 20)
        put = stage.store._shelf.put

        def spoiled(path, changed_at, write):
            done = put(path, changed_at, write)
            place = stage.root / path
            content = bytearray(place.read_bytes())
            content[-100] ^= 1
            place.write_bytes(content)
            return done

        monkeypatch.setattr(stage.store._shelf, "put", spoiled)
        with pytest.raises(OSError, match="does not give back"):
            await stage.store.take(name, STORED)
        assert file.exists()
        assert stage.kept_files() == []
        monkeypatch.undo()
        content = file.read_bytes()
        await stage.store.take(name, STORED)
        assert await stage.heard(STORED) == content
