import asyncio
import contextlib
import logging

import pytest
import uvloop

from cti.domain.identifiers import Tier
from routing.adapters.fastagi import FastAgi, question

NOW = 1_800_000_000
GOLD, IRON = 2_000_000_000 - (NOW - 1_767_225_600) + 300, 2_000_000_000 - (NOW - 1_767_225_600)


def header(uniqueid="tierline-1800000000.7", number="100", queue="support", name="Ann", **more) -> bytes:
    lines = {
        "agi_network": "yes", "agi_network_script": "route", "agi_request": "agi://127.0.0.1:4573/route",
        "agi_channel": f"PJSIP/trunk-{uniqueid}", "agi_language": "en", "agi_type": "PJSIP",
        "agi_uniqueid": uniqueid, "agi_version": "22.10.1", "agi_callerid": number, "agi_calleridname": name,
        "agi_callingpres": "0", "agi_dnid": "5550100", "agi_context": "tierline-queue", "agi_extension": queue,
        "agi_priority": "6", "agi_enhanced": "0.0", "agi_accountcode": "", "agi_threadid": "1", "agi_arg_1": queue,
    } | more  # fmt: skip
    return "".join(f"{key}: {value}\n" for key, value in lines.items()).encode() + b"\n"


@pytest.fixture
async def line(stage):
    stage.people.add("100", Tier.GOLD, remembered=True)
    stage.people.add("200", Tier.GOLD)
    observed = []
    server = FastAgi(
        stage.router, stage.spawn, lambda s, r: observed.append((s, r)), deadline=0.4, header_timeout=0.6
    )
    port = await server.start("127.0.0.1", 0)

    class Line:
        def __init__(self) -> None:
            self.server, self.port, self.observed = server, port, observed

        async def open(self):
            return await asyncio.open_connection("127.0.0.1", port)

        async def ask(self, data: bytes, replies=b"200 result=1\n") -> list[bytes]:
            """What Asterisk does: the header, then a reply to each command, until the other side closes."""
            reader, writer = await self.open()
            commands = []
            try:
                writer.write(data)
                async with asyncio.timeout(3):
                    while command := await reader.readline():
                        commands.append(command)
                        writer.write(replies)
            except ConnectionError:
                commands.append(b"reset")
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()
            return commands

    yield Line()
    await server.close()
    stage.people.go.set()
    await stage.settle()


def answer(priority: int, tier: str) -> list[bytes]:
    return [f"SET VARIABLE QUEUE_PRIO {priority}\n".encode(), f"SET VARIABLE CTI_TIER {tier}\n".encode()]


async def test_remembered_and_looked_up(line, stage):
    assert await line.ask(header()) == answer(GOLD, "gold")
    assert await line.ask(header(uniqueid="x.2", number="200")) == answer(GOLD, "gold")
    assert await line.ask(header(uniqueid="x.3", number="unknown")) == answer(IRON, "iron")
    assert [result for _, result in line.observed] == ["answered_in_time"] * 3
    assert not line.server.open
    assert not +line.server.counts


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("slice_", [1, 7, 10_000])
async def test_cut_anywhere(line, newline, slice_):
    data = header().replace(b"\n", newline)
    reader, writer = await line.open()
    for start in range(0, len(data), slice_):
        writer.write(data[start : start + slice_])
        if start % 50 == 0:
            await asyncio.sleep(0)
    assert await reader.readline() == answer(GOLD, "gold")[0]
    for reply in (b"200 re", b"sult=1\n"):
        writer.write(reply)
        await asyncio.sleep(0.01)
    assert await reader.readline() == answer(GOLD, "gold")[1]
    writer.write(b"200 result=1\n")
    assert await reader.read() == b""
    writer.close()


async def test_replies_sent_ahead(line):
    reader, writer = await line.open()
    writer.write(header() + b"200 result=1\n200 result=1\n")
    assert await reader.read() == b"".join(answer(GOLD, "gold"))
    writer.close()
    assert not +line.server.counts


async def test_half_closed_listener_gets_all_at_once(line, stage):
    for number in ("100", "200"):
        reader, writer = await line.open()
        writer.write(header(number=number))
        writer.write_eof()
        assert await reader.read() == b"".join(answer(GOLD, "gold"))
        writer.close()


