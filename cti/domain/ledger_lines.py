"""One line of the switch's ledger (`queue_log`), and what each kind of line says about a visit."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cti.domain.identifiers import AgentId, ChannelId, QueueName
from cti.domain.ledger_visits import PassedOn
from cti.domain.records import OfferResult, Outcome

NOBODY = "NONE"
LATEST = 32_503_680_000.0  # the year 3000: a time beyond it is no time

UNSERVED: Mapping[str, tuple[Outcome, int]] = MappingProxyType(
    {
        "ABANDON": (Outcome.ABANDONED, 2),
        "EXITWITHTIMEOUT": (Outcome.TIMEOUT, 2),
        "EXITEMPTY": (Outcome.LEAVE_EMPTY, 2),
        "EXITWITHKEY": (Outcome.KEY_EXIT, 3),
        "WITHDRAW": (Outcome.WITHDRAWN, 2),
    }
)
"""How a wait ends unserved, and which datum says how long it was."""

FINISHED: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "COMPLETECALLER": ("caller", 0),
        "COMPLETEAGENT": ("agent", 0),
        "BLINDTRANSFER": ("transfer", 2),
        "ATTENDEDTRANSFER": ("transfer", 2),  # one further for method LINK, which has one datum more
    }
)
"""Who ended a conversation, and where the wait stands, the talk right behind it."""

RUNG: Mapping[str, OfferResult] = MappingProxyType(
    {"RINGNOANSWER": OfferResult.RING_NO_ANSWER, "RINGCANCELED": OfferResult.CANCELLED}
)

OTHERS = frozenset(
    {
        "CONFIGRELOAD", "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PENALTY",
        "RINGINUSE", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "OUTCALL",
        "DISPOSITION",  # our own
    }
)  # fmt: skip
"""Known, and nothing to do with visits."""


def transfer_of(line: "Line") -> PassedOn:
    """What the line that ends a conversation says of the transfer: of an attended one, only that into an application."""
    if line.event == "BLINDTRANSFER":
        return PassedOn("blind", line.data[0] if line.data else None)
    return PassedOn("attended", line.data[1] if line.data[:1] == ("APP",) and len(line.data) > 1 else None)


class Line(NamedTuple):
    at: float
    callid: ChannelId
    queue: QueueName
    agent: AgentId | None
    event: str
    data: tuple[str, ...]

    def number(self, index: int) -> int | None:
        """A datum as a count; None when it is missing, cut or no count."""
        try:
            text = self.data[index]
        except IndexError:
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parse(text: str) -> Line | None:
    """One line of the ledger, or None when it is none."""
    fields = text.strip("\r\n\x00\ufeff").split("|")
    if len(fields) < 5 or not fields[4] or not fields[1]:
        return None
    try:
        at = float(fields[0])
    except ValueError:
        return None
    if not 0 <= at < LATEST:
        return None
    named = fields[3]
    agent = None if named == NOBODY or not named else AgentId(named)
    return Line(at, ChannelId(fields[1]), QueueName(fields[2]), agent, fields[4], tuple(fields[5:]))
