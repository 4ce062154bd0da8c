"""What a scripted scenario needs in a switch's site overlay: its queues, its agents, its numbers."""

from __future__ import annotations

from simulator.scenario import Scenario, ScriptedAgent, ScriptedQueue
from tools.pbx import Pbx, PbxError

SHIPPED_QUEUES = {"support": "5550100", "sales": "5550101"}
SHIPPED_MEMBERS = {"support": ("101", "102", "103", "104"), "sales": ("103", "104", "105", "106")}
SHIPPED_AGENTS = ("101", "102", "103", "104", "105", "106")


def did(queue: str) -> str:
    """What a caller dials for a queue: its number as shipped, else its own name."""
    return SHIPPED_QUEUES.get(queue, queue)


def site_for(scenario: Scenario) -> dict[str, str]:
    """Overlay texts for `Pbx(site=...)`; a shipped queue keeps its members, who are not there if not in the script."""
    queues = [_queue(queue, scenario.agents) for queue in scenario.queues]
    own = [queue.name for queue in scenario.queues if queue.name not in SHIPPED_QUEUES]
    doors = [f"exten => {name},1,Goto(tierline-queue,{name},1)" for name in own]
    strangers = [agent.name for agent in scenario.agents if agent.name not in SHIPPED_AGENTS]
    colleagues = [f"exten => {name},1,Dial(PJSIP/{name},30,t)" for name in strangers]
    waits = [f"CTI_MAX_WAIT_{queue.name}={queue.timeout or ''}" for queue in scenario.queues]
    waits = [line.replace(".0", "") for line in waits]
    return {
        "queues.conf": "\n".join(queues),
        "pjsip.conf": "\n".join(_phone(agent.name) for agent in scenario.agents),
        "extensions.conf": "\n".join(
            [
                "[globals](+)",
                "CTI_MAX_WAIT=",
                *waits,
                "[from-trunk](+)",
                *doors,
                "[from-agents](+)",
                *doors,
                *colleagues,
            ]
        ),
    }


def prepare(scenario: Scenario, pbx: Pbx) -> None:
    """Make a running switch ready for the scenario, unless it was started with `site_for` it."""
    marker = pbx.directory / "prepared"
    text = repr((scenario.queues, scenario.agents))
    if marker.exists() and marker.read_text() == text:
        return
    for file, overlay in site_for(scenario).items():
        there = pbx.etc / "site" / file
        if not there.exists() or overlay not in there.read_text(encoding="utf-8"):
            pbx.site(file, overlay)
    for command in ("module reload res_pjsip.so", "queue reload all", "dialplan reload"):
        pbx.cli(command)
    for queue in scenario.queues:
        if f"'{queue.strategy}'" not in (shown := pbx.cli(f"queue show {queue.name}")):
            raise PbxError(
                f"A running queue cannot become {queue.strategy}: start with Pbx(site=site_for(scenario)).\n{shown}"
            )
    marker.write_text(text)


def _queue(queue: ScriptedQueue, agents: tuple[ScriptedAgent, ...]) -> str:
    shipped = queue.name in SHIPPED_QUEUES
    lines = [f"[{queue.name}](+)" if shipped else f"[{queue.name}](tierline)"]
    lines += [
        f"strategy={queue.strategy}",
        f"timeout={queue.ring:g}",
        f"retry={queue.retry:g}",
        f"maxlen={queue.max_length}",
        f"wrapuptime={queue.wrapup:g}",
        f"joinempty={'yes' if queue.join_empty else 'unavailable,invalid,unknown'}",
    ]
    for agent in agents:
        standard = agent.name in SHIPPED_MEMBERS.get(queue.name, ()) and not agent.penalty
        if queue.name in agent.queues and not standard:
            lines.append(f"member => PJSIP/{agent.name},{agent.penalty},{agent.name}")
    return "\n".join(lines)


def _phone(name: str) -> str:
    if name in SHIPPED_AGENTS:
        return f"[{name}](+type=endpoint,desk-phone)"
    return "\n".join(
        [
            f"[{name}](desk-phone)\nauth={name}\naors={name}\ncallerid=<{name}>",
            f"[{name}](agent-login)\nusername={name}\npassword=tierline-{name}",
            f"[{name}](agent-place)",
        ]
    )
