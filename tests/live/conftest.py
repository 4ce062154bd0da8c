"""The real switch for live tests. What is missing is a failure that names the command, never a skip."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.live.house import day as script
from tests.live.house.installation import AGENTS, SUPERVISOR, House, agent
from tests.live.house.observed import Day, observe
from tests.live.switch import Pbx


@pytest.fixture
def start_pbx() -> Iterator[Callable[..., Pbx]]:
    """Starts a switch with the shipped configuration; arguments as `Pbx`. It ends with the test."""
    started: list[Pbx] = []

    def start(**options) -> Pbx:
        pbx = Pbx(**options)
        started.append(pbx)
        return pbx.start()

    yield start
    for pbx in started:
        pbx.stop()


@pytest.fixture
def pbx(start_pbx: Callable[..., Pbx]) -> Pbx:
    return start_pbx()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The day of `tests/live/house/day.py`, played once on SQLite and once on PostgreSQL."""
    folder = tmp_path_factory.mktemp(f"day-{request.param}")
    url = f"sqlite+aiosqlite:///{folder / 'tierline.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    plan = script.callers()
    people = [*map(agent, AGENTS), SUPERVISOR]
    settings = {"CTI_POLICIES__FOLDER": str(script.policies(folder))}
    with House(
        folder, url, people, customers=script.book(plan), site=script.site(), settings=settings
    ) as house:
        return asyncio.run(observe(house, plan))
