"""Whose duty it is to serve a database, on the real PostgreSQL through lines that break."""

import asyncio
import contextlib

import asyncpg
import pytest
from sqlalchemy import make_url

from cti.adapters.database import connect
from cti.adapters.standby import KEY, Duty
from cti.domain.errors import AnotherServer
from tests.faults.proxy import FaultProxy


@pytest.fixture
def line(postgres):
    with FaultProxy(postgres.port) as proxy:
        yield proxy


@pytest.fixture
async def duties(postgres, line):
    """Makes servers' duties on one database: `duties()` behind the line that breaks, `duties(direct=True)` beside it."""
    url = postgres.new_database()
    made = []

    def duty(*, direct=False):
        engine = connect(url if direct else url.replace(f":{postgres.port}/", f":{line.port}/"))
        made.append((Duty(engine), engine))
        return made[-1][0]

    duty.url = url
    yield duty
    line.whole()
    for duty, engine in made:
        await duty.close()
        await engine.dispose()


@contextlib.asynccontextmanager
async def kept(duty):
    task = asyncio.create_task(duty.keep())
    yield task
    task.cancel()
    await asyncio.wait([task])


async def stands_by(duty):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2.5):
            await duty.take()
    return duty.standing_by


async def test_the_second_stands_by_until_the_first_is_gone(duties, caplog):
    first, second = duties(), duties()
    await first.take()
    assert await stands_by(second)
    assert "standing by" in caplog.text
    waiting = asyncio.create_task(second.take())
    await first.close()
    async with asyncio.timeout(10):
        await waiting
    assert not second.standing_by


async def test_one_whose_line_broke_has_it_still_when_nobody_else_took_it(duties, line):
    first, second = duties(), duties(direct=True)
    await first.take()
    async with kept(first) as keeping:
        line.cut()
        await asyncio.sleep(3)
        assert await stands_by(second)
        assert not keeping.done()


async def test_a_session_of_its_own_that_the_database_takes_for_alive_is_ended(duties, line):
    first, second = duties(), duties(direct=True)
    url = make_url(duties.url).set(drivername="postgresql").render_as_string(hide_password=False)
    ghost = await asyncpg.connect(url, server_settings={"application_name": first.name})
    await ghost.execute(f"SELECT pg_advisory_lock(0, {KEY})")
    async with kept(first) as keeping:
        await asyncio.sleep(4)
        assert not keeping.done()
        assert ghost.is_closed()
        assert await stands_by(second)


async def test_one_that_lost_it_to_another_stops(duties, line):
    first, second = duties(), duties(direct=True)
    await first.take()
    async with kept(first) as keeping:
        line.dead()
        async with asyncio.timeout(10):
            await second.take()
        line.open()
        await asyncio.wait([keeping], timeout=10)
        with pytest.raises(AnotherServer, match="connected since"):
            keeping.result()


async def test_sqlite_asks_nobody(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}")
    first, second = Duty(engine), Duty(engine)
    await first.take()
    await second.take()
    await first.keep()
    await engine.dispose()
