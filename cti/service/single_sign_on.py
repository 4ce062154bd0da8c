"""Signing in at the identity provider: going there, coming back, and the user it makes of who came."""

from collections.abc import Sequence

from cti.domain.access import Audit, Role, User
from cti.domain.errors import CtiError, NotAllowed, NotPossibleNow, NotSignedIn, Refused, TooMany
from cti.domain.signing_in import Account, Caller, check_agent
from cti.domain.single_sign_on import ClaimRules, Person, person
from cti.ports import Clock
from cti.ports.access import Accounts, IdentityProvider, Leaving
from cti.service.front_door import FrontDoor
from cti.service.people import rights
from cti.service.teams import Teams

LEFT_SECONDS = 600.0
"""From going to the provider to coming back."""

MOST_LEFT = 10_000

PROVIDER = User("identity-provider", "identity provider", "identity provider", Role.ADMINISTRATOR, None, "en")
"""Who stands in the audit log for what its claims change of people here."""


class SingleSignOn:
    """People, their roles and teams are the provider's: each sign-in takes them over anew."""

    def __init__(
        self,
        provider: IdentityProvider,
        rules: ClaimRules,
        accounts: Accounts,
        door: FrontDoor,
        teams: Teams,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._provider, self._rules, self._accounts, self._door = provider, rules, accounts, door
        self._teams, self._audit, self._clock = teams, audit, clock
        self._left: dict[str, tuple[Leaving, float]] = {}

    async def leave(self) -> Leaving:
        """Where the browser goes. `state` must come back from there, and in the browser's own cookie as well."""
        now = self._clock.now()
        self._left = {state: one for state, one in self._left.items() if one[1] > now}
        if len(self._left) >= MOST_LEFT:
            raise TooMany("too many people are signing in; try again in a minute.", 60.0)
        leaving = await self._provider.leave()
        self._left[leaving.state] = (leaving, now + LEFT_SECONDS)
        return leaving

    async def come_back(self, state: str, kept: str, code: str, caller: Caller) -> tuple[User, str]:
        """The user and the session's secret. Raises NotSignedIn, NotAllowed, NotPossibleNow."""
        try:
            user = await self._came(state, kept, code)
        except CtiError as problem:  # the browser is told its kind alone
            await self._door.write_refusal(f"identity provider from {caller.address}: {problem}")
            raise
        await self._audit(user, "session.sign_in", "identity provider")
        return user, await self._door.open_for(user, caller)

    async def _came(self, state: str, kept: str, code: str) -> User:
        left, until = self._left.pop(state, (None, 0.0))
        now = self._clock.now()
        if left is None or until <= now or kept != state:
            raise NotSignedIn("Signing in took too long or began in another window; begin again.")
        who = person(await self._provider.claims(code, left, now), self._rules)
        try:
            return await self._user(who)
        except NotAllowed as problem:
            raise NotAllowed(f"{problem.detail} ({who.login})") from None

    async def _user(self, who: Person) -> User:
        known = await self._accounts.by_external(who.external)
        if known is not None and not known.active:
            raise NotAllowed("Your account was deactivated; ask an administrator.")
        accounts = await self._accounts.all()
        try:
            check_agent(known.user.id if known else None, who.role, who.agent or "", accounts)
        except Refused as problem:
            raise NotAllowed(problem.detail) from None
        user = await self._add(who, accounts) if known is None else await self._take_over(known.user, who)
        await self._teams.refresh()
        return user

    async def _add(self, who: Person, accounts: Sequence[Account]) -> User:
        taken = NotAllowed(
            "A local user has your login; ask an administrator to give that one another login."
        )
        if any(one.user.login == who.login for one in accounts):
            raise taken  # never taken over: whoever names the logins there could become anybody here
        await self._audit(PROVIDER, "user.added", f"{who.login}: {_rights(who)}")
        try:
            return await self._accounts.add(
                who.login,
                "",
                who.name,
                who.role,
                who.agent,
                who.language,
                teams=who.teams,
                external=who.external,
            )
        except NotPossibleNow:
            raise taken from None

    async def _take_over(self, known: User, who: Person) -> User:
        user = known._replace(name=who.name, role=who.role, agent=who.agent, teams=who.teams)
        if user != known:
            await self._audit(PROVIDER, "user.changed", f"{user.login}: {_rights(who)}")
            fields = {"name": who.name, "role": who.role, "agent": who.agent}
            await self._accounts.change(user.id, fields, who.teams)
        return user


def _rights(who: Person) -> str:
    return rights(who.role, who.agent or "", who.teams)
