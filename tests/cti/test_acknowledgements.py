"""Our short way through a broker's acknowledgement comes to what paho's own comes to."""

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from cti.adapters.mqtt import _Paho

NUMBER = 0x1234
FORMS = {
    "taken": b"\x12\x34",
    "taken, with a reason": b"\x12\x34\x00",
    "taken, nobody listens": b"\x12\x34\x10",
    "taken, no properties": b"\x12\x34\x10\x00",
    "taken, with a property": b"\x12\x34\x00\x07\x1f\x00\x04good",
    "refused": b"\x12\x34\x87",
    "refused, with a property": b"\x12\x34\x97\x07\x1f\x00\x04full",
    "of no message we know": b"\x43\x21",
}


def acknowledged(kind, packet, command="PUBACK"):
    """What the client tells, and what it still waits for."""
    client, told = kind(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5), []
    client.on_publish = lambda _client, _data, number, reason, _properties: told.append(
        (number, reason.is_failure)
    )
    message = paho.MQTTMessage(NUMBER, b"cti/v1/pbx1/agents/1001/screen-pop")
    message.qos = 1
    client._out_messages[NUMBER] = message
    client._in_packet["packet"] = packet
    answer = client._handle_pubackcomp(command)
    return answer, told, list(client._out_messages), message.info.is_published()


@pytest.mark.parametrize("packet", FORMS.values(), ids=FORMS)
def test_it_comes_to_the_same(packet):
    assert acknowledged(_Paho, packet) == acknowledged(paho.Client, packet)


def test_what_is_known_is_told():
    """So that the comparison above compares something."""
    assert acknowledged(_Paho, FORMS["taken, nobody listens"])[1:] == ([(NUMBER, False)], [], True)
    assert acknowledged(_Paho, FORMS["refused"])[1] == [(NUMBER, True)]


@pytest.mark.parametrize("kind", [_Paho, paho.Client])
def test_a_torn_one_is_refused(kind):
    with pytest.raises(paho._packet.MalformedPacket):
        acknowledged(kind, b"\x12")
