"""One batch of the ledger against our records: pure, so that a test can replay it and a crash can repeat it.

Ledger visits are taken in order of joining. Each finds its visit among ours, or a call to stand in; every call that
changes is written anew, once. The same batch over the result changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cti.domain.causes import Cause
from cti.domain.corrections import (
    KnownCaller,
    SeenCall,
    founded,
    homes,
    introduced,
    retold,
    with_conversation,
    with_corrected,
    with_legs,
    with_visit,
    without,
)
from cti.domain.handovers import merged, with_transfer
from cti.domain.identifiers import CallId, ChannelId
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.matching import match
from cti.domain.reconciliation import (
    SECOND,
    Difference,
    DifferenceState,
    DriftKind,
    better_talk,
    compare,
    extra,
    missed_by,
    talked_until,
)
from cti.domain.records import CallRecord, Lasting, SegmentRecord, VisitRecord

Span = tuple[float, float | None]
Place = tuple[CallId, int]


class Finding(NamedTuple):
    """What came of one ledger visit. `call` None: it is judged again when its call, which still lasts, is over."""

    entry: LedgerEntry
    call: CallId | None
    number_in_call: int | None
    differences: tuple[Difference, ...]

    @property
    def state(self) -> str:
        if self.call is None:
            return "waiting" if self.differences else "live"
        states = {one.state for one in self.differences}
        for state in (DifferenceState.UNEXPLAINED, DifferenceState.REPAIRED, DifferenceState.EXPLAINED):
            if state in states:
                return state.value
        return "agreed"


@dataclass(slots=True)
class Case:
    """What a batch is judged by, and what it comes to."""

    calls: dict[CallId, CallRecord]  # our kept calls that may be meant
    gaps: Sequence[Span]
    began_at: float  # since when we listen at all
    live: Mapping[CallId, Lasting] = field(default_factory=dict)
    taken: set[tuple[CallId, int]] = field(default_factory=set)  # our visits that other entries match
    known_ids: Collection[str] = ()  # callids the ledger knows visits of
    stays: dict[tuple[str, str], set[float]] = field(default_factory=dict)  # see `Meant`
    named: set[ChannelId] = field(default_factory=set)  # legs of agents and callers in the ledger
    stale: Collection[CallId] = ()  # to be written anew, whether or not something differs
    callers: Mapping[str, KnownCaller] = field(default_factory=dict)  # by number
    seen: Callable[[str], SeenCall | None] = lambda _: None
    bridged: Callable[[LedgerEntry], float | None] = lambda _: None
    leg: Callable[[ChannelId], tuple[float, float] | None] = lambda _: None  # seconds in bridges, until when
    in_bridge: Callable[[ChannelId], bool] = lambda _: False  # … and whether it is in one still
    missed: set[CallId] = field(default_factory=set)  # calls a gap may have touched
    changed: dict[CallId, list[Cause]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    extras: list[tuple[VisitRecord, Difference]] = field(default_factory=list)
    _places: dict[str | int, list[Place]] = field(default_factory=dict)  # by id and by second of joining
    _talked: dict[ChannelId, CallId] = field(default_factory=dict)  # by leg: the call it talked in
    _lasts: dict[str, CallId] = field(default_factory=dict)  # by call, visit and leg: calls that last

    def __post_init__(self) -> None:
        for call in self.calls.values():
            for visit in call.visits:
                place = call.call, visit.number_in_call
                for key in (visit.uniqueid, int(visit.joined_at)):
                    self._places.setdefault(key, []).append(place)
            self._talked.update((segment.channel, call.call) for segment in call.segments)
        for live, lasting in self.live.items():
            keys = (live, *(visit.uniqueid for visit in lasting.visits), *lasting.legs)
            self._lasts.update(dict.fromkeys(keys, live))

    def judge(self, entries: Iterable[LedgerEntry]) -> None:
        """Each entry has its finding afterwards."""
        entries = list(entries)
        self.named.update(entry.agent_channel for entry in entries if entry.agent_channel is not None)
        self.named.update(ChannelId(callid) for entry in entries for callid in entry.callids)
        for entry in entries:  # of a caller who took the place of another: that stay, too
            for callid in entry.callids:
                self.stays.setdefault((callid, entry.queue.casefold()), set()).add(entry.joined_at)
        for entry in sorted(entries, key=lambda one: (one.joined_at, one.number_in_call)):
            self.findings.append(self._judge(entry))
        self._hand_over()
        for call in self.stale:
            if call in self.calls and call not in self.changed:
                self._note(call, [Cause.UNHEARD])
        self.measure()

    def measure(self) -> None:
        """Conversations of which a part was not heard are as long as the switch's bridges say."""
        for call in self.missed:
            fitted = with_legs(self.calls[call], self._unheard_leg)
            if fitted != self.calls[call]:
                self.calls[call] = fitted
                self._note(call, [Cause.UNHEARD])

    def _unheard_leg(self, segment: SegmentRecord) -> tuple[float, float] | None:
        """What the switch's bridges say of a conversation of which a part was not heard."""
        return self.leg(segment.channel) if missed_by(self.gaps, segment.began_at, segment.ended_at) else None

    def _judge(self, entry: LedgerEntry) -> Finding:
        lasting = self._lasting(entry)
        if lasting is not None:
            return self._while_it_lasts(entry, lasting)
        if self._goes_on_unheard(entry):
            return Finding(entry, None, None, ())
        queue = entry.queue.casefold()
        stays = set().union(*(self.stays.get((callid, queue), ()) for callid in entry.callids))
        visit = match(entry, self._free(entry), self.known_ids, stays)
        in_gap = missed_by(self.gaps, entry.joined_at, entry.settled_at)
        if visit is None:
            return self._take_over(entry, in_gap=in_gap)
        ours_in_gap = missed_by(self.gaps, visit.joined_at, visit.ended_at)  # it may have lasted longer here
        missed = in_gap or ours_in_gap or entry.joined_at < self.began_at
        if missed:
            visit = self._with_its_leg(entry, visit)
            self.missed.add(visit.call)
        call = self.calls[visit.call]
        self.taken.add((call.call, visit.number_in_call))
        told = compare(entry, visit, call, missed=missed, bridged=self.bridged(entry))
        after = told.visit
        if missed and visit.uniqueid in entry.callids:  # found late, under an id it was moved to
            after = after._replace(uniqueid=entry.uniqueid)
        if told.repaired:
            self.calls[call.call] = with_corrected(call, entry, visit, after, self._others(entry, call))
            self._note(
                call.call, (one.cause for one in told.differences if one.state is DifferenceState.REPAIRED)
            )
        elif missed:
            fitted = with_conversation(call, entry, visit, after, self._others(entry, call))
            if fitted != call:
                self.calls[call.call] = fitted
                self._note(call.call, [Cause.UNHEARD])
        if missed:
            self._introduce(call.call, entry)
        return Finding(entry, call.call, visit.number_in_call, told.differences)

    def _with_its_leg(self, entry: LedgerEntry, visit: VisitRecord) -> VisitRecord:
        """The visit where its agent talked: a consultation became the customer's call, and nobody heard that."""
        home = self._talked.get(entry.agent_channel) if entry.agent_channel is not None else None
        asking = self.calls[visit.call]
        if home in (None, asking.call) or any(one.channel == entry.agent_channel for one in asking.segments):
            return visit
        self.calls[asking.call], self.calls[home], visit = merged(asking, visit, self.calls[home])
        for call in (asking.call, home):
            self._note(call, [Cause.UNHEARD])
        return visit

    def _others(self, entry: LedgerEntry, call: CallRecord) -> Collection[ChannelId]:
        """Legs of other conversations: the ledger names them for other visits, or their time in bridges is another.

        That says something where the leg this entry names was in bridges for the talk it tells: of a Local pair, it was not.
        """
        talked, told = self.bridged(entry), entry.talk_seconds
        if talked is None or told is None or talked <= SECOND or abs(talked - told) > SECOND:
            return self.named
        legs = {one.channel: self.leg(one.channel) for one in call.segments if one.queue is None}
        return self.named.union(
            leg for leg, known in legs.items() if known and abs(known[0] - talked) > SECOND
        )

    def _hand_over(self) -> None:
        """How callers were passed on, now that it is known who talked with them next."""
        for finding in self.findings:
            if finding.call in self.missed:
                call = self.calls[finding.call]
                told = with_transfer(call, finding.entry)
                if told != call:
                    self.calls[call.call] = told
                    self._note(call.call, [Cause.UNHEARD])

    def _introduce(self, call: CallId, entry: LedgerEntry) -> None:
        """A caller who came while nobody asked who he is has his tier late rather than never."""
        caller = self.callers.get(entry.caller_number or "", KnownCaller())
        if self.calls[call].tier is None and caller.tier is not None:
            self.calls[call] = introduced(self.calls[call], caller)
            self._note(call, [Cause.UNHEARD])

    def _goes_on_unheard(self, entry: LedgerEntry) -> bool:
        """Its line is written, the agent talks on (after a transfer), and nobody hears: to be judged once somebody does."""
        deaf = any(until is None and missed_by([(since, None)], entry.joined_at, entry.settled_at)
                   for since, until in self.gaps)  # fmt: skip
        return deaf and entry.agent_channel is not None and self.in_bridge(entry.agent_channel)

    def _lasting(self, entry: LedgerEntry) -> Sequence[VisitRecord] | None:
        """The visits of the live call this is part of: by its id, or by a leg that came to it in a transfer."""
        keys = (*homes(entry), *entry.callids, entry.agent_channel or "")
        call = next((self._lasts[key] for key in keys if key in self._lasts), None)
        return None if call is None else self.live[call].visits

    def _while_it_lasts(self, entry: LedgerEntry, visits: Sequence[VisitRecord]) -> Finding:
        """A record that is still being written is not corrected; whether it knows the visit, can be said."""
        if match(entry, visits) is not None:
            return Finding(entry, None, None, ())
        lost = Difference(DriftKind.LOST, DifferenceState.UNEXPLAINED, None, None, entry.outcome)
        return Finding(entry, None, None, (lost,))

    def _free(self, entry: LedgerEntry) -> list[VisitRecord]:
        """Visits of ours nobody has matched yet that carry one of its ids, or joined about when it did."""
        keys: dict[Place, None] = {}
        for callid in entry.callids:
            keys.update(dict.fromkeys(self._places.get(callid, ())))
        joined = int(entry.joined_at)
        for second in range(joined - 2, joined + 4):
            keys.update(dict.fromkeys(self._places.get(second, ())))
        return [
            visit
            for call, number in keys
            if (call, number) not in self.taken
            for visit in self.calls[call].visits
            if visit.number_in_call == number
        ]

    def _take_over(self, entry: LedgerEntry, *, in_gap: bool) -> Finding:
        """Only the ledger knows it: it becomes a call, or part of one."""
        before_us = entry.joined_at < self.began_at and not in_gap
        cause = Cause.BEFORE_US if before_us else Cause.UNHEARD
        talked_in = self._talked.get(entry.agent_channel) if entry.agent_channel is not None else None
        places = (talked_in, *homes(entry))
        call = next((self.calls[home] for home in places if home in self.calls), None)
        if call is None:
            caller = self.callers.get(entry.caller_number or "", KnownCaller())
            call = founded(entry, caller, self.seen(entry.uniqueid))
        known = entry
        if entry.talk_seconds is not None:
            talked = better_talk(entry.talk_seconds, self.bridged(entry))
            known = entry._replace(talk_seconds=talked, ended_at=talked_until(entry, talked))
        self.calls[call.call], visit = with_visit(call, known, self._others(entry, call))
        self.taken.add((call.call, visit.number_in_call))
        self.missed.add(call.call)
        self._introduce(call.call, entry)
        self._note(call.call, [cause])
        difference = Difference(DriftKind.LOST, DifferenceState.REPAIRED, cause, None, entry.outcome)
        return Finding(entry, call.call, visit.number_in_call, (difference,))

    def judge_extras(self, visits: Iterable[VisitRecord]) -> None:
        """Visits of ours that no ledger visit matched, though the ledger is read beyond them."""
        for visit in visits:
            missed = missed_by(self.gaps, visit.joined_at, visit.ended_at or visit.outcome_at)
            difference = extra(visit, missed=missed)
            if missed and visit.call in self.calls:
                self.calls[visit.call] = without(self.calls[visit.call], visit)
                self._note(visit.call, [Cause.UNHEARD])
            self.extras.append((visit, difference))

    def _note(self, call: CallId, causes: Iterable[Cause | None]) -> None:
        self.changed.setdefault(call, []).extend(cause for cause in causes if cause is not None)

    def corrected(self, at: float) -> list[tuple[CallRecord, Cause]]:
        """Every changed call with its story drawn anew, and the cause that changed most of it."""
        return [
            (retold(self.calls[call], at, causes), Counter(causes).most_common(1)[0][0])
            for call, causes in self.changed.items()
        ]
