"""The server dies, is shouted at, and comes back: callers are served in fair order all the while."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from tests.live.house.installation import OPERATOR, PBX, SUPERVISOR, House, agent, everything, get
from tests.live.house.ledgers import Switch, witness
from tests.live.house.line import BOOK, SITE, TIERS, Line, in_order
from tests.live.switch import Stage
from tests.servers import HOST

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    house = House(tmp_path, url, [agent("101"), SUPERVISOR, OPERATOR], customers=BOOK, site=SITE)
    await asyncio.to_thread(house.__enter__)
    try:
        yield house
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


async def nothing_left(look: Callable[[], Sequence[object]], seconds: float = 30.0) -> None:
    """Waits until there is nothing left to see."""
    deadline = time.monotonic() + seconds
    while left := await asyncio.to_thread(look):
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.1)


# --- killed and started again --------------------------------------------------------------------------------


async def test_killed_while_callers_wait_and_started_again(house: House) -> None:
    async with Stage(house.pbx) as stage:
        line = Line(stage)
        await stage.agent("101", answers_after=0.3)
        await line.joins("lead 0")
        await line.is_answered("lead 0")
        await line.joins("iron 0")
        await asyncio.sleep(1.1)
        await line.joins("platinum 0")
        assert await line.waiting() == ["platinum 0", "iron 0"]
        await asyncio.sleep(1.0)  # the server has heard it too, and written it down

        os.kill(house.server.pid, signal.SIGKILL)
        await asyncio.to_thread(house.server.kill)
        for who in ("gold 1", "iron 1", "platinum 1"):
            await asyncio.sleep(1.1)
            await line.joins(who)
            assert await line.head_start(who) == 0
        # who had a head start keeps it, the rest are served as they came
        assert await line.waiting() == ["platinum 0", "iron 0", "gold 1", "iron 1", "platinum 1"]
        served = ["lead 0", "platinum 0", "iron 0", "gold 1"]
        for before, after in itertools.pairwise(served):
            since = len(stage.ami.events)
            await line.phones[before].hang_up()
            await line.is_answered(after, since)
        await asyncio.to_thread(house.server.start_again)

        # a snapshot tells who talks and who waits, and what they are worth
        with closing(house.client(SUPERVISOR)) as client:
            await in_order(line, ["platinum 1", "iron 1"])
            floor = get(client, "/floor")
            assert [one["tier"] for one in floor["waiting"]] == ["platinum", "iron"]
            [present] = [one for one in floor["agents"] if one["agent"] == "101"]
            assert present["state"] == "busy"
            joined = {stay.number: stay.joined_at for stay in witness(house.pbx, stage.ami.events).stays}
            for one in floor["waiting"]:
                assert one["joined_at"] == pytest.approx(joined[one["number"]], abs=1.1)
            for before, after in (("gold 1", "platinum 1"), ("platinum 1", "iron 1")):
                await asyncio.sleep(3.5)  # long enough for a recording worth keeping
                since = len(stage.ami.events)
                await line.phones[before].hang_up()
                await line.is_answered(after, since)
            await asyncio.sleep(3.5)
            await line.phones["iron 1"].hang_up()
            await nothing_left(
                lambda: [one for one in everything(client, "/calls") if one["state"] != "cleared"]
            )
            # who talked when the server died: his end was never heard of, the file's marker will do a minute later
            await nothing_left(
                lambda: [
                    one
                    for one in everything(client, "/recordings", state="expected")
                    if one["visit_uniqueid"] != line.ids["lead 0"]
                ]
            )
            switch = witness(house.pbx, stage.ami.events)
            await nothing_left(
                lambda: sorted(
                    {visit["callid"] for visit in switch.visits}
                    ^ {visit["uniqueid"] for visit in _visits(client)}
                )
            )
            _agrees(
                client,
                switch,
                heard_of={line.ids[who] for who in ("gold 1", "iron 1", "platinum 1")},
                talking={line.ids["lead 0"]},
            )


def _visits(client: httpx.Client) -> list[Any]:
    return [
        visit
        for call in everything(client, "/calls")
        for visit in get(client, f"/calls/{call['call_id']}")["visits"]
    ]


def _agrees(client: httpx.Client, switch: Switch, heard_of: set[str], talking: set[str]) -> None:
    """Every visit stands in the records once, none is invented: `heard_of` to their end as in the ledger, `talking`
    when the server died up to that, and who waited then and was served unheard is lost: no ledger is read here."""
    ledger = {visit["callid"]: visit for visit in switch.visits}
    assert {visit["outcome"] for visit in ledger.values()} == {"answered"}
    visits = _visits(client)
    assert sorted(visit["uniqueid"] for visit in visits) == sorted(ledger)
    calls = sorted(call["call_id"] for call in everything(client, "/calls"))
    assert calls == sorted(f"{PBX}:{callid}" for callid in ledger)
    lost = {visit["uniqueid"] for visit in visits if visit["outcome"] == "lost"}
    assert lost == set(ledger) - heard_of - talking
    for visit in visits:
        if visit["uniqueid"] in lost:
            continue
        there = ledger[visit["uniqueid"]]
        assert (visit["outcome"], visit["agent"]) == ("answered", there["agent"])
        assert visit["wait_seconds"] == pytest.approx(there["hold"], abs=1.0)
        assert visit["joined_at"] == pytest.approx(there["entered"], abs=1.1)
        if visit["uniqueid"] in talking:
            continue
        bridged = switch.bridge_seconds(there["agent_channel"])
        assert visit["talk_seconds"] + visit["hold_seconds"] == pytest.approx(bridged, abs=1.1), visit
    kept = {one["visit_uniqueid"]: one for one in everything(client, "/recordings", state="stored")}
    assert set(kept) - talking == heard_of
    for callid, recording in kept.items():
        assert recording["duration_seconds"] == pytest.approx(switch.bridge_seconds(callid), abs=1.0)


# --- shouted at ----------------------------------------------------------------------------------------------


async def _served_meanwhile(house: House, noise: Callable[[], Awaitable[None]]) -> None:
    """While the noise lasts, callers come; each gets his head start when the dialplan asks, and nothing freezes."""
    everybody = ["iron 0", "gold 0", "platinum 0", "lead 0", "platinum 1", "gold 1"]
    slowest = 0.0
    async with Stage(house.pbx) as stage, httpx.AsyncClient(base_url=house.server.url) as client:
        line = Line(stage)
        await stage.agent("101", answers_after=None)

        async def watch() -> None:
            nonlocal slowest
            while True:
                begin = time.monotonic()
                assert (await client.get("/health/live", timeout=10)).status_code == 200
                slowest = max(slowest, time.monotonic() - begin)
                await asyncio.sleep(0.05)

        noisy, watching = asyncio.ensure_future(noise()), asyncio.ensure_future(watch())
        try:
            for who in everybody:
                await line.joins(who)
                assert await line.head_start(who) == TIERS[who.split()[0]], who
                assert not noisy.done() or not noisy.exception()
            await noisy
            assert not watching.done()
        finally:
            for task in (noisy, watching):
                task.cancel()
            await asyncio.gather(noisy, watching, return_exceptions=True)
        assert slowest < 3.0
        assert await line.waiting() == ["platinum 0", "platinum 1", "gold 0", "gold 1", "iron 0", "lead 0"]
        assert await asyncio.to_thread(house.server.not_ready) == []
        with closing(house.client(OPERATOR)) as operator:
            operations = get(operator, "/operations")
        assert operations["reactions_failed"] == {}
        assert operations["links"][0]["quarantined"] == operations["links"][0]["gaps"] == 0
        for phone in line.phones.values():
            await phone.hang_up()


async def _says(port: int, words: bytes, *, reset: bool = False) -> None:
    """Connect, say it, part; rudely when `reset`."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(words)
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1024), 0.2)
            if reset:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


