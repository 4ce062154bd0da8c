"""The shipped broker files on the real Mosquitto: who may hear and say what."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from tests.servers import CONFIG, Mosquitto

HOST = "127.0.0.1"
EVERYTHING = "cti/v1/#"


def client(broker: Mosquitto, user: str, password: str | None = None) -> aiomqtt.Client:
    return aiomqtt.Client(
        HOST,
        broker.port,
        username=user,
        password=broker.ACCOUNTS[user] if password is None else password,
        protocol=aiomqtt.ProtocolVersion.V5,
    )


async def heard(broker: Mosquitto, user: str, topic: str, publish: list[str]) -> list[str]:
    """Which of the topics the server publishes on reach a user who subscribes to `topic`."""
    async with client(broker, "cti") as server, client(broker, user) as listener:
        await listener.subscribe(topic, qos=1)
        for name in publish:
            await server.publish(name, b"{}", qos=1)
        await server.publish(f"cti/v1/pbx/agents/{user}/state", b"last", qos=1)
        await server.publish("cti/v1/pbx/service/status", b"last", qos=1)
        topics: list[str] = []
        async with asyncio.timeout(5):
            async for message in listener.messages:
                if message.payload == b"last":
                    return topics
                topics.append(message.topic.value)
    raise AssertionError


POPS = ["cti/v1/pbx/agents/101/screen-pop", "cti/v1/pbx/agents/102/screen-pop"]


async def test_an_agent_hears_own_pops_and_no_one_elses(mosquitto: Mosquitto) -> None:
    assert await heard(mosquitto, "101", EVERYTHING, POPS) == POPS[:1]
    assert await heard(mosquitto, "102", EVERYTHING, POPS) == POPS[1:]


async def test_an_agent_hears_neither_queues_nor_calls(mosquitto: Mosquitto) -> None:
    others = [
        "cti/v1/pbx/queues/support/state",
        "cti/v1/pbx/calls/pbx:1.2/events",
        "cti/v1/pbx/agents/102/state",
    ]
    assert await heard(mosquitto, "101", EVERYTHING, others) == []


async def test_a_wallboard_hears_queues_and_no_agents(mosquitto: Mosquitto) -> None:
    published = [*POPS, "cti/v1/pbx/queues/support/state", "cti/v1/pbx/calls/pbx:1.2/events"]
    assert await heard(mosquitto, "wallboard", EVERYTHING, published) == ["cti/v1/pbx/queues/support/state"]


async def said(broker: Mosquitto, user: str, publish: list[str]) -> list[str]:
    """Which topics the server hears from a user who tries to publish on each."""
    async with client(broker, "cti") as server, client(broker, user) as speaker:
        await server.subscribe(EVERYTHING, qos=1)
        for name in publish:
            # MQTT 5 tells the refused; paho logs that and goes on.
            await speaker.publish(name, b"{}", qos=1)
        await server.publish("cti/v1/pbx/service/status", b"last", qos=1)
        topics: list[str] = []
        async with asyncio.timeout(5):
            async for message in server.messages:
                if message.payload == b"last":
                    return topics
                if not message.retain:
                    topics.append(message.topic.value)
    raise AssertionError


async def test_an_agent_says_own_acknowledgements_and_nothing_else(mosquitto: Mosquitto) -> None:
    own = "cti/v1/pbx/agents/101/screen-pop/ack"
    forged = [
        "cti/v1/pbx/agents/102/screen-pop/ack",
        "cti/v1/pbx/agents/101/screen-pop",
        "cti/v1/pbx/agents/101/state",
        "cti/v1/pbx/queues/support/state",
        "cti/v1/pbx/service/status",
    ]
    assert await said(mosquitto, "101", [*forged, own]) == [own]


@pytest.mark.parametrize(("user", "password"), [("101", "agent-102"), ("101", ""), ("nobody", "agent-101")])
async def test_strangers_are_refused(mosquitto: Mosquitto, user: str, password: str) -> None:
    with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authori[sz]ed"):
        async with client(mosquitto, user, password):
            pass


async def test_anonymous_strangers_are_refused(mosquitto: Mosquitto) -> None:
    with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authori[sz]ed"):
        async with aiomqtt.Client(HOST, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5):
            pass


async def test_retained_states_and_accounts_survive_a_restart() -> None:
    with Mosquitto() as broker:
        async with client(broker, "cti") as server:
            await server.publish("cti/v1/pbx/queues/support/state", b"3 waiting", qos=1, retain=True)
        broker.halt()
        broker.start_again()
        async with client(broker, "wallboard") as wallboard, asyncio.timeout(5):
            await wallboard.subscribe("cti/v1/pbx/queues/+/state")
            message = await anext(aiter(wallboard.messages))
    assert message.payload == b"3 waiting"


async def test_who_reads_every_change_and_was_away_finds_thousands_of_them(mosquitto: Mosquitto) -> None:
    """What came while the broker was out of reach comes at once; a slow reader is one who is away for a moment."""
    changes, topic = 5000, "cti/v1/pbx/calls/pbx:1.2/events"

    def reader() -> aiomqtt.Client:
        return aiomqtt.Client(
            HOST,
            mosquitto.port,
            username="cti",
            password=mosquitto.ACCOUNTS["cti"],
            identifier="reads-every-change",
            clean_session=False,
            protocol=aiomqtt.ProtocolVersion.V311,
        )

    async with reader() as listener:
        await listener.subscribe(topic, qos=1)
    async with client(mosquitto, "cti") as server:
        for number in range(changes):
            await server.publish(topic, str(number).encode(), qos=1)
    async with reader() as listener, asyncio.timeout(20):
        heard = [int(message.payload) async for message in take(changes, listener)]
    assert heard == list(range(changes))


async def take(count: int, listener: aiomqtt.Client) -> AsyncIterator[aiomqtt.Message]:
    messages = aiter(listener.messages)
    for _ in range(count):
        yield await anext(messages)


def test_passwords_are_kept_hashed(mosquitto: Mosquitto) -> None:
    kept = (mosquitto.directory / "data/passwords").read_text().splitlines()
    assert {line.partition(":")[0] for line in kept} == set(mosquitto.ACCOUNTS)
    assert all(line.partition(":")[2].startswith("$7$") for line in kept)


@pytest.mark.parametrize("accounts", ["", "cti", "cti:", ":secret"])
def test_bad_accounts_are_refused_in_a_sentence(accounts: str) -> None:
    result = subprocess.run(
        [CONFIG / "mosquitto/start"],
        env={**os.environ, "MQTT_ACCOUNTS": accounts},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "MQTT_ACCOUNTS" in result.stderr.splitlines()[-1]
