"""What happens in the scenes of the golden traces: who calls, and what agents, supervisors and the server then do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from simulator.scenario import ScriptedCall, ScriptedTransfer
from tools.sip.phones import SippCaller
from tools.sip.play import Stage

ANNA, BERND, CLARA = ("+15550140", "Anna Aalto"), ("+15550141", "Bernd Boll"), ("+15550142", "Clara Cruz")


def calls(*scripts: ScriptedCall) -> Callable[[Stage], Awaitable[None]]:
    async def act(stage: Stage) -> None:
        async def one(script: ScriptedCall) -> None:
            await asyncio.sleep(script.at)
            await stage.call(script)

        await asyncio.gather(*(one(script) for script in scripts))

    return act


def by(who: tuple[str, str | bytes], queue: str = "support", at: float = 0.0, **more: object) -> ScriptedCall:
    return ScriptedCall(at=at, number=who[0], name=who[1], queue=queue, **{"talk": 3.0, **more})  # type: ignore[arg-type]  # any field of a call


async def pauses(stage: Stage) -> None:
    """One queue, then all queues with a reason, a call for the colleague, another reason, back again."""
    pause = {"Interface": "PJSIP/101"}
    await stage.ami.action("QueuePause", **pause, Queue="support", Paused="true", Reason="Lunch")
    await asyncio.sleep(1)
    await stage.ami.action("QueuePause", **pause, Queue="support", Paused="false")
    await stage.ami.action("QueuePause", **pause, Paused="true", Reason="ACW")
    await stage.call(by(ANNA))
    await stage.ami.action("QueuePause", **pause, Paused="true", Reason="Training")
    await asyncio.sleep(1)
    await stage.ami.action("QueuePause", **pause, Paused="false")


async def waiting_behind_pause(stage: Stage) -> None:
    """The only agent there is paused: the caller waits, no phone rings."""
    await stage.ami.action("QueuePause", Interface="PJSIP/101", Paused="true", Reason="Lunch")
    await stage.call(by(ANNA, patience=3.0))
    await stage.ami.action("QueuePause", Interface="PJSIP/101", Paused="false")


async def redirect_talking(stage: Stage) -> None:
    """A supervisor moves the talking caller to agent 102 by AMI Redirect."""
    caller, channel, _ = await talking(stage)
    await asyncio.sleep(2)
    await stage.ami.action("Redirect", Channel=channel, Context="from-agents", Exten="102", Priority="1")
    await asyncio.sleep(3.5)
    await caller.hang_up()


async def redirect_waiting(stage: Stage) -> None:
    """A supervisor takes a waiting caller out of the queue and connects him to agent 102."""
    caller = await stage.caller("5550100", *ANNA)
    channel = await stage.channel(caller.call_id, "PJSIP/trunk-")
    await asyncio.sleep(2)
    await stage.ami.action("Redirect", Channel=channel, Context="from-agents", Exten="102", Priority="1")
    await asyncio.sleep(3.5)
    await caller.hang_up()


async def talking(
    stage: Stage, queue: str = "5550100", who: tuple[str, str] = ANNA
) -> tuple[SippCaller, str, str]:
    """A caller who has just been answered: his phone, his channel, the agent's channel."""
    start = len(stage.ami.events)
    caller = await stage.caller(queue, *who)
    channel = await stage.channel(caller.call_id, "PJSIP/trunk-")
    event = await stage.ami.event("AgentConnect", 20, start, Channel=channel)
    return caller, channel, event["DestChannel"]


async def two_holds(stage: Stage) -> None:
    caller, _, agent = await talking(stage)
    for _ in range(2):
        await asyncio.sleep(1)
        await stage.do(agent, "hold")
        await asyncio.sleep(1.5)
        await stage.do(agent, "resume")
    await asyncio.sleep(1)
    await caller.hang_up()


async def key_exit(stage: Stage) -> None:
    """Key 1 while waiting."""
    caller = await stage.caller("5550100", *ANNA)
    channel = await stage.channel(caller.call_id, "PJSIP/trunk-")
    await asyncio.sleep(2)
    await stage.ami.action("PlayDTMF", Channel=channel, Digit="1", Duration="100", Receive="true")
    await caller.ended(15)


