"""What was heard in part, and what the ledger tells of it: a caller passed on, a consultation put through."""

from cti.domain.identifiers import AgentId, CallId, ChannelId
from cti.domain.ledger_reader import read_ledger
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import SegmentRecord
from tests.cti.reconciling import PBX, judged

BASE = 1_795_311_215
GAP = (BASE - 60.0, BASE + 60.0)
PASSED_ON = (
    f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 1}|c1|support|101|CONNECT|1|a1|1",
    f"{BASE + 2}|c1|support|101|BLINDTRANSFER|support|from-agents|1|1|1",
    f"{BASE + 2}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 3}|c1|support|102|CONNECT|1|a2|1",
    f"{BASE + 8}|c1|support|102|COMPLETEAGENT|1|5|1",
)


def ledger(*lines: str) -> list[LedgerEntry]:
    return read_ledger([line + "\n" for line in lines], PBX).take()


def told_by_the_ledger(*lines: str, **given):
    """The one call that the ledger alone knows."""
    [call] = judged([], ledger(*lines), [GAP], **given).calls.values()
    return call


def stays(entries: list[LedgerEntry]):
    return {("c1", "support"): {entry.joined_at for entry in entries}}


def shown(call):
    return [(visit.joined_at, visit.agent, visit.talk_seconds) for visit in call.visits]


def talks(call):
    return [(one.agent, one.channel, one.talk_seconds + one.hold_seconds) for one in call.segments]


ATTENDED = (
    f"{BASE}|c9|sales|NONE|ENTERQUEUE||101|1",
    f"{BASE}|c9|sales|105|CONNECT|0|a9|0",
    f"{BASE + 2}|c9|sales|105|COMPLETECALLER|0|2|1",
)
CUSTOMERS_CALL = CallId(f"{PBX}:c1")


def conversation(call: CallId, channel: str, began_at: float, ended_at: float, **changes) -> SegmentRecord:
    known = SegmentRecord(
        call, PBX, AgentId("105"), ChannelId(channel), None, None, began_at, ended_at, ended_at - began_at,
        0.0, 0, False, None, told_by_the_ledger(*PASSED_ON).direction,
    )  # fmt: skip
    return known._replace(**changes)
