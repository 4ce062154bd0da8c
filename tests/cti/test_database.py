"""Writing in batches: in order, tried again, bounded, and drained at the end."""

import asyncio
import logging

import pytest

from cti.adapters.database import BatchWriter


class Shelf:
    def __init__(self, failures=0):
        self.batches, self._failures = [], failures

    async def write(self, items):
        if self._failures:
            self._failures -= 1
            raise OSError("disk full")
        self.batches.append(list(items))


async def running(writer, work):
    task = asyncio.ensure_future(writer.run())
    try:
        await work()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_items_arrive_in_order_and_in_batches():
    shelf = Shelf()
    writer = BatchWriter("test", shelf.write, batch=10, pause=0.0)

    async def work():
        for number in range(35):
            writer.put(number)
        await writer.drained()

    await running(writer, work)
    assert [item for batch in shelf.batches for item in batch] == list(range(35))
    assert max(map(len, shelf.batches)) == 10


async def test_who_waits_for_what_is_taken_does_not_wait_for_what_comes_after():
    """Under a load that never lets the queue be empty."""
    written = []

    async def write(items):
        await asyncio.sleep(0.005)
        written.extend(items)

    writer = BatchWriter("test", write, batch=5, pause=0.0)

    async def work():
        async def load():
            while True:
                writer.put("later")
                await asyncio.sleep(0.0005)

        loading = asyncio.ensure_future(load())
        try:
            writer.put("first")
            async with asyncio.timeout(10):
                await writer.drained()
            assert "first" in written
            assert writer.backlog
        finally:
            loading.cancel()

    await running(writer, work)


async def test_a_failing_batch_is_tried_again_and_nothing_is_lost(caplog):
    shelf = Shelf(failures=2)
    writer = BatchWriter("test", shelf.write, pause=0.0)

    async def work():
        writer.put("a")
        writer.put("a")  # equal items are two items
        await writer.drained()

    with caplog.at_level(logging.CRITICAL):
        await running(writer, work)
    assert shelf.batches == [["a", "a"]]
    assert writer.failures == 2


async def test_memory_stays_bounded_and_the_loss_is_counted(caplog):
    writer = BatchWriter("test", Shelf().write, capacity=100)
    with caplog.at_level(logging.CRITICAL):
        for number in range(150):
            writer.put(number)
    assert writer.backlog <= 100
    assert writer.lost >= 50


async def test_what_is_left_is_written_when_asked_to_stop():
    shelf = Shelf()
    writer = BatchWriter("test", shelf.write, pause=10.0)
    task = asyncio.ensure_future(writer.run())
    writer.put("last")
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert shelf.batches == [["last"]]


async def test_one_item_the_store_will_never_take_does_not_hold_up_the_others(caplog, monkeypatch):
    written = []

    async def write(items):
        if "poison" in items:
            raise ValueError("not a row")
        written.extend(items)

    async def no_pause(_seconds):
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)

    writer = BatchWriter("test", write, pause=0.0)
    monkeypatch.setattr("cti.adapters.database.asyncio.sleep", no_pause)

    async def work():
        for item in ("a", "b", "poison", "c"):
            writer.put(item)
        await writer.drained()

    with caplog.at_level(logging.CRITICAL + 1):
        await running(writer, work)
    assert written == ["a", "b", "c"]
    assert writer.lost == 1
