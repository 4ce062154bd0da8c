"""The real switch for live tests. What is missing is a failure that names the command, never a skip."""

from collections.abc import Callable, Iterator

import pytest

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
