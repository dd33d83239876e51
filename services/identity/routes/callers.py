"""The ActionID door: accounts, their confirmation, and their end."""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import Caller, meta_of, principal_of
from libs.events.identity import Door
from services.identity.accounts import Confirmed, Proof, Registration
from services.identity.desk import Desk
from services.identity.languages import checked
from services.identity.links import invitation_named, local_path, organization_named
from services.identity.people import Person, phone_or_none
from services.identity.routes.asking import (
    ANYBODY,
    AtDesk,
    Consents,
    LanguageCodes,
    Line,
    LineOrNone,
    Secret,
    clear_device_cookie,
    clear_session_cookie,
    json_only,
    network_asking,
    private_command,
    private_meta,
    set_session_cookie,
)
from services.identity.routes.organizations import check_door, organization_id_of

router = APIRouter(prefix="/identity", tags=["callers"], dependencies=[Depends(json_only)])


class RegistrationBody(BaseModel):
    """`next` is the path of this site that the visitor was on the way to.

    Organization and invitation are read from it, too, when they are not said.
    """

    email: str
    first_name: Line
    last_name: LineOrNone = ""
    phone: LineOrNone | None = None
    street: LineOrNone | None = None
    consents: Consents = Consents()
    languages: LanguageCodes = ()
    organization: LineOrNone | None = None
    invitation: LineOrNone | None = None
    next: str | None = None


class CallerBody(RegistrationBody):
    """The same with a password."""

    password: Secret


class TokenBody(BaseModel):
    """The token of a mailed link."""

    token: Secret


class ResendBody(BaseModel):
    """Where the mail should have come."""

    email: str
    next: str | None = None


class ErasureBody(BaseModel):
    """The password, or a code by mail (`/identity/session-codes`): this cannot be undone."""

    password: Secret | None = None
    code: Secret | None = None


@router.post("/callers", status_code=201)
async def register_caller(request: Request, body: CallerBody, desk: AtDesk) -> dict[str, str]:
    """Create an account and mail its confirmation link; a known address is answered alike."""
    return await _sign_up(request, desk, body, body.password, "action_id")


@router.post("/registrations", status_code=201)
async def register_without_password(
    request: Request, body: RegistrationBody, desk: AtDesk
) -> dict[str, str]:
    """The Bluevote door: register once; a known address is answered alike."""
    return await _sign_up(request, desk, body, None, "bluevote")


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
    await desk.accounts.resend(body.email, local_path(body.next), network_asking(request), command)
    return {"detail": "If this address has an account, a mail is on its way."}


@router.post("/callers/current/erasure", status_code=204)
async def erase_caller(
    request: Request, response: Response, body: ErasureBody, caller: Caller, desk: AtDesk
) -> None:
    """Destroy all we know of the caller."""
    meta = await private_meta(request, desk, caller.caller_id)
    await desk.accounts.erase(caller, Proof(body.password, body.code), meta)
    clear_session_cookie(response, desk)
    clear_device_cookie(response, desk)


async def _sign_up(
    request: Request, desk: Desk, body: RegistrationBody, password: str | None, door: Door
) -> dict[str, str]:
    next_path = local_path(body.next)
    phone = phone_or_none(body.phone)
    organization_id = await _organization_id(desk, body.organization, next_path)
    if organization_id is not None:
        await check_door(desk, organization_id, door)
    invitations = desk.records.invitations
    invitation_id = await invitations.known(body.invitation or invitation_named(next_path))
    person = Person(
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        password_hash="",
        phone=phone,
        street=body.street or None,
        consents_reminders=body.consents.reminders and phone is not None,
        consents_recruitment=body.consents.recruitment and phone is not None,
        organization_id=organization_id,
        next_path=next_path,
        languages=checked(body.languages),
        invitation_id=invitation_id,
    )
    route = "callers" if password is not None else "registrations"
    command = await private_command(request, desk, route)
    through: Door = "invitation" if invitation_id else door
    registration = Registration(person, password, through)
    return {
        "caller_id": await desk.accounts.sign_up(registration, network_asking(request), command)
    }


async def log_in_first_follower(
    request: Request, response: Response, desk: Desk, confirmed: Confirmed
) -> bool:
    """From the mail straight to the first voter, without a log-in page in between; whether it was.

    The link proves the mailbox, once. Whoever is logged in already stays who they are, so a
    stranger's link cannot slip somebody into the stranger's account.
    """
    if not confirmed.first_use or _is_logged_in(request):
        return False
    opaque, _ = await desk.sessions.open(
        confirmed.caller_id, confirmed.organization_id, confirmed.door
    )
    set_session_cookie(response, desk, opaque)
    return True


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
