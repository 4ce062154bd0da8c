"""What is sealed comes back whole, from anywhere, and nothing else does."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.adapters.sealing import PIECE, SealedReader, SealingWriter, fresh_key
from recordings.domain.errors import AudioDamaged

EDGES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE - 1, 2 * PIECE, 2 * PIECE + 1, 5 * PIECE + 77]


def sealed(plain: bytes, key: bytes, at_once: int = 10_000) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, key)
    for start in range(0, len(plain), at_once):
        writer.write(plain[start : start + at_once])
    writer.finish()
    return file.getvalue()


def opened(file: bytes, key: bytes) -> bytes:
    return io.BufferedReader(SealedReader(io.BytesIO(file), key)).read()


@pytest.mark.parametrize("size", EDGES)
def test_it_comes_back_whole(size):
    key, plain = fresh_key(), random.Random(size).randbytes(size)
    file = sealed(plain, key)
    assert opened(file, key) == plain
    assert plain[:16] not in file or size < 4


@given(
    st.lists(st.tuples(st.integers(0, 3 * PIECE), st.integers(1, PIECE)), max_size=12), st.sampled_from(EDGES)
)
@settings(deadline=None, max_examples=40)
def test_it_is_read_from_anywhere(spans, size):
    key, plain = fresh_key(), random.Random(size).randbytes(size)
    reader = io.BufferedReader(SealedReader(io.BytesIO(sealed(plain, key)), key))
    for start, count in spans:
        reader.seek(start)
        assert reader.read(count) == plain[start : start + count]
    assert reader.seek(0, io.SEEK_END) == size


@given(st.lists(st.tuples(st.integers(0, PIECE), st.binary(min_size=1, max_size=50)), max_size=8))
@settings(deadline=None, max_examples=40)
def test_the_beginning_may_be_written_again(patches):
    key, file = fresh_key(), io.BytesIO()
    plain = bytearray(random.Random(3).randbytes(2 * PIECE + 5))
    writer = SealingWriter(file, key)
    writer.write(plain)
    for start, patch in patches:
        writer.seek(start)
        writer.write(patch[: PIECE - start])
        plain[start : min(start + len(patch), PIECE)] = patch[: PIECE - start]
    writer.seek(0, io.SEEK_END)
    writer.write(b"the end")
    writer.finish()
    assert opened(file.getvalue(), key) == bytes(plain) + b"the end"


def test_the_midst_may_not_be_written_again():
    writer = SealingWriter(io.BytesIO(), fresh_key())
    writer.write(bytes(3 * PIECE))
    writer.seek(PIECE + 5)
    with pytest.raises(OSError, match="beginning"):
        writer.write(b"x")


@pytest.mark.parametrize("size", [100, 3 * PIECE, 3 * PIECE + 9])
def test_another_key_opens_nothing(size):
    with pytest.raises(AudioDamaged):
        opened(sealed(bytes(size), fresh_key()), fresh_key())


def test_a_changed_byte_is_noticed_wherever_it_is():
    key = fresh_key()
    file = bytearray(sealed(random.Random(1).randbytes(2 * PIECE + 100), key))
    for place in [3, 9, 15, 25, PIECE // 2, PIECE + 40, 2 * PIECE, len(file) - 1]:
        file[place] ^= 1
        with pytest.raises(AudioDamaged):
            opened(bytes(file), key)
        file[place] ^= 1


def test_pieces_cannot_be_cut_off_left_out_or_exchanged():
    key, whole = fresh_key(), random.Random(1).randbytes(3 * PIECE)
    file = sealed(whole, key)
    step = PIECE + 16
    head, first, second, third = (
        file[:20],
        file[20 : 20 + step],
        file[20 + step : 20 + 2 * step],
        file[20 + 2 * step :],
    )
    for changed in (
        head + first + second,
        head + first + third,
        head + second + first + third,
        head,
        b"",
        head[:7],
    ):
        with pytest.raises(AudioDamaged):
            opened(changed, key)


def test_the_same_sound_is_never_sealed_alike():
    key = fresh_key()
    assert sealed(b"a" * 100, key)[20:] != sealed(b"a" * 100, key)[20:]
