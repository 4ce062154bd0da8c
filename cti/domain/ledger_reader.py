"""The switch's ledger (`queue_log`) read into visits and offers: a pure fold over its lines, as a cross-check of ours.

Theory of operation. Lines speak of visits by callid and queue, in whole seconds. A visit waits, then talks, then is over;
which of its steps a line is, the tables below say. Three things make it harder than that. A transfer or an optimised
Local channel moves a visit to another callid without a line saying so: then the line's own arithmetic (it says how long
the caller waited or talked) and the agent decide, and only if exactly one visit fits. A restart closes nothing: what
waited is lost. And any line may be cut, foreign or half written: it is counted and let go, never guessed.

A reader that follows a living file hands over what changed (`take`) and keeps only what is still open; its memento, taken
between two lines, lets another reader go on as if it had read all that came before.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from cti.domain.identifiers import AgentId, ChannelId, PbxName
from cti.domain.ledger_lines import FINISHED, OTHERS, RUNG, UNSERVED, Line, parse, transfer_of
from cti.domain.ledger_visits import LedgerEntry, LedgerVisit
from cti.domain.records import OfferRecord, OfferResult, Outcome, VisitRecord

TOLERANCE = 1.0  # two clocks read to the whole second differ by this much
REMEMBERED = 4096
"""Callids whose joins, swaps and transfers are remembered; the oldest are forgotten, so that memory has a bound."""
UNKNOWN_NAMES = 100
"""Unknown events counted by name; a name is anybody's text, so those beyond are counted together."""

Kept = TypeVar("Kept")


