"""What reaches MQTT topics, and when: one client per agent with that agent's own account."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any, NamedTuple, Self

import aiomqtt

from tests.servers import HOST, Mosquitto


class Heard(NamedTuple):
    at: float  # by this machine's clock, which is the switch's too
    account: str
    topic: str
    payload: dict[str, Any]


class BrokerEars:
    """`async with BrokerEars(broker, {"101": ["cti/v1/+/agents/101/#"]}) as ears:`"""

    def __init__(self, broker: Mosquitto, subscriptions: dict[str, list[str]]) -> None:
        self._broker, self._subscriptions = broker, subscriptions
        self._stack = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self.heard: list[Heard] = []

    async def __aenter__(self) -> Self:
        for account, topics in self._subscriptions.items():
            client = aiomqtt.Client(
                HOST,
                self._broker.port,
                username=account,
                password=Mosquitto.ACCOUNTS[account],
                protocol=aiomqtt.ProtocolVersion.V5,
            )
            await self._stack.enter_async_context(client)
            for topic in topics:
                await client.subscribe(topic, qos=1)
            self._tasks.append(asyncio.ensure_future(self._listen(account, client)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    async def _listen(self, account: str, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            at = time.time()
            self.heard.append(Heard(at, account, message.topic.value, json.loads(message.payload)))

    def pops(self) -> list[Heard]:
        return [heard for heard in self.heard if heard.topic.endswith("/screen-pop")]
