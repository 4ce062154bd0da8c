"""The scenes of the golden traces. Numbers are of the range reserved for fiction, names are invented."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from simulator.scenario import EndedBy
from tools.scene_acts import (
    ANNA,
    BERND,
    blind_by_keys,
    blind_by_server,
    by,
    calls,
    consult_and_return,
    key_exit,
    last_agent_leaves,
    latin1_bytes,
    overtaking,
    pauses,
    redirect_talking,
    redirect_waiting,
    transfer,
    two_holds,
    waiting_behind_pause,
    withdraw,
)
from tools.sip.phones import BUSY
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
[leaving](tierline)
strategy = linear
leavewhenempty = unavailable,invalid,unknown
member => PJSIP/105,0,105
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
exten => leaving,1,Goto(tierline-queue,leaving,1)
exten => local,1,Goto(tierline-queue,local,1)
exten => local-n,1,Goto(tierline-queue,local-n,1)
""",
}


@dataclass(frozen=True, slots=True)
class Scene:
    what: str
    agents: Mapping[str, float | None]  # name -> seconds until the answer; None lets it ring
    act: Callable[[Stage], Awaitable[None]]
    varset: bool = False  # recorded with VarSet and Newexten


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
    "latin1_bytes": Scene("a name in Latin-1 bytes", ONE, latin1_bytes, varset=True),
    "latin1_name": Scene(
        "a name in Latin-1 bytes by SIP, mended by PJSIP",
        ONE,
        calls(by(("+15550144", "José Muñoz".encode("latin-1")))),
    ),
    "agent_busy": Scene("101 declines, 102 answers", {"101": BUSY, "102": 1.0}, calls(by(ANNA))),
    "last_agent_leaves": Scene("nobody is left: the queue gives up", {"105": None}, last_agent_leaves),
    "blind_by_keys": Scene("101 presses ## 102", TWO, blind_by_keys),
    "blind_by_server": Scene("AMI BlindTransfer", TWO, blind_by_server),
    "anonymous": Scene("no number", ONE, calls(by(("", "")))),
    "local_member": Scene("a Local member, optimised away", ONE, calls(by(ANNA, "local")), varset=True),
    "local_member_n": Scene("a Local member that stays (/n)", {"102": 1.0}, calls(by(ANNA, "local-n"))),
    "local_member_blind": Scene(
        "a Local member passes the caller on",
        TWO,
        calls(by(ANNA, "local", talk=7.0, transfer=transfer("blind", "102"))),
    ),
}
