"""The key figures of a call centre, each with its formula by name, its text and one version for all.

A answered, B abandoned (the caller hung up), F flowed out (time-out, left empty, key, withdrawn, redirected, codec), K
blocked (the queue refused). `_T`: within the target, `<=` on whole milliseconds. S: abandoned in less than the short
limit. Visits whose end cannot be known (lost) and open ones stand beside the figures, never in them. A figure whose
denominator is 0 is not available: None, never 0 or 1.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from cti.domain.tallies import Tally

FORMULA_VERSION = "1"
"""Changes when any formula, coefficient or boundary below does."""


class ServiceLevelFormula(NamedTuple):
    """(A_T + a*B_T + b*S) / (A + f*B - c*B_T - d*S + e*F + g*K), each coefficient 0 or 1."""

    text: str
    a: int = 0
    b: int = 0
    f: int = 1
    c: int = 0
    d: int = 0
    e: int = 0
    g: int = 0

    def of(self, tally: Tally) -> float | None:
        return ratio(
            tally.answered_in_target + self.a * tally.abandoned_in_target + self.b * tally.short_abandoned,
            tally.answered
            + self.f * tally.abandoned
            - self.c * tally.abandoned_in_target
            - self.d * tally.short_abandoned
            + self.e * tally.flowed_out
            + self.g * tally.blocked,
        )


STRICT = "strict"

SERVICE_LEVELS: Mapping[str, ServiceLevelFormula] = MappingProxyType(
    {
        STRICT: ServiceLevelFormula("A_T / (A+B+F+K)", e=1, g=1),
        "abandons_positive": ServiceLevelFormula("(A_T+B_T) / (A+B)", a=1),
        "answered_only": ServiceLevelFormula("A_T / A", f=0),
        "abandons_after_T": ServiceLevelFormula("A_T / (A+B-B_T)", c=1),
        "short_positive": ServiceLevelFormula("(A_T+S) / (A+B)", b=1),
        "short_excluded": ServiceLevelFormula("A_T / (A+B-S)", d=1),
        "with_flowouts": ServiceLevelFormula("A_T / (A+B+F)", e=1),
        "inclusive": ServiceLevelFormula("(A_T+B_T) / (A+B+F)", a=1, e=1),
    }
)
"""All of them are in use somewhere: the number means nothing without the name beside it."""

FORMULA_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "offered": "A+B+F+lost+open: every queue join; blocked attempts are counted apart",
        "answered": "A: visits an agent answered",
        "abandoned": "B: visits the caller left by hanging up",
        "short_abandoned": "S: of B, those who waited less than the short limit",
        "flow_out": "F: timeout + leave_empty + key_exit + withdrawn + transferred_out + syscompat",
        "lost": "visits whose end cannot be known; in no ratio",
        "open": "visits still waiting; in no ratio yet",
        "blocked": "K: calls the queue refused (full or empty)",
        "answer_rate": "A / (A+B+F+K)",
        "net_answer_rate": "A / (A+B+F+K - S - self-served key exits)",
        "abandon_rate": "B / (A+B+F+K)",
        "asa_seconds": "sum of wait of A / A; wait runs from joining to the agent's answer, ringing included",
        "time_to_abandon_seconds": "sum of wait of B / B",
        "handled": "inbound segments that ended: one agent's time in one conversation",
        "talk_seconds": "sum of bridged time without hold",
        "hold_seconds": "sum of time on hold",
        "wrap_up_seconds": "sum of after-call work",
        "aht_seconds": "(talk + hold + wrap-up) / handled; not available in the clipped view",
        "transfer_rate": "handled segments the agent passed on / handled",
        "outbound_handled": "outbound segments that ended",
        "outbound_aht_seconds": "as aht_seconds, over outbound segments",
        "occupancy": "(talk + hold + wrap-up + connected ringing) / (the same + ready), always clipped",
        "agent_answer_rate": "connected offers / (offers - cancelled ones)",
        **{f"service_level.{name}": formula.text for name, formula in SERVICE_LEVELS.items()},
    }
)


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def mean_seconds(total_ms: int, count: int) -> float | None:
    return round(total_ms / count / 1000, 3) if count > 0 else None


def requests(tally: Tally) -> int:
    """A+B+F+K: all whose fate is known, those refused at the door included."""
    return tally.answered + tally.abandoned + tally.flowed_out + tally.blocked


def answer_rate(tally: Tally) -> float | None:
    return ratio(tally.answered, requests(tally))


def net_answer_rate(tally: Tally) -> float | None:
    return ratio(tally.answered, requests(tally) - tally.short_abandoned - tally.self_served)


def abandon_rate(tally: Tally) -> float | None:
    return ratio(tally.abandoned, requests(tally))


def average_speed_of_answer(tally: Tally) -> float | None:
    """Seconds."""
    return mean_seconds(tally.wait_answered_ms, tally.answered)


def time_to_abandon(tally: Tally) -> float | None:
    """Seconds."""
    return mean_seconds(tally.wait_abandoned_ms, tally.abandoned)


def average_handle_time(tally: Tally) -> float | None:
    """Seconds."""
    return mean_seconds(tally.talk_ms + tally.hold_ms + tally.wrap_up_ms, tally.handled)


def outbound_handle_time(tally: Tally) -> float | None:
    """Seconds."""
    return mean_seconds(tally.outbound_ms, tally.outbound_handled)


def transfer_rate(tally: Tally) -> float | None:
    return ratio(tally.transferred, tally.handled)


def agent_answer_rate(tally: Tally) -> float | None:
    return ratio(tally.offers_connected, tally.offers - tally.offers_cancelled)


def occupancy(tally: Tally) -> float | None:
    return ratio(tally.occupied_ms, tally.occupied_ms + tally.idle_ms)


def service_level(tally: Tally, formula: str = STRICT) -> float | None:
    return SERVICE_LEVELS[formula].of(tally)


def figures(tally: Tally, formula: str = STRICT) -> dict[str, Any]:
    """All figures by the names of the public interface."""
    levels = {name: known.of(tally) for name, known in SERVICE_LEVELS.items()}
    return {
        "offered": tally.offered,
        "answered": tally.answered,
        "abandoned": tally.abandoned,
        "short_abandoned": tally.short_abandoned,
        "flow_out": tally.flowed_out,
        "blocked": tally.blocked,
        "lost": tally.lost,
        "open": tally.open,
        "answer_rate": answer_rate(tally),
        "net_answer_rate": net_answer_rate(tally),
        "abandon_rate": abandon_rate(tally),
        "service_level": {
            "formula": formula,
            "threshold_seconds": tally.target_seconds,
            "value": levels[formula],
        },
        "service_levels": levels,
        "asa_seconds": average_speed_of_answer(tally),
        "time_to_abandon_seconds": time_to_abandon(tally),
        "handled": tally.handled,
        "talk_seconds": tally.talk_ms / 1000,
        "hold_seconds": tally.hold_ms / 1000,
        "wrap_up_seconds": tally.wrap_up_ms / 1000,
        "aht_seconds": average_handle_time(tally),
        "transfer_rate": transfer_rate(tally),
        "outbound_handled": tally.outbound_handled,
        "outbound_aht_seconds": outbound_handle_time(tally),
        "occupancy": occupancy(tally),
        "agent_answer_rate": agent_answer_rate(tally),
    }
