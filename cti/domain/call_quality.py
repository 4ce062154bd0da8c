"""How a call sounded at an agent's softphone: measured in the browser, kept as a few numbers a call."""

from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId

MOS_BOUNDS = (1.5, 2.0, 2.58, 3.1, 3.6, 4.03, 4.34)
"""Where the words for a score change (ITU-T G.109): below 2.58 nearly all are dissatisfied, from 4.03 on satisfied."""


class Sounded(NamedTuple):
    """What an agent's browser measured of one conversation. Milliseconds, except `seconds`; MOS from 1 to 4.5.

    Medians over samples of some seconds each; `…_worst` is the worst sample.
    """

    jitter_ms: float
    jitter_worst_ms: float
    loss_percent: float
    rtt_ms: float | None  # unknown: the switch sent no reports
    mos: float
    mos_worst: float
    codec: str
    device: str  # bluetooth, usb, built_in, other
    seconds: int


class CallQuality(NamedTuple):
    """One agent's part of one call."""

    call: CallId
    agent: AgentId
    at: float
    sounded: Sounded
