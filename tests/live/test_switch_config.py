"""The shipped configuration keeps its promises on a real Asterisk 22, with a dead, a hung, a rude and a good server."""

import asyncio
import contextlib
import re
import socket
import wave
from collections.abc import Awaitable, Callable

import pytest

from tests.live.switch import AmiLine, AmiRefused, Pbx, Stage, free_port

Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BASELINE = 2_000_000_000 + 1_767_225_600


@contextlib.asynccontextmanager
async def fastagi(serve: Served):
    """A FastAGI server on a free port; what it does with a connection is the test's affair."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def waiting_line(ami: AmiLine, queue: str) -> list[dict[str, str]]:
    start = len(ami.events)
    await ami.action("QueueStatus", Queue=queue)
    await ami.event("QueueStatusComplete", 10, start)
    return [event for event in ami.events[start:] if event["Event"] == "QueueEntry"]


async def queued(stage: Stage, number: str, dialled: str = "5550100") -> dict[str, str]:
    """Somebody calls; his join."""
    start = len(stage.ami.events)
    await stage.caller(dialled, number)
    return await stage.ami.event("QueueCallerJoin", 10, start, CallerIDNum=number)


async def entered(pbx: Pbx, *numbers: str) -> dict[str, int]:
    """Number -> second of ENTERQUEUE; the ledger may be written a moment after the line is formed."""
    for _ in range(100):
        lines = [line.split("|") for line in pbx.queue_log.read_text().splitlines()]
        seconds = {line[6]: int(line[0]) for line in lines if line[4] == "ENTERQUEUE"}
        if seconds.keys() >= set(numbers):
            break
        await asyncio.sleep(0.05)
    return seconds


async def test_a_dead_server_leaves_first_come_first_served(start_pbx):
    pbx = start_pbx(cti_server=f"127.0.0.1:{free_port()}")
    async with Stage(pbx) as stage:
        await stage.agent("101", answers_after=None)
        numbers = ["+15550150", "+15550151", "+15550152"]
        for number in numbers:
            await queued(stage, number)
            await asyncio.sleep(1.1)
        line = await waiting_line(stage.ami, "support")
        assert [entry["CallerIDNum"] for entry in line] == numbers
        assert [entry["Position"] for entry in line] == ["1", "2", "3"]
        seconds = await entered(pbx, *numbers)
        for entry in line:
            assert abs(int(entry["Priority"]) - (BASELINE - seconds[entry["CallerIDNum"]])) <= 1


async def test_a_hung_server_holds_a_caller_for_half_a_second(start_pbx):
    let_go = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        let_go.set()
        writer.close()

    async with fastagi(hang) as address:
        pbx = start_pbx(cti_server=address)
        async with Stage(pbx) as stage:
            await stage.agent("101", answers_after=0.2)
            start = len(stage.ami.events)
            caller = await stage.caller("5550100", "+15550150")
            channel = await stage.channel(caller.call_id, "PJSIP/trunk-")
            came = await stage.ami.event("Newchannel", 5, start, Channel=channel)
            joined = await stage.ami.event("QueueCallerJoin", 5, start)
            held = float(joined["Timestamp"]) - float(came["Timestamp"])
            assert 0.4 < held < 0.8
            await asyncio.wait_for(let_go.wait(), 2)
            # the half second was the server's, not the call's
            await stage.ami.event("AgentConnect", 5, start)
            await asyncio.sleep(2)
            assert caller.running
            at = (await entered(pbx, "+15550150"))["+15550150"]
            [priority] = re.findall(r"QUEUE_PRIO=(\d+)", pbx.cli(f"core show channel {channel}"))
            assert int(priority) in {BASELINE - at, BASELINE - at + 1}


async def test_a_server_that_does_not_even_accept_holds_a_caller_briefly(start_pbx):
    """A full backlog: the kernel drops the request for a connection, as a firewall would."""
    with contextlib.ExitStack() as sockets:
        deaf = sockets.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        pbx = start_pbx(cti_server=f"127.0.0.1:{deaf.getsockname()[1]}")
        async with Stage(pbx) as stage:
            await stage.agent("101", answers_after=None)
            joined = await queued(stage, "+15550150")
            came = await stage.ami.event("Newchannel", 5, Channel=joined["Channel"])
            assert 0.4 < float(joined["Timestamp"]) - float(came["Timestamp"]) < 2.5


@pytest.mark.parametrize("rudeness", ["closes", "rubbish", "half a line"])
async def test_a_rude_server_does_no_harm(start_pbx, rudeness):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if rudeness == "rubbish":
            writer.write(b"\x00\xff GET / HTTP/1.1\n" * 50)
        if rudeness == "half a line":
            writer.write(b"SET VARIABLE QUEUE_PR")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with fastagi(serve) as address:
        pbx = start_pbx(cti_server=address)
        async with Stage(pbx) as stage:
            await stage.agent("101", answers_after=None)
            await queued(stage, "+15550150")
            [entry] = await waiting_line(stage.ami, "support")
            at = (await entered(pbx, "+15550150"))["+15550150"]
            assert abs(int(entry["Priority"]) - (BASELINE - at)) <= 1


async def test_the_answer_of_the_server_decides_the_order(start_pbx):
    asked: list[dict[str, str]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = {}
        while line := (await reader.readline()).decode().strip():
            key, _, value = line.partition(": ")
            request[key] = value
        asked.append(request)
        credit = 600 if request["agi_callerid"] == "+15550151" else 0
        writer.write(f'SET VARIABLE QUEUE_PRIO "{BASELINE - 1_790_000_000 + credit}"\n'.encode())
        assert (await reader.readline()).startswith(b"200 result=1")
        writer.close()

    async with fastagi(serve) as address:
        pbx = start_pbx(cti_server=address)
        async with Stage(pbx) as stage:
            await stage.agent("101", answers_after=None)
            for number in ("+15550150", "+15550151", "+15550152"):
                await queued(stage, number)
            line = await waiting_line(stage.ami, "support")
            assert [entry["CallerIDNum"] for entry in line] == ["+15550151", "+15550150", "+15550152"]
            assert int(line[0]["Priority"]) - int(line[1]["Priority"]) == 600
    assert [request["agi_arg_1"] for request in asked] == ["support"] * 3
    assert {request["agi_network_script"] for request in asked} == {"route"}
    assert all(request["agi_uniqueid"].startswith("tierline-") for request in asked)


async def test_who_was_not_served_is_reported(start_pbx):
    site = {
        "queues.conf": "[support](+)\nmaxlen=1\ntimeout=3\n",  # a withdrawal waits for the end of an offer
        "extensions.conf": "[globals](+)\nCTI_MAX_WAIT_support=4\n",
    }
    pbx = start_pbx(site=site)
    async with Stage(pbx) as stage:
        await stage.caller("5550100", "+15550150")
        said = await stage.ami.event("UserEvent", 10, UserEvent="CtiQueueResult")
        assert (said["Queue"], said["Status"]) == ("support", "JOINEMPTY")
        await stage.agent("101", answers_after=None)
        first = await queued(stage, "+15550151")
        start = len(stage.ami.events)
        await stage.caller("5550100", "+15550152")
        said = await stage.ami.event("UserEvent", 10, start, UserEvent="CtiQueueResult")
        assert (said["Queue"], said["Status"], said["CallerIDNum"]) == ("support", "FULL", "+15550152")
        said = await stage.ami.event("UserEvent", 10, start, UserEvent="CtiQueueResult", Status="TIMEOUT")
        assert said["Uniqueid"] == first["Uniqueid"]
        second = await queued(stage, "+15550153")
        withdrawn = {"Queue": "support", "Caller": second["Channel"], "WithdrawInfo": "callback"}
        await stage.ami.action("QueueWithdrawCaller", **withdrawn)
        said = await stage.ami.event("UserEvent", 10, start, UserEvent="CtiQueueResult", Status="WITHDRAW")
        assert said["Uniqueid"] == second["Uniqueid"]
        third = await queued(stage, "+15550154")
        await stage.ami.action("PlayDTMF", Channel=third["Channel"], Digit="1", Receive="true")
        said = await stage.ami.event("UserEvent", 10, start, UserEvent="CtiQueueResult", Status="KEY")
        assert said["Uniqueid"] == third["Uniqueid"]


async def test_a_recording_is_whole_has_sound_and_the_right_length(pbx):
    async with Stage(pbx) as stage:
        await stage.agent("101", answers_after=2.0)
        caller = await stage.caller("5550100", "+15550150", "José".encode("latin-1"))
        named = await stage.ami.event("UserEvent", 10, UserEvent="CtiRecording")
        await stage.ami.event("AgentConnect", 10)
        await asyncio.sleep(4)
        marker = pbx.monitor_dir / (named["Recording"] + ".done")
        assert not marker.exists()
        await caller.hang_up()
        for _ in range(30):
            if marker.exists():
                break
            await asyncio.sleep(0.1)
        assert marker.exists()
    assert named["Recording"].startswith(f"{named['Uniqueid']}-")
    lengths, loudest = [], []
    for who in ("customer", "agent"):
        with wave.open(str(pbx.monitor_dir / named["Recording"].replace(".wav", f".{who}.wav"))) as sound:
            lengths.append(sound.getnframes() / sound.getframerate())
            loudest.append(max(memoryview(sound.readframes(sound.getnframes())).cast("h")))
    seconds, other = lengths
    assert seconds == other
    closing = pbx.queue_log.read_text().splitlines()[-1].split("|")
    assert closing[4] == "COMPLETECALLER"
    assert abs(seconds - int(closing[6])) <= 1
    assert seconds == pytest.approx(4, abs=0.5)  # only talk: two seconds of ringing are not in it
    assert max(loudest) > 3000


async def test_no_file_is_named_by_the_caller(pbx):
    async with Stage(pbx) as stage:
        await stage.agent("101", answers_after=0.2)
        caller = await stage.caller("5550100", "..%2F..%2Fetc", '"; touch x; `id` ${SHELL(id)} ../../x')
        await stage.ami.event("AgentConnect", 10)
        await asyncio.sleep(1)
        await caller.hang_up()
        await asyncio.sleep(1)
    names = sorted(path.name for path in pbx.monitor_dir.iterdir())
    assert len(names) == 3
    assert all(
        re.fullmatch(r"tierline-\d+\.\d+-\d+(\.customer\.wav|\.agent\.wav|\.wav\.done)", name)
        for name in names
    )


async def test_the_events_account_sees_numbers_without_holes(pbx):
    """Calls, holds, keys, pauses, logins good and bad, and an AGI: nothing takes a number that is not sent."""
    async with (
        await AmiLine().open(pbx.host, pbx.ami_port, *pbx.events_account) as witness,
        Stage(pbx) as stage,
    ):
        await stage.agent("101", answers_after=0.3)
        with pytest.raises(AmiRefused):
            await AmiLine().open(pbx.host, pbx.ami_port, "cti-events", "wrong")
        for number in ("+15550150", "+15550151"):
            start = len(stage.ami.events)
            caller = await stage.caller("5550100", number)
            connected = await stage.ami.event("AgentConnect", 10, start)
            await stage.do(connected["DestChannel"], "hold")
            await asyncio.sleep(0.5)
            await stage.do(connected["DestChannel"], "resume")
            await stage.ami.action("PlayDTMF", Channel=connected["Channel"], Digit="5", Receive="true")
            await asyncio.sleep(0.5)
            await caller.hang_up()
        await stage.ami.action("QueuePause", Interface="PJSIP/101", Paused="true", Reason="ACW")
        await asyncio.sleep(6)  # an RTCP report or two
    numbers = sorted(int(event["SequenceNumber"]) for event in witness.events if "SequenceNumber" in event)
    assert len(numbers) > 60
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all("Timestamp" in event for event in witness.events if "SequenceNumber" in event)


async def test_the_accounts_may_do_what_they_are_for_and_no_more(pbx):
    async with (
        await AmiLine().open(pbx.host, pbx.ami_port, *pbx.events_account) as events,
        await AmiLine().open(pbx.host, pbx.ami_port, *pbx.actions_account, events="off") as actions,
    ):
        for account in (events, actions):
            for name, headers in (
                ("Command", {"Command": "core show version"}),
                ("GetConfig", {"Filename": "manager.conf"}),
                ("ModuleLoad", {"LoadType": "reload"}),
            ):
                with pytest.raises(AmiRefused, match="Permission denied"):
                    await account.action(name, **headers)
        for name in ("Originate", "Redirect", "QueuePause", "QueueAdd", "BlindTransfer"):
            with pytest.raises(AmiRefused, match="Permission denied"):
                await events.action(name)
        await events.action("Ping")
        await events.action("QueueStatus")
        with pytest.raises(AmiRefused, match="Permission denied"):
            await events.action("CoreShowChannels")
        await actions.action("QueuePause", Interface="PJSIP/101", Paused="true", Reason="ACW")
        await actions.action("QueueStatus")
        await actions.event("QueueStatusComplete", 5)
        await actions.action("CoreShowChannels")
        await actions.event("CoreShowChannelsComplete", 5)
        await events.event("QueueMemberPause", 5, PausedReason="ACW")
        assert not [event for event in actions.events if event["Event"] not in {"FullyBooted", *_ANSWERS}]


_ANSWERS = {"CoreShowChannelsComplete", "QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete"}


async def test_a_stranger_does_not_come_in(pbx):
    """Not from the trunk's address, not registered: no channel, no visit."""
    from tests.live.switch import SippCaller

    async with Stage(pbx) as stage:
        stranger = SippCaller(pbx, "5550100", "+15550150", ip="127.0.0.3")
        await stranger.start()
        await asyncio.sleep(2)
        assert not [event for event in stage.ami.events if event["Event"] == "Newchannel"]
        await stranger.stop()
    assert "ENTERQUEUE" not in pbx.queue_log.read_text()


