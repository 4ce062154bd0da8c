"""Names of things. Ids are types of their own: a bare `str` never travels."""

from enum import StrEnum
from typing import NewType

PbxName = NewType("PbxName", str)
CallId = NewType("CallId", str)
"""A customer's journey: `{pbx}:{Uniqueid of its first channel}`, the same live, replayed or read from a ledger."""
ChannelId = NewType("ChannelId", str)
"""A channel's Uniqueid, good for correlation only: it changes hands in transfers and Local optimisation."""
BridgeId = NewType("BridgeId", str)
AgentId = NewType("AgentId", str)
"""The member name, as the switch's queue_log writes it."""
QueueName = NewType("QueueName", str)
CustomerId = NewType("CustomerId", str)


class PhoneNumber(str):
    """An E.164 number (`+8613800000000`) or, where no plan explains it, the dialled digits; masked when logged."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Country code and the last two digits, the rest hidden."""
        return f"PhoneNumber({self[:3]}…{self[-2:]})" if len(self) > 5 else "PhoneNumber(…)"


class Tier(StrEnum):
    """What a customer is worth, by contribution margin (customer pyramid). Best first."""

    PLATINUM = "platinum"
    GOLD = "gold"
    IRON = "iron"
    LEAD = "lead"


def call_id(pbx: PbxName, first_channel: ChannelId) -> CallId:
    return CallId(f"{pbx}:{first_channel}")


def pbx_of(call: CallId) -> PbxName:
    """The switch a call is on; a channel's Uniqueid has no colon."""
    return PbxName(call.rpartition(":")[0])
