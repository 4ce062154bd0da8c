"""The fault proxy does to a line what it says, and nothing else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.proxy import HOST, FaultProxy, let_in


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A server that says what it hears."""

    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    yield server.sockets[0].getsockname()[1]
    await let_in(server)
    server.close()
    for writer in writers:
        writer.transport.abort()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)


@pytest.fixture
def line(echo: int) -> Iterator[FaultProxy]:
    with FaultProxy(echo) as proxy:
        yield proxy


async def connect(line: FaultProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(HOST, line.port)


async def said(line: FaultProxy, words: bytes) -> bytes:
    """What comes back of words, until the line ends."""
    reader, writer = await connect(line)
    writer.write(words)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


WORDS = bytes(range(256)) * 400


async def test_whole(line: FaultProxy) -> None:
    assert await said(line, WORDS) == WORDS
    assert line.carried == len(WORDS)


async def test_slices(line: FaultProxy) -> None:
    line.slices = 1
    assert await said(line, WORDS[:3000]) == WORDS[:3000]


async def test_latency_and_back(line: FaultProxy) -> None:
    line.latency = 0.2
    begin = time.monotonic()
    assert await said(line, b"ping") == b"ping"
    assert time.monotonic() - begin >= 0.4
    line.whole()
    took = []
    for _ in range(3):  # a busy machine may hold up one of them
        begin = time.monotonic()
        assert await said(line, b"ping") == b"ping"
        took.append(time.monotonic() - begin)
    assert min(took) < 0.3


async def test_bandwidth(line: FaultProxy) -> None:
    line.rate = 20_000
    begin = time.monotonic()
    assert await said(line, WORDS[:20_000]) == WORDS[:20_000]
    assert 0.8 <= time.monotonic() - begin < 5


@pytest.mark.parametrize("number", [1, 999, 5000])
async def test_cut_at_a_byte(line: FaultProxy, number: int) -> None:
    line.cut_at(number)
    reader, writer = await connect(line)
    writer.write(WORDS)
    assert await asyncio.wait_for(reader.read(), 10) == WORDS[:number]
    writer.close()
    assert await said(line, WORDS) == WORDS


async def test_reset_now(line: FaultProxy) -> None:
    reader, writer = await connect(line)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    line.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert await said(line, WORDS) == WORDS


async def test_reset_after_so_many_bytes(line: FaultProxy) -> None:
    line.cut_at(100, reset=True)
    reader, writer = await connect(line)
    writer.write(WORDS)
    heard = b""
    with pytest.raises(ConnectionResetError):
        while piece := await asyncio.wait_for(reader.read(65536), 10):
            heard += piece
        raise AssertionError("ended in order")
    assert WORDS[:100].startswith(heard)
    writer.close()


async def test_half_open(line: FaultProxy) -> None:
    reader, writer = await connect(line)
    line.freeze()
    writer.write(b"anybody there?")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.4)
    late_reader, late_writer = await connect(line)  # taken, and left alone
    late_writer.write(b"me too")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(late_reader.read(1), 0.4)
    line.thaw()
    assert await asyncio.wait_for(reader.readexactly(14), 5) == b"anybody there?"
    assert await asyncio.wait_for(late_reader.readexactly(6), 5) == b"me too"
    for one in (writer, late_writer):
        one.close()


async def test_refused_and_open_again(line: FaultProxy) -> None:
    reader, writer = await connect(line)
    writer.write(b"hello")
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"hello"
    line.refuse()
    with pytest.raises(ConnectionRefusedError):
        await connect(line)
    writer.write(b"still here")
    assert await asyncio.wait_for(reader.readexactly(10), 5) == b"still here"
    writer.close()
    line.dead()
    line.whole()
    assert await said(line, WORDS) == WORDS


async def test_a_target_that_is_not_there(line: FaultProxy) -> None:
    line.target = 1
    heard = b""
    with contextlib.suppress(ConnectionResetError):  # at once, or as soon as something is asked
        reader, writer = await connect(line)
        writer.close()
        heard = await asyncio.wait_for(reader.read(), 5)
    assert heard == b""
