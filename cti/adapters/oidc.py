"""OpenID Connect: authorisation code with PKCE, and ID tokens whose signature, nonce, audience and times are checked."""

import base64
import hashlib
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from cti.domain.errors import NotPossibleNow, NotSignedIn
from cti.ports.access import Leaving

if TYPE_CHECKING:  # loaded when somebody signs in: routing does not wait for it
    import httpx
    from joserfc.jwk import KeySet, KeySetSerialization

log = logging.getLogger(__name__)

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that need a private key; `none` and those with a shared secret are none of them."""

SKEW_SECONDS = 60
"""How far the provider's clock may be from ours."""

ANSWER_SECONDS = 10.0


class OpenIdProvider:
    """One provider. What it says of itself is asked for once, its keys again when it signs with a new one."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, redirect_uri: str, scopes: Sequence[str]
    ) -> None:
        self._issuer, self._client_id, self._client_secret = issuer.rstrip("/"), client_id, client_secret
        self._redirect_uri, self._scopes = redirect_uri, scopes
        self._client: httpx.AsyncClient | None = None
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    async def leave(self) -> Leaving:
        described = await self._description()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = described["authorization_endpoint"]
        return Leaving(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state, nonce, verifier)

    async def claims(self, code: str, left: Leaving, now: float) -> Mapping[str, Any]:
        """Raises NotSignedIn when the provider does not vouch for it, NotPossibleNow when it cannot be asked."""
        described = await self._description()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": left.verifier,
        }
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not self._client_secret:
            asked["client_id"] = self._client_id
            answer = await self._ask("POST", described["token_endpoint"], data=asked)
        elif "client_secret_basic" in methods:
            both = (self._client_id, self._client_secret)
            answer = await self._ask("POST", described["token_endpoint"], data=asked, auth=both)
        else:
            asked |= {"client_id": self._client_id, "client_secret": self._client_secret}
            answer = await self._ask("POST", described["token_endpoint"], data=asked)
        if not isinstance(token := answer.get("id_token"), str):
            raise NotSignedIn("The identity provider did not confirm you; begin again.")
        return await self._checked(token, left.nonce, now)

    async def _checked(self, token: str, nonce: str, now: float) -> Mapping[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        rules = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": (await self._description())["issuer"]},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            try:
                told = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
            except (
                JoseError,
                ValueError,
            ):  # signed with a key we have not seen yet, or not by the provider at all
                self._keys = None
                told = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
            rules.validate(told.claims)
        except (JoseError, ValueError) as problem:
            log.warning("an ID token was refused: %s", type(problem).__name__)
            raise NotSignedIn(
                "What the identity provider said of you cannot be trusted; begin again."
            ) from None
        audience = told.claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and told.claims.get("azp") != self._client_id:
            raise NotSignedIn(
                "What the identity provider said of you is meant for another program; begin again."
            )
        return told.claims

    async def _description(self) -> Mapping[str, Any]:
        if self._described is None:
            found = await self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise NotPossibleNow(
                    "The identity provider calls itself by another name than CTI_OIDC__ISSUER."
                )
            self._described = found
        return self._described

    async def _key_set(self) -> "KeySet":
        from joserfc.jwk import KeySet

        if self._keys is None:
            described = await self._description()
            self._keys = KeySet.import_key_set(
                cast("KeySetSerialization", await self._ask("GET", described["jwks_uri"]))
            )
        return self._keys

    async def _ask(self, method: str, address: str, **told: Any) -> dict[str, Any]:
        import httpx

        self._client = self._client or httpx.AsyncClient(timeout=ANSWER_SECONDS)
        try:
            answer = await self._client.request(method, address, **told)
            body = answer.json()
        except (httpx.HTTPError, ValueError):
            log.warning("the identity provider does not answer")
            raise NotPossibleNow(
                "The identity provider does not answer; try again, or sign in with a password."
            ) from None
        if answer.status_code >= 400 or not isinstance(body, dict):
            log.warning("the identity provider refused: HTTP %d", answer.status_code)
            raise NotSignedIn("The identity provider did not confirm you; begin again.")
        return body

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
