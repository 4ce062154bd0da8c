"""The link to one Asterisk: two connections (one hears, one asks), and a stream of signals that is whole or says where not.

After every login the switch is asked for all that exists. What happens meanwhile is held back and told after the
snapshot, so the stream stays in order; some of it is in the snapshot already, and telling a fact twice changes nothing.
The same is done when numbers are missing or a frame was set aside: what cannot be believed is confirmed by looking.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from enum import StrEnum

from cti.adapters.ami.actions import AmiSwitch
from cti.adapters.ami.line import AmiAccount, Line, LineState
from cti.adapters.ami.message import FALLBACK, Message
from cti.adapters.ami.protocol import AmiProtocol, where
from cti.adapters.ami.traffic import Traffic
from cti.adapters.ami.translation import TRANSLATIONS
from cti.domain.errors import SwitchError
from cti.domain.signals import (
    FrameSetAside,
    LinkLost,
    LinkRestored,
    MessagesMissed,
    Signal,
    SnapshotTaken,
    SwitchBooted,
)
from cti.ports import Clock, Journal

log = logging.getLogger(__name__)

BOOT_SECONDS = 1.0  # FullyBooted follows the login at once, where the account reads `system`
ACTIONS_SECONDS = 2.0  # how long the first snapshot waits for the other connection
SNAPSHOT_SECONDS = 20.0
SNAPSHOT_PAUSE = 1.0  # between snapshots, whatever asks for them
GAP_WATCH = 0.5
SAME_BOOT = 3.0  # seconds by which one start of the switch may seem to differ
HELD_LIMIT = 200_000  # messages; more means the snapshot does not come
HOLES = 50  # gaps, when a tenth of the numbers is missing, are no losses but the account's configuration


class LinkState(StrEnum):
    """Where the link stands; `up` from the first snapshot of a connection to its end."""

    DOWN = "down"
    SYNCHRONISING = "synchronising"
    UP = "up"
    LOGIN_REFUSED = "login_refused"


class AmiLink:
    """One switch. `hear` gets every signal, in order, at once: it must not wait. `switch` is what can be asked."""

    def __init__(
        self,
        events: AmiAccount,
        actions: AmiAccount,
        translate: Callable[[Message, float], Iterable[Signal]],
        hear: Callable[[Signal], None],
        clock: Clock,
        *,
        wanted: Iterable[str] = TRANSLATIONS,
        fallback: str = FALLBACK,
        journal: Journal,
        watch_gaps: bool = True,
        ping_seconds: float = 3.0,
        action_seconds: float = 5.0,
    ) -> None:
        """`watch_gaps` where the account reads every class that is not disabled; `journal` keeps all that is told."""
        self.traffic = Traffic()
        self.actions_traffic = Traffic()
        self._translate = translate
        self._hear = hear
        self._clock = clock
        self._wanted = frozenset(wanted) | {"FullyBooted", "Shutdown"}
        self._fallback = fallback
        self._journal = journal
        self._watch_gaps = watch_gaps
        self._state, self._since, self._reason = LinkState.DOWN, clock.now(), "not connected yet"
        self._protocol: AmiProtocol | None = None
        self._held: list[tuple[Message, float]] | None = None
        self._doubt = asyncio.Event()  # something asks for a snapshot
        self._booted = asyncio.Event()
        self._boot_at: float | None = None  # by the loop's clock, which no one sets
        self._boot_told = 0.0  # the same moment by the wall clock, as it was when first told
        self._ending: str | None = None  # what the switch said before it closed the connection
        self._follows: int | None = None  # the sequence number expected when the last connection ended
        self._heard: tuple[float, Message] | None = None
        self._events = Line(
            events,
            self._new_connection,
            hears=True,
            now=clock.now,
            traffic=self.traffic,
            while_up=self._stay_in_step,
            on_down=self._lost,
            ping_seconds=ping_seconds,
        )
        self._actions = Line(
            actions,
            lambda: AmiProtocol((), _unheard, clock.now, traffic=self.actions_traffic, fallback=fallback),
            hears=False,
            now=clock.now,
            traffic=self.actions_traffic,
            ping_seconds=ping_seconds,
        )
        self.switch = AmiSwitch(self._actions, clock, action_seconds=action_seconds)

    async def run(self) -> None:
        """Keep the link until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._events.run())
            tasks.create_task(self._actions.run())

    # what stands --------------------------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        return LinkState.LOGIN_REFUSED if self._refused else self._state

    @property
    def since(self) -> float:
        """When the state began."""
        return self._refused.since if self._refused else self._since

    @property
    def reason(self) -> str:
        """Why it is not up; "" when it is."""
        if self._refused:
            return self._refused.reason
        return self._events.reason if self._state is LinkState.DOWN else self._reason

    @property
    def lag(self) -> float:
        """Seconds from the switch's time of the last message to its arrival, on two clocks."""
        if self._heard is None or (at := self._heard[1].at) is None:
            return 0.0
        return max(0.0, self._heard[0] - at)

    @property
    def _refused(self) -> Line | None:
        lines = (self._events, self._actions)
        return next((line for line in lines if line.state is LineState.LOGIN_REFUSED), None)

    def _become(self, state: LinkState, reason: str) -> None:
        if state is not self._state:
            self._since = self._clock.now()
        self._state, self._reason = state, reason

    # the stream ---------------------------------------------------------------------------------------------

    def _new_connection(self) -> AmiProtocol:
        """Hold what it tells until the snapshot: the first events come in one read with the answer to the login."""
        self._hold()
        self._booted.clear()
        self._ending = None
        self._protocol = AmiProtocol(
            self._wanted,
            self._listen,
            self._clock.now,
            traffic=self.traffic,
            fallback=self._fallback,
            on_doubt=self._doubted,
            on_gap=self._missed,
        )
        return self._protocol

    def _listen(self, message: Message) -> None:
        if message.name == "FullyBooted":
            self._fully_booted(message)
        elif message.name == "Shutdown":
            self._ending = "the switch shut down"
        else:
            received = self._protocol.received if self._protocol is not None else self._clock.now()
            self._journal.message(message.frame, received)
            if self._held is None:
                self._retell(message, received)
            elif len(self._held) < HELD_LIMIT:
                self._held.append((message, received))
            elif self._protocol is not None:
                self._protocol.abort("the snapshot did not come")

    def _retell(self, message: Message, received: float) -> None:
        self._heard = (received, message)
        for signal in self._translate(message, received):
            try:
                self._hear(signal)
            except Exception as error:  # noqa: BLE001  # whatever it is, the next signal is told
                self._failed(signal, error)

    def _tell(self, signal: Signal) -> None:
        """What the line itself has to tell."""
        self._journal.signal(signal)
        try:
            self._hear(signal)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next signal is told
            self._failed(signal, error)

    def _failed(self, signal: Signal, error: Exception) -> None:
        self.traffic.failures += 1
        log.error("Hearing %s failed: %s", type(signal).__name__, where(error))  # values stay out

    def _release(self) -> None:
        """Tell what was held back."""
        held, self._held = self._held, None
        if held is None:
            return
        self._journal.released()
        for message, received in held:
            try:
                self._retell(message, received)
            except Exception as error:  # noqa: BLE001  # whatever it is, the next message is told
                self.traffic.failures += 1
                log.error("Listening to %s failed: %s", message.name, where(error))  # noqa: TRY400  # values stay out

    def _hold(self) -> None:
        if self._held is None:
            self._held = []
            self._journal.held()

    def _fully_booted(self, message: Message) -> None:
        try:
            uptime = float(message.get("Uptime") or "")
        except ValueError:
            return
        boot_at = asyncio.get_running_loop().time() - uptime
        same = self._boot_at is not None and abs(boot_at - self._boot_at) <= SAME_BOOT
        self._boot_at = boot_at
        if not same:
            self._boot_told = (message.at or self._clock.now()) - uptime
        elif self._protocol is not None:
            self._protocol.follows = self._follows
        # A wall clock that was set since must not make the same start of the switch look like another.
        self._tell(SwitchBooted(self._boot_told + uptime, uptime))
        self._booted.set()
        self._doubt.set()

    def _doubted(self, reason: str) -> None:
        if not self._doubt.is_set():  # one line for each snapshot, however many frames a forger sends
            log.warning("%s: a frame was set aside: %s", self._events.account, reason)
            self._tell(FrameSetAside(self._clock.now(), reason))
        self._doubt.set()

    def _missed(self, first: int, last: int) -> None:
        traffic = self.traffic
        if not self._watch_gaps or (traffic.gaps > HOLES and traffic.missed * 10 > traffic.messages):
            return
        self._tell(MessagesMissed(self._clock.now(), first, last))
        self._doubt.set()

    def _lost(self, reason: str) -> None:
        protocol = self._protocol
        self._release()
        if protocol is not None and protocol.numbering.first is not None:
            protocol.look_for_gaps(at_once=True)
            self._follows = protocol.numbering.next
        self._become(LinkState.DOWN, self._ending or reason)
        now = self._clock.now()
        self._tell(LinkLost(now, self._ending or reason, protocol.received if protocol is not None else now))

    # snapshots ----------------------------------------------------------------------------------------------

    async def _stay_in_step(self, protocol: AmiProtocol) -> None:
        """From login to loss: a snapshot at once, and whenever something is in doubt."""
        self._become(LinkState.SYNCHRONISING, "waiting for the snapshot")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BOOT_SECONDS):
                await self._booted.wait()
        self._doubt.set()
        failures, not_before = 0, 0.0
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GAP_WATCH):
                    await self._doubt.wait()
            protocol.look_for_gaps()
            if not self._doubt.is_set():
                continue
            if (wait := not_before - loop.time()) > 0:
                await asyncio.sleep(min(wait, GAP_WATCH))
                continue
            if failures:
                await self._actions.up.wait()
            try:
                taken = await self._snapshot()
            except Exception as error:  # noqa: BLE001  # whatever it is, the link goes on and tries again
                self._release()  # better news out of its context than no news
                self._doubt.set()
                failures += 1
                why = f"no snapshot: {error if isinstance(error, SwitchError) else where(error)}"
                log.warning("%s: %s", self._events.account, why)
                if self._state is not LinkState.UP:
                    self._reason = why
                not_before = loop.time() + min(0.25 * 2**failures, 10.0)
                continue
            failures = 0
            self._tell(taken)
            if self._state is not LinkState.UP:
                self._become(LinkState.UP, "")
                self._tell(LinkRestored(self._clock.now()))
            self._release()
            not_before = loop.time() + SNAPSHOT_PAUSE

    async def _snapshot(self) -> SnapshotTaken:
        self._hold()
        async with asyncio.timeout(ACTIONS_SECONDS):
            await self._actions.up.wait()
        self._doubt.clear()  # what is doubted from here on asks for the next one
        async with asyncio.timeout(SNAPSHOT_SECONDS):
            return await self.switch.snapshot()


def _unheard(_: Message) -> None:
    return
