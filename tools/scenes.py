"""The scenes of the golden traces. Numbers are of the range reserved for fiction, names are invented."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from simulator.scenario import EndedBy, ScriptedCall, ScriptedTransfer
from tools.sip.phones import SippCaller
from tools.sip.play import Stage

#  Short times, so that a scene takes seconds. Agents 105 and 106 get desk phones.
SITE = {
    "queues.conf": """
[support](+)
strategy = linear
timeout = 4
[sales](+)
strategy = linear
timeout = 10
[team](tierline)
strategy = ringall
member => PJSIP/101,0,101
member => PJSIP/102,0,102
member => PJSIP/103,0,103
[small](tierline)
strategy = linear
maxlen = 1
member => PJSIP/104,0,104
[local](tierline)
strategy = linear
member => Local/101@from-agents,0,101,PJSIP/101
[local-n](tierline)
strategy = linear
member => Local/102@from-agents/n,0,102,PJSIP/102
""",
    "pjsip.conf": """
[105](+type=endpoint,desk-phone)
[106](+type=endpoint,desk-phone)
""",
    "extensions.conf": """
[globals](+)
CTI_MAX_WAIT_small = 4
[from-trunk](+)
exten => team,1,Goto(tierline-queue,team,1)
exten => small,1,Goto(tierline-queue,small,1)
exten => local,1,Goto(tierline-queue,local,1)
exten => local-n,1,Goto(tierline-queue,local-n,1)
""",
}

ANNA, BERND, CLARA = ("+15550140", "Anna Aalto"), ("+15550141", "Bernd Boll"), ("+15550142", "Clara Cruz")


@dataclass(frozen=True, slots=True)
class Scene:
    what: str
    agents: Mapping[str, float | None]  # name -> seconds until the answer; None lets it ring
    act: Callable[[Stage], Awaitable[None]]
    varset: bool = False  # recorded with VarSet and Newexten


def calls(*scripts: ScriptedCall) -> Callable[[Stage], Awaitable[None]]:
    async def act(stage: Stage) -> None:
        async def one(script: ScriptedCall) -> None:
            await asyncio.sleep(script.at)
            await stage.call(script)

        await asyncio.gather(*(one(script) for script in scripts))

    return act


def by(who: tuple[str, str | bytes], queue: str = "support", at: float = 0.0, **more: object) -> ScriptedCall:
    return ScriptedCall(at=at, number=who[0], name=who[1], queue=queue, **{"talk": 3.0, **more})  # type: ignore[arg-type]


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


AGENT = EndedBy.AGENT
ONE, TWO = {"101": 1.0}, {"101": 1.0, "102": 1.0}

SCENES: dict[str, Scene] = {
    "answered_caller_ends": Scene("answered, the caller hangs up", ONE, calls(by(ANNA))),
    "answered_agent_ends": Scene(
        "answered, the agent hangs up", ONE, calls(by(ANNA, ended_by=AGENT)), varset=True
    ),
    "abandoned_waiting": Scene("hangs up while waiting, nobody rings", ONE, waiting_behind_pause),
    "abandoned_ringing": Scene(
        "hangs up while a phone rings", {"101": None}, calls(by(ANNA, patience=2.5)), varset=True
    ),
    "queue_timeout": Scene(
        "the queue gives up after 4 s", {"104": None}, calls(by(ANNA, "small")), varset=True
    ),
    "ringnoanswer_then_second": Scene(
        "101 lets it ring, 102 answers", {"101": None, "102": 1.0}, calls(by(ANNA, ended_by=AGENT))
    ),
    "join_empty": Scene("nobody is logged in: refused", {}, calls(by(ANNA)), varset=True),
    "queue_full": Scene(
        "one waits, the second is refused",
        {"104": None},
        calls(by(ANNA, "small", patience=3.0), by(BERND, "small", 1.0)),
    ),
    "ring_all": Scene(
        "three phones ring, one answers",
        {"101": None, "102": 1.5, "103": None},
        calls(by(ANNA, "team")),
        varset=True,
    ),
    "ring_all_abandoned": Scene(
        "three phones ring, the caller gives up",
        dict.fromkeys(("101", "102", "103")),
        calls(by(ANNA, "team", patience=2.0)),
    ),
    "pauses": Scene("pause in one queue, in all, other reason, back", TWO, pauses),
    "blind_to_agent": Scene(
        "101 passes the caller to 102", TWO, calls(by(ANNA, talk=7.0, transfer=transfer("blind", "102")))
    ),
    "blind_to_queue": Scene(
        "101 passes the caller into sales",
        {"101": 1.0, "103": 1.0},
        calls(by(ANNA, talk=7.0, transfer=transfer("blind", "sales"))),
        varset=True,
    ),
    "redirect_talking": Scene("AMI Redirect of a talking caller to 102", TWO, redirect_talking, varset=True),
    "redirect_waiting": Scene(
        "AMI Redirect of a waiting caller to 102", {"101": None, "102": 1.0}, redirect_waiting
    ),
    "attended_to_agent": Scene(
        "101 consults 102 and joins",
        TWO,
        calls(by(ANNA, talk=10.0, transfer=transfer("attended", "102", 2.0))),
    ),
    "attended_to_queue": Scene(
        "101 consults sales, 103 answers, then joins",
        {"101": 1.0, "103": 1.0},
        calls(by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 3.0))),
        varset=True,
    ),
    "attended_to_queue_waiting": Scene(
        "101 calls sales and joins before anybody answers",
        {"101": 1.0, "103": 4.0},
        calls(by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 1.5))),
    ),
    "consult_and_return": Scene("101 asks 102 and comes back", TWO, consult_and_return, varset=True),
    "holds": Scene("two holds", ONE, two_holds),
    "key_exit": Scene("leaves by key 1", {"101": None}, key_exit, varset=True),
    "withdraw": Scene("taken out by the server", {"101": None}, withdraw),
    "overlapping": Scene(
        "two callers, two agents, at once",
        TWO,
        calls(by(ANNA, talk=4.0), by(BERND, at=0.7, talk=3.0, ended_by=AGENT)),
    ),
    "overtaking": Scene("a waiting caller is moved before another", ONE, overtaking),
    "chinese_name": Scene("a name in UTF-8", ONE, calls(by(("+15550143", "王小明"))), varset=True),
    "latin1_name": Scene("a name in Latin-1", ONE, calls(by(("+15550144", "José Muñoz".encode("latin-1"))))),
    "anonymous": Scene("no number", ONE, calls(by(("", "")))),
    "local_member": Scene("a Local member, optimised away", ONE, calls(by(ANNA, "local")), varset=True),
    "local_member_n": Scene("a Local member that stays (/n)", {"102": 1.0}, calls(by(ANNA, "local-n"))),
    "local_member_blind": Scene(
        "a Local member passes the caller on",
        TWO,
        calls(by(ANNA, "local", talk=7.0, transfer=transfer("blind", "102"))),
    ),
}