GARBAGE = (
    b"\x00" * 4096,
    bytes(range(256)) * 64,
    b"agi_network: yes\nagi_request: \xff\xfe\n\n",
    b"agi_network_script: route\nagi_arg_1: ../../etc\nagi_uniqueid: " + b"9" * 5000 + b"\n\n",
    b"agi_request: agi://x/route\nagi_uniqueid: 1.1\nagi_channel: a\r\nSet: b\nagi_arg_1: sales\n",
    b"Event: AgentCalled\r\nQueue: support\r\n\r\n" * 50,
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    (
        b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n\xff\xff\xff\xff"
    ),
    b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"login":',
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)


async def test_garbage_on_every_port(house: House) -> None:
    ports = (house.server.fastagi_port, house.server.port)
    with closing(house.client(agent("101"))) as signed_in:
        cookie = signed_in.cookies["cti_session"]

    async def noise() -> None:
        for _ in range(3):
            for words in GARBAGE:
                await asyncio.gather(
                    *(_says(port, words, reset=reset) for port in ports for reset in (False, True))
                )
            await _sockets(house, cookie)

    await _served_meanwhile(house, noise)


async def _sockets(house: House, cookie: str) -> None:
    """Somebody signed in whose page has gone mad, and strangers."""
    address = f"ws://{HOST}:{house.server.port}/api/v1/stream"
    headers = {"Cookie": f"cti_session={cookie}"}
    frames: tuple[str | bytes, ...] = (
        "", "null", "[]", "{", '{"type":"ack"}', '{"type":"ack","pop":{"a":1}}', '{"type":"ack","pop":"x/101"}',
        '{"type":"resume","last_seen":"' + "9" * 300 + '"}', "[" * 4000, "\ud83d\ude00" * 10, b"\xff\x00", "x" * 60_000,
    )  # fmt: skip
    for frame in frames:
        with contextlib.suppress(WebSocketException, OSError):
            async with connect(address, additional_headers=headers, close_timeout=1) as page:
                await page.send(frame)
                await page.send('{"type":"ping"}')
                await asyncio.wait_for(page.recv(), 5)
    with pytest.raises(InvalidStatus):
        await connect(address)


async def test_a_thousand_connect_and_close_on_fastagi(house: House) -> None:
    port = house.server.fastagi_port
    words = (b"", b"agi_network: yes\n", b"agi_network: yes\nagi_arg_1: support\n\n")
    made = 0

    async def knock(place: int) -> None:
        nonlocal made
        _, writer = await asyncio.open_connection(HOST, port)
        writer.write(words[place % len(words)])
        if place % 2:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        made += 1

    async def noise() -> None:
        for first in range(0, 1000, 20):
            await asyncio.gather(*(knock(first + more) for more in range(20)))
            await asyncio.sleep(0.06)  # as long as it takes six callers to come

    await _served_meanwhile(house, noise)
    assert made == 1000
