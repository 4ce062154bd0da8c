"""Every fault as a small function, and the table of them: what is done to an installation while callers come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tests.faults.scene import Scene
from tests.faults.simulated import Simulated


class Fault(NamedTuple):
    """`strike` begins under load and ends healed. `runs` of `make faults`; `tested` in `make test` as well."""

    name: str
    scene: type[Scene]
    strike: Callable[[Any], Awaitable[None]]
    runs: int = 1
    tested: bool = False
    options: dict[str, Any] = {}  # noqa: RUF012  of the scene; never changed


async def server_killed(scene: Scene) -> None:
    await scene.pause(0.0, 4.0)
    await scene.kill_server()
    await scene.pause(0.0, 2.0)
    await scene.start_server()


FAULTS: tuple[Fault, ...] = (
    Fault("server killed (kill -9)", Simulated, server_killed, runs=20, tested=True),
)