class LedgerReader:
    """Takes lines in the order of the file; holds what they came to. Feed it as the file grows."""

    def __init__(self, pbx: PbxName) -> None:
        self._pbx = pbx
        self._visits: list[LedgerVisit] = []
        self._touched: dict[int, LedgerVisit] = {}
        self._open: dict[str, list[LedgerVisit]] = {}  # by callid
        self._open_in: dict[str, list[LedgerVisit]] = {}  # by queue: names are case-insensitive in the switch
        self._joins: dict[str, tuple[int, int, int]] = {}  # callid → joins, second of the last, joins in it
        self._swapped: dict[str, str] = {}  # a transfer exchanged these two callids
        self._passed_on: dict[
            str, AgentId
        ] = {}  # who transferred this callid into an application, perhaps a queue
        self.offers: list[OfferRecord] = []
        self.lines = self.malformed = self.orphans = self.rebound = 0
        self.unknown: Counter[str] = Counter()
        self.first_at: float | None = None  # time of the first line
        self.last_at: float | None = None  # … and of the newest
        self._steps: Mapping[str, Callable[[Line], None]] = {
            "ENTERQUEUE": self._join,
            "CONNECT": self._connect,
            **dict.fromkeys(UNSERVED, self._leave),
            **dict.fromkeys(FINISHED, self._finish),
            **dict.fromkeys(RUNG, self._rang),
            "AGENTDUMP": self._dump,
            "SYSCOMPAT": self._mismatch,
            "QUEUESTART": self._restart,
        }

    @property
    def visits(self) -> list[VisitRecord]:
        """In order of joining as the file has them; after `take`, those still open."""
        return [visit.entry(self._pbx).visit() for visit in self._visits]

    def open_visits(self) -> list[LedgerVisit]:
        """Those no line has ended, in order of joining."""
        return [visit for visit in self._visits if visit.settled_at is None]

    def take(self) -> list[LedgerEntry]:
        """Every visit that changed since the last time; settled ones are forgotten here."""
        changed = [visit.entry(self._pbx) for visit in self._touched.values()]
        self._touched.clear()
        self._visits = self.open_visits()
        self.offers.clear()
        return changed

    def memento(self) -> dict[str, Any]:
        """All that the next line may ask for, as JSON takes it. What was not taken yet is not in it."""
        return {
            "open": [visit.memento() for visit in self.open_visits()],
            "joins": [[callid, *joins] for callid, joins in self._joins.items()],
            "swapped": list(self._swapped.items()),
            "passed_on": list(self._passed_on.items()),
            "counts": [self.lines, self.malformed, self.orphans, self.rebound],
            "unknown": dict(self.unknown),
            "times": [self.first_at, self.last_at],
        }

    @classmethod
    def resumed(cls, pbx: PbxName, memento: Mapping[str, Any]) -> "LedgerReader":
        """A reader that goes on behind the line after which the memento was taken."""
        reader = cls(pbx)
        for told in memento["open"]:
            reader._add(LedgerVisit.from_memento(told))
        reader._joins = {callid: (joins, second, nth) for callid, joins, second, nth in memento["joins"]}
        reader._swapped = dict(memento["swapped"])
        reader._passed_on = dict(memento["passed_on"])
        reader.lines, reader.malformed, reader.orphans, reader.rebound = memento["counts"]
        reader.unknown.update(memento["unknown"])
        reader.first_at, reader.last_at = memento["times"]
        return reader

    def feed(self, text: str, *, whole: bool = True) -> None:
        """`whole` False: the line has no end yet, its last datum may be cut and is not believed."""
        if not text.strip("\r\n\x00\ufeff "):
            return
        self.lines += 1
        line = parse(text)
        if line is None:
            self.malformed += 1
            return
        if not whole:
            line = line._replace(data=line.data[:-1])
        self.last_at = line.at
        if self.first_at is None:
            self.first_at = line.at
        step = self._steps.get(line.event)
        if step is not None:
            step(line)
        elif line.event not in OTHERS:
            named = line.event in self.unknown or len(self.unknown) < UNKNOWN_NAMES
            self.unknown[line.event if named else "others"] += 1

    def _join(self, line: Line) -> None:
        for visit in self._open.get(line.callid, ())[:]:
            if visit.outcome is None:  # the line that ended it was never written
                self._decide(visit, line.at, Outcome.LOST, None)
        joins, second, nth = self._joins.pop(line.callid, (0, -1, 0))
        nth = nth + 1 if second == int(line.at) else 1
        _remember(self._joins, line.callid, (joins + 1, int(line.at), nth))
        number = line.data[1] if len(line.data) > 1 and line.data[1] else None
        visit = LedgerVisit(line.callid, line.queue, joins + 1, line.at, number, line.number(2), nth)
        self._add(visit)
        self._touch(visit)

    def _add(self, visit: LedgerVisit) -> None:
        self._visits.append(visit)
        self._open.setdefault(visit.uniqueid, []).append(visit)
        self._open_in.setdefault(visit.queue.casefold(), []).append(visit)

    def _touch(self, visit: LedgerVisit) -> None:
        self._touched[id(visit)] = visit

    def _connect(self, line: Line) -> None:
        waited, rang = line.number(0), line.number(2)
        visit = self._waiting(line, waited)
        self._offer(line, OfferResult.CONNECTED, rang, visit)
        if visit is not None:
            if len(line.data) > 1 and line.data[1]:
                visit.agent_channel = ChannelId(line.data[1])
            self._answer(visit, line.at, line.agent, waited)

    def _leave(self, line: Line) -> None:
        outcome, place = UNSERVED[line.event]
        waited = line.number(place)
        visit = self._waiting(line, waited)
        if visit is None:
            return
        if visit.incompatible:
            outcome = Outcome.SYSCOMPAT
        elif outcome is Outcome.ABANDONED and line.agent is not None:
            outcome = Outcome.ABANDONED_ANNOUNCE
        self._decide(visit, line.at, outcome, waited)

    def _finish(self, line: Line) -> None:
        ended_by, place = FINISHED[line.event]
        if line.event == "ATTENDEDTRANSFER" and line.data[:1] == ("LINK",):
            place += 1
        waited = line.number(place)
        talked = line.number(place + 1)
        visit = self._talking(line, talked)
        if visit is None:
            visit = self._unanswered(line)
            if visit is None:
                self.orphans += 1
                return
            wait = float(waited) if waited is not None else 0.0
            self._answer(visit, visit.joined_at + wait, line.agent, waited)
        visit.moved(line.callid)
        visit.ended_at, visit.ended_by = line.at, ended_by
        since = visit.outcome_at if visit.outcome_at is not None else line.at
        visit.talked = float(talked) if talked is not None else max(0.0, line.at - since)
        if ended_by == "transfer":
            visit.passed_on = transfer_of(line)
        if line.event == "ATTENDEDTRANSFER":
            if visit.uniqueid != line.callid:
                _remember(self._swapped, line.callid, visit.uniqueid)
                _remember(self._swapped, visit.uniqueid, line.callid)
            if line.agent is not None and line.data[:1] == ("APP",):
                _remember(self._passed_on, line.callid, line.agent)
        self._close(visit, line.at)

    def _answer(self, visit: LedgerVisit, at: float, agent: AgentId | None, waited: int | None) -> None:
        visit.outcome, visit.outcome_at, visit.agent = Outcome.ANSWERED, at, agent
        visit.waited = float(waited) if waited is not None else max(0.0, at - visit.joined_at)
        self._touch(visit)

    def _decide(self, visit: LedgerVisit, at: float, outcome: Outcome, waited: int | None) -> None:
        visit.outcome, visit.outcome_at, visit.ended_at = outcome, at, at
        if outcome is not Outcome.LOST:
            visit.waited = float(waited) if waited is not None else max(0.0, at - visit.joined_at)
        self._close(visit, at)

    def _close(self, visit: LedgerVisit, at: float) -> None:
        """No later line changes it."""
        visit.settled_at = at
        self._touch(visit)
        for index, key in (
            (self._open_in, visit.queue.casefold()),
            *((self._open, k) for k in self._keys(visit)),
        ):
            remaining = [other for other in index.get(key, ()) if other is not visit]
            if remaining:
                index[key] = remaining
            else:
                index.pop(key, None)

    def _keys(self, visit: LedgerVisit) -> set[str]:
        return {visit.uniqueid, self._swapped.get(visit.uniqueid, visit.uniqueid)}

    def _rang(self, line: Line) -> None:
        rang = line.number(0)
        self._offer(line, RUNG[line.event], None if rang is None else rang / 1000, self._unanswered(line))

    def _dump(self, line: Line) -> None:
        self._offer(line, OfferResult.CANCELLED, None, self._unanswered(line))

    def _mismatch(self, line: Line) -> None:
        visit = self._waiting(line, None)
        if visit is not None:
            visit.incompatible = True

    def _restart(self, line: Line) -> None:
        for visits in list(self._open_in.values()):
            for visit in visits[:]:
                if visit.outcome is None:
                    self._decide(visit, line.at, Outcome.LOST, None)
                else:  # answered it was; how long they talked, nobody wrote down
                    self._close(visit, line.at)
        self._open.clear()
        self._swapped.clear()
        self._passed_on.clear()

    def _offer(self, line: Line, result: OfferResult, rang: float | None, visit: LedgerVisit | None) -> None:
        if line.agent is None:
            return
        offer = OfferRecord(line.queue, line.agent, line.at - (rang or 0.0), line.at, result, rang)
        self.offers.append(offer)
        if visit is not None:
            visit.offered(offer)
            self._touch(visit)

    def _of(self, callid: str, line: Line) -> list[LedgerVisit]:
        return [v for v in self._open.get(callid, ()) if v.queue.casefold() == line.queue.casefold()]

    def _waiting(self, line: Line, waited: int | None) -> LedgerVisit | None:
        """The waiting visit a line speaks of; one under another callid only if its wait singles it out."""
        for callid in (line.callid, self._swapped.get(line.callid, "")):
            for visit in self._of(callid, line):
                if visit.outcome is None:
                    self.rebound += callid != line.callid
                    visit.moved(line.callid)
                    return visit
        fitting = [
            visit
            for visit in self._open_in.get(line.queue.casefold(), ())
            if visit.outcome is None
            and waited is not None
            and abs(line.at - waited - visit.joined_at) <= TOLERANCE
        ]
        if len(fitting) > 1 and line.callid in self._passed_on:
            agent = self._passed_on[line.callid]  # who had called that queue to consult it
            fitting = [visit for visit in fitting if visit.caller_number == agent]
        return self._only(fitting, line)

    def _unanswered(self, line: Line) -> LedgerVisit | None:
        """A visit of this very callid whose answer was never written."""
        return next((v for v in self._of(line.callid, line) if v.outcome is None), None)

    def _talking(self, line: Line, talked: int | None) -> LedgerVisit | None:
        """The conversation a line ends; one under another callid is told by its agent."""

        def fits(visit: LedgerVisit) -> bool:
            since = visit.outcome_at if visit.outcome_at is not None else visit.joined_at
            return talked is None or abs(line.at - talked - since) <= TOLERANCE

        own = [v for v in self._of(line.callid, line) if v.outcome is not None and v.agent == line.agent]
        if own:
            return next((visit for visit in own if fits(visit)), own[0])
        others = [
            visit
            for visit in self._open_in.get(line.queue.casefold(), ())
            if visit.outcome is not None and visit.agent == line.agent and fits(visit)
        ]
        return self._only(others, None)

    def _only(self, fitting: list[LedgerVisit], line: Line | None) -> LedgerVisit | None:
        if len(fitting) == 1:
            self.rebound += 1
            if line is not None:
                fitting[0].moved(line.callid)
                _remember(self._swapped, fitting[0].uniqueid, line.callid, anew=False)
                _remember(self._swapped, line.callid, fitting[0].uniqueid, anew=False)
            return fitting[0]
        self.orphans += line is not None
        return None


def _remember(known: dict[str, Kept], key: str, value: Kept, *, anew: bool = True) -> None:
    """Note it as the newest, forget the oldest beyond the bound; without `anew` what is known stays."""
    if not anew and key in known:
        return
    known.pop(key, None)
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]


def read_ledger(lines: Iterable[str], pbx: PbxName) -> LedgerReader:
    """Read all lines. A last line without its line end, where others have theirs, was cut by a copy or is half written."""
    reader = LedgerReader(pbx)
    ended = False
    for line in lines:
        complete = line.endswith("\n")
        reader.feed(line, whole=complete or not ended)
        ended = ended or complete
    return reader
