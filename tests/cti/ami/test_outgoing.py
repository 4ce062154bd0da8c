"""Nothing a value holds can become a second action."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.outgoing import action_bytes
from cti.domain.errors import UnsafeAction


def test_an_action():
    assert action_bytes([("Action", "Ping"), ("Name", "王")]) == "Action: Ping\r\nName: 王\r\n\r\n".encode()


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b", "\r\n", "x\r\nAction: Originate"])
def test_a_line_break_is_refused_and_not_quoted(bad):
    for fields in ([("Queue", bad)], [(bad, "x")]):
        with pytest.raises(UnsafeAction) as error:
            action_bytes([("Action", "Ping"), *fields])
        assert "Originate" not in str(error.value)


@pytest.mark.parametrize("key", ["", "A:B"])
def test_a_key_that_is_none(key):
    with pytest.raises(UnsafeAction):
        action_bytes([(key, "x")])


def test_asterisk_s_limits():
    assert action_bytes([("K", "v" * 1019)])
    with pytest.raises(UnsafeAction, match="1024"):
        action_bytes([("K", "v" * 1020)])
    with pytest.raises(UnsafeAction, match="1024"):
        action_bytes([("K", "王" * 400)])
    assert action_bytes([("K", "v")] * 128)
    with pytest.raises(UnsafeAction, match="128"):
        action_bytes([("K", "v")] * 129)
    with pytest.raises(UnsafeAction):
        action_bytes([("K", "\ud800")])


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_one_line_each_or_nothing(fields):
    try:
        sent = action_bytes(fields.items())
    except UnsafeAction:
        return
    assert sent.count(b"\r\n") == len(fields) + 1
    assert sent.count(b"\n") == sent.count(b"\r") == len(fields) + 1
