"""Whole transactions in one trip, on SQLite and on the real PostgreSQL: all of the work or none of it."""

import asyncio
import contextlib
import sqlite3
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from cti.adapters.database import Transactions, connect, reading
from cti.adapters.engine import open_early


@pytest.fixture
async def engine(database_url):
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS trips"))
        await connection.execute(text("CREATE TABLE trips (n INTEGER)"))
    yield engine
    await engine.dispose()


def put(connection, n=1):
    connection.execute(text("INSERT INTO trips VALUES (:n)"), {"n": n})


def count(connection):
    return connection.execute(text("SELECT count(*) FROM trips")).scalar_one()


async def test_what_is_written_is_read_by_everybody(engine):
    transactions = Transactions(engine)
    await transactions.write(put)
    assert await transactions.read(count) == 1
    async with engine.connect() as connection:
        assert await connection.run_sync(count) == 1


async def test_work_that_fails_leaves_nothing_and_the_next_succeeds(engine):
    def half(connection):
        put(connection)
        raise ValueError

    transactions = Transactions(engine)
    with pytest.raises(ValueError):
        await transactions.write(half)
    await transactions.write(put)
    assert await transactions.read(count) == 1


async def test_whoever_is_cancelled_leaves_nothing_under_way(engine):
    def slow(connection):
        put(connection)
        time.sleep(0.1)

    transactions = Transactions(engine)
    task = asyncio.create_task(transactions.write(slow))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait([task])
    before = await transactions.read(count)
    await asyncio.sleep(0.15)
    assert await transactions.read(count) == before


async def test_whoever_is_cancelled_again_waits_as_well(tmp_path):
    """Of SQLite's thread: what it still does would keep the whole loop from closing it."""
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'again.db'}")
    ended = threading.Event()

    def slow(_):
        time.sleep(0.2)
        ended.set()

    task = asyncio.create_task(Transactions(engine).write(slow))
    for _ in range(3):
        await asyncio.sleep(0.02)
        task.cancel()
    await asyncio.wait([task])
    assert (ended.is_set(), task.cancelled()) == (True, True)
    await engine.dispose()


async def test_writers_wait_for_their_turn_and_not_for_luck(engine, monkeypatch):
    """Of SQLite, which would tell whoever waits too long that it is locked: here nobody may ask it twice."""
    monkeypatch.setattr("cti.adapters.engine._PRAGMAS", ("busy_timeout=0",))
    await engine.dispose()
    transactions = Transactions(engine)

    async def slow():
        async with engine.begin() as connection:
            await connection.run_sync(put)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(slow() if i % 2 else transactions.write(put) for i in range(30)))
    assert await transactions.read(count) == 30


async def test_several_that_open_a_new_database_at_once_are_all_let_in(tmp_path):
    """SQLite turns a file to its write-ahead log for one of them, and tells the others at once that it is locked."""

    async def ask(engine):
        async with reading(engine).connect() as connection:
            return (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()

    for number in range(60):
        engines = [connect(f"sqlite+aiosqlite:///{tmp_path / str(number)}.db") for _ in range(5)]
        assert await asyncio.gather(*map(ask, engines)) == ["wal"] * 5
        for engine in engines:
            await engine.dispose()


async def test_a_database_that_may_not_be_written_is_said_at_once(tmp_path, monkeypatch):
    """Only another's lock is waited for."""
    waits = []
    monkeypatch.setattr("cti.adapters.engine.time.sleep", waits.append)
    monkeypatch.setattr("cti.adapters.engine._PATIENCE", 0.2)
    place = tmp_path / "tierline.db"
    with contextlib.closing(sqlite3.connect(place)) as made:
        made.execute("CREATE TABLE trips (n INTEGER)")
    engine = connect(f"sqlite+aiosqlite:///file:{place}?mode=ro&uri=true")
    with pytest.raises(OperationalError, match="readonly"):
        await Transactions(engine).read(count)
    assert not waits
    await engine.dispose()


async def test_connections_that_were_opened_early_are_used(engine):
    await engine.dispose()
    await open_early(engine, 3)
    there = engine.pool.checkedin()
    assert there == (3 if engine.dialect.name == "postgresql" else 0)
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(3):
            await opened.enter_async_context(reading(engine).connect())
        assert engine.pool.checkedin() == 0


async def test_an_engine_disposed_of_is_opened_again(engine):
    transactions = Transactions(engine)
    await transactions.write(put)
    await engine.dispose()
    assert await transactions.read(count) == 1
