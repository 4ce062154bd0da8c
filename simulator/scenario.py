"""A scripted day: who calls, who answers, what happens. The same script is played on the simulator and on a real switch."""

from dataclasses import dataclass
from enum import StrEnum


class EndedBy(StrEnum):
    """Who hangs up an answered call."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class ScriptedTransfer:
    """The answering agent passes the caller on, `after` seconds into the conversation.

    `to` is an agent's name or a queue's name; an attended transfer consults for `consult` seconds first.
    """

    kind: str  # "blind" | "attended"
    to: str
    after: float
    consult: float = 0.0


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One caller. All times in seconds; `at` counts from the start of the scenario."""

    at: float
    number: str
    queue: str
    name: str | bytes = ""  # bytes: sent as they are (a Latin-1 name, say)
    patience: float | None = None  # hangs up after waiting so long; None waits for ever
    talk: float = 5.0  # from the answer to the hang-up, transfers and holds included
    ended_by: EndedBy = EndedBy.CALLER
    hold: tuple[float, float] | None = None  # (seconds after the answer, length): the agent holds the caller
    transfer: ScriptedTransfer | None = None


@dataclass(frozen=True, slots=True)
class ScriptedAgent:
    """One member of one or more queues. `answers_after` None lets the phone ring."""

    name: str
    queues: tuple[str, ...]
    answers_after: float | None = 1.0
    penalty: int = 0


@dataclass(frozen=True, slots=True)
class ScriptedQueue:
    """A queue as app_queue would be configured. Times in seconds."""

    name: str
    strategy: str = "linear"  # "linear" | "rrmemory" | "ringall"
    ring: float = 15.0  # an offer's ring time-out
    retry: float = 1.0  # pause before the next round of offers
    timeout: float | None = None  # the caller leaves the queue after so long
    max_length: int = 0  # 0: no limit
    join_empty: bool = True  # False: refused when no member is there
    wrapup: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Queues, agents and calls, and how long to watch, in seconds."""

    queues: tuple[ScriptedQueue, ...]
    agents: tuple[ScriptedAgent, ...]
    calls: tuple[ScriptedCall, ...]
    length: float
