"""The gateway's exchange: a session's opaque token becomes a signed one, for the gateway only."""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.requests import service_of
from services.identity.routes.asking import AtDesk, Secret, json_only

WELCOME = ("gateway",)

router = APIRouter(
    prefix="/identity",
    tags=["sessions"],
    dependencies=[Depends(json_only)],
    include_in_schema=False,
)


class OpaqueBody(BaseModel):
    """What a browser's cookie or an API client's header holds."""

    token: Secret


@router.post("/sessions/exchange")
async def exchange_session(
    request: Request, response: Response, body: OpaqueBody, desk: AtDesk
) -> dict[str, str | None]:
    """The signed token of ten minutes; null when there is no such session (any more)."""
    service_of(request, WELCOME)
    response.headers["cache-control"] = "no-store"
    return {"token": await desk.sessions.exchange(body.token)}
