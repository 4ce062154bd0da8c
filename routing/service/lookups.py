"""Who calls: lookups on the side, a bounded number of them, none of which raises."""

import asyncio
import logging
from collections import Counter

from routing.domain.decision import CallerProfile, Knowledge
from routing.ports import Customers, Spawn

log = logging.getLogger(__name__)
Answer = asyncio.Future[tuple[CallerProfile | None, bool]]
"""Who it is, and whether the lookup failed."""


class Lookups:
    def __init__(self, customers: Customers, spawn: Spawn, most: int) -> None:
        self._customers, self._spawn, self._most = customers, spawn, most
        self.open = 0
        self.counts: Counter[str] = Counter()
        """`lookup_failed` and `lookup_refused` (too many at a time)."""

    def begin(self, number: str | None) -> Answer:
        answer: Answer = asyncio.get_running_loop().create_future()
        if self.open >= self._most:
            self.counts["lookup_refused"] += 1
            answer.set_result((None, True))
        else:
            self.open += 1
            self._spawn(self._fill(answer, number))
        return answer

    def knowledge(self, number: str | None, profile: CallerProfile | None, *, failed: bool) -> Knowledge:
        if profile is not None:
            return Knowledge.CUSTOMER
        if failed:
            return Knowledge.FAILED
        return Knowledge.WITHHELD if self._customers.normalise(number) is None else Knowledge.UNKNOWN

    async def _fill(self, answer: Answer, number: str | None) -> None:
        try:
            answer.set_result((await self._customers.lookup(number), False))
        except Exception as error:  # noqa: BLE001 - told without its text, which may hold the number
            self.counts["lookup_failed"] += 1
            log.error("a caller could not be looked up: %s", type(error).__name__)  # noqa: TRY400 - as above
            answer.set_result((None, True))
        finally:
            self.open -= 1
            answer.cancel()  # does nothing to a future that is done
