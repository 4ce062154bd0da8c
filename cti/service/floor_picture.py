"""The floor as the interface shows it, drawn from the live state."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.kpi import (
    abandon_rate,
    answer_rate,
    average_handle_time,
    average_speed_of_answer,
    service_level,
)
from cti.domain.tallies import Tally
from cti.domain.targets import KpiRules
from cti.domain.verification import Verification, mark
from cti.service.floor_agents import BUSY, LOGGED_OFF, READY, RINGING, AgentOnFloor
from cti.service.floor_meter import label
from cti.service.floor_today import Today, together


class PlaceInLine(NamedTuple):
    """A waiting caller's place, as routing explains it."""

    call: CallId
    credit_seconds: float
    promised_at: float | None
    why: Mapping[str, str]  # by language


class Caller(NamedTuple):
    """Who calls, once recognised."""

    tier: Tier
    name: str | None


class SwitchSeen(NamedTuple):
    up: bool
    since: float
    reason: str


@dataclass(slots=True)
class Waiting:
    """One caller in one line."""

    call: CallId
    uniqueid: ChannelId
    queue: QueueName
    joined_at: float
    number: str | None
    tier: Tier | None
    name: str | None
    counted: bool = False  # among the offered, by tier


class Floor(NamedTuple):
    """One switch's floor: all that a picture is drawn from."""

    at: float
    pbx: PbxName
    switch: SwitchSeen
    queues: Sequence[QueueName]
    waiting: Mapping[ChannelId, Waiting]
    line: Callable[[QueueName], Sequence[PlaceInLine]]
    agents: Sequence[AgentOnFloor]
    agent_name: Callable[[AgentId], str]
    callers: Mapping[CallId, Caller]
    today: Today
    rules: KpiRules
    proof: Sequence[Verification] = ()
    surges: Mapping[QueueName, float] = MappingProxyType({})
    """Queues in a surge, and since when."""
    silent: Mapping[CallId, float] = MappingProxyType({})
    """Calls whose recording is paused, and since when."""


def picture(floors: Sequence[Floor]) -> dict[str, Any]:
    """Several switches are one floor: queues of one name are one queue, their lines stand one behind the other."""
    floor = _together(floors)
    lines = _lines(floor)
    return {
        "at": floor.at,
        "pbx": {one.pbx: one.switch._asdict() for one in floors},
        "tiles": _tiles(floor),
        "queues": queue_cards(floor),
        "waiting": [
            row for queue in lines for one in floors for row in _line(one, queue, _lines(one).get(queue, ()))
        ],
        "agents": [
            _agent(one, agent)
            for agent, one in sorted(
                ((agent, one) for one in floors for agent in one.agents),
                key=lambda placed: (placed[0].agent, placed[1].pbx),
            )
        ],
        "trend": floor.today.trend.rows(
            ((caller.queue, caller.joined_at) for caller in floor.waiting.values()), floor.rules.formula
        ),
        **mark(floor.proof),
    }


def queue_cards(floor: Floor) -> list[dict[str, Any]]:
    """Each queue in numbers: the part of the picture that costs little."""
    return [_queue(floor, queue, line) for queue, line in _lines(floor).items()]


def _together(floors: Sequence[Floor]) -> Floor:
    first, *others = floors
    if not others:
        return first
    return first._replace(
        queues=list(dict.fromkeys(queue for floor in floors for queue in floor.queues)),
        waiting={
            ChannelId(f"{floor.pbx}:{channel}"): waiting
            for floor in floors
            for channel, waiting in floor.waiting.items()
        },
        agents=[agent for floor in floors for agent in floor.agents],
        today=together([floor.today for floor in floors]),
        proof=[proof for floor in floors for proof in floor.proof],
        surges=_earliest(floor.surges for floor in floors),
    )


def _earliest(of: Iterable[Mapping[QueueName, float]]) -> dict[QueueName, float]:
    found: dict[QueueName, float] = {}
    for surges in of:
        for queue, since in surges.items():
            found[queue] = min(since, found.get(queue, since))
    return found


def _lines(floor: Floor) -> dict[QueueName, list[Waiting]]:
    lines: dict[QueueName, list[Waiting]] = {queue: [] for queue in floor.queues}
    for waiting in floor.waiting.values():
        lines.setdefault(waiting.queue, []).append(waiting)
    return lines


def _offered(floor: Floor, tally: Tally, waiting: Iterable[Waiting]) -> int:
    """Today's joins: the ended ones, and those who wait and came today."""
    return tally.offered + sum(floor.today.holds(caller.joined_at) for caller in waiting)


