"""The outbox on SQLite and on the real PostgreSQL: whoever asks has every change, from memory or from the table."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.books import SqlBooks
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.outbox import Outbox
from cti.domain.changes import Change
from cti.domain.events import CallHeld
from cti.domain.identifiers import AgentId, CallId, PbxName

PBX = PbxName("pbx1")


@asynccontextmanager
async def told(url, changes, **bounds):
    """An outbox that was told so many changes, some at a time."""
    engine = connect(url)
    await upgrade(engine)
    outbox = Outbox(engine, **bounds)
    books = SqlBooks(engine, outbox, SystemClock(), {})
    writing = asyncio.ensure_future(books.run())
    try:
        for number in range(1, changes + 1):
            change = CallHeld(1.0 * number, CallId(f"pbx1:a.{number}"), AgentId("101"))
            books.put(PBX, number, Change(PBX, number, change))
            if number % 20 == 0:
                await books.flush()
        await books.flush()
        yield outbox
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await engine.dispose()


@pytest.mark.parametrize("bounds", [{"remembered": 50}, {"remembered_bytes": 4_000}, {"remembered_bytes": 0}])
async def test_what_memory_has_let_go_is_told_from_the_table(database_url, bounds):
    async with told(database_url, 200, **bounds) as outbox:
        assert len(outbox._recent) <= bounds.get("remembered", 200)
        kept = sum(len(change.text) for change in outbox._recent)
        assert kept == outbox._bytes <= bounds.get("remembered_bytes", 1 << 20)
        for after in (0, 1, 120, 180, 199):
            heard = []
            async with aclosing(outbox.follow(after)) as following, asyncio.timeout(10):
                async for some in following:
                    heard += [change.sequence for change in some]
                    if heard[-1] == 200:
                        break
            assert heard == list(range(after + 1, 201))
        outbox.forget_recent()
        assert (outbox._bytes, len(await outbox.after(150)) > 0) == (0, True)
