"""Telephone numbers by the numbering plans of the world (phonenumbers)."""

import re
import unicodedata
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from cti.domain.erasing import Number
from cti.domain.identifiers import PhoneNumber

NOBODY: Final = frozenset(
    {
        "",
        "anonymous",
        "unknown",
        "<unknown>",
        "restricted",
        "private",
        "unavailable",
        "withheld",
        "asterisk",
        "s",
    }
)
_URI: Final = re.compile(r"(?:sips?|tel):([^@;>]+).*", re.IGNORECASE)
_WRITTEN: Final = re.compile(r"\+?[0-9 ()./\-]{1,40}")
_LONGEST_INTERNAL: Final = 6  # extensions and service numbers (95588): no plan says whose they are
_LONGEST: Final = 20


class NumberingPlan:
    """Numbers without a country code are of `region` (ISO 3166, `CN`)."""

    def __init__(self, region: str) -> None:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"{region!r} is no region with a numbering plan; use a country code such as CN.")
        self._region = region

    def normalise(self, text: str | None) -> PhoneNumber | None:
        written = _plain(text)
        if written is None or not _WRITTEN.fullmatch(written):
            return None
        digits = re.sub(r"\D", "", written)
        if not 2 <= len(digits) <= _LONGEST:
            return None
        if written.startswith("+"):
            return self._e164("+" + digits) or PhoneNumber("+" + digits)
        if len(digits) <= _LONGEST_INTERNAL:
            return PhoneNumber(digits)
        if digits.startswith("00"):  # an international prefix nearly everywhere, and on most trunks
            return self._e164(digits) or self._e164("+" + digits[2:]) or PhoneNumber(digits)
        return self._e164(digits) or PhoneNumber(digits)

    def parted(self, text: str) -> Number | None:
        """Country code and the rest, whether or not a plan has assigned it; None for what is no number."""
        written = _plain(text)
        if written is None or not _WRITTEN.fullmatch(written):
            return None
        try:
            number = phonenumbers.parse(written, self._region)
        except NumberParseException:
            return Number("", re.sub(r"\D", "", written))
        return Number(str(number.country_code), phonenumbers.national_significant_number(number))

    def objection(self, text: str) -> str | None:
        number = self.normalise(text)
        shown = text.strip()[:40]
        if number is None:
            return f'"{shown}" is no telephone number'
        # Fifteen digits are the most E.164 allows; fewer than eight abroad are still somebody's.
        if len(number.lstrip("+")) > 15 or (not number.startswith("+") and len(number) > 8):
            return f'"{shown}" fits no numbering plan of {self._region}; write it with +country code'
        return None

    def _e164(self, written: str) -> PhoneNumber | None:
        try:
            number = phonenumbers.parse(written, self._region)
        except NumberParseException:
            return None
        if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
            return None
        return PhoneNumber(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _plain(text: str | None) -> str | None:
    """Full-width digits and invisible marks made plain; None for callers who hide."""
    if text is None or len(text) > 200:
        return None
    plain = text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()
    if match := _URI.fullmatch(plain):
        plain = match[1]
    if not plain.isascii():
        visible = "".join(c for c in plain if unicodedata.category(c) != "Cf")
        plain = visible.replace("\u2010", "-").replace("\u2011", "-")
    return None if plain.casefold() in NOBODY else plain
