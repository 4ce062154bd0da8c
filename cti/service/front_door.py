"""Signing in and out."""

from collections import OrderedDict

from cti.domain.access import User
from cti.domain.errors import NotPossibleNow, NotSignedIn
from cti.ports import Accounts, Clock

ATTEMPTS, WINDOW = 10, 300.0
"""So many failed attempts for one login within so many seconds, then it rests."""
REMEMBERED = 10_000


class FrontDoor:
    """Lets people in; slows down who guesses."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts, self._clock = accounts, clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    async def sign_in(self, login: str, password: str) -> tuple[User, str]:
        """The user and the session's secret. Raises NotSignedIn, or NotPossibleNow after too many failures."""
        now = self._clock.now()
        recent = [at for at in self._failures.get(login, []) if at > now - WINDOW]
        if len(recent) >= ATTEMPTS:
            raise NotPossibleNow("Too many failed attempts for this login: wait five minutes.")
        user = await self._accounts.verify(login, password)
        if user is None:
            self._failures[login] = [*recent, now]
            self._failures.move_to_end(login)
            if len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)
            raise NotSignedIn("Login or password is wrong.")
        self._failures.pop(login, None)
        return user, await self._accounts.open_session(user, now)

    async def who(self, token: str | None) -> User:
        """The user of a session. Raises NotSignedIn."""
        user = await self._accounts.session(token, self._clock.now()) if token else None
        if user is None:
            raise NotSignedIn
        return user

    async def sign_out(self, token: str | None) -> None:
        if token:
            await self._accounts.close_session(token)

    async def phone(self, user: User) -> dict[str, str] | None:
        phone = await self._accounts.phone(user)
        return None if phone is None else dict(phone)
