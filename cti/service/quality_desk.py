"""Keeps how calls sounded, as the agents' softphones measured it."""

from collections.abc import Callable, Sequence

from cti.domain.call_quality import MOS_BOUNDS, CallQuality, Sounded
from cti.domain.errors import NotAllowed, Unknown
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, CallId
from cti.domain.records import CallRecord
from cti.ports import CallStore, Clock, QualityBook


class QualityDesk:
    """One row for each agent of a call: who comes back to it tells of it anew, and the last word stays."""

    def __init__(
        self,
        book: QualityBook,
        live: Callable[[CallId], CallRecord | None],
        kept: CallStore,
        clock: Clock,
    ) -> None:
        self._book, self._live, self._kept, self._clock = book, live, kept, clock
        self.scores = Histogram(MOS_BOUNDS)

    async def keep(self, call: CallId, agent: AgentId, sounded: Sounded) -> None:
        """Raises Unknown for a call nobody knows (yet), NotAllowed when this agent was not in it."""
        if agent not in await self._agents(call):
            raise NotAllowed("Only an agent who talked in a call says how it sounded.")
        if await self._book.keep(CallQuality(call, agent, self._clock.now(), sounded)):
            self.scores.observe(sounded.mos)

    async def of(self, call: CallId) -> Sequence[CallQuality]:
        return await self._book.of(call)

    async def _agents(self, call: CallId) -> set[str]:
        live = self._live(call)
        if live is not None:
            return {segment.agent for segment in live.segments}
        story = await self._kept.call(call)
        if story is None:
            raise Unknown(f"call {call}")
        return {segment["agent"] for segment in story["segments"]}
