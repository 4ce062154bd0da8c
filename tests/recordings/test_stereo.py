"""A file of each voice becomes one sound: the customer left, the agent right."""

import hashlib
import io
import os
import random
import threading
import wave

import numpy as np
import pytest
import soundfile

from recordings.adapters.sound import WavView
from recordings.domain.errors import PathTaken
from recordings.domain.naming import Lane, parse
from recordings.domain.recording import Reason, RecordingState

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
STORED = f"tierline/2027-01-15/{UID}-1800000000.flac"


def samples(file) -> np.ndarray:
    """A column a channel."""
    with wave.open(file if isinstance(file, io.BytesIO) else str(file)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())


async def test_customer_left_agent_right_both_equally_long(stage):
    await stage.talked()
    customer, agent = (samples(file) for file in stage.pair(NAME, (20, 19.5)))
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason, row.note) == (RecordingState.STORED, Reason.NONE, "")
    assert (row.file, row.path, row.channels, row.sample_rate) == (NAME, STORED, 2, 8000)
    assert row.duration_seconds == 20.0
    content = await stage.heard(row.path)
    stereo = samples(io.BytesIO(content))
    assert (stereo[:, :1] == customer).all()
    assert (stereo[: len(agent), 1:] == agent).all()
    assert (stereo[len(agent) :, 1] == 0).all()
    assert (row.size_bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert list(stage.spool.iterdir()) == []
    assert stage.kept_files() == [STORED]
    left, right = (await stage.archivist.waveform(row)).lanes
    assert len(left) == len(right) == 800
    assert right[-1] == (0.0, 0.0) != left[-1]


async def test_nothing_of_it_lies_in_the_store_in_the_clear(stage):
    await stage.talked()
    stage.pair(NAME, (20, 20))
    await stage.after(1)
    kept = (stage.root / STORED).read_bytes()
    assert kept.startswith(b"TIERSL")
    assert b"fLaC" not in kept
    assert (stage.root / STORED).stat().st_size < 20 * 8000 * 2 * 2 + 5000


@pytest.mark.parametrize(("there", "reason"), [(0, Reason.CUSTOMER_ALONE), (1, Reason.AGENT_ALONE)])
@pytest.mark.parametrize("trouble", ["never came", "is cut off"])
async def test_one_voice_is_kept_alone_when_patience_ends(stage, there, reason, trouble):
    await stage.talked()
    files = stage.pair(NAME, (20, 20))
    voice = files[there].read_bytes()
    lost = files[1 - there]
    lost.unlink() if trouble == "never came" else os.truncate(lost, 5000)
    await stage.after(1)
    assert (await stage.row()).state is RecordingState.GROWING, "the other may still come"
    await stage.after(60)
    row = await stage.row()
    assert (row.state, row.reason, row.channels) == (RecordingState.STORED, reason, 1)
    who = ["customer", "agent"]
    assert row.detail.startswith(f"Only the {who[there]} is to be heard; of the {who[1 - there]}'s half: it")
    assert await stage.heard(row.path) == voice
    assert not files[there].exists()
    assert lost.exists() == (trouble == "is cut off"), "what was not taken stays where it is"


async def test_the_other_voice_that_comes_in_time_makes_it_whole(stage):
    await stage.talked()
    _, agent = stage.pair(NAME, (20, 20))
    late = agent.read_bytes()
    agent.unlink()
    await stage.after(1)
    agent.write_bytes(late)
    await stage.after(1)
    row = await stage.row()
    assert (row.state, row.reason, row.channels) == (RecordingState.STORED, Reason.NONE, 2)


async def test_two_damaged_voices_are_missing_and_stay_where_they_are(stage):
    await stage.talked()
    files = stage.pair(NAME, (20, 20))
    for file in files:
        os.truncate(file, 1000)
    await stage.after(61)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.MISSING, Reason.DAMAGED)
    assert row.detail.count("header tells of") == 2
    assert all(file.exists() for file in files)


@pytest.mark.parametrize("seconds", [(0, 0), (1.0, 2.0)])
async def test_nothing_to_hear_is_excluded_and_both_are_swept(stage, seconds):
    await stage.talked()
    stage.pair(NAME, seconds)
    await stage.after(1)
    row = await stage.row()
    reason = Reason.NO_SOUND if seconds == (0, 0) else Reason.TOO_SHORT
    assert (row.state, row.reason) == (RecordingState.EXCLUDED, reason)
    assert list(stage.spool.iterdir()) == []


async def test_voices_of_different_rates_do_not_fit(stage):
    await stage.talked()
    customer, _ = stage.pair(NAME, (20, 20))
    with wave.open(str(customer), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 16000 * 20))
    await stage.after(61)
    row = await stage.row()
    assert (row.state, row.reason) == (RecordingState.MISSING, Reason.DAMAGED)
    assert row.detail == "The voices' files do not fit together."


async def test_a_linked_voice_is_refused(stage, tmp_path):
    await stage.talked()
    _, agent = stage.pair(NAME, (20, 20))
    secret = agent.rename(tmp_path / "secret.wav")
    agent.symlink_to(secret)
    await stage.after(61)
    assert (await stage.row()).reason is Reason.FILE_REFUSED
    assert secret.exists()
    assert not stage.kept_files()