async def withdraw(stage: Stage) -> None:
    """The server takes a waiting caller out, to offer a callback, say."""
    caller = await stage.caller("5550100", *ANNA)
    channel = await stage.channel(caller.call_id, "PJSIP/trunk-")
    await asyncio.sleep(2)
    await stage.ami.action("QueueWithdrawCaller", Queue="support", Caller=channel, WithdrawInfo="callback")
    await caller.ended(15)


async def overtaking(stage: Stage) -> None:
    """Agent 101 is busy with Anna; Clara came after Bernd and is moved before him."""
    anna, _, agent = await talking(stage)
    bernd = await stage.caller("5550100", *BERND)
    await stage.channel(bernd.call_id, "PJSIP/trunk-")
    await asyncio.sleep(1.2)
    clara = await stage.caller("5550100", *CLARA)
    channel = await stage.channel(clara.call_id, "PJSIP/trunk-")
    await asyncio.sleep(1)
    headers = {"Queue": "support", "Caller": channel, "Priority": "2000000000", "Immediate": "yes"}
    await stage.ami.action("QueueChangePriorityCaller", **headers)
    start = len(stage.ami.events)
    await stage.do(agent, "bye")
    await stage.ami.event("AgentConnect", 20, start, Channel=channel)
    await asyncio.sleep(2)
    start = len(stage.ami.events)
    await clara.hang_up()
    await stage.ami.event("AgentConnect", 20, start)
    await asyncio.sleep(2)
    await bernd.hang_up()
    await anna.ended()


async def latin1_bytes(stage: Stage) -> None:
    """A name in Latin-1 bytes, as a trunk other than SIP may bring it: PJSIP itself lets only UTF-8 through."""
    caller, channel, _ = await talking(stage, who=("+15550144", ""))
    await stage.ami.action("Setvar", Channel=channel, Variable="CALLERID(name)", Value="José Muñoz")
    await asyncio.sleep(2)
    await caller.hang_up()


async def last_agent_leaves(stage: Stage) -> None:
    """The only phone goes away while the caller waits: the queue sends him on."""
    caller = await stage.caller("leaving", *ANNA)
    await stage.channel(caller.call_id, "PJSIP/trunk-")
    await asyncio.sleep(1.5)
    await stage.agents["105"].log_off()
    await caller.ended(30)


async def blind_by_keys(stage: Stage) -> None:
    """Agent 101 presses ## 102."""
    caller, _, agent = await talking(stage)
    await asyncio.sleep(1)
    for digit in "##102":
        await stage.ami.action("PlayDTMF", Channel=agent, Digit=digit, Duration="100", Receive="true")
        await asyncio.sleep(0.25)
    await asyncio.sleep(6)
    await caller.hang_up()


async def blind_by_server(stage: Stage) -> None:
    """The server passes the caller on by AMI BlindTransfer, in the name of the agent's channel."""
    caller, _, agent = await talking(stage)
    await asyncio.sleep(1)
    await stage.ami.action("BlindTransfer", Channel=agent, Context="from-agents", Exten="102")
    await asyncio.sleep(4)
    await caller.hang_up()


async def consult_and_return(stage: Stage) -> None:
    """The agent asks a colleague and comes back to the caller."""
    caller, _, agent = await talking(stage)
    await asyncio.sleep(1)
    await stage.do(agent, "hold")
    phone = await stage.consult("101", "102")
    second = await stage.channel(phone.call_id, "PJSIP/101-")
    await stage.ami.event("Newstate", 15, 0, Channel=second, ChannelStateDesc="Up")
    await asyncio.sleep(1.5)
    phone.tell("bye")
    await phone.ended()
    await stage.do(agent, "resume")
    await asyncio.sleep(1.5)
    await caller.hang_up()


def transfer(kind: str, to: str, consult: float = 0.0) -> ScriptedTransfer:
    return ScriptedTransfer(kind, to, 2.0, consult)
