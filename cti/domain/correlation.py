"""Which leg belongs to which journey: the only place that knows how the switch's ids change hands."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from cti.domain import events
from cti.domain.agents import Roster
from cti.domain.events import Event
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, call_id
from cti.domain.journeys import Call, Connection
from cti.domain.records import Outcome
from cti.domain.segments import Segment
from cti.domain.visits import OFFER_RESULTS, Offer, Visit

SUPERVISING = "cti-spy-"
"""How the id of a supervisor's leg begins, by our own choice. Such a leg is part of no call."""

NO_NUMBERS = frozenset({None, "", "s", "h", "failed"})
"""What stands for the number dialled when there was none: places of the switch's own plan."""

REMEMBERED = 4096
"""How many closed legs are remembered, so that late facts about them do not found new calls."""


class Correlation:
    """The calls of one switch, and indexes from the switch's ids to them."""

    def __init__(self, pbx: PbxName, roster: Roster) -> None:
        self.pbx, self.roster = pbx, roster
        self.calls: dict[CallId, Call] = {}
        self.connections: dict[ChannelId, Connection] = {}
        self.links: dict[ChannelId, Call] = {}
        self.visits: dict[ChannelId, tuple[Call, Visit]] = {}
        self.offers: dict[ChannelId, tuple[Call, Offer]] = {}
        self.segments: dict[ChannelId, tuple[Call, Segment]] = {}
        self.answered: dict[
            tuple[QueueName, AgentId], tuple[Call, Visit]
        ] = {}  # served, the end not yet told
        self.conversations: dict[AgentId, tuple[Call, Segment]] = {}
        self.clearing: dict[CallId, Call] = {}
        self._closed: OrderedDict[ChannelId, CallId] = OrderedDict()
        self._told: list[Event] = []

    def tell(self, call: Call, event: Event) -> None:
        """Note an event of this call, to be returned from `hear`."""
        call.step(type(event))
        self._told.append(event)

    def note(self, event: Event) -> None:
        """Note an event of no call."""
        self._told.append(event)

    def note_agents(self, told: Sequence[Event]) -> None:
        """Note what became of agents; after-call work that ends while the call lasts belongs into the call's record."""
        for event in told:
            if type(event) is events.WrapUpEnded and event.call in self.calls:
                for segment in self.calls[event.call].segments:
                    if segment.channel == event.channel:
                        segment.wrap_up = event.seconds
            self._told.append(event)

    def unexpected(self, at: float, state: str, signal: type) -> None:
        self._told.append(events.SignalUnexpected(at, state, signal.__name__))

    def told(self) -> list[Event]:
        """Everything noted since the last time, in order."""
        if not self._told:
            return []
        told, self._told = self._told, []
        return told

    def leg(
        self,
        at: float,
        channel: ChannelId,
        name: str,
        linked: ChannelId,
        number: str | None = None,
        caller_name: str | None = None,
        exten: str | None = None,
    ) -> Connection | None:
        """The leg of this id, found or founded; None when it is known to be closed, or a supervisor's."""
        connection = self.connections.get(channel)
        if connection is not None:
            return connection
        if channel in self._closed or channel.startswith(SUPERVISING):
            return None
        agent = self.roster.owner(name)
        call = self.links.get(linked)
        if call is None:
            call = self._found_call(at, channel if linked in self._closed else linked or channel)
            call.number, call.caller_name, call.origin_agent = number, caller_name, agent
            call.dialled = exten if exten not in NO_NUMBERS else None
            if agent is not None:
                call.consults_for = self._held_call_of(agent)
            self.tell(call, events.CallOffered(at, call.id, number, caller_name, call.direction))
        connection = Connection(channel, name, call, agent)
        call.connections += (connection,)
        if agent is None and not name.startswith("Local/"):
            call.outside = True
        self.connections[channel] = connection
        self.clearing.pop(call.id, None)
        call.clearing_since = None
        return connection

    def _found_call(self, at: float, first: ChannelId) -> Call:
        call = Call(call_id(self.pbx, first), self.pbx, first, at)
        self.calls[call.id] = call
        self._link(call, first)
        return call

    def _link(self, call: Call, linked: ChannelId) -> None:
        if linked not in self.links:
            self.links[linked] = call
            call.links += (linked,)

    def _held_call_of(self, agent: AgentId) -> Call | None:
        """The customer an agent is busy with when dialling again: the new call is a consultation for that one."""
        entry = self.conversations.get(agent)
        return entry[0] if entry is not None and entry[1].open else None

    def close_leg(self, at: float, connection: Connection) -> None:
        call = connection.call
        self.connections.pop(connection.channel, None)
        call.connections = tuple(leg for leg in call.connections if leg is not connection)
        self._remember(connection.channel, call.id)
        if not call.connections:
            call.clearing_since = at
            self.clearing[call.id] = call

    def _remember(self, channel: ChannelId, call: CallId) -> None:
        self._closed[channel] = call
        if len(self._closed) > REMEMBERED:
            self._closed.popitem(last=False)

    def closed_call(self, channel: ChannelId) -> Call | None:
        """The call a closed leg belonged to, while that call still lasts."""
        known = self._closed.get(channel)
        return None if known is None else self.calls.get(known)

    def add_offer(self, call: Call, offer: Offer, visit: Visit | None) -> None:
        call.offers += (offer,)
        self.offers[offer.rung] = (call, offer)
        if visit is not None:
            visit.offers += (offer,)

    def add_segment(self, call: Call, segment: Segment) -> None:
        segment.since = segment.began_at
        call.segments += (segment,)
        self._converses(call, segment)

    def _converses(self, call: Call, segment: Segment) -> None:
        """The conversation an agent is in stays his until it ends, whomever he asks meanwhile."""
        self.segments[segment.channel] = (call, segment)
        present = self.conversations.get(segment.agent)
        if present is None or present[1] is segment or not present[1].open:
            self.conversations[segment.agent] = (call, segment)

    def move_segment(self, segment: Segment, channel: ChannelId, name: str) -> None:
        """The agent's leg is another one now."""
        entry = self.segments.pop(segment.channel, None)
        segment.channel, segment.channel_name = channel, name
        if entry is not None:
            self.segments[channel] = entry

    def drop_segment(self, channel: ChannelId) -> None:
        """A consulting leg is no conversation of its own once the consultation became the customer's call."""
        entry = self.segments.pop(channel, None)
        if entry is not None:
            call, dropped = entry
            call.segments = tuple(segment for segment in call.segments if segment is not dropped)

    def add_visit(self, call: Call, visit: Visit) -> None:
        call.visits += (visit,)
        self.visits[visit.channel] = (call, visit)

    def move_visit(self, source: ChannelId, target: ChannelId) -> None:
        """The caller who waits is another leg now; the visit keeps the id the ledger knows."""
        entry = self.visits.pop(source, None)
        if entry is not None:
            entry[1].channel = target
            self.visits[target] = entry

    def decide(self, at: float, call: Call, visit: Visit, outcome: Outcome) -> None:
        """A visit's outcome is known: say so once."""
        visit.decide(at, outcome)
        for offer in visit.offers:
            if outcome is not Outcome.ANSWERED and offer.cancel(at):
                self.tell_diverted(at, call, offer)
        record = call.visit_record(visit)
        self.tell(call, events.VisitEnded(at, call.id, record))
        if outcome in (Outcome.ABANDONED, Outcome.ABANDONED_ANNOUNCE):
            waited = record.wait_seconds or 0.0
            self.tell(
                call,
                events.CallAbandoned(
                    at, call.id, visit.queue, waited, call.tier, record.caller_number, outcome
                ),
            )

    def tell_diverted(self, at: float, call: Call, offer: Offer) -> None:
        result = OFFER_RESULTS[offer.state]
        rang = at - offer.rung_at
        self.tell(
            call,
            events.CallDiverted(
                at, call.customer_call.id, offer.agent, offer.rung, offer.queue, result, rang
            ),
        )

    def end_segment(self, at: float, call: Call, segment: Segment) -> None:
        """The agent's leg is gone."""
        segment.end(at)
        told_of = call.told_of(segment.agent)
        self.tell(call, events.SegmentEnded(at, told_of.id, call.segment_record(segment)))

    def unite(self, at: float, one: Call, other: Call) -> None:
        """The switch says that their legs are linked: the older goes on, for a link is named after its oldest leg.

        What is told late may name the younger, of a leg that a look at all that exists has shown to be the older's by now.
        """
        older, younger = (one, other) if one.started_at <= other.started_at else (other, one)
        self.merge(at, older, younger)

    def merge(self, at: float, into: Call, absorbed: Call) -> None:
        """A consultation becomes part of the customer's call."""
        if into is absorbed:
            return
        for connection in absorbed.connections:
            connection.call = into
        into.connections += absorbed.connections
        self._repoint(absorbed, into)
        for linked in absorbed.links:
            self.links[linked] = into
        into.links += absorbed.links
        for visit in absorbed.visits:
            visit.number_in_call += len(into.visits)
        into.visits += absorbed.visits
        into.offers += absorbed.offers
        into.segments += absorbed.segments
        into.transfers += absorbed.transfers
        into.blocked += absorbed.blocked
        into.recordings += absorbed.recordings
        into.outside = into.outside or absorbed.outside
        for channel, known in self._closed.items():
            if known == absorbed.id:
                self._closed[channel] = into.id
        self.calls.pop(absorbed.id, None)
        self.clearing.pop(absorbed.id, None)
        if into.connections:
            into.clearing_since = None
            self.clearing.pop(into.id, None)
        self.tell(into, events.CallsMerged(at, into.id, absorbed.id))

    def _repoint(self, absorbed: Call, into: Call) -> None:
        for visit in absorbed.visits:
            self.visits[visit.channel] = (into, visit)
            if visit.agent is not None and (visit.queue, visit.agent) in self.answered:
                self.answered[visit.queue, visit.agent] = (into, visit)
        for offer in absorbed.offers:
            self.offers[offer.rung] = (into, offer)
        for segment in absorbed.segments:
            self._converses(into, segment)

    def conclude(self, at: float, call: Call, undecided: Outcome) -> None:
        """Close what is still open, tell the end, forget the call. `undecided` is the outcome of open visits."""
        ended = call.clearing_since if call.clearing_since is not None else at
        for visit in call.visits:
            if visit.waiting:
                self.decide(ended, call, visit, undecided)
        for segment in call.segments:
            if segment.open:
                self.end_segment(ended, call, segment)
        for offer in call.offers:
            offer.cancel(ended)
        call.ended_at = ended
        call.step(events.CallCleared)
        self._told.append(events.CallCleared(at, call.id, call.record()))
        self._forget(call)

    def _forget(self, call: Call) -> None:
        for leg in call.connections:
            self.connections.pop(leg.channel, None)
            self._remember(leg.channel, call.id)
        for visit in call.visits:
            self._drop(self.visits, visit.channel, call)
            if visit.agent is not None:
                self._drop(self.answered, (visit.queue, visit.agent), call)
        for offer in call.offers:
            self._drop(self.offers, offer.rung, call)
        for segment in call.segments:
            self._drop(self.segments, segment.channel, call)
            self._drop(self.conversations, segment.agent, call)
        for linked in call.links:
            self.links.pop(linked, None)
        self.calls.pop(call.id, None)
        self.clearing.pop(call.id, None)

    @staticmethod
    def _drop(index: dict[Any, tuple[Call, Any]], key: object, call: Call) -> None:
        entry = index.get(key)
        if entry is not None and entry[0] is call:
            del index[key]
