"""The rules of accounts: passwords, guesses, and what is told of sessions and tokens."""

from collections.abc import Sequence
from typing import NamedTuple

from cti.domain.access import Permission, User
from cti.domain.errors import Refused

SHORTEST_PASSWORD = 10
"""Characters (NIST SP 800-63B asks for 8 at least, and for length rather than for kinds of characters)."""

SESSION_SECONDS = 12 * 3600
"""A working day: then people sign in again."""

WINDOW_SECONDS = 900.0
"""Failures count together while no more than this lies between the first and the last."""

LOGIN_FAILURES, ADDRESS_FAILURES = 10, 100
"""So many failures close a login, or an address, for `CLOSED_SECONDS`: behind one address a whole house may sign in."""

CLOSED_SECONDS = 300.0

TOKEN_PREFIX = "tierline_"  # noqa: S105  so that scanners of leaked secrets know one
"""How each API token begins."""

MOST_TOKENS = 50
"""Of one user."""


def check_password(password: str, login: str) -> None:
    """Raises Refused, in one sentence that says what to do."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"a password has at least {SHORTEST_PASSWORD} characters.")
    if password.strip().casefold() == login.casefold() or len(set(password)) < 4:
        raise Refused("a password is not the login and has at least four different characters.")


class Failures(NamedTuple):
    """Wrong attempts for one login, or from one address."""

    wrong: int = 0
    since: float = 0.0
    closed_until: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next attempt is heard; 0: now."""
        return max(0.0, self.closed_until - now)

    def another(self, now: float, most: int) -> "Failures":
        """After one more attempt, which counts as wrong until it proves right."""
        begun = self if now - self.since <= WINDOW_SECONDS and not self.closed_until else Failures(0, now)
        wrong = begun.wrong + 1
        return Failures(wrong, begun.since, now + CLOSED_SECONDS if wrong >= most else 0.0)

    def one_less(self) -> "Failures":
        """The attempt was right: it neither counts nor closes."""
        return Failures(max(0, self.wrong - 1), self.since, 0.0)


class Caller(NamedTuple):
    """Where a request comes from, as it says itself."""

    address: str = ""
    browser: str = ""  # the User-Agent header, shortened


class Entrance(NamedTuple):
    """By which secret somebody came in: a session's or a token's. It is the secret's digest, never the secret."""

    user: User
    key: str
    is_token: bool = False


class SessionLine(NamedTuple):
    """One open session, as its owner sees it."""

    id: str
    opened_at: float
    seen_at: float
    ends_at: float
    address: str
    browser: str


class TokenLine(NamedTuple):
    """An API token; its secret was shown once, when it was made."""

    id: str
    name: str
    scopes: Sequence[Permission]
    created_at: float
    expires_at: float | None
    used_at: float | None


class Account(NamedTuple):
    """A user as administrators see one."""

    user: User
    active: bool
    second_factor: bool
    external: bool  # signs in at the identity provider, and has no password here


def session_id(key: str) -> str:
    """What names a session in the API: enough of its key to tell it from others, too little to open it."""
    return key[:16]
