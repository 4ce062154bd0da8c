"""Fixtures that more than one folder of tests needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers import Mosquitto, Postgres
from tests.shapes import shaped
from tools.pbx import Pbx

# Two shared cores: how long one example takes says nothing here.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

NEED_A_SERVER = {"mosquitto", "postgres", "postgres_url", "pbx"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what was seen as what is expected")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a real server are `live`; those of tests/live share one machine, so one worker runs them."""
    here = Path(__file__).parent
    for item in items:
        in_live = item.path.is_relative_to(here / "live")
        if in_live or NEED_A_SERVER.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("live")
        if in_live:
            item.add_marker(pytest.mark.xdist_group("live"))
        elif item.path.is_relative_to(here / "web"):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    with Mosquitto() as broker:
        yield broker


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """An empty database on the real PostgreSQL."""
    return postgres.new_database()


ON_BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.live)]


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database in today's shape without a row, on SQLite and on the real PostgreSQL in turn."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.shaped_database()


@pytest.fixture(params=ON_BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that no migration has seen."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def pbx() -> Iterator[Pbx]:
    """A real Asterisk with the shipped configuration and no server beside it."""
    with Pbx() as switch:
        yield switch
