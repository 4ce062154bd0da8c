"""Legal holds: put and lifted by name and with a reason."""

from collections.abc import Callable, Sequence

from cti.domain.access import Audit, User
from cti.domain.dialling import masked
from cti.domain.errors import NotErasable, Unknown
from cti.domain.identifiers import PhoneNumber
from cti.domain.keeping import Hold, HoldKind
from cti.ports import Clock
from cti.ports.keeping import Holds


class HoldDesk:
    def __init__(
        self,
        holds: Holds,
        record: Audit,
        clock: Clock,
        token: Callable[[], str],
        normalise: Callable[[str], PhoneNumber | None],
    ) -> None:
        self._holds, self._record, self._clock, self._token = holds, record, clock, token
        self._normalise = normalise

    async def put(self, user: User, kind: HoldKind, subject: str, reason: str) -> Hold:
        """Raises NotErasable for what is no number."""
        if kind is HoldKind.NUMBER:
            number = self._normalise(subject)
            if number is None or not number.startswith("+"):
                raise NotErasable("Write it with its country code: +8613800138000.")
            subject = number
        shown = masked(subject) if kind is HoldKind.NUMBER else subject
        hold = Hold(self._token(), kind, subject, reason, user.login, self._clock.now())
        await self._record(user, "hold.put", f"{hold.id} {kind.value} {shown}")
        await self._holds.add(hold)
        return hold

    async def lift(self, user: User, hold: str, because: str) -> None:
        """Raises Unknown."""
        await self._record(user, "hold.lift", hold)
        if not await self._holds.lift(hold, self._clock.now(), user.login, because):
            raise Unknown("No such legal hold stands.")

    async def page(self, limit: int, offset: int) -> tuple[Sequence[Hold], int]:
        return await self._holds.all(limit, offset)
