"""aiomqtt's client for one who publishes a thousand times a second: many at a time on the wire, and as many acknowledgements read at once.

paho, under aiomqtt, sends each publication by itself, and takes three trips to the system and a dozen of objects to read
its acknowledgement: 28 us a publication here, of which this leaves 6 (ADR 0045). Everything else goes through the
libraries as ever: connecting, subscribing, pings, messages, TLS.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, cast

import paho.mqtt.client as paho
from aiomqtt import Client, MqttCodeError, MqttError
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

log = logging.getLogger(__name__)

_PUBLISH, _AT_LEAST_ONCE, _RETAIN = 0x30, 0x02, 0x01
_PUBACK = 0x40
_LONGEST_PUBACK = 4  # bytes behind the first two, of one without properties
_REFUSED = 0x80  # reasons from here on
_NO_PROPERTIES = b"\x00"
_EXPIRES = 0x02  # the property, four bytes of seconds
_AT_ONCE = 65_536  # bytes read
_MOST = 0x0FFF_FFFF  # bytes a packet may have

Told = Callable[[], object]


class Publication(NamedTuple):
    """To be delivered at least once. `expires`: seconds after which it is of no use, MQTT 5 only; 0 means never."""

    topic: str
    payload: bytes
    retain: bool = False
    expires: int = 0


class _Paho(paho.Client):
    """What has a number in `unacknowledged` is ours, and unknown to paho."""

    unacknowledged: dict[int, Told | None]  # number of a publication -> whom to tell
    refused = 0  # publications, by the broker
    _read = b""
    _place = 0  # in `_read`, of the next byte

    def send(self, publications: Sequence[Publication], tell: Sequence[Told | None]) -> Sequence[int]:
        """Put them on the wire in one piece, each with whom to tell of its acknowledgement; return their numbers.

        Raises MqttError when there is no wire.
        """
        numbers: list[int] = []
        packets: list[bytes] = []
        modern = self.protocol == MQTTProtocolVersion.MQTTv5
        for publication, told in zip(publications, tell, strict=True):
            number = self._free_number()
            self.unacknowledged[number] = told
            numbers.append(number)
            packets += _packed(publication, number, modern)
        packet = b"".join(packets)
        self._out_packet.append(
            {"command": _PUBLISH, "mid": 0, "qos": 1, "pos": 0, "to_process": len(packet), "packet": packet,
             "info": None}
        )  # fmt: skip
        outcome = self.loop_write()
        if outcome is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise MqttCodeError(outcome, "not sent")
        return numbers

    def _free_number(self) -> int:
        while (number := self._mid_generate()) in self.unacknowledged:
            pass
        return number

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """All that was read from the socket, too: nobody would call again for that."""
        outcome = super().loop_read(max_packets)
        while outcome is MQTTErrorCode.MQTT_ERR_SUCCESS and self._place < len(self._read):
            outcome = super().loop_read(max_packets)
        return outcome

    def _packet_read(self) -> MQTTErrorCode:
        if self._in_packet["command"] == 0:  # between two packets
            if self._place >= len(self._read):
                try:
                    self._fill()
                except BlockingIOError:
                    return MQTTErrorCode.MQTT_ERR_AGAIN
                except OSError:
                    pass  # paho meets it again, and says what it is
            if self._take_acknowledgements() and self._place >= len(self._read):
                return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super()._packet_read()

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._place >= len(self._read):
            self._fill()
        taken = self._read[self._place : self._place + bufsize]
        self._place += len(taken)
        return taken

    def _fill(self) -> None:
        self._read, self._place = super()._sock_recv(_AT_ONCE), 0

    def _take_acknowledgements(self) -> bool:
        """Those of ours that stand whole and plain in what was read, if any; paho reads every other."""
        read, begin, ours = self._read, self._place, self.unacknowledged
        place = begin
        while place + 4 <= len(read) and read[place] == _PUBACK:
            length = read[place + 1]
            number = read[place + 2] << 8 | read[place + 3]
            if number not in ours or not 2 <= length <= _LONGEST_PUBACK or place + 2 + length > len(read):
                break
            self._acknowledged(number, read[place + 4] if length > 2 else 0)
            place += 2 + length
        self._place = place
        return place > begin

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        number = packet[0] << 8 | packet[1] if len(packet) >= 2 else -1
        if cmd != "PUBACK" or number not in self.unacknowledged:
            return super()._handle_pubackcomp(cmd)
        self._acknowledged(number, packet[2] if len(packet) > 2 else 0)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _acknowledged(self, number: int, reason: int) -> None:
        if reason >= _REFUSED:
            self.refused += 1
            if self.refused == 1:  # of thousands, the first one says it
                log.warning("the broker refuses publications: reason %#04x (MQTT 5, 3.4.2.1)", reason)
        told = self.unacknowledged.pop(number)
        if told is not None:
            told()


class BrokerClient(Client):
    """aiomqtt's client, which can also send many and not wait for them."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take what aiomqtt takes."""
        super().__init__(*given, **named)
        self._client.__class__ = _Paho  # aiomqtt makes its own, and takes none
        self._paho = cast("_Paho", self._client)
        self._paho.unacknowledged = {}

    @property
    def unacknowledged(self) -> dict[int, Told | None]:
        """The numbers of publications the broker has not acknowledged."""
        return self._paho.unacknowledged

    def send(self, publications: Sequence[Publication], told: Told) -> Sequence[int]:
        """Put them on the wire and return their numbers; `told` of each acknowledgement. Raises MqttError when there is no wire."""
        return self._paho.send(publications, [told] * len(publications))

    async def deliver(self, publications: Sequence[Publication], seconds: float) -> None:
        """Return when the broker has acknowledged the last of them, and so all. Raises MqttError, after so many seconds too."""
        over = asyncio.Event()
        self._paho.send(publications, [*[None] * (len(publications) - 1), over.set])
        try:
            async with asyncio.timeout(seconds):
                await over.wait()
        except TimeoutError:
            raise MqttError("acknowledgements do not come") from None


def _packed(publication: Publication, number: int, modern: bool) -> tuple[bytes, ...]:
    """A PUBLISH packet of MQTT 3.1.1 or 5.0, section 3.3 of either. Raises ValueError when it is longer than there may be."""
    topic = publication.topic.encode()
    properties = b""
    if modern:
        seconds = publication.expires
        properties = bytes((5, _EXPIRES)) + seconds.to_bytes(4, "big") if seconds else _NO_PROPERTIES
    length = 4 + len(topic) + len(properties) + len(publication.payload)
    if len(topic) > 0xFFFF or length > _MOST:
        raise ValueError(f"too long for MQTT: a topic of {len(topic)} bytes, a packet of {length}")
    head = bytearray([_PUBLISH | _AT_LEAST_ONCE | (_RETAIN if publication.retain else 0)])
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return (
        bytes(head),
        len(topic).to_bytes(2, "big"),
        topic,
        number.to_bytes(2, "big"),
        properties,
        publication.payload,
    )
