"""The demo on a real Asterisk from `.pbx/`: the shipped configuration, desk phones and callers by SIPp."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from simulator.scenario import EndedBy, ScriptedCall
from tools.pbx import Pbx
from tools.sip.play import Stage

log = logging.getLogger(__name__)

DESK_PHONES = ("101", "102", "103", "104")
"""Agents with a scripted telephone; 105 and 106 are for browsers."""


@asynccontextmanager
async def real_switch(folder: Path, fastagi_port: int) -> AsyncIterator[tuple[Pbx, dict[str, Any]]]:
    """A running switch, and the settings that lead to it."""
    switch = Pbx(folder / "asterisk", cti_server=f"127.0.0.1:{fastagi_port}")
    await asyncio.to_thread(switch.start)
    try:
        yield (
            switch,
            {
                "ami": {"host": "127.0.0.1", "port": switch.ami_port},
                "recordings": {"incoming": switch.monitor_dir, "store": folder / "recordings"},
                "ledger": {"file": switch.queue_log, "cel": switch.cel, "cdr": switch.cdr},
                "phone": {
                    "websocket_url": f"ws://127.0.0.1:{switch.http_port}/ws",
                    "sip_domain": "127.0.0.1",
                },
            },
        )
    finally:
        await asyncio.to_thread(switch.stop)


async def live(switch: Pbx, customers: Sequence[tuple[str, str]], seed: int = 7) -> None:
    """Desk phones that answer and customers who call, until cancelled."""
    luck = random.Random(seed)  # noqa: S311  a script's luck, not a secret
    async with Stage(switch) as stage, asyncio.TaskGroup() as tasks:
        for agent in DESK_PHONES:
            await stage.agent(agent, answers_after=luck.uniform(1.5, 4.0))
        while True:
            number, name = luck.choice(customers)
            script = ScriptedCall(
                0.0,
                number,
                luck.choice(("support", "support", "sales")),
                name,
                patience=luck.uniform(60, 180),
                talk=luck.uniform(15, 60),
                ended_by=luck.choice(tuple(EndedBy)),
                hold=(5.0, 6.0) if luck.random() < 0.2 else None,
            )
            tasks.create_task(_call(stage, script))
            await asyncio.sleep(luck.uniform(4, 14))


async def _call(stage: Stage, script: ScriptedCall) -> None:
    with suppress(TimeoutError):
        try:
            await stage.call(script)
        except Exception as problem:  # noqa: BLE001  one call less, the demo goes on
            log.warning("a scripted call failed: %s", type(problem).__name__)