async def test_a_mixed_file_goes_first_and_the_voices_are_left(stage):
    await stage.talked()
    mixed = stage.wav(NAME, 20).read_bytes()
    pair = stage.pair(NAME, (20, 20))
    await stage.after(1)
    row = await stage.row()
    assert (row.channels, await stage.heard(row.path)) == (1, mixed)
    assert all(file.exists() for file in pair)


async def test_a_sites_own_stereo_is_taken_as_it_is(stage):
    await stage.talked()
    with wave.open(str(stage.spool / NAME), "wb") as sound:
        sound.setparams((2, 2, 16000, 0, "NONE", ""))
        sound.writeframes(random.Random(5).randbytes(16000 * 4 * 20))
    stage.mark(NAME)
    content = (stage.spool / NAME).read_bytes()
    await stage.after(1)
    row = await stage.row()
    assert (row.channels, row.sample_rate, row.duration_seconds) == (2, 16000, 20.0)
    assert await stage.heard(row.path) == content


@pytest.mark.parametrize("left", [["customer"], ["agent"], ["customer", "agent"]])
async def test_killed_before_all_were_removed_it_goes_on_where_it_stood(stage, left):
    name = parse(NAME)
    pair = stage.pair(NAME, (20, 19))
    before = {file: file.read_bytes() for file in pair}
    kept = await stage.store.take(name, STORED)
    for file, content in before.items():
        if any(f".{who}." in file.name for who in left):
            file.write_bytes(content)
    assert await stage.store.take(name, STORED) == kept
    assert list(stage.spool.iterdir()) == []
    assert await stage.store.take(name, STORED) == kept


async def test_killed_when_one_voice_was_kept_alone_the_other_is_no_hindrance(stage):
    name = parse(NAME)
    customer, agent = stage.pair(NAME, (20, 20))
    os.truncate(agent, 5000)
    kept = await stage.store.take(name, STORED, Lane.CUSTOMER)
    assert not customer.exists()
    assert await stage.store.take(name, STORED, Lane.CUSTOMER) == kept
    assert agent.exists()


async def test_another_voice_under_the_same_name_is_not_taken_for_it(stage):
    name = parse(NAME)
    pair = stage.pair(NAME, (20, 20))
    agents = pair[1].read_bytes()
    await stage.store.take(name, STORED)
    pair[0].write_bytes(agents)
    with pytest.raises(PathTaken):
        await stage.store.take(name, STORED)
    assert pair[0].exists()


async def test_any_part_is_served_as_it_stands_in_the_whole(stage):
    stage.pair(NAME, (40, 40))
    await stage.store.take(parse(NAME), STORED)
    whole = await stage.heard(STORED)
    luck = random.Random(7)
    audio = await stage.store.open(STORED)
    spans = [(0, 44), (43, 45), (0, 1), (len(whole) - 1, len(whole)), (44, 48), (45, 47)]
    spans += [tuple(sorted(luck.sample(range(len(whole)), 2))) for _ in range(60)]
    for start, stop in spans:
        assert audio._wav.read(start, stop - start) == whole[start:stop], (start, stop)
    assert audio._wav.read(len(whole), 10) == b""
    audio.close()


@pytest.mark.parametrize(
    "form", [("FLOAT", "float32"), ("PCM_24", "int32"), ("ULAW", "int16"), ("PCM_U8", "int16")]
)
async def test_other_kinds_of_sound_are_kept_in_sixteen_bit(stage, form):
    import soundfile

    subtype, kind = form
    wanted = (np.sin(np.arange(8000 * 5) / 9) * 12000).astype(np.int16)
    given = (
        wanted / 32768 if kind == "float32" else wanted.astype(np.int32) << 16 if kind == "int32" else wanted
    )
    soundfile.write(stage.spool / NAME, given, 8000, subtype)
    await stage.store.take(parse(NAME), STORED)
    heard = samples(io.BytesIO(await stage.heard(STORED)))[:, 0]
    assert (
        np.abs(heard.astype(int) - wanted).max()
        <= {"FLOAT": 1, "PCM_24": 0, "ULAW": 500, "PCM_U8": 256}[subtype]
    )


def test_lanes_are_left_and_right():
    assert list(Lane) == ["customer", "agent"]


def test_a_listener_who_leaves_takes_the_decoder_from_nobody():
    """He goes while a thread decodes for him: what it reads is closed by it, and not under it."""

    class Slow(io.BytesIO):
        reads, go_on = threading.Event(), threading.Event()
        slow = False

        def readinto(self, buffer):
            if self.slow:
                self.reads.set()
                assert self.go_on.wait(10)
                assert not self.closed
            return super().readinto(buffer)

    file = Slow()
    soundfile.write(file, np.zeros((80_000, 2)), 8000, format="FLAC", subtype="PCM_16")
    file.seek(0)
    view = WavView(file)
    file.slow = True
    told = []
    reader = threading.Thread(target=lambda: told.append(view.read(200_000, 64_000)))
    reader.start()
    assert file.reads.wait(10)
    view.close()
    assert not file.closed
    file.go_on.set()
    reader.join(10)
    assert [len(piece) for piece in told] == [64_000]
    assert file.closed
    assert view.read(0, 100) == b""
