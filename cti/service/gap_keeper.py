"""Keeps the records of what may have been missed: opened at once, closed by evidence alone."""

import logging
from collections.abc import Callable, Mapping, Sequence

from cti.domain.events import GapOpened, HearingResumed
from cti.domain.gaps import Evidence, Gap, GapKind, GapState, caught_up, open_since, verdict
from cti.domain.identifiers import PbxName
from cti.ports import CaseBook, Clock, GapBook

log = logging.getLogger(__name__)

HEARTBEAT = 2.0
"""How often, in seconds, it is noted that we are there: so exactly begins the gap that our own end leaves."""


class GapKeeper:
    """One switch's gaps. Reactions note at once and write later: `step` does."""

    def __init__(
        self,
        pbx: PbxName,
        book: GapBook,
        clock: Clock,
        *,
        verifiable: bool,
        hears: Callable[[], bool] = lambda: True,
    ) -> None:
        """`verifiable`: a ledger is configured. `hears`: whether the line to the switch stands now."""
        self._pbx, self._book, self._clock = pbx, book, clock
        self._state = GapState.OPEN if verifiable else GapState.UNVERIFIABLE
        self._hears = hears
        self._gaps: dict[tuple[GapKind, float], Gap] = {}
        self._unwritten: dict[tuple[GapKind, float], Gap] = {}
        self._caught_up: set[tuple[GapKind, float]] = set()  # open ones whose rest is not known by now
        self._noted_at = 0.0
        self.opened: dict[str, int] = {}  # by kind, since the process began

    async def load(self) -> None:
        """Take up the gaps that are open, and open the one our own absence left. Before the first event."""
        await self.look()
        _, listened_until = await self._book.load()
        if listened_until is not None:
            self.missing(GapKind.OWN_RESTART, listened_until)
            await self._write()

    async def look(self) -> None:
        """Take up the gaps that are open, for somebody who only looks."""
        for gap in (await self._book.load())[0]:
            self._gaps[gap.kind, gap.since] = gap

    # what happens ---------------------------------------------------------------------------------------------

    def gap_opened(self, event: GapOpened) -> None:
        """Reaction: something may have been missed."""
        if event.pbx == self._pbx:
            self.missing(event.kind, event.since, first=event.first, last=event.last)

    def hearing_resumed(self, event: HearingResumed) -> None:
        """Reaction: whatever was missed lies before."""
        if event.pbx != self._pbx:
            return
        for gap in list(self._gaps.values()):
            if gap.until is None:
                self._put(gap._replace(until=max(gap.since, event.at)))

    def missing(
        self,
        kind: GapKind,
        since: float,
        until: float | None = None,
        *,
        first: int | None = None,
        last: int | None = None,
    ) -> None:
        """Open a gap, or go on with the one this continues. `until` None: the next full look at the switch ends it.

        For a restart of our own server and a hole in the journal as well: whoever knows of one calls this.
        """
        known = next((gap for gap in self._gaps.values() if gap.continues(since, kind)), None)
        if known is not None:
            self._put(known.extended(until, first, last))
            return
        self.opened[kind.value] = self.opened.get(kind.value, 0) + 1
        state = GapState.UNVERIFIABLE if kind is GapKind.LEDGER_HOLE else self._state
        now = self._clock.now()
        self._put(Gap(self._pbx, kind, since, until, now, first, last, state, None, {}))

    def _put(self, gap: Gap) -> None:
        key = gap.kind, gap.since
        self._unwritten[key] = gap
        self._caught_up.discard(key)
        if gap.state is GapState.CLOSED or (gap.state is GapState.UNVERIFIABLE and gap.until is not None):
            self._gaps.pop(key, None)
        else:
            self._gaps[key] = gap

    # what is known --------------------------------------------------------------------------------------------

    @property
    def lasting(self) -> list[Gap]:
        """Open ones, and those nobody can verify that are not over yet."""
        return sorted(self._gaps.values(), key=lambda gap: gap.since)

    @property
    def open(self) -> list[Gap]:
        return [gap for gap in self._gaps.values() if gap.state is GapState.OPEN]

    @property
    def behind(self) -> list[Gap]:
        """Open ones that the comparison with the ledger has not come to yet."""
        return [gap for gap in self.open if (gap.kind, gap.since) not in self._caught_up]

    @property
    def open_since(self) -> float | None:
        """By the switch's clock; None when nothing is open."""
        return open_since(self._gaps.values())

    async def between(self, since: float, until: float) -> Sequence[Gap]:
        """Gaps of any state that touch a stretch, those not written yet among them."""
        found = {(gap.kind, gap.since): gap for gap in await self._book.between(since, until)}
        here = {**self._gaps, **self._unwritten}
        found.update({key: gap for key, gap in here.items() if gap.touches(since, until)})
        return list(found.values())

    # what is done about it ------------------------------------------------------------------------------------

    async def step(self) -> None:
        """Write what changed, and note that we are there."""
        await self._write()
        now = self._clock.now()
        if self._hears() and now - self._noted_at >= HEARTBEAT:
            await self._book.listening(now)
            self._noted_at = now

    async def close(self, cases: CaseBook, read_until: float | None, margin: float) -> None:
        """Close what the evidence closes. The ledger is known up to `read_until`; `margin` in seconds."""
        for gap in self.open:
            if gap.until is None or read_until is None or read_until < gap.until + margin:
                continue
            known = _evidence(read_until, await cases.around(gap.since, gap.until))
            key = gap.kind, gap.since
            if self._gaps.get(key) is not gap:  # it went on meanwhile
                continue
            if caught_up(gap, known, margin):
                self._caught_up.add(key)
            proof = verdict(gap, known, margin)
            if proof is not None:
                closed_at = self._clock.now()
                self._put(gap._replace(state=GapState.CLOSED, closed_at=closed_at, evidence=proof))
        await self._write()

    async def _write(self) -> None:
        written = dict(self._unwritten)
        if written:
            await self._book.keep(list(written.values()))
            self._unwritten = {
                key: gap for key, gap in self._unwritten.items() if written.get(key) is not gap
            }


def _evidence(read_until: float, around: Mapping[str, int]) -> Evidence:
    """What the states of the visits in a gap's time say."""
    return Evidence(
        read_until,
        uncompared=around.get("waiting", 0),
        lasting=around.get("open", 0) + around.get("live", 0),
        drifting=around.get("unexplained", 0) + around.get("extra", 0),
        agreed=around.get("agreed", 0) + around.get("explained", 0),
        repaired=around.get("repaired", 0),
    )