def _longest(floor: Floor, waiting: Iterable[Waiting]) -> dict[str, Any]:
    """How long somebody waits now, and since when: the second stands still while the first grows."""
    since = min((caller.joined_at for caller in waiting), default=None)
    return {
        "longest_wait_seconds": 0.0 if since is None else max(0.0, floor.at - since),
        "longest_since": since,
    }


def _counts(floor: Floor, tally: Tally, waiting: Collection[Waiting]) -> dict[str, Any]:
    """What tiles, queues and tiers have in common: the line now, and what today came to."""
    return {
        "waiting": len(waiting),
        **_longest(floor, waiting),
        "offered": _offered(floor, tally, waiting),
        "answered": tally.answered,
        "answered_in_target": tally.answered_in_target,
        "abandoned": tally.abandoned,
        "flowed_out": tally.flowed_out,
        "blocked": tally.blocked,
        "answer_rate": answer_rate(tally),
        "service_level": service_level(tally, floor.rules.formula),
    }


def _tiles(floor: Floor) -> dict[str, Any]:
    tally = floor.today.all()
    waiting = floor.waiting.values()
    states = [agent.state for agent in floor.agents]
    target = tally.target_seconds
    return {
        **_counts(floor, tally, waiting),
        "abandon_rate": abandon_rate(tally),
        "service_level_formula": floor.rules.formula,
        "service_level_target_seconds": floor.rules.target_seconds if target is None else target,
        "asa_seconds": average_speed_of_answer(tally),
        "aht_seconds": average_handle_time(tally),
        "talking": states.count(BUSY),
        "agents_ready": states.count(READY),
        "agents_on": len(states) - states.count(LOGGED_OFF),
    }


def _queue(floor: Floor, queue: QueueName, line: Sequence[Waiting]) -> dict[str, Any]:
    tally = floor.today.queue(queue)
    states = [agent.state for agent in floor.agents if queue in agent.queues]
    return {
        "queue": queue,
        **_counts(floor, tally, line),
        "abandon_rate": abandon_rate(tally),
        "agents_ready": states.count(READY),
        "agents_busy": states.count(BUSY) + states.count(RINGING),
        "agents_on": len(states) - states.count(LOGGED_OFF),
        "surge_since": floor.surges.get(queue),
        "tiers": {label(tier): _tier(floor, queue, tier, line) for tier in (*Tier, None)},
    }


def _tier(floor: Floor, queue: QueueName, tier: Tier | None, line: Sequence[Waiting]) -> dict[str, Any]:
    """`None`: callers whose tier was never known."""
    tally = floor.today.by_queue.get(queue, {}).get(tier) or Tally()
    return {
        **_counts(floor, tally, [caller for caller in line if caller.tier is tier]),
        "target_seconds": floor.rules.target_ms(queue, tier) / 1000,
    }


def _line(floor: Floor, queue: QueueName, line: Sequence[Waiting]) -> list[dict[str, Any]]:
    """The callers in the order they will be served; those the line does not know stand last, first come first."""
    if not line:
        return []
    places = {place.call: (number, place) for number, place in enumerate(floor.line(queue))}
    last = len(places), PlaceInLine(CallId(""), 0.0, None, {})
    ordered = sorted(
        ((*places.get(caller.call, last), caller) for caller in line),
        key=lambda placed: (placed[0], placed[2].joined_at),
    )
    return [
        {
            "call": caller.call,
            "pbx": floor.pbx,
            "uniqueid": caller.uniqueid,
            "queue": queue,
            "position": position,
            "tier": caller.tier,
            "name": caller.name,
            "number": caller.number,
            "joined_at": caller.joined_at,
            "credit_seconds": place.credit_seconds,
            "promised_at": place.promised_at,
            "why": place.why,
        }
        for position, (_, place, caller) in enumerate(ordered, start=1)
    ]


def _agent(floor: Floor, agent: AgentOnFloor) -> dict[str, Any]:
    caller = floor.callers.get(agent.call) if agent.call is not None else None
    return {
        "agent": agent.agent,
        "pbx": floor.pbx,
        "name": floor.agent_name(agent.agent),
        "state": agent.state,
        "reason": agent.reason,
        "since": agent.since,
        "queues": sorted(agent.queues),
        "call": agent.call,
        "customer": caller.name if caller else None,
        "tier": caller.tier if caller else None,
        "paused": agent.paused,
        "recording_paused_since": None if agent.call is None else floor.silent.get(agent.call),
        "handled": agent.today.handled,
        "aht_seconds": average_handle_time(agent.today),
    }
