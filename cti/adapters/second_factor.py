"""Codes of authenticator apps (TOTP, RFC 6238), the picture that enrols one, and recovery codes."""

import hmac
import secrets

import pyotp

STEP_SECONDS = 30
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is mistaken for something else when it is written down."""


class Totp:
    """Six digits that change every 30 seconds; a phone's clock may be one step off."""

    def __init__(self, house: str) -> None:
        """`house`: the name that stands beside the code in the app."""
        self._house = house

    def new_key(self) -> str:
        return pyotp.random_base32()

    def uri(self, key: str, login: str) -> str:
        return pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=self._house)

    def picture(self, uri: str) -> str:
        """The address as a QR code: a `data:` URI of an SVG, black on white in any colour scheme."""
        import segno  # when somebody enrols: a start waits for nothing it does not need

        return segno.make(uri, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")

    def step(self, key: str, code: str, at: float) -> int | None:
        """The step whose code this is, the present one or a neighbour; None when it is none of theirs."""
        now, found = int(at) // STEP_SECONDS, None
        for step in (now - 1, now, now + 1):
            if hmac.compare_digest(pyotp.TOTP(key).generate_otp(step), code):
                found = step
        return found

    def recovery_codes(self) -> list[str]:
        """Ten, of 50 bits each."""
        return [
            "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(10)
        ]
