"""Buttons on the card of a caller that open other programs: a site's own addresses with places for what we know."""

import re
from typing import NamedTuple

PLACES = frozenset(
    {"number", "customer_id", "queue", "call_id", "name", "agent", "tier", "dialled", "language", "callee"}
)
"""What may stand in braces. The browser fills it in, percent-encoded; without a value there is no button."""

_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?([/?#].*)?")
_PLACE = re.compile(r"\{([^{}]*)\}")


class DeskLink(NamedTuple):
    """What the button says in both languages, and where it leads."""

    en: str
    zh: str
    url: str


def objection(url: str) -> str | None:
    """Why such an address is refused; None when it is fine."""
    if not url.startswith(("https://", "tel:")):
        return "begins with https:// or tel:, nothing else"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "must have no blanks in it"
    unknown = sorted(set(_PLACE.findall(url)) - PLACES)
    if unknown:
        return f"no such place as {{{unknown[0]}}}; known are {', '.join(sorted(PLACES))}"
    if "{" in _PLACE.sub("", url) or "}" in _PLACE.sub("", url):
        return "has a brace without its other half"
    if not url.startswith("tel:") and not _HTTPS.fullmatch(url):
        return "names the other program's own host after https://, without a place or a user in it"
    return None
