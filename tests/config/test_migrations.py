"""Every earlier shape of the database comes to today's, on SQLite and PostgreSQL: no row is lost, and writers go on meanwhile."""

import asyncio
import itertools

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Float, Integer, MetaData, Numeric, func, insert, select

from config.schema import NEWEST, NewerDatabase, alembic_config, upgrade
from cti.adapters.database import METADATA, connect

OWN = "alembic_version"


def revisions():
    walked = ScriptDirectory("config/migrations").walk_revisions()
    return [step.revision for step in walked][::-1]


def value(column, number):
    for key in column.foreign_keys:
        return value(key.column, number)
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, (Integer, Float, Numeric)):
        return number
    return f"{column.name} {number} 王小明"[: getattr(column.type, "length", None)]


def row(table, number):
    return {column.name: value(column, number) for column in table.columns}


def tables(connection):
    seen = MetaData()
    seen.reflect(connection)
    return {table.name: table for table in seen.sorted_tables if table.name != OWN}


def fill(connection, rows):
    for table in tables(connection).values():
        connection.execute(insert(table), [row(table, number) for number in range(rows)])


def counted(connection):
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables(connection).items()
    }


def texts(connection, before):
    """All that the columns of `before` hold."""
    return {
        name: sorted(
            map(repr, connection.execute(select(*(table.c[column] for column in before[name]))).all())
        )
        for name, table in tables(connection).items()
        if name in before
    }


@pytest.fixture
async def engine(empty_database_url):
    engine = connect(empty_database_url)
    yield engine
    await engine.dispose()


async def to(engine, revision, direction=command.upgrade):
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: direction(alembic_config(sync), revision))


async def run(engine, work, *told):
    async with engine.begin() as connection:
        return await connection.run_sync(work, *told)


def columns(connection):
    return {name: [column.name for column in table.columns] for name, table in tables(connection).items()}


@pytest.mark.parametrize("revision", revisions())
async def test_each_revision_comes_to_todays_shape_with_every_row_and_back(engine, revision):
    await to(engine, revision)
    await run(engine, fill, 50)
    shape = await run(engine, columns)
    before = await run(engine, texts, shape)
    await upgrade(engine)
    assert await run(engine, texts, shape) == before
    await run(engine, lambda sync: pytest.fail(str(found)) if (found := differences(sync)) else None)
    await to(engine, revision, command.downgrade)
    assert await run(engine, columns) == shape
    assert await run(engine, texts, shape) == before


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), METADATA)


@pytest.mark.parametrize("revision", revisions()[:-1])
async def test_who_writes_and_reads_while_the_shape_changes_loses_nothing(
    engine, empty_database_url, revision
):
    await to(engine, revision)
    await run(engine, fill, 2000)
    known = await run(engine, tables)
    old = connect(empty_database_url)  # a server of the earlier version that still runs
    written, over = 0, asyncio.Event()

    async def write():
        nonlocal written
        for number in itertools.count(10_000):
            async with old.begin() as connection:
                for table in (known["calls"], known["visits"], known["segments"]):
                    await connection.execute(insert(table), row(table, number))
            written += 1
            if over.is_set():
                return
            await asyncio.sleep(0)

    async def read():
        while not over.is_set():
            async with old.connect() as connection:
                await connection.execute(select(known["calls"]).limit(100))
            await asyncio.sleep(0)

    at_work = asyncio.gather(write(), read())
    try:
        await asyncio.sleep(0.2)
        async with asyncio.timeout(30):
            await upgrade(engine)
        await asyncio.sleep(0.1)
    finally:
        over.set()
        await at_work
        await old.dispose()
    assert written > 1
    now = await run(engine, counted)
    assert {now["calls"], now["visits"], now["segments"]} == {2000 + written}
    assert not await run(engine, differences)


async def test_two_servers_that_start_together_change_the_shape_once(engine, empty_database_url):
    others = [connect(empty_database_url) for _ in range(4)]
    try:
        await asyncio.gather(upgrade(engine), *map(upgrade, others))
    finally:
        for other in others:
            await other.dispose()
    assert not await run(engine, differences)


def test_the_newest_revision_is_the_last_file():
    assert revisions()[-1] == NEWEST


async def test_a_database_of_a_later_version_is_refused_in_one_sentence(engine):
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase, match="later version of Tierline"):
        await upgrade(engine)