async def test_browsers_find_their_socket_and_their_endpoint(pbx):
    for agent in ("105", "106"):
        shown = pbx.cli(f"pjsip show endpoint {agent}")
        assert re.search(r"webrtc\s+: yes", shown)
        assert re.search(r"dtls_auto_generate_cert\s+: Yes", shown)
        assert re.search(r"transport\s+: transport-ws", shown)
        assert re.search(r"remove_existing\s+: true", pbx.cli(f"pjsip show aor {agent}"))
    reader, writer = await asyncio.open_connection(pbx.host, pbx.http_port)
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    )
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 101")
    assert b"Sec-WebSocket-Protocol: sip" in answer


def test_nothing_shipped_fails_to_load(pbx):
    """Asterisk says what it did not like. Files for parts that are not configured are not missed."""
    optional = re.compile(r"(ccss|acl|udptl|pjproject|queuerules)\.conf|udptl config")
    bad = [
        line
        for line in pbx.messages.read_text().splitlines()
        if re.search(r"\b(ERROR|WARNING)\b", line) and not optional.search(line)
    ]
    assert bad == []
    assert "rrmemory" in pbx.cli("queue show support")


def test_an_overlay_overrides_what_is_shipped(start_pbx):
    pbx = start_pbx(
        systemname="second",
        site={
            "queues.conf": "[support](+)\nstrategy=linear\nmaxlen=7\n",
            "pjsip.conf": "[105](+type=endpoint,desk-phone)\n",
        },
    )
    assert "(max 7) in 'linear'" in pbx.cli("queue show support")
    assert re.search(r"webrtc\s+: no", pbx.cli("pjsip show endpoint 105"))
    assert re.search(r"System name:\s+second", pbx.cli("core show settings"))


def test_two_switches_side_by_side_and_one_that_dies(start_pbx):
    first, second = start_pbx(systemname="one"), start_pbx(systemname="two")
    first.kill()
    assert "two" in second.cli("core show settings")
    first.start_again()
    assert first.queue_log.read_text().count("QUEUESTART") == 2


def test_each_queue_name_has_a_way_in_and_nothing_else_does(pbx):
    """Asterisk's own extensions (h at a hang-up, i, t) must not be taken for a queue."""
    for name in ("support", "ab", "local-n", "q_2"):
        for context in ("tierline-queue", "tierline-wait"):
            assert "'_[a-zA-Z0-9][-_a-zA-Z0-9]!'" in pbx.cli(f"dialplan show {name}@{context}")
    for special in ("h", "i", "t", "s"):
        assert "There is no existence" in pbx.cli(f"dialplan show {special}@tierline-queue")
    assert "There is no existence" in pbx.cli("dialplan show support@from-trunk")
