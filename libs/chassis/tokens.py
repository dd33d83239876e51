"""Short signed tokens: who a caller is (from the gateway's exchange), and which service asks."""

import base64
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from libs.chassis.problems import Unauthenticated

TOKEN_SECONDS = 600
SERVICE_TOKEN_SECONDS = 60
_CACHE_MAX = 20_000

# What each role may do in its campaign or organization. What is not named is denied.
PERMISSIONS: dict[str, frozenset[str]] = {
    "caller": frozenset({"call"}),
    "lead": frozenset({"call", "correct", "read_tallies", "read_dashboard"}),
    "coordinator": frozenset({"call", "edit_organization", "read_tallies"}),
    "organizer": frozenset(
        {
            "call",
            "correct",
            "define_universe",
            "run_phone_bank",
            "read_tallies",
            "read_dashboard",
            "read_lists",
        }
    ),
    "data_manager": frozenset({"import_voters", "define_universe", "read_dashboard"}),
    "campaign_admin": frozenset(
        {
            "call",
            "correct",
            "import_voters",
            "define_universe",
            "run_phone_bank",
            "read_tallies",
            "read_dashboard",
            "read_lists",
            "export_voters",
            "grant_roles",
            "edit_organization",
        }
    ),
    "auditor": frozenset({"read_tallies", "read_dashboard"}),
    "api_client": frozenset({"read_tallies", "read_dashboard"}),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, for one campaign or one organization."""

    role: str
    campaign_id: str | None = None
    organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a caller with a session and the roles it had when the token was made.

    `languages` are the lower-case names and codes of what the caller can call in; `own_lines` the
    ids of the lines that are the caller's own number, by whose voters the caller is never served.
    `shut_campaigns` do not accept the door this session was opened through: nothing is allowed
    there.
    """

    caller_id: str
    session_id: str
    expires_at: datetime
    issued_at: datetime
    grants: tuple[Grant, ...] = ()
    organization_id: str | None = None
    languages: tuple[str, ...] = ()
    own_lines: tuple[str, ...] = ()
    shut_campaigns: tuple[str, ...] = ()

    def may(self, permission: str, campaign_id: str | None) -> bool:
        """Whether a role for exactly this campaign (never None) allows it."""
        return campaign_id not in {None, *self.shut_campaigns} and any(
            permission in PERMISSIONS.get(grant.role, frozenset())
            for grant in self.grants
            if grant.campaign_id == campaign_id
        )

    def may_for_organization(self, permission: str, organization_id: str) -> bool:
        """Whether a role for this organization allows it."""
        return any(
            permission in PERMISSIONS.get(grant.role, frozenset())
            for grant in self.grants
            if grant.organization_id == organization_id
        )


class Tokens:
    """Signs (identity only) and verifies the callers' short tokens: Ed25519, ten minutes."""

    def __init__(self, key: str) -> None:
        seed = hashlib.sha256(b"phonebank token key\0" + key.encode()).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public: Ed25519PublicKey = self._private.public_key()
        raw = self._public.public_bytes_raw()
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]
        self._x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        self._verified: OrderedDict[str, Principal] = OrderedDict()

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 8037)."""
        return {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": self._x,
                    "kid": self.key_id,
                    "use": "sig",
                }
            ]
        }

    def sign(self, principal: Principal) -> str:
        """A token for `principal`, to its own `expires_at`."""
        claims = {
            "iss": "phonebank/identity",
            "aud": "phonebank",
            "sub": principal.caller_id,
            "sid": principal.session_id,
            "iat": int(principal.issued_at.timestamp()),
            "exp": int(principal.expires_at.timestamp()),
            "org": principal.organization_id,
            "grants": [[g.role, g.campaign_id, g.organization_id] for g in principal.grants],
            "languages": principal.languages,
            "own_lines": principal.own_lines,
            "shut_campaigns": principal.shut_campaigns,
        }
        headers = {"kid": self.key_id, "typ": "at+jwt"}
        return jwt.encode(claims, self._private, algorithm="EdDSA", headers=headers)

    def verify(self, token: str, now: datetime) -> Principal:
        """Who the token speaks for. Raises Unauthenticated for anything not exactly right."""
        principal = self._verified.get(token)
        if principal is None:
            principal = self._decode(token)
            self._verified[token] = principal
            if len(self._verified) > _CACHE_MAX:
                self._verified.popitem(last=False)
        if principal.expires_at <= now:
            raise Unauthenticated("Your session has ended; please log in again.")
        return principal

    def _decode(self, token: str) -> Principal:
        try:
            if jwt.get_unverified_header(token).get("typ") != "at+jwt":
                raise Unauthenticated
            claims = jwt.decode(
                token,
                self._public,
                algorithms=["EdDSA"],
                audience="phonebank",
                issuer="phonebank/identity",
                # Times are compared with the server's own clock in `verify`.
                options={
                    "require": ["exp", "iat", "sub"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated from error
        utc = datetime.fromtimestamp
        return Principal(
            caller_id=claims["sub"],
            session_id=claims["sid"],
            expires_at=utc(claims["exp"], tz=UTC),
            issued_at=utc(claims["iat"], tz=UTC),
            grants=tuple(Grant(*grant) for grant in claims["grants"]),
            organization_id=claims["org"],
            # A token made before the upgrade has none of them.
            languages=tuple(claims.get("languages", ())),
            own_lines=tuple(claims.get("own_lines", ())),
            shut_campaigns=tuple(claims.get("shut_campaigns", ())),
        )


class ServiceTokens:
    """One service's proof to another that it is one of us: HS256, one minute, one audience."""

    def __init__(self, key: str, service: str) -> None:
        self._key = key
        self._service = service

    def sign(self, audience: str, now: datetime) -> str:
        """A token for one call to `audience`."""
        claims = {
            "iss": self._service,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=SERVICE_TOKEN_SECONDS)).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm="HS256", headers={"typ": "svc+jwt"})

    def verify(self, token: str, now: datetime) -> str:
        """The name of the service that asks. Raises Unauthenticated."""
        try:
            if jwt.get_unverified_header(token).get("typ") != "svc+jwt":
                raise Unauthenticated
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                audience=self._service,
                options={
                    "require": ["exp", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated from error
        if claims["exp"] <= now.timestamp():
            raise Unauthenticated
        return str(claims["iss"])
