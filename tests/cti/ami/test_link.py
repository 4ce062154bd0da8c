"""The link against a scripted peer: it comes back, it is whole or says where not, and nothing stops the reading."""

import asyncio
import contextlib
import time

import pytest

from cti.adapters.ami import connection, line
from cti.adapters.ami.connection import LinkState
from cti.domain import signals as s
from cti.domain.errors import SwitchUnreachable
from tests.cti.ami.conftest import until
from tests.cti.ami.peer import event
from tests.journals import Unwritten

CHANNEL = {
    "Channel": "PJSIP/trunk-1",
    "CallerIDNum": "5",
    "Uniqueid": "u1",
    "Linkedid": "u1",
    "Duration": "00:01:05",
}
WAITING = {
    "Queue": "support",
    "Position": 1,
    "Channel": "PJSIP/trunk-1",
    "Uniqueid": "u1",
    "CallerIDNum": "unknown",
}
MEMBER = {"Queue": "support", "Name": "101", "Location": "PJSIP/101", "Status": 1, "Paused": 0}


def kinds(told) -> list[str]:
    return [type(signal).__name__ for signal in told]


def hold(number: int, channel: str = "u1") -> bytes:
    return event("Hold", number, Channel="PJSIP/trunk-1", Uniqueid=channel, Linkedid=channel)


async def test_login_snapshot_then_what_happened_meanwhile(peer, start_link):
    peer.channels = [CHANNEL]
    peer.queue_items = [
        ("QueueParams", {"Queue": "support"}),
        ("QueueMember", MEMBER),
        ("QueueEntry", WAITING | {"Wait": 65, "Priority": 7}),
    ]
    peer.after_login = hold(10)  # in one read with the answer to the login
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(11, "u2"))
    await until(lambda: len(told) == 5)
    assert kinds(told) == ["SwitchBooted", "SnapshotTaken", "LinkRestored", "ChannelHeld", "ChannelHeld"]
    snapshot = told[1]
    assert snapshot.at == 1795311240.25  # the switch's own clock
    assert [(c.channel, c.seconds) for c in snapshot.channels] == [("u1", 65.0)]
    assert [(c.channel, c.priority, c.waited, c.number) for c in snapshot.callers] == [("u1", 7, 65.0, None)]
    assert [(m.agent, m.interface) for m in snapshot.members] == [("101", "PJSIP/101")]
    assert told[0].uptime == 100.0
    assert link.reason == ""
    assert peer.said[0]["Events"] in ("on", "off")
    assert {said["Events"] for said in peer.asked("Login")} == {"on", "off"}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11])
async def test_in_slices(peer, start_link, size):
    peer.slice = size
    peer.channels = [CHANNEL] * 3
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(event("Hold", 1, Channel="PJSIP/王-1", Uniqueid="u1") + hold(2))
    await until(lambda: len(told) == 5)
    assert kinds(told)[3:] == ["ChannelHeld", "ChannelHeld"]
    assert len(told[1].channels) == 3
    assert (link.traffic.malformed, link.traffic.quarantined) == (0, 0)


async def test_cut_at_every_byte(peer, start_link, monkeypatch):
    """The connection dies after each byte of an event in turn: never half an event, and always back."""
    monkeypatch.setattr(line, "SLOWEST_RETRY", 0.001)
    link, told = start_link()
    frame = hold(1)
    for length in range(len(frame)):
        await until(lambda: link.state is LinkState.UP)
        await peer.tell(frame[:length])
        peer.drop()
        await until(lambda: kinds(told).count("LinkLost") > length)  # noqa: B023  awaited within the same turn of the loop
    await until(lambda: link.state is LinkState.UP)
    assert "ChannelHeld" not in kinds(told)
    losses = len(frame)
    assert kinds(told).count("LinkLost") == losses
    assert kinds(told).count("LinkRestored") == losses + 1
    assert 0 < link.traffic.cut <= losses


