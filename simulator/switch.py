"""A whole simulated Asterisk: AMI on a port, FastAGI calls out, a ledger and recordings in a folder."""

import math
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.ami_server import ACCOUNTS, Account, AmiServer
from simulator.call_actions import CallActions
from simulator.channels import Channel
from simulator.clock import Clock
from simulator.dialplan import Dialplan
from simulator.exchange import Address, Exchange
from simulator.frames import Header, text
from simulator.people import Agent, Caller, pick_up
from simulator.queue import CallQueue, Member
from simulator.queue_actions import QueueActions
from simulator.scenario import Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.supervisor import Supervisor


class SimulatedSwitch:
    """`folder` gets `log/queue_log`, `log/cel-custom/Master.csv` and `monitor/*.wav`. Times handed in are seconds of the switch's clock.

    `speed` runs that clock faster than the wall; `epoch` sets it. Same seed and script, same calls.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        scenario: Scenario | None = None,
        ami_port: int = 0,
        fastagi: tuple[str, int] | None = None,
        systemname: str = "sim",
        speed: float = 1.0,
        seed: int = 1,
        epoch: float | None = None,
        accounts: dict[str, Account] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._scenario = scenario
        self._wanted_port = ami_port
        self._settings = {"speed": speed, "epoch": epoch}
        self._systemname = systemname
        self._fastagi = Address(*fastagi) if fastagi else None
        self._seed = seed
        self._accounts = dict(ACCOUNTS) if accounts is None else accounts
        self.callers: list[Caller] = []
        self._down = False

    async def __aenter__(self) -> Self:
        self.clock = Clock(self._settings["speed"] or 1.0, self._settings["epoch"])
        self.exchange = Exchange(self.folder, self.clock, systemname=self._systemname, fastagi=self._fastagi,
                                 seed=self._seed)  # fmt: skip
        self.dialplan = Dialplan(self.exchange)
        Supervisor(self.exchange)
        self._queue_actions = QueueActions(self.exchange)
        verbs = self._queue_actions.verbs() | CallActions(self.exchange, self.dialplan).verbs()
        self._ami = AmiServer(verbs, self._accounts, self._fully_booted)
        self.exchange.announce.listeners.append(self._ami.tell)
        self.exchange.ledger.start()
        if self._scenario is not None:
            self.staff(self._scenario)
        await self._ami.open(self._wanted_port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dialplan.close()
        self.clock.stop()
        await self._ami.shut()
        await self.exchange.recorder.settle()
        self.exchange.ledger.close()
        self.exchange.cel.close()
        if error is None and self.clock.failure is not None:
            raise self.clock.failure

    @property
    def ami_port(self) -> int:
        return self._ami.port

    @property
    def queue_log(self) -> Path:
        return self.exchange.ledger.path

    @property
    def cel(self) -> Path:
        return self.exchange.cel.path

    @property
    def monitor(self) -> Path:
        return self.exchange.recorder.folder

    # --- who is there ----------------------------------------------------------------------------------------

    def staff(self, scenario: Scenario) -> None:
        """Queues and agents of a scenario, as static configuration would have them."""
        for queue in scenario.queues:
            self.add_queue(queue)
        for agent in scenario.agents:
            self.add_agent(agent)

    def add_queue(self, settings: ScriptedQueue) -> CallQueue:
        queue = self.exchange.queues.setdefault(settings.name, CallQueue(settings))
        queue.settings = settings
        return queue

    def add_agent(self, script: ScriptedAgent) -> Agent:
        phone = self.exchange.phone(script.name)
        agent = Agent(self, lambda: script.answers_after)
        phone.person = agent
        for name in script.queues:
            queue = self.exchange.queues.get(name)
            if queue is None:
                raise ValueError(
                    f"Agent {script.name} is a member of queue {name}, which the script does not have."
                )
            if queue.member(phone.device) is None:
                queue.add(Member(script.name, phone, penalty=script.penalty, wrapup=queue.settings.wrapup,
                                 login=int(self.clock.now())))  # fmt: skip
        return agent

    # --- calls -----------------------------------------------------------------------------------------------

    async def play(self, scenario: Scenario) -> None:
        """The whole script, from its first call to its length, on the switch's clock."""
        self.staff(scenario)
        begin = math.ceil(self.clock.now())  # the ledger's whole seconds then fall the same way every time
        for script in scenario.calls:
            if script.transfer is not None and script.transfer.kind not in {"blind", "attended"}:
                raise ValueError(f"A transfer is blind or attended, not {script.transfer.kind!r}.")
            self.clock.at(begin + script.at, partial(self._begin, script))
        await self.clock.sleep(begin + scenario.length - self.clock.now())
        await self.exchange.recorder.settle()

    def call(self, script: ScriptedCall) -> Caller:
        """One caller, now, whatever its `at` says. Raises ConnectionRefusedError while the switch is down."""
        if self._down:
            raise ConnectionRefusedError("The switch is down.")
        return self._arrive(script)

    def answer(self, agent: str) -> Channel:
        """The agent's ringing phone is picked up."""
        channel = self._leg(agent, ringing=True)
        pick_up(channel)
        return channel

    def hang_up(self, agent: str) -> None:
        """The agent puts the receiver down, or refuses what rings."""
        channel = self._leg(agent, ringing=False)
        if not channel.up:
            channel.cause = 17  # busy
        self.exchange.hang_up(channel)

    def unplug(self, agent: str, *, back: bool = False) -> None:
        """The agent's phone loses its registration, or comes `back`."""
        phone = self.exchange.phone(agent)
        phone.reachable = back
        self.exchange.announce.say("PeerStatus", "system", [
            ("ChannelType", "PJSIP"), ("Peer", phone.device), ("PeerStatus", "Reachable" if back else "Unreachable"),
        ])  # fmt: skip
        self.exchange.device_changed(phone)

    def pause(self, agent: str, reason: str = "", *, queue: str = "", paused: bool = True) -> None:
        """As if by another AMI client."""
        self._queue_actions.pause(self.exchange.phone(agent).device, queue, reason, paused=paused)

    def _begin(self, script: ScriptedCall) -> None:
        if self._ami.port:
            self._arrive(script)

    def _arrive(self, script: ScriptedCall) -> Caller:
        channel = self.dialplan.incoming(script.number, text(script.name), script.queue)
        caller = Caller(self, script, channel)
        self.callers = [each for each in self.callers if not each.ended]
        self.callers.append(caller)
        return caller

    def _leg(self, agent: str, *, ringing: bool) -> Channel:
        for channel in self.exchange.phone(agent).channels:
            if not ringing or not channel.up:
                return channel
        raise LookupError(f"Nothing {'rings' if ringing else 'goes on'} at {agent}'s phone.")

    # --- faults ----------------------------------------------------------------------------------------------

    def cut_ami(self) -> None:
        """Every AMI connection breaks; the port stays open, calls go on."""
        self._ami.cut()

    async def restart(self, down: float = 0.0) -> None:
        """The process dies and comes back `down` real seconds of its clock later: no call survives."""
        port = self.ami_port
        self._down = True
        await self._ami.shut()
        self.exchange.forget_everything()
        self.callers.clear()
        if down:
            await self.clock.sleep(down)
        self._down = False
        self.exchange.started = self.clock.now()
        self.exchange.ledger.start()
        await self._ami.open(port)

    def _fully_booted(self) -> list[Header]:
        return [
            ("Event", "FullyBooted"),
            ("Privilege", "system,all"),
            ("Uptime", int(self.clock.now() - self.exchange.started)),
            ("LastReload", 0),
            ("Status", "Fully Booted"),
        ]
