"""The rules of accounts: passwords, guesses, and what is told of sessions and tokens."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from cti.domain.access import Permission, Role, User
from cti.domain.errors import Refused, Unknown

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

ID_CHARACTERS = 16
"""Of a session's key that stand in its id."""

MOST_TOKENS = 50
"""Of one user."""

MOST_EXTERNAL_DAYS = 90
"""A token's, whose owner signs in at the identity provider: nobody tells us when he is gone from there."""

FRESH_SECONDS = 600.0
"""After signing in at the identity provider somebody need not prove again who he is."""


def check_password(password: str, login: str, shipped: Collection[str] = ()) -> None:
    """`shipped`: passwords that everybody knows. Raises Refused, in one sentence that says what to do."""
    if password in shipped:
        raise Refused("that password comes with Tierline, so everybody knows it; choose another.")
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"a password has at least {SHORTEST_PASSWORD} characters.")
    if password.strip().casefold() == login.casefold() or len(set(password)) < 4:
        raise Refused("a password is not the login and has at least four different characters.")


def check_agent(user: str | None, role: Role, agent: str, accounts: Sequence["Account"]) -> None:
    """An agent has a name on the switch, others have none, and no two active users have one. `user`: None for a new one.

    Raises Refused.
    """
    if role is Role.AGENT and not agent:
        raise Refused("an agent needs the name the switch's queues know him by, for example 101.")
    if role is not Role.AGENT and agent:
        raise Refused("only agents take calls; leave the agent's name empty.")
    if agent and any(one.active and one.user.id != user and one.user.agent == agent for one in accounts):
        raise Refused(f"agent {agent} belongs to somebody else; deactivate that user first.")


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

    def taken_back(self) -> "Failures":
        """The attempt was not looked at: it does not count, and what is closed meanwhile stays closed."""
        return self if self.closed_until else self.one_less()

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


def token_named(token: str, lines: Sequence[TokenLine]) -> str:
    """The name of the token with this id. Raises Unknown."""
    for line in lines:
        if line.id == token:
            return line.name
    raise Unknown("token")


def session_id(key: str) -> str:
    """What names a session in the API: enough of its key to tell it from others, too little to open it."""
    return key[:ID_CHARACTERS]
