"""Hears recordings as a process of the hearing pool does, and says what each cost."""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from recordings.adapters.hearing import hear
from recordings.domain.signals import Facts, Thresholds, signals_of
from tests.benchmarks.children import obey, run, say


async def main(_asked: dict[str, Any]) -> None:
    def listen(file: str) -> dict[str, Any]:
        began = time.process_time()
        with Path(file).open("rb") as sound:
            heard = hear(sound)
        found = signals_of(heard, Facts(), Thresholds())
        took = time.process_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return {
            "took": took,
            "memory": memory,
            "seconds": heard.seconds,
            "turns": found.signals.turns_a_minute,
        }

    say(ready=True)
    await obey(listen)


if __name__ == "__main__":
    run(main, sys.argv[1])
