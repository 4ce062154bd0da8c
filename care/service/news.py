"""Tells others what was written, from where it was written: at least once, in order, also what an earlier server left untold."""

import asyncio
from collections.abc import Mapping

from care.domain.callback import CallbackState
from care.domain.rescue import RescueState
from care.domain.story import told
from care.ports import CareStore, Flush, Tell

PAUSE = 0.5
_AT_ONCE = 200


class CareNews:
    """Also counts what stands where, for the metrics."""

    def __init__(self, store: CareStore, tell: Tell, flush: Flush) -> None:
        self._store, self._tell, self._flush = store, tell, flush
        self._callbacks: Mapping[str, int] = {}
        self._rescues: Mapping[str, int] = {}

    def callbacks(self) -> Mapping[str, int]:
        """By state, a moment old."""
        return {state.value: self._callbacks.get(state, 0) for state in CallbackState}

    def rescues(self) -> Mapping[str, int]:
        return {state.value: self._rescues.get(state, 0) for state in RescueState}

    async def run(self) -> None:
        """Work until cancelled."""
        await self._count()
        while True:
            if await self.turn():
                await self._count()
            await asyncio.sleep(PAUSE)

    async def turn(self) -> int:
        """Tell what nobody has been told; how much that was."""
        news = await self._store.untold(_AT_ONCE)
        for of, line in news:
            self._tell(of.pbx, told(of, line))
        if news:
            await self._flush()
            await self._store.set_told([line for _, line in news])
        return len(news)

    async def _count(self) -> None:
        self._callbacks = await self._store.callback_counts()
        self._rescues = await self._store.rescue_counts()
