"""Logging in by password, by a mailed code or link, knowing who one is, logging out."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import Caller, meta_of, principal_of
from libs.chassis.tokens import PERMISSIONS
from libs.events.identity import RoleGranted
from services.identity.desk import Desk
from services.identity.domain.caller import CALLER
from services.identity.domain.errors import FieldInvalid
from services.identity.domain.organization import ORGANIZATION
from services.identity.links import local_path
from services.identity.routes.asking import (
    ANYBODY,
    AtDesk,
    LineOrNone,
    Secret,
    clear_device_cookie,
    clear_session_cookie,
    device_of,
    json_only,
    network_asking,
    private_command,
    set_device_cookie,
    set_session_cookie,
)
from services.identity.routes.organizations import check_door, known_organization_id
from services.identity.sessions import Session

router = APIRouter(prefix="/identity", tags=["sessions"], dependencies=[Depends(json_only)])


class SessionBody(BaseModel):
    """One of: `email, password`; `email, organization, code`; `link`, the token of a mailed one.

    `email, organization` are enough in a browser that is remembered; `remember` false asks not to
    be, after a code or a link. `organization` gets the credit of this session's calls; without it,
    that of the sign-up.
    """

    email: str = ""
    password: Secret | None = None
    organization: LineOrNone | None = None
    code: Secret | None = None
    link: Secret | None = None
    remember: bool = True


class CodeBody(BaseModel):
    """Who asks for a code, whose volunteer they are, and where they are going."""

    email: str
    organization: LineOrNone
    next: str | None = None


@router.post("/session-codes", status_code=202)
async def ask_code(request: Request, body: CodeBody, desk: AtDesk) -> dict[str, str]:
    """Mail a code if the address is a caller's; answered alike if not."""
    organization_id = await known_organization_id(desk, body.organization)
    await check_door(desk, organization_id, "bluevote")
    command = await private_command(request, desk, "session-codes")
    await desk.mail_door.ask_code(
        body.email, organization_id, local_path(body.next), network_asking(request), command
    )
    return {"detail": "If this address is registered, a code is on its way."}


@router.post("/sessions", status_code=201)
async def log_in(
    request: Request, response: Response, body: SessionBody, desk: AtDesk
) -> dict[str, Any]:
    """A session: its token for API clients, the same in a cookie for browsers.

    `home` is where its owner begins: a campaign's overview, or the organization's Calls Page.
    """
    next_path = None
    if body.link is not None:
        meta = meta_of(request, ANYBODY, "")
        opaque, session, next_path = await desk.mail_door.follow(body.link, meta)
    elif body.password is not None:
        opaque, session = await _by_password(request, body, body.password, desk)
    else:
        opaque, session = await _by_mailbox(request, body, desk)
    if body.remember and (body.link is not None or body.code is not None):
        device = await desk.mail_door.remember(session, request.app.state.now())
        set_device_cookie(response, desk, device)
    set_session_cookie(response, desk, opaque)
    response.headers["cache-control"] = "no-store"
    return {"token": opaque, "next": next_path} | await _described(desk, session)


@router.get("/sessions/current")
async def read_session(response: Response, caller: Caller, desk: AtDesk) -> dict[str, Any]:
    """Who is logged in, and what they may do."""
    session = await desk.sessions.find(caller.session_id)
    if session is None:
        raise Unauthenticated("Your session has ended; please log in again.")
    response.headers["cache-control"] = "no-store"
    return await _described(desk, session)


@router.delete("/sessions/current", status_code=204)
async def log_out(request: Request, response: Response, desk: AtDesk) -> None:
    """End the session everywhere; whoever has none is logged out already."""
    clear_session_cookie(response, desk)
    clear_device_cookie(response, desk)
    device = device_of(request, desk)
    try:
        principal = principal_of(request)
    except Unauthenticated:
        await desk.records.devices.forget(device)
        return
    await desk.accounts.log_out(principal, device, meta_of(request, principal.caller_id, ""))


@router.delete("/sessions", status_code=204)
async def log_out_everywhere(
    request: Request, response: Response, caller: Caller, desk: AtDesk
) -> None:
    """End every session of the caller, this one too, and forget every browser."""
    await desk.accounts.log_out_everywhere(caller.caller_id, meta_of(request, caller.caller_id, ""))
    clear_session_cookie(response, desk)
    clear_device_cookie(response, desk)


async def _by_password(
    request: Request, body: SessionBody, password: str, desk: Desk
) -> tuple[str, Session]:
    organization_id = None
    if body.organization:
        organization_id = await known_organization_id(desk, body.organization)
    return await desk.accounts.log_in(
        body.email, password, network_asking(request), organization_id
    )


async def _by_mailbox(request: Request, body: SessionBody, desk: Desk) -> tuple[str, Session]:
    if not body.organization:
        raise FieldInvalid("organization", "Name your volunteer organization, or a password.")
    organization_id = await known_organization_id(desk, body.organization)
    await check_door(desk, organization_id, "bluevote")
    meta = meta_of(request, ANYBODY, "")
    if body.code is None:
        device = device_of(request, desk)
        return await desk.mail_door.log_in_remembered(body.email, device, organization_id, meta.at)
    return await desk.mail_door.log_in(
        body.email, body.code, network_asking(request), organization_id, meta
    )


async def _described(desk: Desk, session: Session) -> dict[str, Any]:
    person = await desk.records.people.read(session.caller_id)
    history = await desk.records.log.read(f"caller-{session.caller_id}")
    roles = await desk.sessions.roles_in(session, CALLER.fold(history.facts))
    calls_page = await _calls_page(desk, session.organization_id)
    return {
        "expires_at": session.expires_at,
        "calls_page": calls_page,
        "home": _overview(roles) or calls_page,
        "caller": {
            "caller_id": session.caller_id,
            "first_name": person.first_name if person else "",
            "grants": [
                {
                    "role": granted.role,
                    "campaign_id": granted.campaign_id,
                    "organization_id": granted.organization_id,
                }
                for granted in roles
            ],
            "organization_id": session.organization_id,
        },
    }


def _overview(roles: Iterable[RoleGranted]) -> str | None:
    """The path of the overview of the first campaign in which the caller may see it."""
    campaigns = (
        role.campaign_id
        for role in roles
        if role.campaign_id and "read_dashboard" in PERMISSIONS.get(role.role, frozenset())
    )
    campaign_id = next(campaigns, None)
    return f"/campaigns/{campaign_id}" if campaign_id else None


async def _calls_page(desk: Desk, organization_id: str | None) -> str | None:
    """The path of the Calls Page of the session's organization."""
    if organization_id is None:
        return None
    history = await desk.records.log.read(f"organization-{organization_id}")
    founded = ORGANIZATION.fold(history.facts).founded
    return f"/calls/{founded.slug}" if founded else None