async def test_a_half_open_peer_is_noticed(peer, start_link):
    link, told = start_link(ping_seconds=0.05)
    await until(lambda: link.state is LinkState.UP)
    peer.mute = True
    start = time.monotonic()
    await until(lambda: "LinkLost" in kinds(told))
    assert time.monotonic() - start < 2.0  # as it was asked to, not after the usual ten seconds
    assert "silent" in told[-1].reason
    assert link.state is LinkState.DOWN
    with pytest.raises(SwitchUnreachable):
        await asyncio.wait_for(link.switch.pause("PJSIP/101", True, "ACW"), 5)
    peer.mute = False
    await until(lambda: link.state is LinkState.UP, 12)


async def test_an_idle_link_is_kept(peer, start_link):
    link, told = start_link(ping_seconds=0.03)
    await until(lambda: len(peer.asked("Ping")) > 12)
    assert kinds(told) == ["SwitchBooted", "SnapshotTaken", "LinkRestored"]
    assert link.traffic.reconnects == 0


async def test_an_idle_link_that_lasted_is_come_back_to_at_once(peer, start_link, monkeypatch):
    longest = []
    monkeypatch.setattr(line, "_uniform", lambda _, most: longest.append(most) or 0.0)
    link, _ = start_link(ping_seconds=0.4)
    for losses in range(3):
        await until(lambda losses=losses: link.traffic.reconnects == losses and link.state is LinkState.UP)
        await asyncio.sleep(0.6)  # between the first look and the second
        peer.drop()
    await until(lambda: link.traffic.reconnects == 3)
    assert set(longest) == {line.FIRST_RETRY}


async def test_a_refused_login_is_a_state_and_not_a_loop(peer, start_link):
    link, told = start_link(secret="wrong")
    await until(lambda: link.state is LinkState.LOGIN_REFUSED)
    await asyncio.sleep(0.5)
    assert len([said for said in peer.asked("Login") if said["Username"] == "hears"]) == 1
    assert "CTI_AMI__USERNAME" in link.reason
    assert "wrong" not in link.reason
    assert told == []
    assert link.since > 0


async def test_a_refused_login_is_tried_again_slowly(peer, start_link, monkeypatch):
    monkeypatch.setattr(line, "REFUSED_RETRY", 0.1)
    link, _ = start_link(secret="new")
    await until(lambda: link.state is LinkState.LOGIN_REFUSED)
    peer.secrets["hears"] = "new"
    await until(lambda: link.state is LinkState.UP)


async def test_a_refused_actions_account_is_reported_while_events_flow(peer, start_link):
    peer.secrets["asks"] = "other"
    link, told = start_link()
    await until(lambda: peer.events)
    await peer.tell(hold(1))
    await until(lambda: "ChannelHeld" in kinds(told))
    assert link.state is LinkState.LOGIN_REFUSED
    assert "asks" in link.reason
    assert "LinkRestored" not in kinds(told)


async def test_coming_back_fast_then_slower(peer, start_link, monkeypatch):
    pauses: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        pauses.append((low, high))
        return 0.0

    monkeypatch.setattr(line, "_uniform", draw)
    _, told = start_link()
    await until(lambda: "LinkRestored" in kinds(told))
    await peer.stop()
    await until(lambda: len(pauses) > 40)
    events = pauses[::2]
    assert events[0] == (0, 0.1)
    assert max(pauses) == (0, 10.0)
    assert {low for low, _ in pauses} == {0}


