"""The recorded scenes again, for the simulator: who is there, who calls, what is done."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass

from simulator.channels import DeviceState
from simulator.scenario import EndedBy, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import Tap

QUEUES = {
    "support": (ScriptedQueue("support", ring=4.0, join_empty=False), ("101", "102", "103", "104")),
    "sales": (ScriptedQueue("sales", ring=10.0, join_empty=False), ("103", "104", "105", "106")),
    "team": (ScriptedQueue("team", "ringall", join_empty=False), ("101", "102", "103")),
    "small": (ScriptedQueue("small", max_length=1, timeout=4.0, join_empty=False), ("104",)),
}
ANNA, BERND, CLARA = ("+15550140", "Anna Aalto"), ("+15550141", "Bernd Boll"), ("+15550142", "Clara Cruz")


class Stage:
    """What a scene acts on. While it acts, time runs as outside; only while it sleeps does it run faster.

    So a machine that is late by some milliseconds does not make the act late by some hundred.
    """

    def __init__(self, switch: SimulatedSwitch, tap: Tap) -> None:
        self.switch = switch
        self.tap = tap
        self._here = ExitStack()

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()

        def wake() -> None:
            self._here.enter_context(self.switch.clock.unhurried())
            woken.set()

        self.switch.clock.after(seconds, wake)
        self._here.close()
        await woken.wait()

    async def play(self, act: "Act") -> None:
        with self._here:
            await self.sleep(0)
            await act(self)


Act = Callable[[Stage], Awaitable[None]]


@dataclass
class Scene:
    agents: dict[str, float | None]
    calls: tuple[ScriptedCall, ...] = ()
    act: Act | None = None
    length: float = 20.0


def by(who: tuple[str, str | bytes], queue: str = "support", at: float = 0.1, **more) -> ScriptedCall:
    return ScriptedCall(at=at, number=who[0], name=who[1], queue=queue, **{"talk": 3.0, **more})


async def pauses(stage: Stage) -> None:
    pause = {"Interface": "PJSIP/101"}
    await stage.tap.action("QueuePause", **pause, Queue="support", Paused="true", Reason="Lunch")
    await stage.tap.action("QueuePause", **pause, Queue="support", Paused="false")
    await stage.tap.action("QueuePause", **pause, Paused="true", Reason="ACW")
    caller = stage.switch.call(by(ANNA))
    while not caller.ended:
        await stage.sleep(0.1)
    await stage.tap.action("QueuePause", **pause, Paused="true", Reason="Training")
    await stage.tap.action("QueuePause", **pause, Paused="false")


async def waiting_behind_pause(stage: Stage) -> None:
    await stage.tap.action("QueuePause", Interface="PJSIP/101", Paused="true", Reason="Lunch")
    stage.switch.call(by(ANNA, patience=3.2))
    await stage.sleep(4)
    await stage.tap.action("QueuePause", Interface="PJSIP/101", Paused="false")


def redirect(after: float) -> Act:
    async def act(stage: Stage) -> None:
        caller = stage.switch.call(by(ANNA, talk=100.0))
        await stage.sleep(after)
        goal = {"Context": "from-agents", "Exten": "102", "Priority": "1"}
        assert (await stage.tap.action("Redirect", Channel=caller.channel.name, **goal))[
            "Response"
        ] == "Success"
        await stage.sleep(3.5)
        caller.hang_up()

    return act


async def withdraw(stage: Stage) -> None:
    caller = stage.switch.call(by(ANNA))
    await stage.sleep(2)
    await stage.tap.action(
        "QueueWithdrawCaller", Queue="support", Caller=caller.channel.name, WithdrawInfo="callback"
    )


async def busy(stage: Stage) -> None:
    stage.switch.call(by(ANNA))
    while stage.switch.exchange.phone("101").state is not DeviceState.RINGING:
        await stage.sleep(0.004)
    stage.switch.hang_up("101")


async def blind_by_server(stage: Stage) -> None:
    caller = stage.switch.call(by(ANNA, talk=100.0))
    await stage.sleep(2.1)
    agent = stage.switch.exchange.phone("101").channels[0].name
    await stage.tap.action("BlindTransfer", Channel=agent, Context="from-agents", Exten="102")
    await stage.sleep(4)
    caller.hang_up()


async def key_exit(stage: Stage) -> None:
    caller = stage.switch.call(by(ANNA))
    await stage.sleep(2.1)
    caller.press("1")


async def consult_and_return(stage: Stage) -> None:
    caller = stage.switch.call(
        by(ANNA, talk=5.2, transfer=ScriptedTransfer("attended", "102", 1.0, consult=60.0))
    )
    await stage.sleep(4.6)
    stage.switch.exchange.hang_up(stage.switch.exchange.phone("101").channels[1])
    assert not caller.ended


async def overtaking(stage: Stage) -> None:
    stage.switch.call(by(ANNA, talk=3.4, ended_by=EndedBy.AGENT))
    await stage.sleep(1.2)
    stage.switch.call(by(BERND, talk=2.0))
    await stage.sleep(1.3)
    clara = stage.switch.call(by(CLARA, talk=2.0))
    await stage.sleep(1)
    await stage.tap.action("QueueChangePriorityCaller", Queue="support", Caller=clara.channel.name, Priority="2000000000",
                     Immediate="yes")  # fmt: skip


async def two_holds(stage: Stage) -> None:
    caller = stage.switch.call(by(ANNA, talk=6.0))
    agent = stage.switch.exchange.phone("101")
    for _ in range(2):
        await stage.sleep(1.8)
        conversation = caller.channel.activity
        conversation.hold(agent.channels[0])
        await stage.sleep(0.7)
        conversation.unhold(agent.channels[0])


def transfer(kind: str, to: str, consult: float = 0.0) -> ScriptedTransfer:
    return ScriptedTransfer(kind, to, 2.0, consult)


AGENT = EndedBy.AGENT
ONE, TWO = {"101": 1.0}, {"101": 1.0, "102": 1.0}
SCENES = {
    "answered_caller_ends": Scene(ONE, (by(ANNA),)),
    "answered_agent_ends_varset": Scene(ONE, (by(ANNA, ended_by=AGENT),)),
    "abandoned_waiting": Scene(ONE, act=waiting_behind_pause),
    "abandoned_ringing_varset": Scene({"101": None}, (by(ANNA, patience=2.5),)),
    "queue_timeout_varset": Scene({"104": None}, (by(ANNA, "small"),)),
    "ringnoanswer_then_second": Scene({"101": None, "102": 1.0}, (by(ANNA, ended_by=AGENT),)),
    "join_empty_varset": Scene({}, (by(ANNA),)),
    "queue_full": Scene({"104": None}, (by(ANNA, "small", patience=3.0), by(BERND, "small", 1.0))),
    "ring_all_varset": Scene({"101": None, "102": 1.5, "103": None}, (by(ANNA, "team"),)),
    "ring_all_abandoned": Scene(dict.fromkeys(("101", "102", "103")), (by(ANNA, "team", patience=2.0),)),
    "pauses": Scene(TWO, act=pauses),
    "blind_to_agent": Scene(TWO, (by(ANNA, talk=7.0, transfer=transfer("blind", "102")),)),
    "blind_to_queue_varset": Scene(
        {"101": 1.0, "103": 1.0}, (by(ANNA, talk=7.0, transfer=transfer("blind", "sales")),)
    ),
    "redirect_talking_varset": Scene(TWO, act=redirect(3.1)),
    "redirect_waiting": Scene({"101": None, "102": 1.0}, act=redirect(2.0)),
    "attended_to_agent": Scene(TWO, (by(ANNA, talk=10.0, transfer=transfer("attended", "102", 2.0)),)),
    "attended_to_queue_varset": Scene(
        {"101": 1.0, "103": 1.0}, (by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 3.0)),)
    ),
    "attended_to_queue_waiting": Scene(
        {"101": 1.0, "103": 4.0}, (by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 1.5)),)
    ),
    "holds": Scene(ONE, act=two_holds),
    "consult_and_return_varset": Scene(TWO, act=consult_and_return),
    "key_exit_varset": Scene({"101": None}, act=key_exit),
    "agent_busy": Scene({"101": None, "102": 1.0}, act=busy),
    "blind_by_server": Scene(TWO, act=blind_by_server),
    "withdraw": Scene({"101": None}, act=withdraw),
    "overlapping": Scene(TWO, (by(ANNA, talk=4.0), by(BERND, at=0.8, talk=3.0, ended_by=AGENT))),
    "overtaking": Scene(ONE, act=overtaking),
    "chinese_name_varset": Scene(ONE, (by(("+15550143", "王小明")),)),
    "latin1_name": Scene(ONE, (by(("+15550144", "José Muñoz".encode("latin-1"))),)),
    "anonymous": Scene(ONE, (by(("", "")),)),
}
