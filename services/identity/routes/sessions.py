"""Logging in, knowing who one is, logging out."""

from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import Caller, meta_of, principal_of
from services.identity.attempts import network_of
from services.identity.desk import Desk
from services.identity.domain.caller import CALLER
from services.identity.routes.asking import (
    AtDesk,
    LineOrNone,
    Secret,
    clear_session_cookie,
    json_only,
    set_session_cookie,
)
from services.identity.routes.organizations import known_organization_id
from services.identity.sessions import Session

router = APIRouter(prefix="/identity", tags=["sessions"], dependencies=[Depends(json_only)])


class SessionBody(BaseModel):
    """`organization` gets the credit of this session's calls; without it, that of the sign-up."""

    email: str
    password: Secret
    organization: LineOrNone | None = None


@router.post("/sessions", status_code=201)
async def log_in(
    request: Request, response: Response, body: SessionBody, desk: AtDesk
) -> dict[str, Any]:
    """A session: its token for API clients, the same in a cookie for browsers."""
    organization_id = None
    if body.organization:
        organization_id = await known_organization_id(desk, body.organization)
    network = network_of(request.client.host if request.client else None)
    opaque, session = await desk.accounts.log_in(
        body.email, body.password, network, organization_id
    )
    set_session_cookie(response, desk, opaque)
    response.headers["cache-control"] = "no-store"
    return {"token": opaque} | await _described(desk, session)


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
    try:
        principal = principal_of(request)
    except Unauthenticated:
        return
    await desk.accounts.log_out(principal, meta_of(request, principal.caller_id, ""))


async def _described(desk: Desk, session: Session) -> dict[str, Any]:
    person = await desk.records.people.read(session.caller_id)
    history = await desk.records.log.read(f"caller-{session.caller_id}")
    roles = CALLER.fold(history.facts).roles
    return {
        "expires_at": session.expires_at,
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