async def test_a_late_lookup_is_answered_with_the_ordinary_place(line, stage):
    stage.people.go.clear()
    assert await line.ask(header(uniqueid="x.2", number="200")) == answer(IRON, "iron")
    stage.queued("x.2", "200")
    stage.people.go.set()
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-x.2", GOLD)]


async def test_beyond_the_deadline_the_connection_just_closes(make_stage):
    stage = make_stage(deadline=30)
    stage.people.go.clear()
    server = FastAgi(stage.router, stage.spawn, deadline=0.05)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(header(number="200"))
    began = asyncio.get_running_loop().time()
    assert await reader.read() == b""
    assert asyncio.get_running_loop().time() - began < 10  # not the 30 seconds of the lookup
    assert server.counts == {"fail_open": 1}
    writer.close()
    await server.close()
    stage.people.go.set()
    await stage.settle()


@pytest.mark.parametrize(
    "data",
    [
        b"\n\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes(range(256)) * 4 + b"\n\n",
        header(agi_network_script="other"),
        header(queue="sup port"),
        header(queue=""),
        header(uniqueid=""),
        header(uniqueid="1.1\x00"),
        header(name="Eve\nagi_arg_1: sales"),  # forged by a caller's name
        header(name="Eve\nagi_uniqueid: 1.2"),
        header(agi_channel="PJSIP/x\x1b[2J"),
    ],
)
async def test_what_cannot_be_answered_is_refused(line, data):
    assert await line.ask(data) in ([], [b"reset"])
    assert line.server.counts["refused"] == 1
    assert await line.ask(header()) == answer(GOLD, "gold")


async def test_a_forged_end_of_header_is_refused(line):
    assert await line.ask(header(name="Eve\n\nagi_arg_1: sales")) in ([], [b"reset"])


@pytest.mark.parametrize("name", ["王小明".encode("gb18030"), "Müller".encode("latin-1"), b"\xff\xfe\x80"])
async def test_names_in_any_encoding(line, name):
    assert await line.ask(header(name="NAME").replace(b"NAME", name)) == answer(GOLD, "gold")


async def test_one_mebibyte_of_header(line):
    assert await line.ask(b"agi_x: " + b"a" * 2**20) in ([], [b"reset"])
    assert line.server.counts["header_too_large"] == 1
    assert await line.ask(header(agi_x="a" * 17_000)) in ([], [b"reset"])
    assert await line.ask(header(agi_x="a" * 15_000)) == answer(GOLD, "gold")


async def test_slow_headers_are_cut(line):
    reader, writer = await line.open()
    began = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionError):
        for byte in header():
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
            if reader.at_eof() or reader.exception():
                break
    assert asyncio.get_running_loop().time() - began < 1.5
    assert line.server.counts["header_timeout"] == 1
    assert not line.server.open
    writer.close()


async def test_silence_is_cut(line):
    for opening in (b"", header()):
        reader, writer = await line.open()
        writer.write(opening)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(2):
                await reader.read()
        writer.close()
    await asyncio.sleep(0)
    assert not line.server.open


async def test_a_refused_command_is_made_good_in_the_queue(line, stage):
    commands = await line.ask(
        header(), replies=b"511 Command Not Permitted on a dead channel or intercept routine\n"
    )
    assert commands == answer(GOLD, "gold")[:1]
    assert line.server.counts["not_delivered"] == 1
    stage.queued("tierline-1800000000.7", "100")
    await stage.settle()
    assert [move[2] for move in stage.switch.moves] == [GOLD]


async def test_hanging_up_before_the_reply_is_made_good_in_the_queue(line, stage):
    reader, writer = await line.open()
    writer.write(header())
    await reader.readline()
    writer.transport.abort()
    await asyncio.sleep(0.05)
    assert line.server.counts["not_delivered"] == 1
    stage.queued("tierline-1800000000.7", "100")
    await stage.settle()
    assert [move[2] for move in stage.switch.moves] == [GOLD]


async def test_endless_replies_are_cut(line):
    commands = await line.ask(header(), replies=b"x" * 10_000)
    assert commands[0] == answer(GOLD, "gold")[0]
    assert not line.server.open


