"""Erasing a person: in which ways a number is written, and how text loses it without losing anything else.

Each digit becomes an `x`, so that every length stays: a file can be changed where it lies, what counts calls still counts
them, and a journal told again gives what stands in the database.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cti.domain.identifiers import PhoneNumber

SHORTEST_NATIONAL = 5
"""Fewer digits stand by chance in ids and times everywhere."""

_BETWEEN = r"[ \-()\u00a0]{0,2}"
_HIDDEN = re.compile(r"\d")
_HIDDEN_BYTES = re.compile(rb"\d")


class Number(NamedTuple):
    """One number: `+` country code and national digits, parted."""

    country: str  # "86"
    national: str  # "13800138000"

    @property
    def e164(self) -> PhoneNumber:
        return PhoneNumber(f"+{self.country}{self.national}")

    def digits(self) -> tuple[str, ...]:
        """All that may stand for it where only digits are kept."""
        country, national = self.country, self.national
        return (national, country + national, f"0{national}", f"00{country}{national}")


CALL, CHANNEL, CUSTOMER, RECORDING, REVIEW = KINDS = ("call", "channel", "customer", "recording", "review")
"""Kinds of ids of things that are theirs."""


class Person(NamedTuple):
    """All by which somebody is known here. `ids` by kind."""

    numbers: tuple[Number, ...]
    names: frozenset[str] = frozenset()
    ids: Mapping[str, frozenset[str]] = MappingProxyType({})

    def of(self, kind: str) -> frozenset[str]:
        return self.ids.get(kind, frozenset())

    def knowing(self, kind: str, ids: Iterable[str], names: Iterable[str | None] = ()) -> "Person":
        """With more that is known by now."""
        return self._replace(
            ids={**self.ids, kind: self.of(kind) | frozenset(ids)},
            names=self.names | frozenset(name for name in names if name),
        )

    def numbered(self, numbers: Iterable[Number]) -> "Person":
        return self._replace(numbers=tuple(dict.fromkeys((*self.numbers, *numbers))))

    def digits(self) -> frozenset[str]:
        """Every way a column of numbers may have one of theirs, with and without a plus sign."""
        plain = {digits for number in self.numbers for digits in number.digits()}
        return frozenset(plain | {number.e164 for number in self.numbers})


class Blanking:
    """Takes a person out of texts."""

    def __init__(self, person: Person) -> None:
        self.person = person
        written = "|".join(_pattern(number) for number in person.numbers) or r"(?!)"
        self._numbers = re.compile(written)
        self._bytes = re.compile(written.replace(r"\u00a0", "").encode())
        self._names = sorted((name for name in person.names if len(name.strip()) > 1), key=len, reverse=True)
        ids = sorted(set().union(*person.ids.values()) if person.ids else (), key=len, reverse=True)
        self._ids = re.compile("|".join(map(re.escape, ids)) or r"(?!)")
        self._id_bytes = re.compile(self._ids.pattern.encode())

    def has_number(self, text: str) -> bool:
        return self._numbers.search(text) is not None

    def is_theirs(self, text: str) -> bool:
        """Whether it names the number, or one of their calls."""
        return self.has_number(text) or self._ids.search(text) is not None

    def numbers(self, text: str) -> str:
        """Without the number."""
        return self._numbers.sub(lambda found: _HIDDEN.sub("x", found[0]), text)

    def text(self, text: str) -> str:
        """Without the number and the names: for what is known to be theirs."""
        text = self.numbers(text)
        for name in self._names:
            text = text.replace(name, "x" * len(name.encode()))
        return text

    def frame(self, data: bytes) -> bytes:
        """The same of a piece of a file; as long as before."""
        theirs = self._bytes.search(data) is not None or self._id_bytes.search(data) is not None
        if not theirs:
            return data
        data = self._bytes.sub(lambda found: _HIDDEN_BYTES.sub(b"x", found[0]), data)
        for name in self._names:
            for written in name_bytes(name):
                data = data.replace(written, b"x" * len(written))
        return data

    def packed(self, data: bytes) -> bytes:
        """Of a checkpoint: a name counts only as a whole string, for a short one may stand in other words by chance."""
        data = self._bytes.sub(lambda found: _HIDDEN_BYTES.sub(b"x", found[0]), data)
        for name in self._names:
            written = name.encode()
            if len(written) < 256:
                head = b"\x8c" + bytes([len(written)])
                data = data.replace(head + written, head + b"x" * len(written))
        return data


def name_bytes(name: str) -> set[bytes]:
    """As the switch may have sent it."""
    found = {name.encode()}
    for encoding in ("gb18030", "latin-1"):
        try:
            found.add(name.encode(encoding))
        except UnicodeEncodeError:
            continue
    return {written for written in found if len(written) > 1}


def _pattern(number: Number) -> str:
    """Plain, with country code or trunk prefix, or parted by people; never inside a longer row of digits."""
    parted = _BETWEEN.join(number.national)
    country = _BETWEEN.join(number.country)
    return rf"(?<![0-9.])(?:(?:\+|00)?{_BETWEEN}{country}{_BETWEEN}|0)?\(?{parted}(?![0-9])"


def mark(key: bytes, digits: str) -> str:
    """By which an erased number is known again, and by nobody without the key."""
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()


def marks(key: bytes, numbers: Iterable[Number]) -> set[str]:
    return {mark(key, digits) for number in numbers for digits in number.digits()}


def bare(written: str) -> str:
    """Its digits alone."""
    return re.sub(r"\D", "", written)


def hidden(written: str) -> str:
    return _HIDDEN.sub("x", written)
