"""Signing in and out: with a password and a code, with a session, with an API token, with a ticket."""

import secrets
from collections.abc import Collection
from functools import partial

from cti.domain.access import Audit, Role, User
from cti.domain.errors import CodeNeeded, NotSignedIn, TooMany
from cti.domain.signing_in import (
    ADDRESS_FAILURES,
    LOGIN_FAILURES,
    TOKEN_PREFIX,
    Caller,
    Entrance,
    Failures,
)
from cti.ports import Clock
from cti.ports.access import Accounts, Entrances, SecondFactor

TICKET_SECONDS = 30.0
"""From getting a ticket for the live stream to using it."""

MOST_TICKETS = 10_000

NOWHERE = Caller()

NOBODY = User("nobody", "(not signed in)", "", Role.AGENT, None, "en")
"""Who stands in the audit log for whoever was not let in."""


class FrontDoor:
    """Lets people and programs in; slows down who guesses."""

    def __init__(
        self,
        accounts: Accounts,
        entrances: Entrances,
        second_factor: SecondFactor,
        audit: Audit,
        clock: Clock,
        shipped: Collection[str] = (),
    ) -> None:
        """`shipped`: passwords that everybody knows; they let nobody in."""
        self._accounts, self._entrances, self._clock = accounts, entrances, clock
        self._audit = audit
        self._shipped = shipped
        self._second_factor = second_factor
        self._tickets: dict[str, tuple[Entrance, float]] = {}

    async def sign_in(
        self, login: str, password: str, code: str = "", caller: Caller = NOWHERE
    ) -> tuple[User, str]:
        """The user and the session's secret. Raises NotSignedIn, CodeNeeded, or TooMany after too many failures.

        An attempt counts as wrong before it is looked at, so many at once are no more guesses than one after another.
        """
        now = self._clock.now()
        closes = await self._count(login, caller, now)
        try:
            user = await self._known(login, password)
            await self._check_code(user, code, now)
        except CodeNeeded:  # neither right nor wrong: guesses of codes before it go on counting
            await self._entrances.count_failures(dict.fromkeys(_named(login, caller), Failures.one_less))
            raise
        except NotSignedIn as problem:
            await self.write_refusal(f"{login} from {caller.address}: {problem.detail}", closes=closes)
            raise
        await self._forgive(login, caller)
        return user, await self._entrances.open_session(user, now, caller)

    async def _known(self, login: str, password: str) -> User:
        if password in self._shipped:  # said to everybody alike, so it tells nobody which logins have it
            raise NotSignedIn("The demo's password opens nothing here; `cti user password` sets another.")
        user = await self._accounts.verify(login, password)
        if user is None:
            raise NotSignedIn("Login or password is wrong.")
        return user

    async def write_refusal(self, subject: str, *, closes: bool = False) -> None:
        """Somebody was not let in; `closes`: nor is anybody else by that login, or from there, for a while."""
        await self._audit(NOBODY, "session.closed" if closes else "session.refused", subject)

    async def prove(self, user: User, password: str) -> bool:
        """Whether somebody signed in knows the password, counted as when signing in. Raises TooMany."""
        await self._count(user.login, None, self._clock.now())
        right = await self._accounts.verify(user.login, password) is not None
        if right:
            await self._forgive(user.login, None)
        else:
            await self._audit(user, "password.refused", user.login)
        return right

    async def _count(self, login: str, caller: Caller | None, now: float) -> bool:
        """Raises TooMany when the login or the address is closed; else the attempt counts as a failure so far.

        True when it closes one of them unless it proves right.
        """

        def one_more(most: int, failures: Failures) -> Failures:
            return failures if failures.wait(now) else failures.another(now, most)

        mosts = dict(zip(_named(login, caller), (LOGIN_FAILURES, ADDRESS_FAILURES), strict=False))
        before = await self._entrances.count_failures(
            {who: partial(one_more, most) for who, most in mosts.items()}
        )
        if wait := max(failures.wait(now) for failures in before.values()):
            open_ones = [who for who, failures in before.items() if not failures.wait(now)]
            if open_ones:  # nothing was looked at, so it is no guess
                await self._entrances.count_failures(dict.fromkeys(open_ones, Failures.taken_back))
            raise TooMany("wait until the time is over, then sign in again.", wait)
        return any(before[who].another(now, most).wait(now) for who, most in mosts.items())

    async def _forgive(self, login: str, caller: Caller | None) -> None:
        """The attempt was right, and the login's others are forgotten; the address's others are not."""
        steps = (lambda _: Failures(), Failures.one_less)
        await self._entrances.count_failures(dict(zip(_named(login, caller), steps, strict=False)))

    async def _check_code(self, user: User, code: str, now: float) -> None:
        factor = await self._accounts.second_factor(user.id)
        if factor is None or factor[1] is None:
            return
        if not code:
            raise CodeNeeded
        if not await self.code_fits(user, code, factor[0], now):
            raise NotSignedIn("The code is wrong or was used before.")

    async def code_fits(self, user: User, code: str, key: str, now: float) -> bool:
        """A code of the app, or one of the recovery codes; each once."""
        said = code.replace(" ", "").lower()
        step = self._second_factor.step(key, said, now) if said.isascii() else None
        if step is not None:
            return await self._accounts.take_step(user.id, step)
        return await self._accounts.take_recovery_code(user.id, said)

    async def open_for(self, user: User, caller: Caller) -> str:
        """A session for somebody whom the identity provider vouches for."""
        return await self._entrances.open_session(user, self._clock.now(), caller)

    async def enter(self, session: str | None, bearer: str | None = None) -> Entrance:
        """Who comes with a session's secret, or with an API token, which goes first. Raises NotSignedIn."""
        now = self._clock.now()
        found = None
        if bearer is not None:
            found = await self._entrances.token(bearer, now) if bearer.startswith(TOKEN_PREFIX) else None
        elif session:
            found = await self._entrances.session(session, now)
        if found is None:
            raise NotSignedIn
        return found

    async def sign_out(self, token: str | None) -> User | None:
        """Who it was; None when nobody was signed in."""
        found = await self._entrances.session(token, self._clock.now()) if token else None
        if token and found is not None:
            await self._entrances.close_session(token)
        return found.user if found is not None else None

    def ticket(self, entrance: Entrance) -> str:
        """Opens the live stream once, within 30 seconds."""
        now = self._clock.now()
        self._tickets = {key: one for key, one in self._tickets.items() if one[1] > now}
        if len(self._tickets) >= MOST_TICKETS:
            raise TooMany("too many tickets are out; try again in half a minute.", TICKET_SECONDS)
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (entrance, now + TICKET_SECONDS)
        return ticket

    def use_ticket(self, ticket: str) -> Entrance:
        """Raises NotSignedIn."""
        entrance, until = self._tickets.pop(ticket, (None, 0.0))
        if entrance is None or until <= self._clock.now():
            raise NotSignedIn
        return entrance

    async def phone(self, user: User) -> dict[str, str] | None:
        """Of the person alone: an API token gets no telephone's password."""
        phone = await self._accounts.phone(user) if user.scopes is None else None
        return None if phone is None else dict(phone)


def _named(login: str, caller: Caller | None) -> list[str]:
    """Under which names attempts are counted: the login, and the address where there is one."""
    return [f"login:{login}", *([f"address:{caller.address}"] if caller is not None else [])]
