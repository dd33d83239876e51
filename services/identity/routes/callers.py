"""The ActionID door: accounts, their confirmation, and their end."""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import Caller, meta_of, principal_of
from services.identity.accounts import Confirmed, Registration
from services.identity.desk import Desk
from services.identity.links import local_path, organization_named
from services.identity.people import Person, phone_or_none
from services.identity.routes.asking import (
    ANYBODY,
    AtDesk,
    Line,
    LineOrNone,
    Secret,
    clear_session_cookie,
    json_only,
    private_command,
    private_meta,
    set_session_cookie,
)
from services.identity.routes.organizations import organization_id_of

router = APIRouter(prefix="/identity", tags=["callers"], dependencies=[Depends(json_only)])


class Consents(BaseModel):
    """What a phone number may be used for; each is its own choice."""

    reminders: bool = False
    recruitment: bool = False


class CallerBody(BaseModel):
    """`next` is the path of this site that the visitor was on the way to."""

    email: str
    password: Secret
    first_name: Line
    last_name: LineOrNone = ""
    phone: LineOrNone | None = None
    street: LineOrNone | None = None
    consents: Consents = Consents()
    organization: LineOrNone | None = None
    next: str | None = None


class TokenBody(BaseModel):
    """The token of a mailed link."""

    token: Secret


class ResendBody(BaseModel):
    """Where the mail should have come."""

    email: str
    next: str | None = None


class ErasureBody(BaseModel):
    """The password, once more: this cannot be undone."""

    password: Secret


@router.post("/callers", status_code=201)
async def register_caller(request: Request, body: CallerBody, desk: AtDesk) -> dict[str, str]:
    """Create an account and mail its confirmation link; a known address is answered alike."""
    next_path = local_path(body.next)
    phone = phone_or_none(body.phone)
    person = Person(
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        password_hash="",
        phone=phone,
        street=body.street or None,
        consents_reminders=body.consents.reminders and phone is not None,
        consents_recruitment=body.consents.recruitment and phone is not None,
        organization_id=await _organization_id(desk, body.organization, next_path),
        next_path=next_path,
    )
    command = await private_command(request, desk, "callers")
    registration = Registration(person, body.password)
    return {"caller_id": await desk.accounts.sign_up(registration, command)}


@router.post("/confirmations")
async def confirm_caller(
    request: Request, response: Response, body: TokenBody, desk: AtDesk
) -> dict[str, object]:
    """Follow a mailed link, in whatever browser; its first follower is logged in, too."""
    confirmed = await desk.accounts.confirm(body.token, meta_of(request, ANYBODY, ""))
    await log_in_first_follower(request, response, desk, confirmed)
    return {"confirmed": True, "next": confirmed.next_path or "/"}


@router.post("/confirmations/resend", status_code=202)
async def resend_confirmation(request: Request, body: ResendBody, desk: AtDesk) -> dict[str, str]:
    """Mail another link if the address waits for one; answered alike if not."""
    command = await private_command(request, desk, "confirmations/resend")
    await desk.accounts.resend(body.email, local_path(body.next), command)
    return {"detail": "If this address has an account, a mail is on its way."}


@router.post("/callers/current/erasure", status_code=204)
async def erase_caller(
    request: Request, response: Response, body: ErasureBody, caller: Caller, desk: AtDesk
) -> None:
    """Destroy all we know of the caller."""
    meta = await private_meta(request, desk, caller.caller_id)
    await desk.accounts.erase(caller, body.password, meta)
    clear_session_cookie(response, desk)


async def log_in_first_follower(
    request: Request, response: Response, desk: Desk, confirmed: Confirmed
) -> None:
    """From the mail straight to the first voter, without a log-in page in between.

    The link proves the mailbox, once. Whoever is logged in already stays who they are, so a
    stranger's link cannot slip somebody into the stranger's account.
    """
    if not confirmed.first_use or _is_logged_in(request):
        return
    opaque, _ = await desk.sessions.open(confirmed.caller_id, confirmed.organization_id)
    set_session_cookie(response, desk, opaque)


def _is_logged_in(request: Request) -> bool:
    try:
        principal_of(request)
    except Unauthenticated:
        return False
    return True


async def _organization_id(desk: Desk, named: str | None, next_path: str | None) -> str | None:
    """The organization the visitor came from, if it is one; a slip here stops no sign-up."""
    name = named or organization_named(next_path)
    return await organization_id_of(desk, name) if name else None
