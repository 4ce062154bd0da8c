"""The one place that asks what time it is."""

import time


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()
