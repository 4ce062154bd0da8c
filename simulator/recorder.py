"""MixMonitor: a file of each voice, as long as the caller was bridged, and a marker when both are whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulator import sound
from simulator.announcer import Announcer
from simulator.channels import Channel
from simulator.clock import Clock

FINISHING = 0.2  # seconds from the last word to the marker


@dataclass(slots=True)
class _Tape:
    name: str
    length: float = 0.0
    since: float | None = None
    silent_from: float | None = None
    quiet: list[tuple[float, float]] = field(default_factory=list)

    def at(self, now: float) -> float:
        """How much is on the tape by now."""
        return self.length + (now - self.since if self.since is not None else 0.0)


class Recorder:
    def __init__(self, folder: Path, clock: Clock, announce: Announcer, seed: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._announce = announce
        self._seed = seed
        self._tapes: dict[Channel, _Tape] = {}
        self._writing: set[asyncio.Future[None]] = set()

    def start(self, channel: Channel, name: str) -> None:
        self._tapes[channel] = _Tape(name)
        self._announce.of_channel("MixMonitorStart", channel)

    def stop(self, channel: Channel) -> None:
        """StopMixMonitor: nothing happens when nothing runs."""
        if channel in self._tapes:
            self._announce.of_channel("MixMonitorStop", channel)
            self.finish(channel)

    def bridged(self, channel: Channel) -> None:
        tape = self._tapes.get(channel)
        if tape is not None:
            tape.since = self._clock.now()

    def unbridged(self, channel: Channel) -> None:
        tape = self._tapes.get(channel)
        if tape is not None and tape.since is not None:
            tape.length = tape.at(self._clock.now())
            tape.since = None

    def silence(self, channel: Channel, *, on: bool) -> None:
        """Nothing is heard on the tape while the caller is on hold or the recording is muted."""
        tape = self._tapes.get(channel)
        if tape is None:
            return
        here = tape.at(self._clock.now())
        if tape.silent_from is not None:
            tape.quiet.append((tape.silent_from, here))
        tape.silent_from = here if on else None

    def finish(self, channel: Channel) -> None:
        self.unbridged(channel)
        tape = self._tapes.pop(channel, None)
        if tape is None:
            return
        if tape.silent_from is not None:
            tape.quiet.append((tape.silent_from, tape.length))
        self._seed += 1
        self._clock.after(FINISHING, self._writer(tape, self._seed))

    def forget(self) -> None:
        """The process died: what was being recorded stays without a marker."""
        self._tapes.clear()

    async def settle(self) -> None:
        """Wait until the files begun are written."""
        while self._writing:
            await asyncio.gather(*self._writing)

    def _writer(self, tape: _Tape, seed: int) -> Callable[[], None]:
        def put() -> None:
            voices = {who: self.folder / f"{tape.name}.{who}.wav" for who in ("customer", "agent")}
            sound.write(voices["customer"], voices["agent"], tape.length, seed=seed, quiet=tape.quiet)
            (self.folder / f"{tape.name}.wav.done").touch()

        def begin() -> None:
            writing = asyncio.get_running_loop().run_in_executor(None, put)
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)

        return begin
