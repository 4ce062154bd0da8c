"""How noisy the machine is: how late somebody wakes who does nothing but sleep for a millisecond."""

import sys
import time
from typing import Any

from tests.benchmarks.children import obey, run, say


async def main(_asked: dict[str, Any]) -> None:
    def sleep(seconds: float) -> dict[str, Any]:
        late = []
        until = time.monotonic() + seconds
        while (began := time.monotonic()) < until:
            time.sleep(0.001)
            late.append(time.monotonic() - began - 0.001)
        return {"late": late}

    say(ready=True)
    await obey(sleep)


if __name__ == "__main__":
    run(main, sys.argv[1])
