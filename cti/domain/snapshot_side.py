"""What a look at all that exists tells about calls: what is gone, what is new, and what became of those we knew.

A snapshot follows every stretch in which something may have been missed. What was told while it was taken is heard after
it, some of it for the second time: a fact that is known already changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence

from cti.domain import line_side, queue_side
from cti.domain.correlation import Correlation
from cti.domain.identifiers import AgentId, BridgeId
from cti.domain.journeys import Call, Connection
from cti.domain.records import Outcome
from cti.domain.signals import (
    AgentAnswered,
    BridgeJoined,
    CallerSeen,
    ChannelClosed,
    ChannelSeen,
    QueueJoined,
    SnapshotTaken,
)
from cti.domain.visits import Visit


def compared(calls: Correlation, snapshot: SnapshotTaken) -> None:
    """Close what is gone, take up what is new, and let those talk who are found talking."""
    known = [seen for seen in snapshot.channels if seen.channel in calls.connections]
    for seen in known:
        _passed_on(calls, snapshot.at, seen)
    _close(calls, snapshot)
    _open(calls, snapshot)
    _served(calls, snapshot, known)
    for seen in known:
        if seen.bridge is not None and calls.connections[seen.channel].bridged_at is None:
            line_side.bridge_joined(calls, _joined(snapshot.at, seen, seen.bridge))
    for caller in snapshot.callers:
        _waits(calls, snapshot.at, caller)


def _joined(at: float, seen: ChannelSeen, bridge: BridgeId) -> BridgeJoined:
    return BridgeJoined(at, seen.channel, seen.name, seen.linked, bridge, None)


def _passed_on(calls: Correlation, at: float, seen: ChannelSeen) -> None:
    """A consultation that became the customer's call: its legs are linked with his now."""
    consultation, other = calls.connections[seen.channel].call, calls.links.get(seen.linked)
    if other is None or other is consultation:
        return
    if consultation.consults_for is other:
        for segment in consultation.segments:
            if segment.agent == consultation.origin_agent:
                calls.drop_segment(segment.channel)
    calls.unite(at, other, consultation)


def _close(calls: Correlation, snapshot: SnapshotTaken) -> None:
    present = {seen.channel for seen in snapshot.channels}
    for gone in [leg for leg in calls.connections.values() if leg.channel not in present]:
        entry = calls.visits.get(gone.channel)
        if entry is not None and entry[1].waiting:
            calls.decide(snapshot.at, entry[0], entry[1], Outcome.LOST)
        line_side.closed(calls, ChannelClosed(snapshot.at, gone.channel, gone.name, gone.call.first, None))


def _open(calls: Correlation, snapshot: SnapshotTaken) -> None:
    for seen in snapshot.channels:
        if seen.channel in calls.connections:
            continue
        opened_at = snapshot.at - seen.seconds
        leg = calls.leg(opened_at, seen.channel, seen.name, seen.linked, seen.number, seen.caller_name)
        if leg is not None and leg.agent is not None and seen.bridge is not None:
            line_side.bridge_joined(calls, _joined(snapshot.at, seen, seen.bridge))


def _served(calls: Correlation, snapshot: SnapshotTaken, known: Sequence[ChannelSeen]) -> None:
    """Callers we know to wait, who wait no more and talk with an agent: the answer was not heard."""
    wait = {caller.channel for caller in snapshot.callers}
    together: defaultdict[BridgeId, list[tuple[AgentId, Connection]]] = defaultdict(list)
    for seen in snapshot.channels:
        leg = calls.connections.get(seen.channel)
        if seen.bridge is not None and leg is not None and leg.agent is not None:
            together[seen.bridge].append((leg.agent, leg))
    for seen in known:
        entry = calls.visits.get(seen.channel)
        if entry is None or not entry[1].waiting or seen.bridge is None or seen.channel in wait:
            continue
        others = [one for one in together[seen.bridge] if one[1].channel != seen.channel]
        rung_first = sorted(others, key=lambda one: one[1].channel not in calls.offers)
        for agent, leg in rung_first[:1]:
            queue_side.answered(calls, _answered(calls, snapshot.at, seen, entry, agent, leg))


def _answered(
    calls: Correlation,
    at: float,
    seen: ChannelSeen,
    entry: tuple[Call, Visit],
    agent: AgentId,
    leg: Connection,
) -> AgentAnswered:
    """As the switch would have told it, if a moment late."""
    call, visit = entry
    offer = calls.offers.get(leg.channel)
    return AgentAnswered(
        at,
        seen.channel,
        seen.name,
        seen.linked,
        visit.queue,
        agent,
        leg.name.rpartition("-")[0],
        leg.channel,
        leg.name,
        0.0 if offer is None else max(0.0, at - offer[1].rung_at),
        at - visit.joined_at,
        call.number,
        call.caller_name,
    )


def _waits(calls: Correlation, at: float, caller: CallerSeen) -> None:
    entry = calls.visits.get(caller.channel)
    if entry is not None and entry[1].waiting and _elsewhere(entry[1], caller, at):
        calls.decide(at, entry[0], entry[1], Outcome.LOST)
    if entry is not None and entry[1].waiting:
        return
    leg = calls.connections.get(caller.channel)
    queue_side.joined(
        calls,
        QueueJoined(
            at - caller.waited,
            caller.channel,
            caller.name,
            caller.channel if leg is None else leg.call.first,
            caller.queue,
            caller.position,
            caller.number,
            caller.caller_name,
            "",
            "",
        ),
    )


def _elsewhere(visit: Visit, caller: CallerSeen, at: float) -> bool:
    """Whether who waits now has joined again since, unheard of: in another queue, or too late for the wait we know."""
    again = at - caller.waited - visit.joined_at > queue_side.SAME_VISIT
    return again or visit.queue.casefold() != caller.queue.casefold()
