"""Why each caller was served when he was."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cti.domain.identifiers import CallId
from routing.domain.decision import RoutingDecision, describe, place_sentence
from routing.domain.errors import UnknownDecision
from routing.domain.sentences import Names, document
from routing.ports import DecisionPage, DecisionStore
from routing.service.callers import Callers


class Decisions:
    def __init__(self, callers: Sequence[Callers], store: DecisionStore, names: Callable[[], Names]) -> None:
        """`callers` of each switch; a call's id says which switch it is on."""
        self._callers, self._store, self._names = callers, store, names

    def live(self, call: CallId) -> RoutingDecision | None:
        """The latest of a call that lasts."""
        decided = (caller.decision for callers in self._callers for caller in callers.of(call))
        return max(decided, key=lambda decision: decision.at, default=None)

    def why(self, call: CallId) -> Mapping[str, str] | None:
        """In one sentence by language, for the screen pop; None when the call did not come through a queue."""
        decision = self.live(call)
        if decision is None or not decision.position_at_join:
            return None
        place = decision.position_at_join, decision.passed_at_join, decision.tier, decision.credit
        told = document(place_sentence(*place), self._names())
        return {"en": told["en"], "zh": told["zh"]}

    async def of_call(self, call: CallId) -> Mapping[str, Any]:
        """The latest, live or kept. Raises UnknownDecision."""
        if (live := self.live(call)) is not None:
            return describe(live, self._names())
        if (kept := await self._store.of_call(call)) is not None:
            return kept
        raise UnknownDecision

    async def page(self, limit: int, offset: int, search: Mapping[str, str]) -> DecisionPage:
        return await self._store.page(limit, offset, search)
