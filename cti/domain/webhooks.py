"""Webhooks: who wants to be told of which changes, how a message is signed, and when it is tried again."""

import hashlib
import hmac
from enum import StrEnum
from typing import NamedTuple

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds between attempts at one change; the last one again and again."""
PATIENCE = 86_400.0
"""Seconds for which a change is tried while its receiver cannot be reached or fails."""
REFUSALS = 3
"""So often a receiver may refuse one change (a status of 400 to 499): it will not take it the next time either."""
BUSY = frozenset({408, 425, 429})
"""Refusals that mean "later"."""
GONE = 410


class Webhook(NamedTuple):
    """One receiver. `events` empty: all of them."""

    id: str
    name: str
    url: str
    events: frozenset[str]
    secret: str
    active: bool

    def wants(self, event: str) -> bool:
        return not self.events or event in self.events

    def __repr__(self) -> str:
        """Without the secret and without what may stand in an address."""
        return f"Webhook({self.id})"


class Answer(StrEnum):
    """What became of an attempt."""

    TAKEN = "taken"
    LATER = "later"  # not reachable, failing or busy
    REFUSED = "refused"
    GONE = "gone"  # the receiver wants nothing any more


def answer_of(status: int) -> Answer:
    """What an HTTP status means for a delivery."""
    if 200 <= status < 300:
        return Answer.TAKEN
    if status == GONE:
        return Answer.GONE
    return Answer.REFUSED if 400 <= status < 500 and status not in BUSY else Answer.LATER


def pause_after(attempts: int) -> float:
    """Seconds to wait after so many vain attempts."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def gives_up(answer: Answer, attempts: int, since: float) -> bool:
    """Whether a change is put aside; `since`: seconds since its first attempt."""
    return attempts >= REFUSALS if answer is Answer.REFUSED else since >= PATIENCE


def signature(secret: str, at: int, body: bytes) -> str:
    """The value of `Tierline-Signature`: HMAC-SHA256 over `{at}.{body}`, so that neither can be changed or sent again later."""
    mac = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"
