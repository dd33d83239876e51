"""The pages of the doors: sign up, register, log in, a new password, a friend's invitation."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.decider import Refusal
from libs.events.identity import Door
from services.identity.desk import Desk
from services.identity.domain.campaign import EVERY_DOOR
from services.identity.domain.organization import ORGANIZATION
from services.identity.languages import COMMON, OTHERS
from services.identity.links import local_path, organization_named
from services.identity.routes.asking import AtDesk, device_of, set_session_cookie
from services.identity.routes.organizations import doors_of, organization_id_of
from services.identity.routes.shell import PAGES, around_of, visitor_of

router = APIRouter(tags=["pages"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Bound:
    """Where a visitor is going: the path, the organization it speaks of, the doors that lead in."""

    path: str | None
    organization_id: str | None
    organization: str
    doors: tuple[Door, ...]


@router.get("/sign-up")
async def show_sign_up(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """The form of the ActionID door."""
    return await _door_page(request, desk, "sign_up.html", next)


@router.get("/register")
async def show_register(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """The form of the Bluevote door: once, and without a password."""
    return await _door_page(request, desk, "register.html", next)


@router.get("/log-in")
async def show_log_in(
    request: Request,
    desk: AtDesk,
    next: str | None = None,
    by: Annotated[str | None, Query(alias="with")] = None,
) -> Response:
    """The log-in form; whoever is logged in, or known by this browser, goes straight on."""
    principal = visitor_of(request)
    bound = await _bound_for(desk, next)
    if principal and bound.path:
        return RedirectResponse(bound.path, 303)
    # Whoever chose a way to log in wants to be asked, in a browser that is known, too.
    if principal is None and by is None:
        recalled = await _recalled(request, desk, bound)
        if recalled is not None:
            return recalled
    by_mail = by == "organization" or (by is None and "action_id" not in bound.doors)
    return PAGES.answer(
        "log_in_by_mail.html" if by_mail and "bluevote" in bound.doors else "log_in.html",
        bound=bound,
        next=bound.path or "",
        sender=desk.sender,
        needs_set_up=not await desk.founding.is_set_up(),
        **await around_of(desk, principal),
    )


@router.get("/log-in/doors")
async def show_doors(desk: AtDesk, organization: str = "") -> Response:
    """A piece for the organization's Calls Page: the doors that its campaigns accept."""
    bound = await _bound_for(desk, f"/calls/{quote(organization, safe='')}")
    return PAGES.answer("doors_of_calls_page.html", bound=bound, next=bound.path or "")


@router.get("/log-in/mail")
async def show_mailed_log_in(request: Request, desk: AtDesk, token: str = "") -> Response:
    """Where a mailed log-in link leads. Opening it does nothing: mail scanners open links, too."""
    around = await around_of(desk, visitor_of(request))
    return PAGES.answer("log_in_mailed.html", token=token, **around)


@router.get("/forgot")
async def show_forgot(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """The form that asks for a new password by mail."""
    around = await around_of(desk, visitor_of(request))
    return PAGES.answer("forgot.html", sender=desk.sender, next=local_path(next) or "", **around)


@router.get("/reset")
async def show_reset(request: Request, desk: AtDesk, token: str = "") -> Response:
    """The form under the mailed link."""
    around = await around_of(desk, visitor_of(request))
    return PAGES.answer("reset.html", token=token, **around)


@router.get("/invitations/{invitation_id}")
async def show_invitation(request: Request, desk: AtDesk, invitation_id: str) -> Response:
    """Whose phone bank a friend's link is for, and every door that leads there."""
    principal = visitor_of(request)
    around = await around_of(desk, principal)
    try:
        invited = await desk.records.invitations.find(invitation_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal, **around)
    return PAGES.answer(
        "invitation.html",
        next=invited.next_path,
        doors=await doors_of(desk, invited.organization.organization_id),
        has_bank=invited.made.bank_id is not None,
        **(around | {"organization": invited.organization}),
    )


async def _door_page(request: Request, desk: Desk, template: str, next: str | None) -> Response:
    bound = await _bound_for(desk, next)
    return PAGES.answer(
        template,
        bound=bound,
        next=bound.path or "",
        languages=(COMMON, OTHERS),
        **await around_of(desk, visitor_of(request)),
    )


async def _bound_for(desk: Desk, next: str | None) -> _Bound:
    path = local_path(next)
    named = organization_named(path)
    organization_id = await organization_id_of(desk, named) if named else None
    if organization_id is None:
        return _Bound(path, None, "", EVERY_DOOR)
    history = await desk.records.log.read(f"organization-{organization_id}")
    founded = ORGANIZATION.fold(history.facts).founded
    name = founded.name if founded else ""
    return _Bound(path, organization_id, name, await doors_of(desk, organization_id))


async def _recalled(request: Request, desk: Desk, bound: _Bound) -> Response | None:
    """The next day, in a browser that proved its mailbox: the voter at once."""
    device = device_of(request, desk)
    if device is None or "bluevote" not in bound.doors:
        return None
    now = request.app.state.now()
    opaque = await desk.mail_door.recalled(device, bound.organization_id, now)
    if opaque is None:
        return None
    onward = RedirectResponse(bound.path or "/", 303)
    set_session_cookie(onward, desk, opaque)
    return onward
