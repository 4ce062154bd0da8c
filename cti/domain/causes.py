"""Why our records and the switch's ledger may differ, and what we do about each: one table, a page to read.

Twenty-four causes are Asterisk's and the wire's; the last one is the calendar's. A difference without a cause is
unexplained: it stays, it is counted as drift, and somebody has to look.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Cause(StrEnum):
    """Named for what happened."""

    ABANDON_SEMANTICS = "abandon_semantics"
    CODEC_FAILURE = "codec_failure"
    BLOCKED = "blocked"
    WHOLE_SECONDS = "whole_seconds"
    ANNOUNCEMENT = "announcement"
    HOLD_IN_TALK = "hold_in_talk"
    REDIRECT = "redirect"
    CALLID_SWAP = "callid_swap"
    LOCAL_MEMBER = "local_member"
    REBINDING = "rebinding"
    PAUSE_TWICE = "pause_twice"
    AGENT_KEY = "agent_key"
    RING_ENDINGS = "ring_endings"
    UNHEARD = "unheard"
    LEDGER_CLOCK = "ledger_clock"
    CUSTOM_LINES = "custom_lines"
    COUNTERS_RESET = "counters_reset"
    EVENT_ORDER = "event_order"
    SAME_IDS = "same_ids"
    QUEUE_CASE = "queue_case"
    SECOND_VISIT = "second_visit"
    INTERVAL_EDGE = "interval_edge"
    QUEUE_RESET = "queue_reset"
    RESTART = "restart"
    BEFORE_US = "before_us"


class Dealing(StrEnum):
    """What we do about a cause."""

    AVOIDED = "avoided"  # no difference can come of it
    EXPLAINED = "explained"  # both are right, each in its own words: ours stays
    REPAIRED = "repaired"  # the ledger is right: ours is corrected, the version before is kept


DEALINGS: Mapping[Cause, tuple[Dealing, str]] = MappingProxyType(
    {
        Cause.ABANDON_SEMANTICS: (
            Dealing.REPAIRED,
            (
                "AMI says `QueueCallerAbandon` for five endings; what the caller's channel does next tells them apart, "
                "and where that was not seen the ledger's line does"
            ),
        ),
        Cause.CODEC_FAILURE: (
            Dealing.REPAIRED,
            "a codec failure is told as two abandons; the ledger's SYSCOMPAT line names it",
        ),
        Cause.BLOCKED: (
            Dealing.AVOIDED,
            "a refused call is in neither: the dialplan reports it, it is no visit",
        ),
        Cause.WHOLE_SECONDS: (
            Dealing.AVOIDED,
            "the ledger cuts to whole seconds: one second is no difference",
        ),
        Cause.ANNOUNCEMENT: (
            Dealing.EXPLAINED,
            "its wait is counted from other moments than its own lines stand at; ours agrees with the lines",
        ),
        Cause.HOLD_IN_TALK: (
            Dealing.EXPLAINED,
            "TalkTime runs on while the agent holds or has left the bridge; talk and hold together are compared",
        ),
        Cause.REDIRECT: (
            Dealing.EXPLAINED,
            "a redirected caller is logged as talking, or as abandoned, until the hang-up; the bridges know better",
        ),
        Cause.CALLID_SWAP: (
            Dealing.EXPLAINED,
            (
                "an attended transfer swaps callids, so visits match by either; and the ledger's talk ends with the "
                "consulting leg though the customer talks on"
            ),
        ),
        Cause.LOCAL_MEMBER: (
            Dealing.EXPLAINED,
            "behind a Local channel a transfer is not logged: the first agent seems to talk to the end",
        ),
        Cause.REBINDING: (
            Dealing.AVOIDED,
            "an optimised Local channel gives its callid away: queue, second of joining and caller match",
        ),
        Cause.PAUSE_TWICE: (
            Dealing.AVOIDED,
            "PAUSEALL and one PAUSE a queue: agents' states come from AMI alone",
        ),
        Cause.AGENT_KEY: (Dealing.EXPLAINED, "one names the interface, the other the member"),
        Cause.RING_ENDINGS: (
            Dealing.AVOIDED,
            "who else rang is logged in part only: ring attempts are taken over with a visit, never compared",
        ),
        Cause.UNHEARD: (Dealing.REPAIRED, "AMI was not heard; the ledger went on"),
        Cause.LEDGER_CLOCK: (
            Dealing.AVOIDED,
            "rotation, late commits, local time: the reader keeps order, and waits until late lines are in",
        ),
        Cause.CUSTOM_LINES: (Dealing.AVOIDED, "lines of others are counted and let go"),
        Cause.COUNTERS_RESET: (Dealing.AVOIDED, "the switch's own counters are never read"),
        Cause.EVENT_ORDER: (Dealing.AVOIDED, "a call is concluded when nothing more is expected of it"),
        Cause.SAME_IDS: (Dealing.AVOIDED, "every id of ours begins with the switch's name"),
        Cause.QUEUE_CASE: (Dealing.AVOIDED, "queue names are compared without case"),
        Cause.SECOND_VISIT: (Dealing.AVOIDED, "every join is a visit of its own"),
        Cause.INTERVAL_EDGE: (
            Dealing.AVOIDED,
            "visits are compared one by one, whatever interval they fall into",
        ),
        Cause.QUEUE_RESET: (Dealing.AVOIDED, "it resets counters we do not read"),
        Cause.RESTART: (
            Dealing.EXPLAINED,
            "a restart ends nothing in the ledger: what it left open, our records may have seen end",
        ),
        Cause.BEFORE_US: (Dealing.REPAIRED, "it happened before we listened: history comes from the ledger"),
    }
)
