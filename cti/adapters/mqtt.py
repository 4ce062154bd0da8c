"""Screen pops and live state on MQTT 5 topics. Topic names live here and nowhere else.

Under `cti/v1/{pbx}/`: `agents/{agent}/screen-pop` (QoS 1, not retained, expires), `agents/{agent}/screen-pop/ack` (from
the agent's program), `agents/{agent}/state` and `queues/{queue}/state` (retained), `calls/{id}/events` and
`agents/{agent}/events` (every change, QoS 1, at least once, in order), `service/status` (retained, last will). Ids are percent-encoded, so a `/` or `+` in one cannot leave its level.
"""

import asyncio
import logging
import random
import socket
from collections import deque
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import aiomqtt
import orjson
import paho.mqtt.client as paho
from aiomqtt import Client, MqttCodeError, MqttError, ProtocolVersion, Will
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cti.domain.changes import Published
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.ports import Changes

log = logging.getLogger(__name__)

POP_EXPIRY = 60
"""Seconds after which a pop nobody took is of no use."""
IN_FLIGHT = 64
"""How many publications may await their acknowledgement together; below every broker's default receive maximum."""
ACKNOWLEDGED_SECONDS = 10.0
"""A broker that takes longer has lost something: we come again, with all it did not acknowledge."""
CAPACITY = 10_000
"""Pops that wait for a broker that is away; beyond it the oldest go and are counted."""
NOTED_SECONDS = 1.0
"""How often it is noted which changes the broker has: what came after is told again by whoever comes next."""


class _Expiring(Properties):
    """Always the same properties, packed once: paho takes longer to make them than to send a message."""

    def __init__(self) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho is untyped here
        self.MessageExpiryInterval = POP_EXPIRY

    @cached_property
    def _packed(self) -> bytes:
        packed: bytes = super().pack()  # type: ignore[no-untyped-call]  # paho is untyped here
        return packed

    def pack(self) -> bytes:
        return self._packed


_EXPIRY = _Expiring()


