"""What a header says, read from the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.message import Message

FRAME = (
    b"Event: AgentCalled\r\nPrivilege: agent,all\r\nTimestamp: 1795311238.119634\r\nSequenceNumber: 222\r\n"
    b"Queue: support\r\nDestCallerIDName: O\\'Neil\r\nUniqueid: tl-1.7\r\nLastCall: 0\r"
)


def test_headers_times_and_numbers():
    message = Message(FRAME, "AgentCalled")
    assert message.get("Event") == "AgentCalled"
    assert message.get("Queue") == "support"
    assert message.get("Uniqueid") == "tl-1.7"
    assert message.get("DestCallerIDName") == "O'Neil"
    assert message.get("LastCall") == "0"
    assert message.get("queue") is None
    assert message.at == 1795311238.119634
    assert message.sequence == 222
    assert not message.misdecoded
    assert dict(message.items())["DestCallerIDName"] == "O'Neil"


@pytest.mark.parametrize(
    ("stamp", "at"), [(b"x", None), (b"", None), (b"nan", None), (b"inf", None), (b"7.5", 7.5)]
)
def test_a_time_that_is_none(stamp, at):
    assert Message(b"Event: A\r\nTimestamp: " + stamp, "A").at == at


def test_the_first_of_several_counts():
    message = Message(b"Event: A\r\nX: 1\r\nY: 2\r\nX: 3", "A")
    assert message.get("X") == "1"
    assert message.all("X") == ["1", "3"]
    assert message.all("Z") == []
    assert message.all("Event") == ["A"]


def test_the_fallback_is_chosen_per_link():
    frame = b"Event: A\r\nCallerIDName: " + "王小明".encode("gb18030")
    chinese = Message(frame, "A", "gb18030")
    assert chinese.get("CallerIDName") == "王小明"
    assert chinese.misdecoded
    broken = Message(b"Event: A\r\nCallerIDName: \xff\xe9", "A", "gb18030")
    assert broken.get("CallerIDName") == "ÿé"


def test_a_waiting_caller_s_name_is_not_escaped():
    assert Message(b"Event: QueueEntry\r\nCallerIDName: a\\nb", "QueueEntry").get("CallerIDName") == "a\\nb"


@given(st.text())
def test_what_asterisk_escapes_comes_back(name):
    table = str.maketrans(
        {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
        | {letter: "\\" + letter for letter in "\\'\"?"}
    )
    frame = (
        b"Event: A\r\nCallerIDName: " + name.translate(table).encode("utf-8", "replace") + b"\r\nUniqueid: 1"
    )
    message = Message(frame, "A")
    plain = "".join(
        letter for letter in name if letter == "\t" or not (ord(letter) < 32 or 127 <= ord(letter) < 160)
    )
    if name != "<unknown>":
        assert message.get("CallerIDName") == plain.encode("utf-8", "replace").decode()
    assert message.get("Uniqueid") == "1"


@given(st.binary())
def test_any_bytes_can_be_read(frame):
    message = Message.of(frame)
    for key, value in message.items() if message else ():
        message.get(key)
        assert value is None or value.replace("\t", "") == "".join(
            c for c in value if ord(c) >= 32 and c != "\x7f"
        )
    Message(frame, "A").at  # noqa: B018  reading it is the test
    assert "secret" not in repr(Message(frame + b"\r\nX: secret", "A"))
