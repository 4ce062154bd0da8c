"""The program of a site that is asked at every ring what the agent's page should offer to open."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cti.domain.desk_links import objection

SHORTEST_SECRET = 16
LONGEST_SECONDS = 10.0
OPENS = frozenset({"open", "popup"})
"""Answers that make a button. Browsers open no window without a click, and a program of the agent's is never run."""
ACTIONS = OPENS | {"run", "none"}
_ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?([/?][^\s#]*)?")


class Hook(NamedTuple):
    """Where it is asked, and how long it may think, in seconds."""

    url: str
    secret: str
    seconds: float = 2.0

    def __repr__(self) -> str:
        """Without the secret and without what may stand in an address."""
        return "Hook()"


def hook_objection(hook: Hook) -> str | None:
    """Why such a hook is refused, field first; None when it is fine."""
    if not _ADDRESS.fullmatch(hook.url):
        return "url: is an address such as https://crm.example/pop, without a user in it"
    if len(hook.secret) < SHORTEST_SECRET:
        return f"secret: has at least {SHORTEST_SECRET} characters"
    if not 0 < hook.seconds <= LONGEST_SECONDS:
        return f"seconds: is more than 0 and at most {LONGEST_SECONDS:g}"
    return None


def question(card: Mapping[str, Any]) -> dict[str, Any]:
    """What the program is told of a ring, by the names that such programs know from XiVO."""
    customer = card["customer"] or {}
    return {
        "user": card["agent"],
        "caller": card["number"],
        "callee": card.get("callee"),
        "queue": card["queue"],
        "userData": {
            "pop_id": card["id"],
            "call_id": card["call"],
            "customer_id": customer.get("id"),
            "name": card["name"],
            "tier": card["tier"],
            "language": customer.get("language"),
            "dialled": card["dialled"],
            "wait": card["waited_seconds"],
            "matters": card["matters"],
            "satisfaction": card["satisfaction"],
        },
    }


class Offer(NamedTuple):
    """What came of it, in one word, and the address to offer, if any."""

    result: str
    url: str | None = None


def offer(answer: object) -> Offer:
    """What an answer means. Whatever is not understood offers nothing."""
    told = answer if isinstance(answer, dict) else {"action": None}
    action, url = told.get("action", "none"), told.get("url")
    if not isinstance(action, str) or action not in ACTIONS:
        return Offer("bad_answer")
    if action not in OPENS:
        return Offer(action)
    if not isinstance(url, str) or "{" in url or objection(url) is not None:
        return Offer("bad_url")
    return Offer(action, url)
