"""What identity's routes ask of a request besides the chassis: the desk, JSON, a private name."""

from typing import Annotated

from fastapi import Depends, HTTPException, Response
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request

from libs.chassis.requests import command_of, meta_of
from libs.chassis.tokens import Principal
from libs.eventstore.store import Meta
from libs.eventstore.store import Request as CommandRequest
from services.identity.attempts import network_of
from services.identity.desk import Desk
from services.identity.devices import REMEMBERED_FOR
from services.identity.sessions import ABSOLUTE_LIFE

ANYBODY = "anybody"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
LineOrNone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)]
Secret = Annotated[str, StringConstraints(max_length=1_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]

LanguageCodes = Annotated[tuple[str, ...], Field(max_length=100)]


class Consents(BaseModel):
    """What a phone number may be used for; each is its own choice."""

    reminders: bool = False
    recruitment: bool = False


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def json_only(request: Request) -> None:
    """Refuse a body that is not JSON: no form of another site's page can send that unasked."""
    if request.method in {"POST", "PUT", "PATCH"}:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPException(415)


async def private_meta(request: Request, desk: Desk, principal_id: str = ANYBODY) -> Meta:
    """An envelope whose fingerprint is keyed: the body holds a password or an address."""
    body = await request.body()
    keyed = desk.records.sealer.keyed_hash("body", body).encode()
    return meta_of(request, principal_id, "", keyed)


async def private_command(request: Request, desk: Desk, route: str) -> CommandRequest:
    """The command of somebody who is not logged in. Raises IdempotencyKeyMissing."""
    body = await request.body()
    keyed = desk.records.sealer.keyed_hash("body", body).encode()
    return command_of(request, ANYBODY, "", route, keyed)


async def command(
    request: Request, principal: Principal, campaign_id: str, route: str
) -> CommandRequest:
    """The command of somebody who is logged in. Raises IdempotencyKeyMissing."""
    body = await request.body()
    return command_of(request, principal.caller_id, campaign_id, route, body)


def network_asking(request: Request) -> str:
    """The network that the request comes from."""
    return network_of(request.client.host if request.client else None)


def set_session_cookie(response: Response, desk: Desk, opaque: str) -> None:
    """Let the browser keep the session: out of reach of scripts, and for this host alone."""
    response.set_cookie(
        desk.cookie,
        opaque,
        max_age=int(ABSOLUTE_LIFE.total_seconds()),
        path="/",
        secure=desk.is_https,
        httponly=True,
        samesite="lax",
    )


def device_of(request: Request, desk: Desk) -> str | None:
    """The cookie by which this browser may be remembered."""
    return request.cookies.get(desk.device_cookie)


def set_device_cookie(response: Response, desk: Desk, token: str) -> None:
    """Let the browser be known again for thirty days, out of reach of scripts."""
    response.set_cookie(
        desk.device_cookie,
        token,
        max_age=int(REMEMBERED_FOR.total_seconds()),
        path="/",
        secure=desk.is_https,
        httponly=True,
        samesite="lax",
    )


def clear_device_cookie(response: Response, desk: Desk) -> None:
    """Let the browser be a new one."""
    response.delete_cookie(
        desk.device_cookie, path="/", secure=desk.is_https, httponly=True, samesite="lax"
    )


def clear_session_cookie(response: Response, desk: Desk) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(
        desk.cookie, path="/", secure=desk.is_https, httponly=True, samesite="lax"
    )
