"""The switch's own ledger: `queue_log`, a line per fact, whole seconds, written as Asterisk writes it."""

from pathlib import Path

from simulator.clock import Clock


class Ledger:
    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", errors="surrogateescape", buffering=1)

    def write(self, callid: str, queue: str, agent: str, event: str, *data: str | int) -> None:
        fields = (str(int(self._clock.now())), callid, queue, agent, event, *map(str, data))
        self._file.write("|".join(field.replace("\n", " ").replace("\r", " ") for field in fields) + "\n")

    def start(self) -> None:
        """A start of the process: whatever was open before has no ending in this file."""
        self.write("NONE", "NONE", "NONE", "QUEUESTART", "")

    def close(self) -> None:
        self._file.close()
