"""The contenders and their stage: fresh interpreters, each on its core, that talk in lines of JSON."""

import asyncio
import contextlib
import inspect
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds for one answer
CONTENDER, STAGE = 0, 1  # the core of what is measured, and that of everything else


class Silent(Exception):
    """A child said nothing in time, or died; the sentence carries the end of what it complained of."""


# inside a child


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def obey(*deeds: Callable[..., Any]) -> None:
    """Do what is asked by name, and say what comes of it, until nobody asks any more."""
    by_name = {deed.__name__: deed for deed in deeds}
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, words = json.loads(line)
        done = by_name[name](**words)
        say(**(await done if inspect.isawaitable(done) else done))


def run(main: Callable[[dict[str, Any]], Coroutine[Any, Any, None]], given: str) -> None:
    """A child's life."""
    asked = json.loads(given)
    with contextlib.suppress(OSError):  # a machine of one core
        os.sched_setaffinity(0, {asked["core"]})
    if asked.get("uvloop"):
        import uvloop

        uvloop.run(main(asked))
    else:
        asyncio.run(main(asked))


# outside


class Child:
    """`with Child("switch", STAGE, live=100) as switch: switch.ask("prepare", calls=500)`"""

    def __init__(self, module: str, core: int, **asked: Any) -> None:
        self._module, self._asked = module, {"core": core, **asked}
        self._rest = b""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.benchmarks.{self._module}", json.dumps(self._asked)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.set_blocking(self._process.stderr.fileno(), False)
        self.said = self.heard()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

    def ask(self, deed: str, **words: Any) -> dict[str, Any]:
        self.tell(deed, **words)
        return self.heard()

    def tell(self, deed: str, **words: Any) -> None:
        """Ask, and come back for the answer (`heard`) later."""
        self._process.stdin.write(json.dumps([deed, words]).encode() + b"\n")
        self._process.stdin.flush()

    def heard(self) -> dict[str, Any]:
        """What it says next. Raises Silent."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
            piece = os.read(self._process.stdout.fileno(), 1 << 20) if ready else b""
            if not piece:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(1)
                complaint = (self._process.stderr.read() or b"").decode(errors="replace")[-3000:]
                raise Silent(
                    f"tests.benchmarks.{self._module} said nothing (exit {self._process.poll()}).\n{complaint}"
                )
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)
