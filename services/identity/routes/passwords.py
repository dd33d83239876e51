"""Passwords: a new one by mail when the old one is forgotten, or by who is logged in."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.requests import Caller
from services.identity.accounts import Proof
from services.identity.links import local_path
from services.identity.routes.asking import (
    ANYBODY,
    AtDesk,
    Secret,
    json_only,
    network_asking,
    private_command,
    private_meta,
)

router = APIRouter(prefix="/identity", tags=["passwords"], dependencies=[Depends(json_only)])


class ResetBody(BaseModel):
    """Whose password is forgotten, and where they were going."""

    email: str
    next: str | None = None


class NewPasswordBody(BaseModel):
    """The token of the mailed link, and the password that shall be."""

    token: Secret
    password: Secret


class PasswordChangeBody(BaseModel):
    """The password that shall be, and the present one, or a code by mail.

    Where there is no password yet, only the code will do (`/identity/callers/current/codes`).
    """

    current: Secret | None = None
    code: Secret | None = None
    password: Secret


@router.post("/password-resets", status_code=202)
async def ask_reset(request: Request, body: ResetBody, desk: AtDesk) -> dict[str, str]:
    """Mail a link if the address is a caller's; answered alike if not."""
    command = await private_command(request, desk, "password-resets")
    await desk.credentials.ask_reset(
        body.email, local_path(body.next), network_asking(request), command
    )
    return {"detail": "If this address has an account, a mail is on its way."}


@router.post("/passwords")
async def reset_password(request: Request, body: NewPasswordBody, desk: AtDesk) -> dict[str, str]:
    """Choose a new password under a mailed link, once; every session of the caller ends."""
    meta = await private_meta(request, desk, ANYBODY)
    next_path = await desk.credentials.reset(body.token, body.password, meta)
    return {"next": next_path or "/"}


@router.put("/callers/current/password", status_code=204)
async def change_password(
    request: Request, body: PasswordChangeBody, caller: Caller, desk: AtDesk
) -> None:
    """Choose a new password; every other session of the caller ends."""
    meta = await private_meta(request, desk, caller.caller_id)
    await desk.credentials.change(caller, Proof(body.current, body.code), body.password, meta)
