"""The shipped dialplan, step by step: from the trunk into a queue, from an agent's phone to a colleague."""

import asyncio
from collections.abc import Callable
from typing import Final

from simulator import fastagi_client, floor, supervisor
from simulator.channels import Channel, ChannelState, Phone
from simulator.conversation import Conversation
from simulator.exchange import Exchange
from simulator.offer import Asked

BASELINE: Final = 2_000_000_000 + 1_767_225_600
TO_QUEUE: Final = "queue-"
CALLBACK: Final = "callback"
NUMBERS: Final = {"support": "5550100", "sales": "5550101"}
SHORT: Final = {"800": "support", "801": "sales"}
RINGS_A_COLLEAGUE: Final = 30.0  # seconds
GOODBYE: Final = 3.6  # seconds of playback for whoever was not served
OUTSIDE_PICKS_UP: Final = 4.0
TAKE: Final = "cti-take"
TAKEN_WITHIN: Final = 20.0  # seconds a waiting caller rings one telephone
CALLED_BACK_TALKS: Final = 40.0  # seconds until whoever was called back has said it all


class Dialplan:
    def __init__(self, exchange: Exchange, max_wait: float = 1800.0) -> None:
        self._exchange = exchange
        self._max_wait = max_wait
        self._asking: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for task in self._asking:
            task.cancel()

    # --- from the trunk into a queue -------------------------------------------------------------------------

    def incoming(self, number: str, name: str, queue: str) -> Channel:
        exchange = self._exchange
        exchange.calls_processed += 1
        did = NUMBERS.get(queue, queue)
        if not number:  # what a telephone says that will not say who it is
            number, name = "anonymous", name or "Anonymous"
        channel = exchange.new_channel(exchange.trunk, ChannelState.RING, exten=did, number=number,
                                       name=name or None)  # fmt: skip
        channel.dialled = did
        exchange.run(channel, "Goto", f"tierline-queue,{queue},1")
        # Once everybody who cares about the new channel can say so.
        exchange.later(channel, 0.0, lambda: self.into_queue(channel, queue))
        return channel

    def into_queue(self, channel: Channel, queue: str) -> None:
        exchange = self._exchange
        now = int(exchange.clock.now())
        exchange.goto(channel, "tierline-queue", queue)
        exchange.run(channel, "NoOp")
        self._set(channel, "CTI_QUEUE", queue)
        exchange.run(channel, "Answer")
        if channel.state is not ChannelState.UP:
            exchange.become(channel, ChannelState.UP)
        first = channel.variables.get("CTI_JOINED", "")
        exchange.run(channel, "ExecIf", f"{0 if first else 1}?Set(CTI_JOINED={now})")
        channel.variables.setdefault("CTI_JOINED", str(now))
        self._set(channel, "QUEUE_PRIO", str(BASELINE - int(channel.variables["CTI_JOINED"])))
        for earlier in ("QUEUE_MAX_PENALTY", "CTI_NOT"):  # an earlier visit's
            channel.variables.pop(earlier, None)
        exchange.run(channel, "Set", "AGIEXITONHANGUP=yes")
        exchange.run(channel, "Set", "TIMEOUT(absolute)=0.5")
        server = exchange.fastagi
        if server is None:
            exchange.run(channel, "AGI", f"agi:///route,{queue}")
            self._wait(channel, queue)
            return
        exchange.run(channel, "AGI", f"agi://{server.host}:{server.port}/route,{queue}")
        task = asyncio.get_running_loop().create_task(self._ask(channel, queue, server.host, server.port))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, channel: Channel, queue: str, host: str, port: int) -> None:
        with self._exchange.clock.unhurried():
            answer = await fastagi_client.ask(host, port, "route", channel, (queue,))
        if channel.gone or channel.name not in self._exchange.channels or channel.context != "tierline-queue":
            return
        if answer is fastagi_client.Answer.TOO_LATE:
            self._exchange.goto(channel, "tierline-queue", "T")
        if goes := channel.variables.pop("CTI_GO", ""):
            if goes == CALLBACK:
                self._offer(channel, "closed")
            else:
                self._elsewhere(channel, goes)
            return
        self._exchange.run(channel, "Goto", f"tierline-wait,{queue},1")
        self._exchange.clock.after(0.0, lambda: self._wait(channel, queue))

    def _wait(self, channel: Channel, queue: str) -> None:
        exchange = self._exchange
        if channel.gone or channel.name not in exchange.channels:
            return
        exchange.goto(channel, "tierline-wait", queue)
        exchange.run(channel, "NoOp")
        exchange.run(channel, "Set", "TIMEOUT(absolute)=0")
        exchange.run(channel, "StopMixMonitor")
        exchange.recorder.stop(channel)
        voices = f"{channel.uniqueid}-{int(exchange.clock.now())}"
        self._set(channel, "CTI_FILE", voices)
        name = f"{voices}.wav"
        marker = exchange.recorder.folder / f"{name}.done"
        exchange.run(
            channel, "MixMonitor", f',br({voices}.customer.wav)t({voices}.agent.wav),touch "{marker}"'
        )
        exchange.recorder.start(channel, voices)
        exchange.run(channel, "UserEvent", f"CtiRecording,Recording: {name}")
        exchange.announce.user_event(channel, "CtiRecording", ("Recording", name))
        known = exchange.queues.get(queue)
        limit = self._max_wait if known is None or known.settings.timeout is None else known.settings.timeout
        self._set(channel, "CTI_WAIT", f"{limit:g}")
        exchange.run(channel, "Queue", f"{queue},t,,,{limit:g}")
        if known is None:
            self._returned(channel, "")
        else:
            floor.enter(exchange, channel, known, limit or None, self._returned)

    def _returned(self, channel: Channel, status: str) -> None:
        queue = channel.variables["CTI_QUEUE"]
        exchange = self._exchange
        if status == "KEY":
            exchange.goto(channel, "tierline-exit", "1")
        exchange.run(channel, "UserEvent", f"CtiQueueResult,Queue: {queue},Status: {status}")
        exchange.announce.user_event(channel, "CtiQueueResult", ("Queue", queue), ("Status", status))
        info = channel.variables.pop("QUEUE_WITHDRAW_INFO", "")
        if status == "WITHDRAW" and info.startswith(TO_QUEUE):
            self._elsewhere(channel, info)
        elif status == "WITHDRAW" and info == CALLBACK and exchange.fastagi is not None:
            self._offer(channel, TO_QUEUE + queue)
        elif status == "KEY" and exchange.fastagi is not None:
            self._promise(channel, queue)
        else:
            self._not_served(channel)

    def _elsewhere(self, channel: Channel, goes: str) -> None:
        """Closed, or to another queue."""
        exchange, queue = self._exchange, goes.removeprefix(TO_QUEUE)
        exchange.run(channel, "GotoIf", f"1?tierline-elsewhere,{goes},1")
        exchange.goto(channel, "tierline-elsewhere", goes)
        if goes.startswith(TO_QUEUE) and queue in exchange.queues:
            exchange.later(channel, 0.0, lambda: self.into_queue(channel, queue))
        else:
            self._fallback(channel)

    def _offer(self, channel: Channel, otherwise: str) -> None:
        """He may be called back; who wants none goes on `otherwise`."""
        queue = channel.variables["CTI_QUEUE"]
        self._exchange.goto(channel, "tierline-elsewhere", CALLBACK)
        self._set(channel, "CTI_NOT", otherwise)
        self._exchange.goto(channel, "tierline-offer", "ask")

        def go_on(wanted: bool) -> None:
            if wanted:
                self._promise(channel, queue)
            else:
                self._elsewhere(channel, otherwise)

        Asked(self._exchange, channel, go_on)

    def _not_served(self, channel: Channel) -> None:
        self._exchange.run(channel, "Goto", "tierline-fallback,s,1")
        self._exchange.goto(channel, "tierline-fallback", "s")
        self._fallback(channel)

    def _promise(self, channel: Channel, queue: str) -> None:
        """The caller asks to be called back; only the server can promise it."""
        self._exchange.goto(channel, "tierline-promise", queue)
        channel.variables.pop("CTI_CALLBACK", None)
        task = asyncio.get_running_loop().create_task(self._ask_for_callback(channel, queue))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask_for_callback(self, channel: Channel, queue: str) -> None:
        server = self._exchange.fastagi
        if server is not None:
            arguments = queue, channel.variables.get("CTI_JOINED", "")
            with self._exchange.clock.unhurried():
                await fastagi_client.ask(server.host, server.port, "callback", channel, arguments)
        if channel.gone or channel.name not in self._exchange.channels:
            return
        said = channel.variables.get("CTI_CALLBACK")
        if said == "promised":
            self._exchange.run(channel, "Playback", "auth-thankyou&vm-goodbye")
            self._exchange.later(channel, GOODBYE, lambda: self._put_down(channel))
        else:
            self._elsewhere(channel, channel.variables.get("CTI_NOT") or TO_QUEUE + queue)

    def _fallback(self, channel: Channel) -> None:
        self._exchange.run(channel, "Playback", "vm-nobodyavail&vm-goodbye")
        self._exchange.later(channel, GOODBYE, lambda: self._put_down(channel))

    def _put_down(self, channel: Channel) -> None:
        self._exchange.run(channel, "Hangup")
        self._exchange.end_of_dialplan(channel)

    def _set(self, channel: Channel, variable: str, value: str) -> None:
        self._exchange.run(channel, "Set", f"{variable}={value}")
        channel.variables[variable] = value

    # --- from an agent's phone, or wherever a transfer leads ---------------------------------------------------

    def go(self, channel: Channel, context: str, exten: str) -> None:
        """Run an extension on a channel; one that does not exist ends the call."""
        exchange = self._exchange
        exchange.goto(channel, context, exten)
        queue = SHORT.get(exten, exten)
        if context == "tierline-fallback":
            self._fallback(channel)
        elif context == supervisor.CONTEXT and exten in supervisor.OPTIONS:
            supervisor.Spying(exchange, channel, exten)
        elif context == TAKE and f"PJSIP/{exten}" in exchange.phones:
            exchange.run(channel, "Dial", f"PJSIP/{exten},{TAKEN_WITHIN:g},tm")
            Dial(exchange, channel, exchange.phone(exten), exten, TAKEN_WITHIN, self._not_taken)
        elif queue in exchange.queues:
            if context != "tierline-queue":
                exchange.run(channel, "Goto", f"tierline-queue,{queue},1")
            self.into_queue(channel, queue)
        elif f"PJSIP/{exten}" in exchange.phones and not exchange.phone(exten).is_trunk:
            self.dial(channel, exchange.phone(exten), exten)
        elif exten.lstrip("+").isdigit():
            self.dial(channel, exchange.trunk, f"{exten}@trunk")
        else:
            exchange.end_of_dialplan(channel)

    def _not_taken(self, channel: Channel) -> None:
        """Nobody took the waiting caller: back into his queue."""
        queue = channel.variables["CTI_QUEUE"]
        self._exchange.run(channel, "Goto", f"tierline-queue,{queue},1")
        self.into_queue(channel, queue)

    def dial(self, channel: Channel, phone: Phone, what: str) -> None:
        self._exchange.run(channel, "Dial", f"PJSIP/{what},{RINGS_A_COLLEAGUE:g},t")
        Dial(self._exchange, channel, phone, what)


