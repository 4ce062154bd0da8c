"""A link and its scripted peer."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from cti.adapters.ami.connection import AmiLink
from cti.adapters.ami.line import AmiAccount
from cti.adapters.ami.translation import translate
from cti.adapters.clock import SystemClock
from tests.cti.ami.peer import Peer
from tests.journals import Unwritten


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for something to become true; the failure names it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.005)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as peer:
        yield peer


@pytest.fixture
async def start_link(peer: Peer) -> AsyncIterator[Callable[..., tuple[AmiLink, list]]]:
    """Starts links to the peer; gives each with the list of signals it tells."""
    tasks: list[asyncio.Task] = []

    def start(hear=None, secret="a", **options) -> tuple[AmiLink, list]:
        signals: list = []
        link = AmiLink(
            AmiAccount("127.0.0.1", peer.port, "hears", secret),
            AmiAccount("127.0.0.1", peer.port, "asks", "b"),
            options.pop("translate", translate),
            hear or signals.append,
            options.pop("clock", None) or SystemClock(),
            journal=options.pop("journal", None) or Unwritten(),
            **options,
        )
        tasks.append(asyncio.ensure_future(link.run()))
        return link, signals

    yield start
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
