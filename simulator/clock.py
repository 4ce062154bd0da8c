"""The switch's own time: an agenda of appointments that can be run faster than the wall clock and stays exact."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

SLICE: Final = 100  # appointments kept in one go before the sockets get their turn


class Appointment:
    """Something to be done at a time; a cancelled one is passed over."""

    __slots__ = ("cancelled", "when", "work")

    def __init__(self, when: float, work: Callable[[], None]) -> None:
        self.when = when
        self.work = work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Epoch seconds. An appointment sees exactly the time it was made for, however late the machine is."""

    def __init__(self, speed: float = 1.0, epoch: float | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"The clock cannot run at speed {speed}: give a number above 0.")
        self._speed = self._rate = speed
        self._now = self._shown = time.time() if epoch is None else epoch
        self._since = time.monotonic()
        self._agenda: list[tuple[float, int, Appointment]] = []
        self._order = itertools.count()
        self._keeping = False
        self._timer: asyncio.Handle | None = None
        self._guests = 0
        self._stopped = False
        self.failure: Exception | None = None  # the first appointment that went wrong

    def now(self) -> float:
        if not self._keeping:
            shown = self._flow()
            if self._agenda:
                shown = min(shown, self._agenda[0][0])
            self._now = max(self._now, shown)
        return self._now

    def at(self, when: float, work: Callable[[], None]) -> Appointment:
        appointment = Appointment(max(when, self.now()), work)
        heapq.heappush(self._agenda, (appointment.when, next(self._order), appointment))
        if not self._keeping:
            self._arm()
        return appointment

    def after(self, seconds: float, work: Callable[[], None]) -> Appointment:
        return self.at(self.now() + seconds, work)

    async def sleep(self, seconds: float) -> None:
        passed = asyncio.Event()
        appointment = self.after(seconds, passed.set)
        try:
            await passed.wait()
        finally:
            appointment.cancel()

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """While somebody outside is thinking, no time passes faster than theirs."""
        self._guests += 1
        self._turn(min(self._speed, 1.0))
        try:
            yield
        finally:
            self._guests -= 1
            if not self._guests:
                self._turn(self._speed)

    def stop(self) -> None:
        """Forget all appointments; none is made again."""
        self._stopped = True
        self.forget()

    def forget(self) -> None:
        self._agenda.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flow(self) -> float:
        return self._shown + (time.monotonic() - self._since) * self._rate

    def _turn(self, rate: float) -> None:
        # An appointment that turns it was kept on the dot, so its lateness is not run through at the old rate.
        self._shown, self._since = self._now if self._keeping else self._flow(), time.monotonic()
        self._rate = rate
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._agenda and not self._stopped:
            late = (self._agenda[0][0] - self._flow()) / self._rate
            self._timer = asyncio.get_running_loop().call_later(max(late, 0.0), self._keep)

    def _keep(self) -> None:
        self._timer = None
        self._keeping = True
        try:
            for _ in range(SLICE):
                if not self._agenda or self._agenda[0][0] > self._flow():
                    break
                when, _, appointment = heapq.heappop(self._agenda)
                self._now = max(self._now, when)
                if not appointment.cancelled:
                    appointment.work()
        except Exception as error:
            self.failure = self.failure or error
            raise
        finally:
            self._keeping = False
            self._arm()
