"""Erases somebody everywhere, and says where and how much; nothing that counts calls is changed."""

from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from cti.domain.access import Audit, User
from cti.domain.dialling import masked
from cti.domain.erasing import CALL, CUSTOMER, RECORDING, SHORTEST_NATIONAL, Blanking, Number, Person
from cti.domain.errors import HeldByLaw, NotErasable
from cti.domain.keeping import Report, report
from cti.ports import Clock
from cti.ports.keeping import ErasedMarks, Holds, Place, Reports

_ROUNDS = 5
"""What one place knows may tell another more: number, customer, his other numbers, their calls."""


class Eraser:
    def __init__(
        self,
        places: Sequence[Place],
        holds: Holds,
        reports: Reports,
        marks: ErasedMarks,
        record: Audit,
        clock: Clock,
        token: Callable[[], str],
        done: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`places` in the order in which they are erased; `done` has running servers forget what they remember."""
        self._places, self._holds, self._reports, self._marks = places, holds, reports, marks
        self._record, self._clock, self._token, self._done = record, clock, token, done

    async def erase(self, user: User, number: Number) -> Report:
        """Doing it again erases what came since. Raises HeldByLaw, NotErasable."""
        if len(number.national) < SHORTEST_NATIONAL:
            raise NotErasable("It is too short to be somebody's.")
        person = await self._known(Person((number,)))
        held = [hold for hold in await self._holds.standing() if hold.is_on(person)]
        if held:
            raise HeldByLaw(f"{held[0].kind.value} hold {held[0].id}, put by {held[0].by}: {held[0].reason}")
        shown = masked(number.e164)
        await self._record(user, "person.erase", shown)
        now = self._clock.now()
        await self._marks.remember(person, now)  # before all else: what is read meanwhile is known already
        blanking, counts = Blanking(person), Counter[str]()
        for place in self._places:
            counts.update(await place.erase(blanking))
        left = Counter[str]()
        for place in self._places:
            left.update(await place.erase(blanking))
        await self._done()
        told = {
            "number": shown,
            "numbers": len(person.numbers),
            "customers": len(person.of(CUSTOMER)),
            "calls": len(person.of(CALL)),
            "recordings": len(person.of(RECORDING)),
            "erased": dict(sorted(counts.items())),
            "found_again": {name: count for name, count in sorted(left.items()) if count},
        }
        made = report(self._token(), "erasure", now, user.login, told)
        await self._reports.add(made)
        return made

    async def _known(self, person: Person) -> Person:
        for _ in range(_ROUNDS):
            before = person
            for place in self._places:
                person = await place.learn(person)
            if person == before:
                break
        return person
