"""What people do with their own account: password, second factor, sessions, API tokens."""

from collections.abc import Collection, Sequence

from cti.domain.access import Audit, Permission, User
from cti.domain.errors import NotPossibleNow, Refused, Unknown
from cti.domain.signing_in import (
    FRESH_SECONDS,
    MOST_EXTERNAL_DAYS,
    MOST_TOKENS,
    Account,
    Entrance,
    SessionLine,
    TokenLine,
    check_password,
    session_id,
    token_named,
)
from cti.ports import Clock
from cti.ports.access import Accounts, Entrances, SecondFactor
from cti.service.front_door import FrontDoor


class OwnAccount:
    """Each deed is written down before it is done."""

    def __init__(
        self,
        accounts: Accounts,
        entrances: Entrances,
        second_factor: SecondFactor,
        door: FrontDoor,
        audit: Audit,
        clock: Clock,
        shipped: Collection[str] = (),
    ) -> None:
        """`shipped`: passwords that everybody knows; nobody takes one."""
        self._shipped = shipped
        self._accounts, self._entrances, self._second_factor = accounts, entrances, second_factor
        self._door, self._audit, self._clock = door, audit, clock

    async def change_password(self, entrance: Entrance, current: str, new: str) -> None:
        """Every other session and every API token of the user ends. Raises Refused."""
        user = entrance.user
        if (await self._account(user)).external:
            raise NotPossibleNow("Your password is kept by your identity provider; change it there.")
        await self._must_be(entrance, current)
        check_password(new, user.login, self._shipped)
        await self._audit(user, "password.changed", user.login)
        await self._accounts.set_password(user.id, new)
        await self._entrances.end_sessions(user.id, but=entrance.key)
        await self._entrances.revoke_tokens(user.id)

    async def _account(self, user: User) -> Account:
        account = await self._accounts.account(user.id)
        if account is None:
            raise Unknown("user")
        return account

    async def has_password(self, user: User) -> bool:
        """Whether it is kept here, and asked for again."""
        return not (await self._account(user)).external

    async def _must_be(self, entrance: Entrance, password: str) -> None:
        """A session left open is not enough to lock its owner out, or to stay in for good. Raises Refused, NotPossibleNow."""
        if await self.has_password(entrance.user):
            if not await self._door.prove(entrance.user, password):
                raise Refused("your present password is not this one.")
            return
        now, own = self._clock.now(), session_id(entrance.key)
        lines = await self._entrances.sessions(entrance.user.id, now)
        if not any(line.id == own and now - line.opened_at <= FRESH_SECONDS for line in lines):
            raise NotPossibleNow("Sign out and in again at your identity provider first, then do it at once.")

    async def has_second_factor(self, user: User) -> bool:
        factor = await self._accounts.second_factor(user.id)
        return factor is not None and factor[1] is not None

    async def begin_second_factor(self, user: User) -> tuple[str, str, str]:
        """A new key, its address and its picture; nothing is asked for until a code confirms it."""
        if not await self.has_password(user):
            raise NotPossibleNow("Your identity provider asks for codes; turn them on there.")
        if await self.has_second_factor(user):
            raise NotPossibleNow("Codes are on already; turn them off first.")
        key = self._second_factor.new_key()
        await self._accounts.change(
            user.id, {"totp_secret": key, "totp_since": None, "totp_step": None}, None
        )
        uri = self._second_factor.uri(key, user.login)
        return key, uri, self._second_factor.picture(uri)

    async def confirm_second_factor(self, entrance: Entrance, code: str, password: str) -> list[str]:
        """From now on codes are asked for; gives the recovery codes, this once. Raises Refused."""
        user, now = entrance.user, self._clock.now()
        factor = await self._accounts.second_factor(user.id)
        if factor is None or factor[1] is not None:
            raise NotPossibleNow("Begin with a new key.")
        await self._must_be(entrance, password)
        if not await self._door.code_fits(user, code, factor[0], now):
            raise Refused("that is not the code your app shows now; check the phone's clock.")
        await self._audit(user, "second_factor.on", user.login)
        codes = self._second_factor.recovery_codes()
        await self._accounts.set_recovery_codes(user.id, codes)
        await self._accounts.change(user.id, {"totp_since": now}, None)
        await self._entrances.end_sessions(user.id, but=entrance.key)
        return codes

    async def end_second_factor(self, entrance: Entrance, password: str) -> None:
        user = entrance.user
        await self._must_be(entrance, password)
        await self._audit(user, "second_factor.off", user.login)
        await self._accounts.change(
            user.id, {"totp_secret": None, "totp_since": None, "totp_step": None}, None
        )
        await self._accounts.set_recovery_codes(user.id, ())

    async def sessions(self, user: User) -> Sequence[SessionLine]:
        return await self._entrances.sessions(user.id, self._clock.now())

    async def end_session(self, user: User, session: str) -> None:
        if all(line.id != session for line in await self.sessions(user)):
            raise Unknown("session")
        await self._audit(user, "session.ended", f"{user.login} {session}")
        await self._entrances.end_session(user.id, session)

    async def end_other_sessions(self, entrance: Entrance) -> None:
        await self._audit(entrance.user, "session.others_ended", entrance.user.login)
        await self._entrances.end_sessions(entrance.user.id, but=entrance.key)

    async def tokens(self, user: User) -> Sequence[TokenLine]:
        return await self._entrances.tokens(user.id)

    async def add_token(
        self, entrance: Entrance, name: str, scopes: Collection[Permission], days: int | None, password: str
    ) -> tuple[TokenLine, str]:
        """The line, and the secret this once. Raises Refused for a scope beyond the owner's own rights."""
        user = entrance.user
        await self._must_be(entrance, password)
        if (days is None or days > MOST_EXTERNAL_DAYS) and not await self.has_password(user):
            raise Refused(
                f"your identity provider cannot end a token when you leave: at most {MOST_EXTERNAL_DAYS} days."
            )
        beyond = sorted(set(scopes) - user.permissions)
        if beyond:
            raise Refused(f"a token cannot do what you may not: {', '.join(beyond)}.")
        if len(await self._entrances.tokens(user.id)) >= MOST_TOKENS:
            raise Refused(f"you have {MOST_TOKENS} tokens; revoke one first.")
        await self._audit(user, "token.made", f"{name}: {' '.join(sorted(scopes))}")
        now = self._clock.now()
        return await self._entrances.add_token(
            user.id, name, scopes, now, None if days is None else now + days * 86_400.0
        )

    async def revoke_token(self, user: User, token: str) -> None:
        name = token_named(token, await self.tokens(user))
        await self._audit(user, "token.revoked", f"{user.login}: {name}")
        await self._entrances.revoke_token(user.id, token)
