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
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import aiomqtt
import orjson
from aiomqtt import MqttError, ProtocolVersion, Will

from cti.adapters.mqtt_client import BrokerClient, Publication
from cti.domain.changes import Published
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.ports import Changes

log = logging.getLogger(__name__)

POP_EXPIRY = 60
"""Seconds after which a pop nobody took is of no use."""
IN_FLIGHT = 48
"""How many publications of a kind (pops, states, changes) may await their acknowledgement together."""
ACKNOWLEDGED_SECONDS = 10.0
"""A broker that takes longer has lost something: we come again, with all it did not acknowledge."""
CAPACITY = 10_000
"""Pops that wait for a broker that is away; beyond it the oldest go and are counted."""
NOTED_SECONDS = 1.0
"""How often it is noted which changes the broker has: what came after is told again by whoever comes next."""


class _Sent(NamedTuple):
    publication: Publication
    at: float  # by the event loop's clock
    number: int  # by which the broker acknowledges it


@lru_cache(maxsize=4096)
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
        old_protocol: bool = False,
        changes: Changes | None = None,
    ) -> None:
        """`old_protocol`: MQTT 3.1.1, for the demo's own broker; it knows no expiry. `changes`: to be published too."""
        self._url, self._pbx, self._root = urlsplit(url), pbx, f"cti/v1/{topic_level(pbx)}"
        self._reader = f"mqtt {pbx}"
        self._changes = changes
        self._acknowledged = acknowledged
        self._protocol = ProtocolVersion.V311 if old_protocol else ProtocolVersion.V5
        self._pops: deque[Publication] = deque()
        self._sent: deque[_Sent] = deque()  # pops, perhaps not acknowledged, in order
        self._arrived = asyncio.Event()  # a pop, or an acknowledgement of one
        self._states: dict[str, Publication] = {}  # newest of each topic, for a broker that comes back
        self._changed: dict[str, Publication] = {}  # … of those the broker has not
        self._telling = 0  # states under way
        self._altered = asyncio.Event()  # some state
        self._told = 0  # sequence number of the last change the broker acknowledged
        self._noted = 0  # … that stands in the outbox's cursor
        self.connected = False
        self.published = 0
        self.lost = 0

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        topic = f"{self._root}/agents/{topic_level(agent)}/screen-pop"
        if len(self._pops) >= CAPACITY:
            self._pops.popleft()
            self.lost += 1
        self._pops.append(Publication(topic, orjson.dumps(pop), expires=POP_EXPIRY))
        self._arrived.set()

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/agents/{topic_level(agent)}/state", state)

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None:
        self._retain(f"{self._root}/queues/{topic_level(queue)}/state", state)

    def floor(self, snapshot: Mapping[str, Any]) -> None:
        """The wallboard's picture is for browsers; queues and agents have topics of their own."""

    def _retain(self, topic: str, state: Mapping[str, Any]) -> None:
        publication = Publication(topic, orjson.dumps(state), retain=True)
        if self._states.get(topic) != publication:
            self._states[topic] = self._changed[topic] = publication
            self._altered.set()

    @property
    def backlog(self) -> int:
        """Publications the broker has not acknowledged."""
        return len(self._pops) + len(self._sent) + len(self._changed) + self._telling

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

    def _client(self) -> BrokerClient:
        secure = self._url.scheme == "mqtts"
        return BrokerClient(
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

    async def _serve(self, client: BrokerClient) -> None:
        await client.subscribe(f"{self._root}/agents/+/screen-pop/ack", qos=1)
        await client.publish(f"{self._root}/service/status", b'{"online":true}', qos=1, retain=True)
        self._changed = dict(self._states)
        self._arrived.set()
        self._altered.set()
        async with asyncio.TaskGroup() as tasks:
            work = [self._publish_pops(client), self._insist(), self._publish_states(client)]
            if self._changes is not None:
                work.append(self._publish_changes(client, self._changes))
            publishing = [tasks.create_task(one) for one in work]
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

    async def _publish_pops(self, client: BrokerClient) -> None:
        """In order, as many at a time as may be in flight: a pop waits for no other pop's acknowledgement."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                self._note_arrivals(client)
                self._send_pops(client)
        finally:
            self._take_back(client)

    async def _insist(self) -> None:
        """Raises MqttError when an acknowledgement is overdue."""
        while True:
            await asyncio.sleep(1.0)
            if self._sent and self._sent[0].at < asyncio.get_running_loop().time() - ACKNOWLEDGED_SECONDS:
                raise MqttError("acknowledgements do not come")

    def _note_arrivals(self, client: BrokerClient) -> None:
        while self._sent and self._sent[0].number not in client.unacknowledged:
            self._sent.popleft()
            self.published += 1

    def _send_pops(self, client: BrokerClient) -> None:
        """They stay the next ones when they cannot be sent."""
        if pops := list(islice(self._pops, IN_FLIGHT - len(self._sent))):
            now = asyncio.get_running_loop().time()
            numbers = client.send(pops, self._arrived.set)
            self._sent += (_Sent(pop, now, number) for pop, number in zip(pops, numbers, strict=True))
            for _ in pops:
                self._pops.popleft()

    def _take_back(self, client: BrokerClient) -> None:
        """The connection is gone: pops that may not have arrived are sent again."""
        self._note_arrivals(client)
        self._pops.extendleft(sent.publication for sent in reversed(self._sent))
        self._sent.clear()

    async def _publish_states(self, client: BrokerClient) -> None:
        """Some at a time; what changes more than once while they are under way is told once."""
        try:
            while True:
                await self._altered.wait()
                self._altered.clear()
                while states := list(islice(self._changed.values(), IN_FLIGHT)):
                    for state in states:
                        del self._changed[state.topic]
                    self._telling = len(states)
                    await client.deliver(states, ACKNOWLEDGED_SECONDS)
                    self.published += len(states)
                    self._telling = 0
        finally:
            self._telling = 0  # all are told anew

    async def _publish_changes(self, client: BrokerClient, changes: Changes) -> None:
        """Every change since the last one the broker acknowledged: at least once, in order."""
        told = await changes.cursor(self._reader) or 0
        self._told = self._noted = told
        noting_at = 0.0
        async for some in changes.follow(told):
            mine = [change for change in some if change.pbx == self._pbx]
            for start in range(0, len(mine), IN_FLIGHT):
                publications = [self._publication(change) for change in mine[start : start + IN_FLIGHT]]
                await client.deliver(publications, ACKNOWLEDGED_SECONDS)
            self._told = some[-1].sequence
            now = asyncio.get_running_loop().time()
            if now >= noting_at:
                noting_at = now + NOTED_SECONDS
                await self._note(changes)

    def _publication(self, change: Published) -> Publication:
        if change.call is None:
            topic = f"{self._root}/agents/{topic_level(str(change.agent))}/events"
        else:
            topic = f"{self._root}/calls/{topic_level(change.call)}/events"
        return Publication(topic, change.text)

    async def _note(self, changes: Changes) -> None:
        """What a store that is away does not note is told again by whoever comes next."""
        if self._told > self._noted:
            try:
                await changes.advance(self._reader, self._told)
            except Exception as problem:  # noqa: BLE001  whatever it is, changes go on
                log.warning("how far changes were published could not be noted: %s", type(problem).__name__)
            else:
                self._noted = self._told
