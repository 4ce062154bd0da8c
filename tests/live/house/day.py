"""A minute in a call centre with more callers than agents: forty-five calls, each from a number of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from tests.live.switch import Stage, did, site_for
from tests.servers import REPOSITORY

RING = 4.0  # seconds a phone rings before the next one does
SALES_WAIT = 15.0  # seconds until the queue gives a caller up
ANSWERS_AFTER = 3.0  # seconds; a person looks at the screen first
TALK = 4.3  # a recording of less than three seconds is not kept, and a telephone may lose the first one
APART = 0.4  # seconds: no two conversations that began together end together, as people's do not
AFTERWARDS = 2.0  # the last agent's after-call work, and a little
BACK_OFFICE = "106"  # takes what colleagues pass on, and no queue calls
LETS_RING = "105"

QUEUES = (
    ScriptedQueue("support", "rrmemory", ring=RING, join_empty=False),
    ScriptedQueue("sales", "rrmemory", ring=RING, timeout=SALES_WAIT, max_length=5, join_empty=False),
)
AGENTS = tuple(
    ScriptedAgent(name, queues, answers_after=None if name == LETS_RING else ANSWERS_AFTER)
    for name, queues in {
        "101": ("support",),
        "102": ("support",),
        "103": ("support", "sales"),
        "104": ("support", "sales"),
        "105": ("sales",),
        "106": ("sales",),
    }.items()
)


def site() -> dict[str, str]:
    """The shipped queues with shorter times; phones 105 and 106 on the desk."""
    return site_for(Scenario(QUEUES, AGENTS, (), 0))


def policies(folder: Path) -> Path:
    """The shipped ones, but whoever lets it ring stays in the queue all day."""
    copy = folder / "policies"
    shutil.copytree(REPOSITORY / "config" / "policies", copy)
    file = copy / "desk-states.yaml"
    text = file.read_text(encoding="utf-8")
    assert "missed_calls: 3 " in text
    file.write_text(text.replace("missed_calls: 3 ", "missed_calls: 99 "), encoding="utf-8")
    return copy


class Caller(NamedTuple):
    script: ScriptedCall
    tier: str | None  # None: nobody we know
    ringing: bool = False  # hangs up as soon as a phone rings
    late: bool = False  # comes when all is over: at once with the others, counted from then


def number(place: int) -> str:
    return f"+1202555{100 + place:04}"  # of the range reserved for fiction


def callers() -> list[Caller]:
    """Names of strangers are what their telephone says."""
    plan: list[Caller] = []

    def comes(
        at: float, queue: str, tier: str | None, ringing: bool = False, late: bool = False, **more: object
    ) -> None:
        told = {"number": number(len(plan)), "talk": TALK + len(plan) % 5 * APART, **more}
        script = ScriptedCall(at=at, queue=queue, **told)  # type: ignore[arg-type]  # any field of a call
        plan.append(Caller(script, tier, ringing, late))

    agent = EndedBy.AGENT
    comes(0.0, "sales", None, name="José Muñoz".encode("latin-1"))
    comes(0.1, "sales", "lead", ended_by=agent)
    comes(0.2, "sales", "iron")
    comes(0.6, "support", "iron", talk=7.0, transfer=ScriptedTransfer("blind", BACK_OFFICE, 2.0))
    comes(0.8, "support", None, name="王小明")
    comes(1.0, "support", "lead")
    comes(1.2, "support", None)
    comes(1.4, "support", "iron", ended_by=agent)
    # the good ones come later and go first
    comes(4.0, "support", "platinum", talk=6.0, hold=(1.0, 2.0))
    comes(5.0, "support", "gold", ended_by=agent)
    comes(6.0, "support", "lead", patience=3.0)
    comes(6.5, "support", "iron")
    comes(7.0, "sales", "platinum")
    comes(7.2, "sales", "gold")
    # more than sales can hold
    for place, tier in enumerate((None, "iron", "lead", "iron", None, "lead", "gold", "platinum")):
        comes(9.0 + place * 0.1, "sales", tier, patience=5.0 if place == 1 else None)
    comes(10.0, "support", "platinum", talk=9.0, transfer=ScriptedTransfer("attended", BACK_OFFICE, 1.5, 1.5))
    for place, tier in enumerate(("iron", None, "lead", "gold", "iron", "platinum")):
        comes(11.0 + place * 1.1, "support", tier, patience=4.0 if place == 2 else None)
    comes(17.0, "support", "gold", talk=15.0, transfer=ScriptedTransfer("blind", "sales", TALK))
    comes(18.0, "sales", "gold", ringing=True)
    comes(19.0, "support", "platinum", ringing=True)
    comes(20.0, "support", None, patience=2.5)
    comes(21.0, "sales", "lead", patience=3.5)
    for place, tier in enumerate((None, "iron", "gold", "lead", "platinum")):
        comes(
            22.0 + place * 1.3,
            "sales" if place % 2 else "support",
            tier,
            ended_by=agent if place == 3 else EndedBy.CALLER,
        )
    comes(33.0, "support", None, number="", talk=4.5, hold=(0.5, 1.5))  # who does not show his number
    comes(34.0, "sales", "gold")
    comes(35.0, "support", "platinum")
    # three for sales, three free agents: whoever gets 105 is let ring, and answered by another
    for place, tier in enumerate(("gold", "iron", None)):
        comes(place * 0.1, "sales", tier, late=True)
    return plan


def book(plan: list[Caller]) -> str:
    """The customers as a CSV file."""
    rows = [
        f"Customer {place},{caller.tier},{caller.script.number}"
        for place, caller in enumerate(plan)
        if caller.tier
    ]
    return "\n".join(["name,tier,numbers", *rows]) + "\n"


async def play(stage: Stage, plan: list[Caller], begin: Callable[[], Awaitable[None]]) -> None:
    """Phones first, then `begin`, then everybody calls at his time."""
    await asyncio.gather(*(stage.agent(one.name, answers_after=one.answers_after) for one in AGENTS))
    await begin()
    await asyncio.gather(*_come(stage, [caller for caller in plan if not caller.late]))
    await asyncio.sleep(AFTERWARDS)
    await asyncio.gather(*_come(stage, [caller for caller in plan if caller.late]))


def _come(stage: Stage, callers: list[Caller]) -> list[Awaitable[None]]:
    clock = asyncio.get_running_loop().time
    start = clock()

    async def one(caller: Caller) -> None:
        await asyncio.sleep(max(0.0, start + caller.script.at - clock()))
        await (_hangs_up_on_ringing(stage, caller.script) if caller.ringing else stage.call(caller.script))

    return [one(caller) for caller in callers]


async def _hangs_up_on_ringing(stage: Stage, script: ScriptedCall) -> None:
    since = len(stage.ami.events)
    phone = await stage.caller(did(script.queue), script.number, script.name)
    channel = await stage.channel(phone.call_id, "PJSIP/trunk-")
    await stage.ami.event("AgentCalled", 60, since, Channel=channel)
    await asyncio.sleep(0.3)
    await phone.hang_up()
