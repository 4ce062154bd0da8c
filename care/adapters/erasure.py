"""Promises to somebody who is erased: nobody will call him, and none is open any more."""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection, Table, update
from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.tables import CALLBACKS, RESCUES
from care.domain.callback import CallbackState
from care.domain.rescue import RescueState
from cti.adapters.database import Transactions
from cti.domain.erasing import Blanking, Person

_OPEN: Mapping[Table, tuple[frozenset[str], str]] = {
    CALLBACKS: (
        frozenset({CallbackState.OFFERED, CallbackState.WAITING, CallbackState.CLAIMED}),
        CallbackState.CANCELLED.value,
    ),
    RESCUES: (frozenset({RescueState.OPEN, RescueState.CLAIMED}), RescueState.CLOSED.value),
}
"""States in which nobody is on the telephone yet, and the one they end in."""


class PromisesPlace:
    """Before the sweep of all tables, which takes number and name away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def learn(self, person: Person) -> Person:
        """It knows nothing that the books do not."""
        return person

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        ended = await self._transactions.write(partial(_end, sorted(blanking.person.digits())))
        return {"open promises": ended} if ended else {}


def _end(numbers: list[str], connection: Connection) -> int:
    ended = 0
    for table, (states, final) in _OPEN.items():
        open_ = update(table).where(table.c.number.in_(numbers), table.c.state.in_(states))
        ended += connection.execute(open_.values(state=final, open_key=None, calling=None)).rowcount
    return ended
