"""Whatever the switch, the network or a caller makes of the bytes: the same frames, bounded, and nothing forged."""

import json
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.framing import Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.protocol import AmiProtocol

CASES = json.loads((Path(__file__).parent / "framing_cases.json").read_text(encoding="utf-8"))


def chunks_of(case) -> list[bytes]:
    return [
        part.encode("latin-1") if isinstance(part, str) else part["repeat"].encode() * part["times"]
        for part in case["stream"]
    ]


def sliced(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def divisions(case) -> list[list[bytes]]:
    chunks = chunks_of(case)
    whole = b"".join(chunks)
    sizes = (1, 2, 3, 7) if len(whole) < 100_000 else (1000, 65536)
    return [chunks, [whole], *(sliced(whole, size) for size in sizes)]


def values(message: Message, keys) -> dict:
    found = {key: message.all(key) for key in keys}
    return {key: (texts or [None]) if len(texts) != 1 else texts[0] for key, texts in found.items()} | {
        key: message.get(key) for key in keys if len(found[key]) < 2
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
@pytest.mark.parametrize("division", range(6), ids=["chunks", "whole", "1", "2", "3", "7"])
def test_case(case, division):
    ways = divisions(case)
    stream = ways[min(division, len(ways) - 1)]
    heard: list[Message] = []
    gaps: list[list[int]] = []
    protocol = AmiProtocol(
        ["Hold", "Unhold"], heard.append, lambda: 0.0, on_gap=lambda first, last: gaps.append([first, last])
    )
    for chunk in stream:
        protocol.data_received(chunk)
    protocol.look_for_gaps(at_once=True)
    protocol.connection_lost(None)

    traffic = protocol.traffic
    expected = [(name, keys) for name, keys in case["heard"]]
    assert [(m.name, values(m, keys)) for m, (_, keys) in zip(heard, expected, strict=True)] == expected
    assert protocol.version == case.get("version", protocol.version)
    for count in ("malformed", "quarantined", "unexpected", "oversized", "cut"):
        assert getattr(traffic, count) == case.get(count, 0), count
    assert traffic.unwanted_events == case.get("unwanted", {})
    assert gaps == case.get("gaps", [])
    assert any(m.misdecoded for m in heard) == case.get("misdecoded", False)
    assert protocol.ended == case.get("ended", "the switch closed the connection")
    for message in heard:
        text = "".join(value or "" for _, value in message.items())
        assert text.replace("\t", "").isprintable()


ALPHABET = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b":", b" ", b"Event: Hold", b"x", b"A: 1", b"\xe6"]
)


@given(st.lists(ALPHABET, max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_the_division_into_reads_changes_nothing(parts, sizes):
    data = b"".join(parts)
    whole = Framer(frame_limit=30)
    expected = whole.feed(data)
    pieces, start = [], 0
    for turn in range(len(data)):
        size = sizes[turn % len(sizes)]
        pieces.append(data[start : start + size])
        start += size
        if start >= len(data):
            break
    cut = Framer(frame_limit=30)
    assert [frame for piece in pieces for frame in cut.feed(piece)] == expected
    assert cut.oversized == whole.oversized
    assert all(0 < len(frame) <= 30 and frame[:1] not in b"\r\n" for frame in expected)


@given(st.lists(st.binary(max_size=400) | ALPHABET, max_size=40))
def test_garbage_never_raises(chunks):
    protocol = AmiProtocol(["Hold"], lambda message: list(message.items()), lambda: 0.0)
    for chunk in chunks:
        protocol.data_received(chunk)
    protocol.connection_lost(OSError())
    assert protocol.traffic.failures == 0


def test_memory_stays_bounded_without_an_end():
    framer = Framer()
    chunk = b"x" * 65536
    tracemalloc.start()
    try:
        for _ in range(240):
            framer.feed(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
    assert not framer.runaway
    for _ in range(20):
        framer.feed(chunk)
    assert framer.runaway


def test_a_long_frame_byte_by_byte_is_not_quadratic():
    def seconds(size: int) -> float:
        frame = b"Event: Hold\r\nAppData: " + b"x" * size + b"\r\n\r\n"
        framer = Framer()
        start = time.process_time()
        frames = [done for byte in sliced(frame, 1) for done in framer.feed(byte)]
        assert [len(done.rstrip(b"\r")) for done in frames] == [len(frame) - 4]
        return time.process_time() - start

    short = min(seconds(25_000) for _ in range(3))
    assert (
        seconds(400_000) < 64 * short
    )  # sixteen times the bytes: a quadratic search would take 256 times as long


def test_the_cases_are_many():
    assert len(CASES) > 35
