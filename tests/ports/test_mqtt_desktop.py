"""Agents' screens through the real broker with the shipped rules."""

import asyncio
from contextlib import asynccontextmanager

import aiomqtt
import orjson
import pytest

from config.running import stop
from cti.adapters.mqtt import MqttDesktop, topic_level
from cti.domain.identifiers import AgentId, PbxName, QueueName
from tests.config.house import until
from tests.servers import Mosquitto

ROOT = "cti/v1/pbx1"


def url(broker: Mosquitto, name: str) -> str:
    return f"mqtt://{name}:{broker.ACCOUNTS[name]}@127.0.0.1:{broker.port}"


@asynccontextmanager
async def desktop(broker, acknowledged=lambda agent, pop: None):
    made = MqttDesktop(url(broker, "cti"), PbxName("pbx1"), acknowledged)
    running = asyncio.ensure_future(made.run())
    try:
        await until(lambda: made.connected)
        yield made
    finally:
        await stop([running])


def listener(broker, name):
    return aiomqtt.Client(
        "127.0.0.1",
        broker.port,
        username=name,
        password=broker.ACCOUNTS[name],
        protocol=aiomqtt.ProtocolVersion.V5,
    )


async def next_on(client, topic):
    async with asyncio.timeout(10):
        async for message in client.messages:
            if message.topic.value == topic:
                return message
    raise AssertionError(topic)


async def test_a_pop_reaches_its_agent_expires_and_comes_back_acknowledged(mosquitto):
    heard = []
    async with (
        desktop(mosquitto, lambda agent, pop: heard.append((agent, pop))) as screens,
        listener(mosquitto, "101") as anna,
    ):
        await anna.subscribe(f"{ROOT}/agents/101/screen-pop", qos=1)
        screens.show(AgentId("101"), {"id": "c/101", "name": "王小明"})
        message = await next_on(anna, f"{ROOT}/agents/101/screen-pop")
        assert orjson.loads(message.payload) == {"id": "c/101", "name": "王小明"}
        assert message.qos == 1
        assert not message.retain
        assert 0 < message.properties.MessageExpiryInterval <= 60
        for said in (b'{"id":"c/101"}', b"nonsense", b"[]", b'{"id":7}'):
            await anna.publish(f"{ROOT}/agents/101/screen-pop/ack", said, qos=1)
        await until(lambda: heard)
    assert heard == [("101", "c/101")]


async def test_state_is_retained_and_only_its_newest(mosquitto):
    async with desktop(mosquitto) as screens:
        for waiting in range(50):
            screens.queue_state(QueueName("support"), {"waiting": waiting})
        screens.state(AgentId("101"), {"state": "ready"})
        await until(lambda: screens.backlog == 0)
        async with listener(mosquitto, "wallboard") as wall:
            await wall.subscribe(f"{ROOT}/#", qos=1)
            message = await next_on(wall, f"{ROOT}/queues/support/state")
            assert message.retain
            assert orjson.loads(message.payload) == {"waiting": 49}


async def test_the_last_will_says_that_the_service_is_gone():
    with Mosquitto() as broker:
        async with listener(broker, "wallboard") as wall:
            await wall.subscribe(f"{ROOT}/service/status", qos=1)
            made = MqttDesktop(url(broker, "cti"), PbxName("pbx1"), lambda agent, pop: None)
            running = asyncio.ensure_future(made.run())
            assert (await next_on(wall, f"{ROOT}/service/status")).payload == b'{"online":true}'
            await stop([running])


async def test_pops_wait_in_order_for_a_broker_that_is_away_and_state_is_published_anew():
    with Mosquitto() as broker:
        async with desktop(broker) as screens:
            screens.state(AgentId("101"), {"state": "ready"})
            await until(lambda: screens.backlog == 0)
            await asyncio.to_thread(broker.kill)
            await until(lambda: not screens.connected)
            for number in range(5):
                screens.show(AgentId("101"), {"id": str(number)})
            await asyncio.to_thread(broker.start_again)
            async with listener(broker, "101") as anna:
                await anna.subscribe(f"{ROOT}/agents/101/state", qos=1)
                await until(lambda: screens.connected and screens.backlog == 0, 30)
                state = await next_on(anna, f"{ROOT}/agents/101/state")
                assert orjson.loads(state.payload) == {"state": "ready"}


class Forgetful:
    """A broker that lets everybody in and acknowledges the first publication of a connection only."""

    def __init__(self):
        self.published = []

    async def serve(self, reader, writer):
        mine = []
        self.published.append(mine)
        try:
            while True:
                kind, packet = await self.packet(reader)
                if kind == 0x10:
                    writer.write(b"\x20\x03\x00\x00\x00")
                elif kind == 0x80:
                    writer.write(b"\x90\x04" + packet[:2] + b"\x00\x01")
                elif kind == 0x30:
                    topic_end = 2 + int.from_bytes(packet[:2], "big")
                    mine.append(packet[2:topic_end].decode())
                    if len(mine) == 1:
                        writer.write(b"\x40\x02" + packet[topic_end : topic_end + 2])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @staticmethod
    async def packet(reader):
        kind, size, shift = (await reader.readexactly(1))[0] & 0xF0, 0, 0
        while True:
            byte = (await reader.readexactly(1))[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, await reader.readexactly(size)


@pytest.fixture
async def forgetful(monkeypatch):
    """The broker, and screens that are connected to it and wait for an acknowledgement no longer than a moment."""
    monkeypatch.setattr("cti.adapters.mqtt.ACKNOWLEDGED_SECONDS", 0.2)
    broker = Forgetful()
    async with await asyncio.start_server(broker.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        screens = MqttDesktop(f"mqtt://127.0.0.1:{port}", PbxName("pbx1"), lambda agent, pop: None)
        running = asyncio.ensure_future(screens.run())
        await until(lambda: screens.connected)
        yield broker, screens
        await stop([running])


async def told_twice(broker, topics):
    """The same on two connections, behind its sign of life."""
    await until(lambda: len(broker.published) > 1 and len(broker.published[1]) == 1 + len(topics))
    assert [told[1:] for told in broker.published[:2]] == [topics, topics]


async def test_a_broker_that_forgets_to_acknowledge_is_asked_again(forgetful):
    broker, screens = forgetful
    for agent in ("101", "102"):
        screens.show(AgentId(agent), {"id": f"c/{agent}"})
    await told_twice(broker, [f"{ROOT}/agents/{agent}/screen-pop" for agent in ("101", "102")])
    assert screens.backlog == 2


async def test_states_a_broker_does_not_acknowledge_are_told_anew(forgetful):
    broker, screens = forgetful
    for state in ("ready", "busy"):
        screens.state(AgentId("101"), {"state": state})
    screens.queue_state(QueueName("sales"), {"waiting": 1})
    assert screens.backlog == 2  # the newest of each
    await told_twice(broker, [f"{ROOT}/agents/101/state", f"{ROOT}/queues/sales/state"])
    assert screens.backlog == 2


@pytest.mark.parametrize("name", ["Agent/101", "a+b", "#", "张三", "a/../b", "$SYS"])
def test_a_name_never_leaves_its_level(name):
    level = topic_level(name)
    assert not set(level) & set("/+#")


def test_a_broker_that_stays_away_costs_a_bounded_amount():
    away = MqttDesktop("mqtt://127.0.0.1:1", PbxName("p"), lambda agent, pop: None)
    for number in range(12_000):
        away.show(AgentId("101"), {"id": str(number)})
    assert away.backlog == 10_000
    assert away.lost == 2_000
