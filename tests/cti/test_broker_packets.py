"""Our short way to publish and to read acknowledgements comes to what paho's own comes to, byte by byte."""

import paho.mqtt.client as paho
import pytest
from aiomqtt import ProtocolVersion
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cti.adapters.mqtt_client import Publication, _packed, _Paho

VERSIONS = [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5]
NUMBER = 0x1234
FORMS = {
    "taken": b"\x40\x02\x12\x34",
    "taken, with a reason": b"\x40\x03\x12\x34\x00",
    "taken, nobody listens": b"\x40\x03\x12\x34\x10",
    "taken, no properties": b"\x40\x04\x12\x34\x10\x00",
    "taken, with a property": b"\x40\x0b\x12\x34\x00\x07\x1f\x00\x04good",
    "refused": b"\x40\x03\x12\x34\x87",
    "refused, with a property": b"\x40\x0b\x12\x34\x97\x07\x1f\x00\x04full",
}


class Wire:
    """A socket that gives what it was given, piece by piece, and takes so many bytes at a time."""

    def __init__(self, *pieces: bytes, takes: int = 1 << 30) -> None:
        self.pieces, self.takes, self.sent = list(pieces), takes, b""

    def recv(self, size):
        if not self.pieces:
            raise BlockingIOError
        piece = self.pieces.pop(0)
        if piece[size:]:
            self.pieces.insert(0, piece[size:])
        return piece[:size]

    def send(self, data):
        self.sent += data[: self.takes]
        return len(data[: self.takes])

    def fileno(self):
        return -1

    def close(self):
        pass


def client(kind, wire, protocol=MQTTProtocolVersion.MQTTv5):
    made = kind(CallbackAPIVersion.VERSION2, protocol=protocol)
    made._sock = wire
    if kind is _Paho:
        made.unacknowledged = {}
    return made


@given(
    st.text(st.characters(exclude_characters="+#\0", exclude_categories=["Cs"]), min_size=1),
    st.binary(max_size=300)
    | st.sampled_from([b"x" * size for size in (127, 128, 16_383, 16_384, 3_000_000)]),
    st.booleans(),
    st.sampled_from([0, 60, 0xFFFF_FFFF]),
    st.sampled_from(VERSIONS),
)
def test_a_publication_is_packed_as_paho_packs_it(topic, payload, retain, expires, protocol):
    theirs, ours = Wire(), Wire()
    properties = None
    if expires and protocol is MQTTProtocolVersion.MQTTv5:
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = expires
    client(paho.Client, theirs, protocol).publish(topic, payload, 1, retain, properties)
    client(_Paho, ours, protocol).send([Publication(topic, payload, retain, expires)], [None])
    assert ours.sent == theirs.sent


@pytest.mark.parametrize("long", [Publication("t" * 65_536, b""), Publication("t", bytes(0x0FFF_FFFF))])
def test_what_mqtt_cannot_carry_is_said(long):
    with pytest.raises(ValueError, match="too long for MQTT"):
        _packed(long, 1, modern=True)


def test_many_go_in_one_piece_and_what_the_socket_does_not_take_goes_later():
    wire = Wire(takes=100)
    ours = client(_Paho, wire)
    numbers = ours.send([Publication(f"t/{number}", b"x" * 50) for number in range(5)], [None] * 5)
    whole = b"".join(part for at, number in enumerate(numbers)
                     for part in _packed(Publication(f"t/{at}", b"x" * 50), number, modern=True))  # fmt: skip
    assert wire.sent == whole
    assert len(set(numbers)) == 5


def test_numbers_still_in_use_are_passed_over():
    ours = client(_Paho, Wire())
    ours._last_mid = 65_534
    ours.unacknowledged = {1: None, 2: None}
    assert ours.send([Publication("t", b"")] * 3, [None] * 3) == [65_535, 3, 4]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("slices", [1, 2, 3, 100])
def test_an_acknowledgement_comes_to_the_same_however_it_is_cut(form, slices):
    """Three of them, the middle one of a publication that aiomqtt made; paho itself reads them one by one."""
    told = []
    stream = form + form.replace(b"\x12\x34", b"\x00\x07") + form.replace(b"\x12\x34", b"\x43\x21")
    ours = client(_Paho, Wire(*[stream[at : at + slices] for at in range(0, len(stream), slices)]))
    ours.unacknowledged = {NUMBER: lambda: told.append(NUMBER), 0x4321: lambda: told.append(0x4321), 9: None}
    message = paho.MQTTMessage(7, b"t")
    message.qos = 1
    ours._out_messages[7] = message
    while ours._sock.pieces:
        assert ours.loop_read() is MQTTErrorCode.MQTT_ERR_SUCCESS
    assert told == [NUMBER, 0x4321]
    assert list(ours.unacknowledged) == [9]
    assert message.info.is_published()


def test_a_broker_that_refuses_is_named_once(caplog):
    ours = client(_Paho, Wire(FORMS["refused"] + FORMS["refused"].replace(b"\x12\x34", b"\x00\x09")))
    ours.unacknowledged = {NUMBER: None, 9: None}
    ours.loop_read()
    assert (ours.refused, ours.unacknowledged) == (2, {})
    assert [record.getMessage() for record in caplog.records] == [
        "the broker refuses publications: reason 0x87 (MQTT 5, 3.4.2.1)"
    ]


def test_what_was_read_is_read_on_without_another_call():
    """The event loop calls when the socket has something, and all of it has been read by then."""
    told = []
    ours = client(_Paho, Wire(b"\xd0\x00" + FORMS["taken"] + b"\xd0\x00" + FORMS["refused"]))
    ours.unacknowledged = {NUMBER: lambda: told.append(1)}
    assert ours.loop_read() is MQTTErrorCode.MQTT_ERR_SUCCESS
    assert told == [1]
    assert ours._place == len(ours._read)


@pytest.mark.parametrize("end", [[b""], [FORMS["taken"], b""]])
def test_the_end_of_the_connection_is_noticed(end):
    wire = Wire(*end)
    wire.recv = lambda size: end.pop(0) if end else b""
    ours, ended = client(_Paho, wire), []
    ours.on_disconnect = lambda *told: ended.append(told)
    ours.unacknowledged = {NUMBER: None}
    while not ended:
        ours.loop_read()
    assert ours.loop_read() is MQTTErrorCode.MQTT_ERR_NO_CONN


def test_a_torn_one_is_refused():
    ours, ended = client(_Paho, Wire(b"\x40\x01\x12")), []
    ours.on_disconnect = lambda *told: ended.append(told)
    assert ours.loop_read() is not MQTTErrorCode.MQTT_ERR_SUCCESS
    assert ended


def test_the_versions_are_the_ones_aiomqtt_names():
    assert [ProtocolVersion.V311, ProtocolVersion.V5] == VERSIONS