class _Publication(NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    expires: bool = False


class _Sent(NamedTuple):
    publication: _Publication
    at: float  # by the event loop's clock
    number: int  # by which the broker acknowledges it


@lru_cache(maxsize=4096)
def topic_level(name: str) -> str:
    return quote(name, safe=" :@.-_~")


class _Paho(paho.Client):
    """paho's client, for whom the acknowledgement of a message that was taken is short work.

    paho makes a reason and a list of properties for each, which takes a third of all that a publication takes, and nobody
    reads them (ADR 0023). A refusal is its own to read.
    """

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        if cmd != "PUBACK" or len(packet) < 2 or (len(packet) > 2 and packet[2] >= _REFUSED):
            return super()._handle_pubackcomp(cmd)
        message = packet[0] << 8 | packet[1]
        with self._out_message_mutex:
            if message in self._out_messages:
                return self._do_on_publish(message, _ARRIVED, _NO_MORE)
        return MQTTErrorCode.MQTT_ERR_SUCCESS


_REFUSED = 0x80  # reasons from here on
_ARRIVED, _NO_MORE = ReasonCode(PacketTypes.PUBACK), Properties(PacketTypes.PUBACK)  # type: ignore[no-untyped-call]  # paho is untyped here


class _Client(Client):
    """aiomqtt's client, which can also send without waiting: a task and a timer a message cost thrice the sending."""

    def __init__(self, acknowledged: Callable[[], None], *given: Any, **named: Any) -> None:
        """Take what aiomqtt takes, and whom to tell when the broker acknowledged something."""
        super().__init__(*given, **named)
        self._client.__class__ = _Paho  # aiomqtt makes its own, and takes none
        self.unacknowledged: set[int] = set()  # numbers of what was sent by `send`
        theirs: Any = self._client.on_publish

        def on_publish(client: Any, data: Any, number: int, *told: Any) -> None:
            if number in self.unacknowledged:
                self.unacknowledged.remove(number)
                acknowledged()
            else:  # of one that somebody waits for
                theirs(client, data, number, *told)

        self._client.on_publish = on_publish

    def send(self, publication: _Publication, properties: Properties | None) -> _Sent:
        """Put it on the wire. Raises MqttError; that it arrived, only the acknowledgement tells."""
        told = self._client.publish(
            publication.topic, publication.payload, publication.qos, publication.retain, properties
        )
        if told.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise MqttCodeError(told.rc, "not sent")
        self.unacknowledged.add(told.mid)
        return _Sent(publication, self.now(), told.mid)

    def now(self) -> float:
        """By the event loop's clock."""
        return self._loop.time()


class MqttDesktop:
    """Agents' screens and whoever else listens, through a broker. Publishing never waits."""

    def __init__(
        self,
        url: str,
        pbx: PbxName,
        acknowledged: Callable[[AgentId, str], None],
        *,
        old_protocol: bool = False,
        changes: Changes | None = None,
    ) -> None:
        """`old_protocol`: MQTT 3.1.1, for the demo's own broker; it knows no expiry. `changes`: to be published too."""
        self._url, self._pbx, self._root = urlsplit(url), pbx, f"cti/v1/{topic_level(pbx)}"
        self._reader = f"mqtt {pbx}"
        self._changes = changes
        self._acknowledged = acknowledged
        self._protocol = ProtocolVersion.V311 if old_protocol else ProtocolVersion.V5
        self._pops: deque[_Publication] = deque()
        self._states: dict[
            str, _Publication
        ] = {}  # newest of each retained topic, for a broker that comes back
        self._changed: dict[str, _Publication] = {}
        self._sent: deque[_Sent] = deque()  # and perhaps not acknowledged, in order
        self._arrived = asyncio.Event()  # something to publish, or an acknowledgement
        self._told = 0  # sequence number of the last change the broker acknowledged
        self._noted = 0  # … that stands in the outbox's cursor
        self.connected = False
        self.published = 0
        self.lost = 0

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        topic = f"{self._root}/agents/{topic_level(agent)}/screen-pop"
        self._put(self._pops, _Publication(topic, orjson.dumps(pop), 1, retain=False, expires=True))

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/agents/{topic_level(agent)}/state", state)

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/queues/{topic_level(queue)}/state", state)

    def floor(self, snapshot: Mapping[str, Any]) -> None:
        """The wallboard's picture is for browsers; queues and agents have topics of their own."""

    def _put(self, outbox: deque[_Publication], publication: _Publication) -> None:
        if len(outbox) >= CAPACITY:
            outbox.popleft()
            self.lost += 1
        outbox.append(publication)
        self._arrived.set()

    def _retain(self, topic: str, state: Mapping[str, Any]) -> None:
        publication = _Publication(topic, orjson.dumps(state), 1, retain=True)
        if self._states.get(topic) != publication:
            self._states[topic] = self._changed[topic] = publication
            self._arrived.set()

    @property
    def backlog(self) -> int:
        """Publications the broker has not acknowledged."""
        return len(self._pops) + len(self._changed) + len(self._sent)

    @property
    def untold(self) -> int:
        """Changes the broker has not been told yet."""
        return 0 if self._changes is None else max(0, self._changes.last - self._told)

    async def run(self) -> None:
        """Keep connected until cancelled; after an absence the retained state is published anew."""
        pause = 0.1
        while True:
            try:
                async with self._client() as client:
                    pause = 0.1
                    self.connected = True
                    await self._serve(client)
            except* MqttError as problem:
                log.warning("broker lost: %s", problem.exceptions[0])
            finally:
                self.connected = False
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  jitter, not a secret
            pause = min(pause * 2, 10.0)

    def _client(self) -> _Client:
        secure = self._url.scheme == "mqtts"
        return _Client(
            self._arrived.set,
            self._url.hostname or "127.0.0.1",
            self._url.port or (8883 if secure else 1883),
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            protocol=self._protocol,
            will=Will(f"{self._root}/service/status", b'{"online":false}', qos=1, retain=True),
            tls_params=aiomqtt.TLSParameters() if secure else None,
            keepalive=15,
            socket_options=[
                (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ],  # else a pop waits 40 ms for an earlier one
            max_inflight_messages=0,  # we count ourselves: paho walks through all of them at each acknowledgement
        )

    async def _serve(self, client: _Client) -> None:
        await client.subscribe(f"{self._root}/agents/+/screen-pop/ack", qos=1)
        await client.publish(f"{self._root}/service/status", b'{"online":true}', qos=1, retain=True)
        self._changed = dict(self._states)
        self._arrived.set()
        async with asyncio.TaskGroup() as tasks:
            publishing = [tasks.create_task(self._publish(client)), tasks.create_task(self._insist(client))]
            if self._changes is not None:
                publishing.append(tasks.create_task(self._publish_changes(client, self._changes)))
            try:
                async for message in client.messages:
                    self._hear(message)
            finally:
                for task in publishing:
                    task.cancel()

    def _hear(self, message: aiomqtt.Message) -> None:
        """An acknowledgement `{"id": …}`; anything else is let go."""
        try:
            pop = orjson.loads(message.payload if isinstance(message.payload, bytes) else b"")["id"]
            agent = AgentId(unquote(message.topic.value.split("/")[4]))
        except (ValueError, KeyError, TypeError, IndexError):
            log.warning("an acknowledgement that says nothing came over MQTT")
            return
        if isinstance(pop, str):
            self._acknowledged(agent, pop)

    async def _publish(self, client: _Client) -> None:
        """In order, as many at a time as may be in flight: a pop waits for no other pop's acknowledgement."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                self._note_arrivals(client)
                while len(self._sent) < IN_FLIGHT and (self._pops or self._changed):
                    self._send_next(client)
        finally:
            self._take_back(client)

    async def _insist(self, client: _Client) -> None:
        """Raises MqttError when an acknowledgement is overdue."""
        while True:
            await asyncio.sleep(1.0)
            if self._sent and self._sent[0].at < client.now() - ACKNOWLEDGED_SECONDS:
                raise MqttError("acknowledgements do not come")

    def _note_arrivals(self, client: _Client) -> None:
        while self._sent and self._sent[0].number not in client.unacknowledged:
            self._sent.popleft()
            self.published += 1

    def _send_next(self, client: _Client) -> None:
        """The next pop, else the next state; it stays the next one when it cannot be sent."""
        publication = self._pops[0] if self._pops else next(iter(self._changed.values()))
        self._sent.append(client.send(publication, self._properties(publication)))
        if self._pops:
            self._pops.popleft()
        else:
            del self._changed[publication.topic]

    def _take_back(self, client: _Client) -> None:
        """The connection is gone: pops that may not have arrived are sent again; states are anyhow."""
        self._note_arrivals(client)
        again = [sent.publication for sent in self._sent if sent.publication.expires]
        self._pops.extendleft(reversed(again))
        self._sent.clear()

    async def _publish_changes(self, client: _Client, changes: Changes) -> None:
        """Every change since the last one the broker acknowledged: at least once, in order."""
        told = await changes.cursor(self._reader) or 0
        self._told = self._noted = told
        noting_at = 0.0
        async for some in changes.follow(told):
            mine = [change for change in some if change.pbx == self._pbx]
            for start in range(0, len(mine), IN_FLIGHT):
                *ahead, last = map(self._publication, mine[start : start + IN_FLIGHT])
                for publication in ahead:
                    client.send(publication, None)
                await client.publish(*last[:4])
            self._told = some[-1].sequence
            now = asyncio.get_running_loop().time()
            if now >= noting_at:
                noting_at = now + NOTED_SECONDS
                await self._note(changes)

    def _publication(self, change: Published) -> _Publication:
        if change.call is None:
            topic = f"{self._root}/agents/{topic_level(str(change.agent))}/events"
        else:
            topic = f"{self._root}/calls/{topic_level(change.call)}/events"
        return _Publication(topic, change.text, 1, retain=False)

    async def _note(self, changes: Changes) -> None:
        """What a store that is away does not note is told again by whoever comes next."""
        if self._told > self._noted:
            try:
                await changes.advance(self._reader, self._told)
            except Exception as problem:  # noqa: BLE001  whatever it is, changes go on
                log.warning("how far changes were published could not be noted: %s", type(problem).__name__)
            else:
                self._noted = self._told

    def _properties(self, publication: _Publication) -> Properties | None:
        return _EXPIRY if publication.expires and self._protocol is ProtocolVersion.V5 else None
