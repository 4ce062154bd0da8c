"""Listeners that outlive faults: everything on the broker, and every byte of an AMI line of the harness' own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Self

import aiomqtt

from tests.servers import HOST, Mosquitto
from tools.pbx import Pbx

AGAIN = 0.02  # seconds between two attempts: before the server is back, the listener must be
KEPT = 3600  # seconds the broker keeps for us what comes while we are away


class Ear:
    """Runs from `async with` to its end, and begins anew whenever the line breaks."""

    def __init__(self) -> None:
        self.connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.ensure_future(self._listen())
        await asyncio.wait_for(self.connected.wait(), 30)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(OSError, aiomqtt.MqttError, EOFError):
                await self._once()
            self.connected.clear()
            await asyncio.sleep(AGAIN)

    async def _once(self) -> None:
        raise AssertionError("each ear has its own")


class MqttEar(Ear):
    """Each message a line of JSON, at the moment it came."""

    def __init__(self, broker: Mosquitto, file: Path) -> None:
        super().__init__()
        self._broker, self._file = broker, file
        self.heard = 0

    async def _once(self) -> None:
        client = aiomqtt.Client(
            HOST,
            self._broker.port,
            username="cti",
            password=Mosquitto.ACCOUNTS["cti"],
            identifier="faults-ear",
            clean_session=False,
            protocol=aiomqtt.ProtocolVersion.V311,  # its sessions last as long as the broker does
        )
        with self._file.open("a", encoding="utf-8", buffering=1) as kept:
            async with client:
                await client.subscribe("cti/v1/#", qos=1)
                self.connected.set()
                async for message in client.messages:
                    self.heard += 1
                    told = {
                        "at": time.time(),
                        "topic": message.topic.value,
                        "payload": _payload(message.payload),
                    }
                    kept.write(json.dumps(told, ensure_ascii=False) + "\n")


def _payload(raw: object) -> object:
    try:
        return json.loads(raw) if isinstance(raw, (bytes, str)) else None
    except ValueError:
        return None


class AmiEar(Ear):
    """The raw bytes of a session that reads everything."""

    def __init__(self, pbx: Pbx, file: Path) -> None:
        super().__init__()
        self._pbx, self._file = pbx, file

    async def _once(self) -> None:
        reader, writer = await asyncio.open_connection(self._pbx.host, self._pbx.ami_port)
        try:
            login = f"Action: Login\r\nUsername: {Pbx.HARNESS}\r\nSecret: {Pbx.HARNESS}\r\n\r\n"
            writer.write(login.encode())
            with self._file.open("ab", buffering=0) as kept:
                while piece := await reader.read(65536):
                    self.connected.set()
                    kept.write(piece)
        finally:
            writer.close()
