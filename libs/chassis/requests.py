"""What a route asks of a request: who, since when, under which id, with which body."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import msgspec
from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from libs.chassis.clock import Now
from libs.chassis.problems import Unauthenticated
from libs.chassis.revocations import Revocations
from libs.chassis.tokens import Principal, ServiceTokens, Tokens
from libs.decider import Forbidden, Invalid
from libs.eventstore.store import Meta
from libs.eventstore.store import Request as CommandRequest

Body = TypeVar("Body")

IDEMPOTENCY_KEY_LENGTH_MAX = 200
BODY_BYTES_MAX = 256 * 1024


class NotAllowed(Forbidden):
    """Your role does not allow this; ask a campaign admin for the permission that is named."""


class IdempotencyKeyMissing(Invalid):
    """Send an Idempotency-Key header: any text of your own that names this one command."""


class BodyInvalid(Invalid):
    """The body does not fit; the sentence names the place."""


def now_of(connection: HTTPConnection) -> datetime:
    """The server's time."""
    clock: Now = connection.app.state.now
    return clock()


def principal_of(connection: HTTPConnection) -> Principal:
    """Who asks; no network call. Raises Unauthenticated without a good, unrevoked token."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    tokens: Tokens = connection.app.state.tokens
    principal = tokens.verify(token, now_of(connection))
    revocations: Revocations = connection.app.state.revocations
    if revocations.has(principal):
        raise Unauthenticated("Your session was ended; please log in again.")
    return principal


def service_of(connection: HTTPConnection, allowed: Sequence[str]) -> str:
    """Which service asks. Raises Unauthenticated, and NotAllowed for one not `allowed` here."""
    tokens: ServiceTokens = connection.app.state.service_tokens
    token = connection.headers.get("x-service-token", "")
    name = tokens.verify(token, now_of(connection))
    if name not in allowed:
        raise NotAllowed
    return name


def require(principal: Principal, permission: str, campaign_id: str | None) -> None:
    """Raise NotAllowed unless a role for this campaign allows it."""
    if not principal.may(permission, campaign_id):
        words = permission.replace("_", " ")
        raise NotAllowed(
            f"This needs the permission to {words} in this campaign. Ask one of its admins for it, "
            "or log in with the account that has it."
        )


def command_of(
    request: Request, principal_id: str, campaign_id: str, route: str, body: bytes
) -> CommandRequest:
    """The id and envelope of the command in this request.

    The id is a hash of principal, campaign, route and Idempotency-Key; the fingerprint is a hash
    of the body. Raises IdempotencyKeyMissing.
    """
    key = request.headers.get("idempotency-key", "")
    if not 0 < len(key) <= IDEMPOTENCY_KEY_LENGTH_MAX:
        raise IdempotencyKeyMissing
    return CommandRequest(
        commit_id=command_id(principal_id, campaign_id, route, key),
        meta=meta_of(request, principal_id, campaign_id, body),
    )


def command_id(principal_id: str, campaign_id: str, route: str, key: str) -> str:
    """The id under which a command is recorded once."""
    named = f"http\0{principal_id}\0{campaign_id}\0{route}\0{key}".encode()
    return hashlib.blake2b(named, digest_size=16).hexdigest()


def meta_of(
    request: HTTPConnection,
    principal_id: str,
    campaign_id: str,
    body: bytes = b"",
    device_at: datetime | None = None,
) -> Meta:
    """The envelope of a command that came in by HTTP."""
    return Meta(
        at=now_of(request),
        actor=principal_id,
        campaign_id=campaign_id,
        correlation_id=request.headers.get("x-request-id", "")[:64] or uuid4().hex,
        traceparent=request.headers.get("traceparent", "")[:64],
        device_at=device_at,
        fingerprint=hashlib.blake2b(body, digest_size=16).hexdigest() if body else "",
    )


async def body_of(request: Request, shape: type[Body]) -> tuple[Body, bytes]:
    """The JSON body as a msgspec shape, and its bytes. Raises BodyInvalid with the place named."""
    raw = await request.body()
    if len(raw) > BODY_BYTES_MAX:
        raise BodyInvalid(f"The body is larger than {BODY_BYTES_MAX} bytes.")
    try:
        return msgspec.json.decode(raw, type=shape), raw
    except msgspec.DecodeError as error:
        raise BodyInvalid(f"{error}.") from error
    except UnicodeDecodeError as error:
        raise BodyInvalid("The body is not UTF-8 text; send JSON as UTF-8.") from error


async def _principal(request: Request) -> Principal:
    return principal_of(request)


async def _now(request: Request) -> datetime:
    return now_of(request)


Caller = Annotated[Principal, Depends(_principal)]
ServerTime = Annotated[datetime, Depends(_now)]
Json = dict[str, Any]
