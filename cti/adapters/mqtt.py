"""Screen pops and live state on MQTT 5 topics. Topic names live here and nowhere else.

Under `cti/v1/{pbx}/`: `agents/{agent}/screen-pop` (QoS 1, not retained, expires), `agents/{agent}/screen-pop/ack` (from
the agent's program), `agents/{agent}/state` and `queues/{queue}/state` (retained), `calls/{id}/events`,
`service/status` (retained, last will). Ids are percent-encoded, so a `/` or `+` in one cannot leave its level.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import aiomqtt
import orjson
from aiomqtt import Client, MqttError, ProtocolVersion, Will
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cti.domain.identifiers import AgentId, CallId, PbxName, QueueName

log = logging.getLogger(__name__)

POP_EXPIRY = 60
"""Seconds after which a pop nobody took is of no use."""
IN_FLIGHT = 64
"""How many publications may await their acknowledgement together; below every broker's default receive maximum."""
CAPACITY = 10_000
"""Pops and call events that wait for a broker that is away; beyond it the oldest go and are counted."""


class _Publication(NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry: int | None


def topic_level(name: str) -> str:
    return quote(name, safe=" :@.-_~")


class MqttDesktop:
    """Agents' screens and whoever else listens, through a broker. Publishing never waits."""

    def __init__(
        self,
        url: str,
        pbx: PbxName,
        acknowledged: Callable[[AgentId, str], None],
        *,
        call_events: bool = True,
        old_protocol: bool = False,
    ) -> None:
        """`old_protocol`: MQTT 3.1.1, for the demo's own broker; it knows no expiry."""
        self._url, self._root = urlsplit(url), f"cti/v1/{topic_level(pbx)}"
        self._acknowledged, self._call_events, self._protocol = (
            acknowledged,
            call_events,
            ProtocolVersion.V311 if old_protocol else ProtocolVersion.V5,
        )
        self._outbox: deque[_Publication] = deque()
        self._states: dict[
            str, _Publication
        ] = {}  # newest of each retained topic, for a broker that comes back
        self._changed: dict[str, _Publication] = {}
        self._arrived = asyncio.Event()
        self.connected = False
        self.published = 0
        self.lost = 0

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        topic = f"{self._root}/agents/{topic_level(agent)}/screen-pop"
        self._put(_Publication(topic, orjson.dumps(pop), 1, retain=False, expiry=POP_EXPIRY))

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/agents/{topic_level(agent)}/state", state)

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/queues/{topic_level(queue)}/state", state)

    def call_event(self, call: CallId, event: Mapping[str, Any]) -> None:
        if self._call_events:
            topic = f"{self._root}/calls/{topic_level(call)}/events"
            self._put(_Publication(topic, orjson.dumps(event), 0, retain=False, expiry=None))

    def floor(self, snapshot: Mapping[str, Any]) -> None:
        """The wallboard's picture is for browsers; queues and agents have topics of their own."""

    def _put(self, publication: _Publication) -> None:
        if len(self._outbox) >= CAPACITY:
            self._outbox.popleft()
            self.lost += 1
        self._outbox.append(publication)
        self._arrived.set()

    def _retain(self, topic: str, state: Mapping[str, Any]) -> None:
        publication = _Publication(topic, orjson.dumps(state), 1, retain=True, expiry=None)
        if self._states.get(topic) != publication:
            self._states[topic] = self._changed[topic] = publication
            self._arrived.set()

    @property
    def backlog(self) -> int:
        return len(self._outbox) + len(self._changed)

    async def run(self) -> None:
        """Keep connected until cancelled; after an absence the retained state is published anew."""
        pause = 0.1
        while True:
            try:
                async with self._client() as client:
                    pause = 0.1
                    self.connected = True
                    await self._serve(client)
            except MqttError as problem:
                log.warning("broker lost: %s", problem)
            finally:
                self.connected = False
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  jitter, not a secret
            pause = min(pause * 2, 10.0)

    def _client(self) -> Client:
        secure = self._url.scheme == "mqtts"
        return Client(
            self._url.hostname or "127.0.0.1",
            self._url.port or (8883 if secure else 1883),
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            protocol=self._protocol,
            will=Will(f"{self._root}/service/status", b'{"online":false}', qos=1, retain=True),
            tls_params=aiomqtt.TLSParameters() if secure else None,
            keepalive=15,
            max_inflight_messages=IN_FLIGHT,
        )

    async def _serve(self, client: Client) -> None:
        await client.subscribe(f"{self._root}/agents/+/screen-pop/ack", qos=1)
        await client.publish(f"{self._root}/service/status", b'{"online":true}', qos=1, retain=True)
        self._changed = dict(self._states)
        self._arrived.set()
        async with asyncio.TaskGroup() as tasks:
            publishing = tasks.create_task(self._publish(client))
            try:
                async for message in client.messages:
                    self._hear(message)
            finally:
                publishing.cancel()

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

    async def _publish(self, client: Client) -> None:
        """In order; many at a time when many wait."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._outbox or self._changed:
                batch = [self._outbox.popleft() for _ in range(min(IN_FLIGHT, len(self._outbox)))]
                if not batch:
                    topics = list(self._changed)[:IN_FLIGHT]
                    batch = [self._changed.pop(topic) for topic in topics]
                try:
                    await asyncio.gather(*(self._send(client, publication) for publication in batch))
                except MqttError:
                    self._outbox.extendleft(reversed([p for p in batch if not p.retain]))
                    raise
                self.published += len(batch)

    async def _send(self, client: Client, publication: _Publication) -> None:
        properties = None
        if publication.expiry is not None and self._protocol is ProtocolVersion.V5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho is untyped here
            properties.MessageExpiryInterval = publication.expiry
        await client.publish(
            publication.topic,
            publication.payload,
            qos=publication.qos,
            retain=publication.retain,
            properties=properties,
        )
