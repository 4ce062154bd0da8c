"""The call asks the server for a better place; a dead or hung server costs half a second at most."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator.scenario import ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import Tap

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BASELINE = 2_000_000_000 + 1_767_225_600


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[int]:
    tasks = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def joined(
    folder: Path, port: int, speed: float = 50.0, name: str | bytes = "Ada"
) -> tuple[int, int, float]:
    """The priority the caller got, the second he joined, and the real seconds it took."""
    async with SimulatedSwitch(folder, fastagi=("127.0.0.1", port), speed=speed) as switch:
        switch.add_queue(ScriptedQueue("support"))
        async with Tap(switch.ami_port) as tap:
            begin = time.monotonic()
            caller = switch.call(ScriptedCall(0.0, "+12025550101", "support", name))
            await tap.wait("QueueCallerJoin")
            took = time.monotonic() - begin
            (_, entry) = await tap.listing("QueueStatus")
            return int(entry["Priority"]), int(caller.channel.variables["CTI_JOINED"]), took


async def test_the_servers_word_decides(tmp_path: Path) -> None:
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(command: str) -> str:
            writer.write(command.encode() + b"\n")
            return (await reader.readline()).decode().strip()

        while line := (await reader.readline()).decode("latin-1").rstrip("\n"):
            asked.append(line)
        baseline = await say("GET VARIABLE QUEUE_PRIO")
        assert baseline.startswith("200 result=1 (")
        better = int(baseline.partition("(")[2].rstrip(")")) + 600
        assert await say(f'SET VARIABLE QUEUE_PRIO "{better}"') == "200 result=1"
        assert await say("SET VARIABLE CTI_TIER platinum") == "200 result=1"
        assert await say('VERBOSE "hello \\"you\\"" 1') == "200 result=1"
        assert await say("GET VARIABLE NOTHING") == "200 result=0"
        assert await say("FLY") == "510 Invalid or unknown command"

    async with server(serve) as port:
        priority, since, _ = await joined(tmp_path, port, name="José ñ".encode("latin-1"))
    assert priority == BASELINE - since + 600
    environment = dict(line.partition(": ")[::2] for line in asked)
    assert asked[0] == "agi_network: yes"
    assert environment["agi_network_script"] == "route"
    assert environment["agi_request"] == f"agi://127.0.0.1:{port}/route"
    assert environment["agi_callerid"] == "+12025550101"
    assert environment["agi_dnid"] == "5550100"
    assert environment["agi_arg_1"] == "support"
    assert environment["agi_calleridname"] == "José ñ"
    assert list(environment)[2:] == [
        "agi_request", "agi_channel", "agi_language", "agi_type", "agi_uniqueid", "agi_version", "agi_callerid",
        "agi_calleridname", "agi_callingpres", "agi_callingani2", "agi_callington", "agi_callingtns", "agi_dnid", "agi_rdnis",
        "agi_context", "agi_extension", "agi_priority", "agi_enhanced", "agi_accountcode", "agi_threadid", "agi_arg_1",
    ]  # fmt: skip


async def test_a_dead_server_is_no_delay(tmp_path: Path) -> None:
    async with server(lambda *_: asyncio.sleep(0)) as port:
        pass
    took = []
    for attempt in "abc":  # a busy machine may hold up one of them
        (folder := tmp_path / attempt).mkdir()
        priority, since, seconds = await joined(folder, port)
        assert priority == BASELINE - since
        took.append(seconds)
    assert min(took) < 0.3


@pytest.mark.parametrize("speed", [1.0, 50.0])
async def test_a_hung_server_costs_half_a_second(tmp_path: Path, speed: float) -> None:
    async with server(lambda *_: asyncio.sleep(60)) as port:
        priority, since, took = await joined(tmp_path, port, speed)
    assert priority == BASELINE - since
    assert 0.45 < took < 5  # not the minute it hangs; a busy machine may add to the half second


async def test_what_was_set_before_the_silence_is_kept(tmp_path: Path) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SET VARIABLE QUEUE_PRIO 42\n")
        await asyncio.sleep(60)

    async with server(serve) as port:
        priority, *_ = await joined(tmp_path, port)
    assert priority == 42


async def test_nonsense_is_no_harm(tmp_path: Path) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff" * 200_000)

    async with server(serve) as port:
        priority, since, _ = await joined(tmp_path, port)
    assert priority == BASELINE - since


async def test_a_caller_who_leaves_while_the_server_thinks(tmp_path: Path) -> None:
    async with (
        server(lambda *_: asyncio.sleep(60)) as port,
        SimulatedSwitch(tmp_path, fastagi=("127.0.0.1", port)) as switch,
    ):
        switch.add_queue(ScriptedQueue("support"))
        async with Tap(switch.ami_port) as tap:
            caller = switch.call(ScriptedCall(0.0, "+12025550101", "support"))
            await tap.wait("Newstate")
            caller.hang_up()
            await tap.wait("Hangup")
            await asyncio.sleep(0.6)
            assert not [event for event in tap.heard() if event.get("Event") == "QueueCallerJoin"]


async def test_who_lets_an_offer_be_and_whom_nobody_can_promise_anything_stand_in_line_again(
    tmp_path: Path,
) -> None:
    async with server(lambda *_: asyncio.sleep(0)) as port:
        pass
    async with SimulatedSwitch(tmp_path, fastagi=("127.0.0.1", port), speed=50.0) as switch:
        switch.add_queue(ScriptedQueue("support"))
        async with Tap(switch.ami_port) as tap:
            caller = switch.call(ScriptedCall(0.0, "+12025550101", "support"))

            async def joins() -> str:
                joined = [one for one in tap.heard() if one.get("Event") == "QueueCallerJoin"]
                async with asyncio.timeout(10):
                    while len([one for one in tap.heard() if one.get("Event") == "QueueCallerJoin"]) <= len(
                        joined
                    ):
                        await asyncio.sleep(0.01)
                return caller.channel.variables["CTI_JOINED"]

            await tap.wait("QueueCallerJoin")
            first = caller.channel.variables["CTI_JOINED"]
            again = asyncio.create_task(joins())
            await asyncio.sleep(0)
            name = caller.channel.name
            await tap.action("QueueWithdrawCaller", Queue="support", Caller=name, WithdrawInfo="callback")
            assert await again == first
            again = asyncio.create_task(joins())
            await asyncio.sleep(0)
            caller.press("1")
            assert await again == first
