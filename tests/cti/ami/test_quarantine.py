"""Frames that a caller helped to write are set aside; what Asterisk writes alone is not."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.framing import Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.quarantine import Gate, quarantine
from cti.adapters.ami.translation import READS

CLEAN = (
    b"Event: Newexten\r\nPrivilege: dialplan,all\r\nSequenceNumber: 4\r\nChannel: PJSIP/trunk-1\r\nCallerIDNum: 5\r\n"
    b"Exten: s\r\nUniqueid: u1\r\nLinkedid: u1\r\nChanVariable: A=1\r\nChanVariable: B=2\r\n"
    b"DestChanVariable: A=1\r\nDestChanVariable: B=2\r\nAppData: a:b\r"
)


def forged(at: bytes, text: bytes) -> bytes:
    """The text a caller managed to put behind the value of one header."""
    return re.sub(rb"(\n" + at + rb": [^\r]*)", lambda found: found[1] + text, CLEAN, count=1)


def test_clean_frames_pass_and_their_shape_is_learned():
    assert quarantine(CLEAN) is None
    gate = Gate()
    assert gate.reason(CLEAN, "Newexten") is None
    assert gate.reason(CLEAN.replace(b"u1", b"u2"), "Newexten") is None
    assert gate.reason(CLEAN.replace(b"\r\nExten: s", b""), "Newexten") is None


@pytest.mark.parametrize("at", [b"CallerIDNum", b"Exten", b"AppData", b"ChanVariable", b"DestChanVariable"])
@pytest.mark.parametrize(
    "text",
    [b"\r\nUniqueid: v", b"\nUniqueid: v", b"\r\nEvent: Hangup", b"\r\nnothing", b"\r\nAppData:", b"\r\n\rx"],
)
def test_a_caller_s_line_break_is_seen(at, text):
    gate = Gate()
    gate.reason(CLEAN, "Newexten")
    assert gate.reason(forged(at, text), "Newexten")
    assert quarantine(forged(at, text))


def test_what_the_session_always_had_is_required():
    gate = Gate()
    unnumbered = CLEAN.replace(b"SequenceNumber: 4\r\n", b"")
    assert gate.reason(unnumbered, "Newexten") is None
    gate.require(b"SequenceNumber")
    assert gate.reason(unnumbered, "Newexten") == "SequenceNumber is missing"
    assert gate.reason(CLEAN, "Newexten") is None


def test_the_reason_never_quotes_a_caller():
    assert quarantine(b"Event: A\r\n+4917012345: 1\r\n+4917012345: 1") == "a header occurs twice"


def test_many_shapes_are_not_remembered_for_ever():
    gate = Gate()
    for number in range(100):
        assert gate.reason(b"Event: A\r\nX%d: 1" % number, "A") is None
    assert len(gate._shapes["A"]) < 10


@given(st.text("\r\n: aE", max_size=30))
def test_the_learned_shape_never_disagrees_with_the_full_look(text):
    gate = Gate()
    gate.reason(CLEAN, "Newexten")
    frame = forged(b"CallerIDNum", text.encode())
    assert (gate.reason(frame, "Newexten") is None) == (quarantine(frame) is None)


TRACES = Path(__file__).parents[2] / "traces"


def looked_twice(gate, frame, name):
    """The values that are found once the frame's shape is known."""
    gate.look(frame, name)
    return gate.look(frame, name)[1]


def test_the_values_of_a_known_shape_are_those_read_header_by_header():
    found = 0
    for capture in sorted(TRACES.glob("*/ami.raw")):
        gate = Gate(READS)
        for frame in Framer().feed(capture.read_bytes()):
            message = Message.of(frame)
            if message is None or message.name not in READS or quarantine(frame):
                continue
            headers = READS[message.name]
            values = looked_twice(gate, frame, message.name)
            found += values is not None
            assert list(Message(frame, message.name, values=values).read(headers)) == message.read(headers)
    assert found > 1000


@given(
    st.text(" \t\\a¦ü<unknow>:1", max_size=20),
    st.sampled_from([b"\r\n", b"\n"]),
    st.sampled_from(["utf-8", "latin-1", "utf-16"]),
)
def test_whatever_stands_in_a_value_it_is_read_as_by_its_header(text, end, encoding):
    value = text.encode(encoding, "replace").replace(b"\r", b"").replace(b"\n", b"")
    reads = {"A": ("Timestamp", "CallerIDName", "Missing", "Last")}
    lines = [
        b"Event: A",
        b"Timestamp: 1.5",
        b"CallerIDName: %b",
        b"ChanVariable: a=b",
        b"ChanVariable: c=d",
        b"Last:%b",
    ]
    frame = end.join(lines) % (value, value)
    values = looked_twice(Gate(reads), frame, "A")
    found = Message(frame, "A", "gb18030", values)
    assert list(found.read(reads["A"])) == Message(frame, "A", "gb18030").read(reads["A"])
    folded = Message(frame.lower(), "A", folded=True)
    assert folded.read(("Timestamp", "Missing")) == ["1.5", ""]


def test_a_header_that_may_repeat_is_read_where_it_stands_first():
    frame = b"Event: VarSet\r\nTimestamp: 1\r\nVariable: a\r\nVariable: b\r"
    assert looked_twice(Gate({"VarSet": ("Timestamp", "Variable", "Value")}), frame, "VarSet") == (
        "1",
        "a",
        "",
    )
