"""What can be told of a conversation without understanding a word: silence, talk-over, who talked how much, faults.

Signals are hints for choosing what to listen to, never scores. Where the two sides cannot be told apart, whatever needs
both of them is None: not known, which is not the same as none. The time a customer was on hold is left out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from recordings.domain.speech import Heard, Lane, Span, common, lasting, outside, total, united, without

CUSTOMER, AGENT = 0, 1
"""Which lane is whose: customer left, agent right."""

VERSION = 1
"""Of the formulas below: values of another version do not compare."""


class Thresholds(NamedTuple):
    """What counts as what; `config/policies/signals.yaml` explains each. Kept with every value they led to."""

    silence_seconds: float = 3.0
    dead_air_seconds: float = 10.0
    talk_over_seconds: float = 0.5
    backchannel_seconds: float = 1.0
    abrupt_end_seconds: float = 1.0
    one_way_silent_share: float = 0.8
    one_way_speech_share: float = 0.02
    one_way_other_seconds: float = 10.0
    clipped_share: float = 0.01
    quiet_dbfs: float = -45.0
    no_speech_seconds: float = 1.0


class Fault(StrEnum):
    """Why a recording says nothing fair about an agent: found before a person scores it."""

    NO_SPEECH = "no_speech"
    ONE_WAY_AUDIO = "one_way_audio"
    CLIPPED = "clipped"
    TOO_QUIET = "too_quiet"


class Occurrences(NamedTuple):
    """One kind of thing that happened. Lengths in seconds; None when it never did."""

    times: int
    total: float
    longest: float | None
    shortest: float | None
    mean: float | None


class Facts(NamedTuple):
    """What the switch knows and the sound does not say; times are of the sound."""

    answered_at: float = 0.0
    ended_by: str | None = None  # caller, agent, transfer
    holds: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()
    """Not recorded on purpose: neither talk nor silence."""


class Signals(NamedTuple):
    """Shares are 0 to 1, times seconds, levels dBFS. None: cannot be known."""

    listened_seconds: float
    silence_share: float | None
    silence: Occurrences
    dead_air: Occurrences
    talk_over: Occurrences | None
    agent_interruptions: int | None
    customer_interruptions: int | None
    agent_talk_share: float | None
    agent_speech_seconds: float | None
    customer_speech_seconds: float | None
    agent_monologue_seconds: float | None
    customer_monologue_seconds: float | None
    turns_a_minute: float | None
    first_response_seconds: float | None
    hold: Occurrences
    ended_by: str | None
    quiet_end_seconds: float | None
    abrupt_end: bool | None
    agent_level: float | None
    customer_level: float | None
    clipped_share: float
    faults: tuple[Fault, ...]

    def document(self) -> dict[str, Any]:
        """As it is kept and shown."""
        return {
            name: value._asdict() if isinstance(value, Occurrences) else value
            for name, value in self._asdict().items()
        }


class Found(NamedTuple):
    """Signals, and where in the sound they stand."""

    signals: Signals
    spans: Mapping[str, Sequence[Span]]


def signals_of(heard: Heard, facts: Facts, limits: Thresholds) -> Found:
    """All that is to be told of one recording."""
    holds = common(united(facts.holds), [Span(0.0, heard.seconds)])
    apart = united([*holds, *facts.pauses])
    listened = outside(apart, 0.0, heard.seconds)
    lanes = [common(lane.speech, listened) for lane in heard.lanes]
    anybody = united([span for lane in lanes for span in lane])
    quiet = without(listened, anybody)
    silences = lasting(quiet, limits.silence_seconds)
    both = lasting(common(*lanes), limits.talk_over_seconds) if heard.apart else []
    ends_quiet = None if not anybody else max(0.0, heard.seconds - anybody[-1].ended)
    sides = _of_two(lanes, both, total(listened), facts, limits) if heard.apart else _UNKNOWN
    found = Signals(
        listened_seconds=total(listened),
        silence_share=_share(total(quiet), total(listened)),
        silence=occurrences(silences),
        dead_air=occurrences(lasting(quiet, limits.dead_air_seconds)),
        hold=occurrences(holds),
        ended_by=facts.ended_by,
        quiet_end_seconds=ends_quiet,
        abrupt_end=_abrupt(facts.ended_by, ends_quiet, limits),
        agent_level=heard.lanes[AGENT].speech_level if heard.apart else None,
        customer_level=heard.lanes[CUSTOMER].speech_level if heard.apart else None,
        clipped_share=max((lane.clipped_share for lane in heard.lanes), default=0.0),
        faults=tuple(_faults(heard, listened, limits)),
        **sides,
    )
    spans: dict[str, Sequence[Span]] = {"hold": holds, "silence": silences}
    if heard.apart:
        spans |= {
            "talk_over": both,
            "customer": heard.lanes[CUSTOMER].speech,
            "agent": heard.lanes[AGENT].speech,
        }
    return Found(found, spans)


def occurrences(spans: Sequence[Span]) -> Occurrences:
    lengths = [span.seconds for span in spans]
    if not lengths:
        return Occurrences(0, 0.0, None, None, None)
    return Occurrences(len(lengths), sum(lengths), max(lengths), min(lengths), sum(lengths) / len(lengths))


_UNKNOWN: Mapping[str, Any] = dict.fromkeys(
    (
        "talk_over",
        "agent_interruptions",
        "customer_interruptions",
        "agent_talk_share",
        "agent_speech_seconds",
        "customer_speech_seconds",
        "agent_monologue_seconds",
        "customer_monologue_seconds",
        "turns_a_minute",
        "first_response_seconds",
    )
)


def _of_two(
    lanes: Sequence[Sequence[Span]],
    both: Sequence[Span],
    listened: float,
    facts: Facts,
    limits: Thresholds,
) -> Mapping[str, Any]:
    customer, agent = lanes
    theirs, ours = _turns(customer, agent, limits), _turns(agent, customer, limits)
    first = next((span for span in agent if span.ended > facts.answered_at), None)
    by_agent, by_customer = _who_broke_in(both, customer, agent)
    return {
        "talk_over": occurrences(both),
        "agent_interruptions": by_agent,
        "customer_interruptions": by_customer,
        "agent_talk_share": _share(total(agent), total(agent) + total(customer)),
        "agent_speech_seconds": total(agent),
        "customer_speech_seconds": total(customer),
        "agent_monologue_seconds": max((span.seconds for span in ours), default=0.0),
        "customer_monologue_seconds": max((span.seconds for span in theirs), default=0.0),
        "turns_a_minute": None if listened <= 0 else (len(ours) + len(theirs)) / listened * 60.0,
        "first_response_seconds": None if first is None else max(0.0, first.began - facts.answered_at),
    }


def _who_broke_in(both: Sequence[Span], customer: Sequence[Span], agent: Sequence[Span]) -> tuple[int, int]:
    """How often the agent, and the customer, began while the other was talking. Who began together broke in on nobody."""
    by_agent = by_customer = 0
    for span in both:
        theirs, ours = (
            lane[bisect_right(lane, span.began, key=_began) - 1].began for lane in (customer, agent)
        )
        by_agent += ours > theirs
        by_customer += theirs > ours
    return by_agent, by_customer


def _turns(own: Sequence[Span], other: Sequence[Span], limits: Thresholds) -> list[Span]:
    """When one side had the word. A pause takes it away, or the other who begins to speak; not a mere "yes" or "mhm"."""
    taken = [span.began for span in lasting(other, limits.backchannel_seconds)]
    turns: list[Span] = []
    for span in own:
        last = turns[-1] if turns else None
        if last is None or _passes(last, span, taken, limits):
            turns.append(span)
        else:
            turns[-1] = Span(last.began, span.ended)
    return lasting(turns, limits.backchannel_seconds)


def _passes(last: Span, span: Span, taken: Sequence[float], limits: Thresholds) -> bool:
    """Between these two of one side the word was taken, by the other or by nobody."""
    if span.began - last.ended >= limits.silence_seconds:
        return True
    return bisect_left(taken, span.began) > bisect_left(taken, last.began)


def _began(span: Span) -> float:
    return span.began


def _abrupt(ended_by: str | None, ends_quiet: float | None, limits: Thresholds) -> bool | None:
    """The agent hung up nearly in somebody's word."""
    if ended_by is None or ends_quiet is None:
        return None
    return ended_by == "agent" and ends_quiet < limits.abrupt_end_seconds


