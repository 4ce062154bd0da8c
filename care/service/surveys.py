"""What customers said of us: taken over from files of the site's own survey tool, and looked at."""

import asyncio
from datetime import tzinfo
from pathlib import Path
from typing import Final, NamedTuple

from care.domain.errors import NumberUnreadable
from care.domain.survey_rows import Reading, Rules, read
from care.ports import Clock, Numbering, SurveyPage, SurveyStore, TextFiles
from cti.domain.identifiers import AgentId
from customers.domain.errors import ImportRefused

MOST_PROBLEMS: Final = 1000  # named in one report; the rest are counted


class SurveyImport(NamedTuple):
    """How many answers were new, and how many lines told what was known."""

    new: int
    known: int


class SurveyDesk:
    def __init__(
        self, store: SurveyStore, files: TextFiles, numbering: Numbering, clock: Clock, zone: tzinfo
    ) -> None:
        """`zone`: of times that come without an offset."""
        self._store, self._files, self._numbering, self._clock = store, files, numbering, clock
        self._zone = zone

    async def import_file(self, path: Path) -> SurveyImport:
        """All rows or none. Raises ImportRefused with every problem, or what a file is refused with that is no text."""
        found = await asyncio.to_thread(self._read, path)
        if found.problems:
            raise ImportRefused(path.name, found.problems[:MOST_PROBLEMS], len(found.problems))
        new = await self._store.add(found.responses)
        return SurveyImport(new, len(found.responses) + found.repeated - new)

    async def page(
        self, number: str | None, limit: int, offset: int, visible: frozenset[AgentId] | None
    ) -> SurveyPage:
        """Newest first; of one number, however it is written. Raises NumberUnreadable."""
        normal = None if number is None else self._numbering.normalise(number)
        if number is not None and normal is None:
            raise NumberUnreadable
        return await self._store.page(normal, limit, offset, visible)

    def _read(self, path: Path) -> Reading:
        plan = self._numbering
        return read(
            self._files.text(path), Rules(plan.normalise, plan.objection, self._zone, self._clock.now())
        )