class Dial:
    """The Dial() application: one phone rings for one caller."""

    def __init__(
        self,
        exchange: Exchange,
        caller: Channel,
        phone: Phone,
        what: str,
        seconds: float = RINGS_A_COLLEAGUE,
        otherwise: Callable[[Channel], None] | None = None,
    ) -> None:
        """`otherwise` goes on with the caller when nobody answers; without it the call is over."""
        self._exchange = exchange
        self._otherwise = otherwise
        self._caller = caller
        caller.activity = self
        callee = exchange.new_channel(phone, ChannelState.DOWN, exten="s", number=what.partition("@")[0],
                                      linkedid=caller.linkedid)  # fmt: skip
        self._callee = callee
        callee.activity = self
        callee.application, callee.application_data = "AppDial", "(Outgoing Line)"
        callee.exten = caller.exten
        exchange.announce.exten(callee)
        exchange.connect_line(callee, caller)
        exchange.announce.dial("DialBegin", caller, callee, ("DialString", what))
        exchange.connect_line(caller, callee)
        exchange.later(callee, floor.SIGNALLING, self._rings)
        exchange.later(callee, seconds, self._no_answer)

    def _rings(self) -> None:
        callee = self._callee
        self._exchange.become(callee, ChannelState.RINGING)
        self._exchange.announce.dial("DialState", self._caller, callee, ("DialStatus", "RINGING"))
        if callee.phone.is_trunk:
            self._exchange.later(callee, OUTSIDE_PICKS_UP, lambda: self.answer(callee))
        elif callee.phone.person is not None:
            callee.phone.person.rings(callee)

    def answer(self, callee: Channel) -> None:
        if callee.gone or callee.state is ChannelState.UP:
            return
        exchange, caller = self._exchange, self._caller
        exchange.become(callee, ChannelState.UP)
        self._dial_end("ANSWER")
        exchange.become(caller, ChannelState.UP)
        callee.exten = ""
        caller.cause = 16
        Conversation(exchange, caller, callee)
        if caller.context == "tierline-callback":
            exchange.later(callee, CALLED_BACK_TALKS, lambda: exchange.hang_up(callee))

    def hung_up(self, channel: Channel) -> None:
        if channel is self._caller:
            self._dial_end("CANCEL")
            self._exchange.remove(self._callee, cause=0)
        else:
            self._dial_end("BUSY")
            self._exchange.remove(self._callee, cause=17)
            if self._otherwise is not None:
                self._go_on()
                return
        self._exchange.end_of_dialplan(self._caller)

    def _no_answer(self) -> None:
        if self._callee.activity is self:
            self._dial_end("NOANSWER")
            self._exchange.remove(self._callee, cause=0)
            if self._otherwise is not None:
                self._go_on()
                return
            self._exchange.run(self._caller, "Hangup")
            self._exchange.end_of_dialplan(self._caller)

    def _go_on(self) -> None:
        self._caller.activity = None
        if self._otherwise is not None:
            self._otherwise(self._caller)

    def _dial_end(self, status: str) -> None:
        self._exchange.announce.dial("DialEnd", self._caller, self._callee, ("DialStatus", status))