def _faults(heard: Heard, listened: Sequence[Span], limits: Thresholds) -> list[Fault]:
    speech = [common(lane.speech, listened) for lane in heard.lanes]
    if total(united([span for lane in speech for span in lane])) < limits.no_speech_seconds:
        return [Fault.NO_SPEECH] if total(listened) > 0 else []
    faults = []
    if heard.apart and any(
        _one_way(heard.lanes[side], speech[side], speech[1 - side], listened, limits) for side in (0, 1)
    ):
        faults.append(Fault.ONE_WAY_AUDIO)
    if any(lane.clipped_share > limits.clipped_share for lane in heard.lanes):
        faults.append(Fault.CLIPPED)
    levels = [lane.speech_level for lane in heard.lanes if lane.speech_level is not None]
    if any(level < limits.quiet_dbfs for level in levels):
        faults.append(Fault.TOO_QUIET)
    return faults


def _one_way(
    lane: Lane, speech: Sequence[Span], other: Sequence[Span], listened: Sequence[Span], limits: Thresholds
) -> bool:
    """Nothing comes from this side while the other talks: hardly a word, and no sound of a room either."""
    talked = total(other)
    if talked < limits.one_way_other_seconds:
        return False
    silent = total(without(other, lane.sound)) / talked
    spoke = total(speech) / total(listened)
    return silent > limits.one_way_silent_share and spoke < limits.one_way_speech_share


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
