"""What a translation is: the headers it reads, and what their texts tell."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from sys import intern
from typing import Any, NamedTuple

from cti.domain.signals import Signal

Texts = Sequence[Any]
"""What stands behind headers, in the order they are named in. Which kind of name each is, its header says."""

Tell = Callable[[float, Texts], Iterable[Signal]]


class Translation(NamedTuple):
    """`tell` takes the time, and the texts of all headers but the first, which is the time's own."""

    headers: tuple[str, ...]
    tell: Tell
    kept: bool = False


def reads(headers: str, *, kept: bool = False) -> Callable[[Tell], Translation]:
    """Name the headers a translation is made of; `kept` when their texts are, while a call lasts."""
    return lambda tell: Translation(("Timestamp", *headers.split()), tell, kept)


def once(texts: Texts) -> Texts:
    """The same texts, each once in memory: fifty messages name a call by the same few ids."""
    return [*map(intern, texts)]


def moment(text: str | bytes) -> float | None:
    """A time as Asterisk writes it, in seconds since 1970; None when it is none."""
    try:
        at = float(text)
    except ValueError:
        return None
    return at if isfinite(at) else None


def seconds(text: str | None) -> float:
    """A duration as Asterisk writes it; nothing readable is 0."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


_DIGITS = {str(digit): digit for digit in range(10)}


def whole(text: str | None) -> int | None:
    if not text:
        return None
    known = _DIGITS.get(text)  # most are one digit, and looking it up costs half of reckoning it
    if known is not None:
        return known
    try:
        return int(text)
    except ValueError:
        return None
