"""What stands behind a number that is to be dialled, by the numbering plans of the world (phonenumbers)."""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from cti.domain.dialling import Dialled, Kind

_LONGEST_SHORT: Final = 6  # digits; shorter ones are no subscriber's number in any plan we dial
KINDS: Final = {
    PhoneNumberType.FIXED_LINE: Kind.FIXED,
    PhoneNumberType.MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Kind.MOBILE,
    PhoneNumberType.TOLL_FREE: Kind.TOLL_FREE,
    PhoneNumberType.SHARED_COST: Kind.SHARED_COST,
    PhoneNumberType.UAN: Kind.COMPANY,
    PhoneNumberType.VOIP: Kind.VOIP,
    PhoneNumberType.PREMIUM_RATE: Kind.PREMIUM,
}


class DiallingPlan:
    """Numbers without a country code are of `region` (ISO 3166, `CN`)."""

    def __init__(self, region: str) -> None:
        self._region = region

    def explain(self, written: str) -> Dialled | None:
        """None for what no plan has assigned. `written` holds digits and what people put between them."""
        digits = re.sub(r"[^0-9]", "", written)
        if phonenumbers.is_emergency_number(digits, self._region):
            return Dialled(digits, Kind.EMERGENCY)
        if not written.startswith("+") and len(digits) <= _LONGEST_SHORT:
            return Dialled(digits, Kind.EXTENSION)
        try:
            number = phonenumbers.parse(("+" if written.startswith("+") else "") + digits, self._region)
        except NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number) or number.country_code is None:
            return None
        if phonenumbers.is_emergency_number(str(number.national_number), self._region):
            return Dialled(digits, Kind.EMERGENCY)
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        kind = KINDS.get(phonenumbers.number_type(number), Kind.OTHER)
        return Dialled(e164.lstrip("+"), kind, phonenumbers.region_code_for_number(number) or "")
