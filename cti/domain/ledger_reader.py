"""The switch's ledger (`queue_log`) read into visits and offers: a pure fold over its lines, as a cross-check of ours.

Theory of operation. Lines speak of visits by callid and queue, in whole seconds. A visit waits, then talks, then is over;
which of its steps a line is, the tables below say. Three things make it harder than that. A transfer or an optimised
Local channel moves a visit to another callid without a line saying so: then the line's own arithmetic (it says how long
the caller waited or talked) and the agent decide, and only if exactly one visit fits. A restart closes nothing: what
waited is lost. And any line may be cut, foreign or half written: it is counted and let go, never guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName, call_id
from cti.domain.ledger_lines import FINISHED, OTHERS, RUNG, UNSERVED, Line, parse
from cti.domain.records import OfferRecord, OfferResult, Outcome, VisitRecord

TOLERANCE = 1.0  # two clocks read to the whole second differ by this much


@dataclass(slots=True, eq=False)
class LedgerVisit:
    """One stay in one queue, as far as the ledger has told."""

    uniqueid: ChannelId
    queue: QueueName
    number_in_call: int
    joined_at: float
    caller_number: str | None
    original_position: int | None
    outcome: Outcome | None = None
    outcome_at: float | None = None
    waited: float | None = None
    agent: AgentId | None = None
    talked: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None
    incompatible: bool = False  # no common codec: the hang-up that follows was not the caller's wish

    def record(self, pbx: PbxName) -> VisitRecord:
        return VisitRecord(
            call=call_id(pbx, self.uniqueid),
            pbx=pbx,
            uniqueid=self.uniqueid,
            number_in_call=self.number_in_call,
            queue=self.queue,
            tier=None,
            joined_at=self.joined_at,
            original_position=self.original_position,
            outcome=self.outcome,
            outcome_at=self.outcome_at,
            wait_seconds=self.waited,
            agent=self.agent,
            talk_seconds=self.talked,
            hold_seconds=None,
            ended_at=self.ended_at,
            ended_by=self.ended_by,
            caller_number=self.caller_number,
        )


class LedgerReader:
    """Takes lines in the order of the file; holds what they came to. Feed it as the file grows."""

    def __init__(self, pbx: PbxName) -> None:
        self._pbx = pbx
        self._visits: list[LedgerVisit] = []
        self._open: dict[str, list[LedgerVisit]] = {}  # by callid
        self._open_in: dict[str, list[LedgerVisit]] = {}  # by queue: names are case-insensitive in the switch
        self._joins: Counter[str] = Counter()
        self._swapped: dict[str, str] = {}  # a transfer exchanged these two callids
        self._passed_on: dict[
            str, AgentId
        ] = {}  # who transferred this callid into an application, perhaps a queue
        self.offers: list[OfferRecord] = []
        self.lines = self.malformed = self.orphans = self.rebound = 0
        self.unknown: Counter[str] = Counter()
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
        """In order of joining as the file has them."""
        return [visit.record(self._pbx) for visit in self._visits]

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
        step = self._steps.get(line.event)
        if step is not None:
            step(line)
        elif line.event not in OTHERS:
            self.unknown[line.event] += 1

    def _join(self, line: Line) -> None:
        for visit in self._open.get(line.callid, ())[:]:
            if visit.outcome is None:  # the line that ended it was never written
                self._decide(visit, line.at, Outcome.LOST, None)
        self._joins[line.callid] += 1
        number = line.data[1] if len(line.data) > 1 and line.data[1] else None
        visit = LedgerVisit(
            line.callid, line.queue, self._joins[line.callid], line.at, number, line.number(2)
        )
        self._visits.append(visit)
        self._open.setdefault(line.callid, []).append(visit)
        self._open_in.setdefault(line.queue.casefold(), []).append(visit)

    def _connect(self, line: Line) -> None:
        waited, rang = line.number(0), line.number(2)
        self._offer(line, OfferResult.CONNECTED, rang)
        visit = self._waiting(line, waited)
        if visit is not None:
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
        visit.ended_at, visit.ended_by = line.at, ended_by
        since = visit.outcome_at if visit.outcome_at is not None else line.at
        visit.talked = float(talked) if talked is not None else max(0.0, line.at - since)
        if line.event == "ATTENDEDTRANSFER":
            if visit.uniqueid != line.callid:
                self._swapped[line.callid], self._swapped[visit.uniqueid] = visit.uniqueid, line.callid
            if line.agent is not None and line.data[:1] == ("APP",):
                self._passed_on[line.callid] = line.agent
        self._close(visit)

    def _answer(self, visit: LedgerVisit, at: float, agent: AgentId | None, waited: int | None) -> None:
        visit.outcome, visit.outcome_at, visit.agent = Outcome.ANSWERED, at, agent
        visit.waited = float(waited) if waited is not None else max(0.0, at - visit.joined_at)

    def _decide(self, visit: LedgerVisit, at: float, outcome: Outcome, waited: int | None) -> None:
        visit.outcome, visit.outcome_at, visit.ended_at = outcome, at, at
        if outcome is not Outcome.LOST:
            visit.waited = float(waited) if waited is not None else max(0.0, at - visit.joined_at)
        self._close(visit)

    def _close(self, visit: LedgerVisit) -> None:
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
        self._offer(line, RUNG[line.event], None if rang is None else rang / 1000)

    def _dump(self, line: Line) -> None:
        self._offer(line, OfferResult.CANCELLED, None)

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
                    self._close(visit)
        self._open.clear()
        self._swapped.clear()
        self._passed_on.clear()

    def _offer(self, line: Line, result: OfferResult, rang: float | None) -> None:
        if line.agent is None:
            return
        rung_at = line.at - (rang or 0.0)
        self.offers.append(OfferRecord(line.queue, line.agent, rung_at, line.at, result, rang))

    def _of(self, callid: str, line: Line) -> list[LedgerVisit]:
        return [v for v in self._open.get(callid, ()) if v.queue.casefold() == line.queue.casefold()]

    def _waiting(self, line: Line, waited: int | None) -> LedgerVisit | None:
        """The waiting visit a line speaks of; one under another callid only if its wait singles it out."""
        for callid in (line.callid, self._swapped.get(line.callid, "")):
            for visit in self._of(callid, line):
                if visit.outcome is None:
                    self.rebound += callid != line.callid
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
                self._swapped.setdefault(fitting[0].uniqueid, line.callid)
                self._swapped.setdefault(line.callid, fitting[0].uniqueid)
            return fitting[0]
        self.orphans += line is not None
        return None


def read_ledger(lines: Iterable[str], pbx: PbxName) -> LedgerReader:
    """Read all lines. A last line without its line end, where others have theirs, was cut by a copy or is half written."""
    reader = LedgerReader(pbx)
    ended = False
    for line in lines:
        complete = line.endswith("\n")
        reader.feed(line, whole=complete or not ended)
        ended = ended or complete
    return reader
