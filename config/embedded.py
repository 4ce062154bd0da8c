"""What runs inside the process when nothing else is there: the demo's MQTT broker."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amqtt.broker import Broker


@asynccontextmanager
async def broker(port: int) -> AsyncIterator[str]:
    """A small MQTT broker on loopback; its URL. Speaks MQTT 3.1.1 only, which is enough to look at."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.ERROR)
    embedded = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await embedded.start()
    try:
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        await embedded.shutdown()
