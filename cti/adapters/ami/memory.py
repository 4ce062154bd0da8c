"""What is remembered of one Asterisk: checkpoints of its calls, and the journal behind them."""

from collections.abc import Iterator
from pathlib import Path

from cti.adapters.ami.message import FALLBACK
from cti.adapters.ami.retelling import Retelling
from cti.adapters.checkpoint import Checkpoints
from cti.adapters.journal import Journal
from cti.adapters.journal_files import Entry, Kind
from cti.domain.agents import Agent, AgentState, Roster
from cti.domain.calls import Calls
from cti.domain.correlation import Correlation
from cti.domain.identifiers import Tier
from cti.domain.journeys import Call, CallState, Connection
from cti.domain.records import BlockedRecord, Direction, Outcome, SegmentRecord, TransferRecord
from cti.domain.retelling import Told
from cti.domain.segments import Segment, SegmentState
from cti.domain.signals import MemberSeen
from cti.domain.visits import Offer, OfferState, Visit, VisitState

MODEL = (
    Agent, AgentState, BlockedRecord, Call, CallState, Calls, Connection, Correlation, Direction, MemberSeen, Offer,
    OfferState, Outcome, Roster, Segment, SegmentRecord, SegmentState, Tier, TransferRecord, Visit, VisitState,
)  # fmt: skip
"""Every class a state of the calls is made of."""


def checkpoints(folder: Path) -> Checkpoints:
    return Checkpoints(folder, MODEL)


class JournalMemory:
    """The memory of one switch."""

    def __init__(self, journal: Journal, fallback: str = FALLBACK) -> None:
        self._journal, self._fallback = journal, fallback
        self.checkpoints = checkpoints(journal.folder)

    def newest(self, at_most: int) -> tuple[int, Calls] | None:
        """The newest checkpoint that is not beyond a position: where it is of, and the calls."""
        found = self.checkpoints.newest(at_most)
        return None if found is None else (found.position, found.state)

    def read_only(self, after: int) -> Iterator[Told]:
        """All that was told behind a position, as far as it is on disk."""
        return Retelling(self._fallback).told(self._journal.read(after))

    def told(self, after: int) -> Iterator[Told]:
        """All that was told behind a position; what was kept back when it ended is told last, and that is kept too."""
        retelling = Retelling(self._fallback)
        yield from retelling.told(self._journal.read(after))
        if retelling.holds:
            self._journal.released()
            yield from retelling.told([Entry(self._journal.position, Kind.RELEASED, 0.0, b"")])


class WholeJournal:
    """The same memory, for whoever wants to be told all of it and writes nothing."""

    def __init__(self, memory: JournalMemory) -> None:
        self._memory = memory

    def newest(self, at_most: int) -> None:
        """Nothing: it begins at the beginning."""

    def told(self, after: int) -> Iterator[Told]:
        return self._memory.read_only(after)