async def test_a_cut_is_mended_in_half_a_second(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    took = []
    for restored in (2, 3, 4):  # a busy machine may hold up one of them
        start = time.monotonic()
        peer.drop()
        await until(lambda: kinds(told).count("LinkRestored") == restored)  # noqa: B023  awaited within the same turn of the loop
        took.append(time.monotonic() - start)
    assert min(took) < 0.5
    assert kinds(told)[3:] == ["LinkLost", "SwitchBooted", "SnapshotTaken", "LinkRestored"] * 3


async def test_a_gap_is_told_and_a_snapshot_follows(peer, start_link, monkeypatch):
    monkeypatch.setattr(connection, "SNAPSHOT_PAUSE", 0.01)
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(10) + hold(13))
    await until(lambda: kinds(told).count("SnapshotTaken") == 2)
    assert kinds(told)[3:] == ["ChannelHeld", "ChannelHeld", "MessagesMissed", "SnapshotTaken"]
    assert told[5][1:] == (11, 12)
    assert (link.traffic.gaps, link.traffic.missed) == (1, 2)


async def test_holes_by_configuration_do_not_ask_for_snapshots_for_ever(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(b"".join(hold(number) for number in range(0, 1000, 5)))
    await until(lambda: link.traffic.gaps == 199)
    assert kinds(told).count("MessagesMissed") <= 60


async def test_a_forged_frame_is_confirmed_by_a_snapshot(peer, start_link, monkeypatch):
    monkeypatch.setattr(connection, "SNAPSHOT_PAUSE", 0.01)
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(event("Hangup", 10, CallerIDName="x\r\nUniqueid: victim", Uniqueid="u1", Channel="c"))
    await until(lambda: kinds(told).count("SnapshotTaken") == 2)
    assert "ChannelClosed" not in kinds(told)
    assert link.traffic.quarantined == 1
    assert b"victim" in link.traffic.kept[-1].frame


async def test_a_forged_number_in_a_list_touches_nobody(peer, start_link):
    """What a caller wrote into a list item is asked for again, or left out; what the switch wrote stays."""
    peer.channels = [
        {
            "Channel": "PJSIP/trunk-1",
            "CallerIDNum": "5\r\nUniqueid: victim",
            "Uniqueid": "u1",
            "Linkedid": "u1",
        },
        CHANNEL | {"Uniqueid": "u2"},
    ]
    peer.queue_items = [
        (
            "QueueEntry",
            WAITING | {"CallerIDNum": "5\r\nPriority: 99\r\nUniqueid: victim", "Wait": 9, "Priority": 3},
        )
    ]
    peer.replies["Getvar"] = lambda said: (
        f"Response: Success\r\nActionID: {said['ActionID']}\r\nVariable: {said['Variable']}\r\nValue: u1\r\n\r\n".encode()
    )
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    snapshot = next(signal for signal in told if isinstance(signal, s.SnapshotTaken))
    assert [(c.channel, c.name) for c in snapshot.channels] == [
        ("u1", "PJSIP/trunk-1"),
        ("u2", "PJSIP/trunk-1"),
    ]
    assert [(c.channel, c.waited, c.priority) for c in snapshot.callers] == [("u1", 9.0, 3)]


async def test_garbage_stops_nothing(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(b"\xff\x00\r\n\r\n:::\r\n\r\nEvent\r\n\r\nEvent:\r\n\r\n" + hold(1))
    await until(lambda: "ChannelHeld" in kinds(told))
    assert link.traffic.malformed == 3
    assert link.state is LinkState.UP


async def test_a_frame_without_end_resets_the_connection(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    with contextlib.suppress(ConnectionError):
        await peer.tell(b"Event: Hold\r\nX: " + b"x" * (17 << 20))
    await until(lambda: kinds(told).count("LinkRestored") == 2)
    assert next(signal for signal in told if isinstance(signal, s.LinkLost)).reason == "a frame had no end"
    assert link.traffic.cut == 1


async def test_errors_in_what_listens_stay_there(peer, start_link, caplog):
    heard: list[str] = []

    def hear(signal) -> None:
        heard.append(type(signal).__name__)
        if isinstance(signal, s.ChannelHeld):
            raise ValueError(f"+4917012345 {signal}")

    link, _ = start_link(hear=hear)
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(1) + hold(2) + event("Unhold", 3, Channel="c", Uniqueid="u1"))
    await until(lambda: "ChannelRetrieved" in heard)
    assert link.traffic.failures == 2
    assert link.state is LinkState.UP
    assert "ChannelHeld failed: ValueError at" in caplog.text
    assert "+4917012345" not in caplog.text


async def test_errors_in_translation_stay_there(peer, start_link):
    def translate(message, at):
        if message.get("Uniqueid") == "bad":
            raise ZeroDivisionError
        return (s.ChannelHeld(at, message.get("Uniqueid")),)

    link, told = start_link(translate=translate)
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(1, "bad") + hold(2, "good"))
    await until(lambda: "ChannelHeld" in kinds(told))
    assert told[-1].channel == "good"
    assert link.traffic.failures == 1


async def test_no_snapshot_means_not_restored_and_it_is_tried_again(peer, start_link):
    peer.replies["QueueStatus"] = lambda said: (
        f"Response: Error\r\nActionID: {said['ActionID']}\r\nMessage: Invalid/unknown command\r\n\r\n".encode()
    )
    link, told = start_link()
    await until(lambda: "no snapshot" in link.reason)
    assert link.state is LinkState.SYNCHRONISING
    await peer.tell(hold(1))
    await until(lambda: "ChannelHeld" in kinds(told))
    assert "LinkRestored" not in kinds(told)
    del peer.replies["QueueStatus"]
    await until(lambda: link.state is LinkState.UP)
    assert link.reason == ""


async def test_an_account_without_the_system_class_works(peer, start_link):
    peer.boots = False
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    assert kinds(told) == ["SnapshotTaken", "LinkRestored"]


async def test_the_switch_says_it_goes(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(event("Shutdown", 5, Shutdown="Cleanly", Restart="False"))
    await asyncio.sleep(0.05)
    peer.drop()
    await until(lambda: "LinkLost" in kinds(told))
    assert next(signal for signal in told if isinstance(signal, s.LinkLost)).reason == "the switch shut down"


async def test_all_that_is_told_is_journalled_in_its_order(peer, start_link):
    journal = Unwritten()
    link, told = start_link(journal=journal)
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(1) + event("Newstate", 2) + hold(3))
    await until(lambda: kinds(told).count("ChannelHeld") == 2)
    written = [entry[0] if entry[0] != "signal" else type(entry[1]).__name__ for entry in journal.told]
    assert written == [
        "held",
        "SwitchBooted",
        "SnapshotTaken",
        "LinkRestored",
        "released",
        "message",
        "message",
    ]
    assert [entry[1].rstrip() for entry in journal.told[-2:]] == [hold(1)[:-4], hold(3)[:-4]]


async def test_the_lag_is_known(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    assert link.lag == 0.0
    await peer.tell(event("Hold", 1, time.time() - 30, Channel="c", Uniqueid="u"))
    await until(lambda: "ChannelHeld" in kinds(told))
    assert 29 < link.lag < 32


async def test_where_numbers_have_holes_gaps_need_not_be_watched(peer, start_link):
    link, told = start_link(watch_gaps=False)
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(10) + hold(13))
    await until(lambda: link.traffic.gaps == 1)
    await asyncio.sleep(0.05)
    assert kinds(told)[3:] == ["ChannelHeld", "ChannelHeld"]


async def test_a_peer_that_does_not_read_is_no_memory_leak(peer, start_link):
    link, _ = start_link()
    await until(lambda: link.state is LinkState.UP)
    peer.actions[0].transport.pause_reading()
    waiting = asyncio.gather(
        *(link.switch.ask("Getvar", {"Variable": "x" * 900}) for _ in range(20_000)), return_exceptions=True
    )
    await asyncio.sleep(0.5)
    protocol = link._actions.protocol
    assert protocol._transport.get_write_buffer_size() < 2 << 20
    peer.drop()
    refused = {
        str(error).partition(".")[2].strip()
        for error in await waiting
        if isinstance(error, SwitchUnreachable)
    }
    assert "It does not read what is sent." in refused