async def test_a_thousand_connect_and_close_while_calls_are_answered(line, caplog):
    async def knock(n: int) -> None:
        _, writer = await line.open()
        if n % 3 == 1:
            writer.write(header()[: n % 200])
        if n % 3 == 2:
            writer.transport.abort()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def knockers() -> None:
        for start in range(0, 1000, 50):
            await asyncio.gather(*(knock(n) for n in range(start, start + 50)))

    with caplog.at_level(logging.WARNING):
        knocking = asyncio.get_running_loop().create_task(knockers())
        took: list[float] = []
        while not knocking.done() or len(took) < 50:
            began = asyncio.get_running_loop().time()
            assert await line.ask(header(uniqueid=f"y.{len(took)}")) == answer(GOLD, "gold")
            took.append(asyncio.get_running_loop().time() - began)
        await knocking
    assert len(took) >= 50
    assert (
        sorted(took)[len(took) * 9 // 10] < 0.5
    )  # what the dialplan grants; a busy machine holds up one or two
    await asyncio.sleep(0.05)
    assert not line.server.open
    assert not caplog.records


async def test_a_crowd_beyond_the_limit_is_turned_away(stage):
    server = FastAgi(stage.router, stage.spawn, most_connections=3)
    port = await server.start("127.0.0.1", 0)
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await reader.read() == b""
    assert server.counts["too_many"] == 1
    for _, other in (*lines, (reader, writer)):
        other.close()
    await server.close()


async def test_a_bug_of_ours_closes_one_connection_only(line, stage, monkeypatch):
    monkeypatch.setattr(stage.router, "decide_at_once", lambda _: 1 / 0)
    assert await line.ask(header()) == []
    assert line.server.counts["error"] == 1
    monkeypatch.undo()
    assert await line.ask(header()) == answer(GOLD, "gold")


def test_the_time_of_joining_may_come_along():
    assert question(header(agi_arg_2="1799999000")[:-2]).joined_at == 1_799_999_000
    assert question(header(agi_arg_2="-1; rm")[:-2]).joined_at is None
    assert question(header()[:-2]).joined_at is None


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_on_both_event_loops(run, make_stage):
    async def play() -> None:
        stage = make_stage(deadline=0.05)
        stage.people.add("100", Tier.GOLD, remembered=True)
        server = FastAgi(stage.router, stage.spawn, deadline=0.4, header_timeout=0.6)
        port = await server.start("127.0.0.1", 0)
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.transport.abort()
        silent = await asyncio.open_connection("127.0.0.1", port)
        stage.people.go.clear()
        for number, expected in (("100", answer(GOLD, "gold")), ("200", answer(IRON, "iron"))):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(header(uniqueid=f"x.{number}", number=number))
            for command in expected:
                assert await asyncio.wait_for(reader.readline(), 10) == command
                writer.write(b"200 result=1\n")
            assert await reader.read() == b""
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(header())
        writer.write_eof()
        assert await reader.read() == b"".join(answer(GOLD, "gold"))
        writer.close()
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(silent[0].read(), 10) == b""
        silent[1].close()
        stage.people.go.set()
        await stage.settle()
        await server.close()
        assert not server.open
        assert server.counts["header_timeout"] == 1

    run(play())


async def test_each_switch_is_answered_by_its_own_router(stage, line):
    asked_there = []

    class Elsewhere:
        def decide_at_once(self, asked):
            asked_there.append(asked)
            return stage.router.decide_at_once(asked._replace(number="100"))

    line.server._others = {"pbx2": Elsewhere()}
    mine = await line.ask(header(number="300"))
    other = await line.ask(header(uniqueid="b-1.1", number="300", agi_network_script="route?pbx=pbx2"))
    assert mine[0] == b"SET VARIABLE QUEUE_PRIO %d\n" % IRON
    assert other[0] == b"SET VARIABLE QUEUE_PRIO %d\n" % GOLD
    assert [asked.pbx for asked in asked_there] == ["pbx2"]
    for nobody in ("route?pbx=pbx9", "route?pbx=", "route?pbx=../x", "route?queue=1"):
        assert await line.ask(header(uniqueid="b-1.2", agi_network_script=nobody)) == []
