"""Identity's pages: home, sign up, check your mail, confirm, log in."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.chassis.pages.shell import Pages
from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import meta_of, principal_of
from libs.chassis.tokens import Principal
from services.identity.desk import Desk
from services.identity.domain.errors import LinkInvalid
from services.identity.domain.organization import ORGANIZATION
from services.identity.links import local_path
from services.identity.routes.asking import ANYBODY, AtDesk
from services.identity.routes.callers import log_in_first_follower
from services.identity.views.campaigns import campaigns_of
from services.identity.views.organizations import listed

router = APIRouter(tags=["pages"], include_in_schema=False)

FormText = Annotated[str, Form()]

PAGES = Pages("identity", Path(__file__).parents[1] / "pages")


@router.get("/")
async def show_home(request: Request, desk: AtDesk) -> Response:
    """Where to start: the organizations' Calls Pages, and an organizer's campaigns."""
    principal = _principal(request)
    mine = [g.campaign_id for g in principal.grants if g.campaign_id] if principal else []
    return PAGES.answer(
        "home.html",
        organizations=await listed(desk.database),
        campaigns=await campaigns_of(desk.database, mine),
        **await _around(desk, principal),
    )


@router.get("/sign-up")
async def show_sign_up(request: Request, desk: AtDesk) -> Response:
    """The form of the ActionID door."""
    return PAGES.answer("sign_up.html", **await _around(desk, _principal(request)))


@router.get("/check-mail")
async def show_check_mail(request: Request, desk: AtDesk) -> Response:
    """Where the mail is, whom it is from, and how to get another."""
    around = await _around(desk, _principal(request))
    return PAGES.answer("check_mail.html", sender=desk.sender, **around)


@router.get("/log-in")
async def show_log_in(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """The log-in form; whoever is logged in goes straight on."""
    principal = _principal(request)
    path = local_path(next)
    if principal and path:
        return RedirectResponse(path, 303)
    return PAGES.answer("log_in.html", sender=desk.sender, **await _around(desk, principal))


@router.get("/confirm")
async def show_confirm(
    request: Request, desk: AtDesk, token: str = "", next: str | None = None
) -> Response:
    """Where the mailed link leads. Opening it confirms nothing: mail scanners open links, too."""
    around = await _around(desk, _principal(request))
    state = "pending" if token else "failed"
    return _confirm_page(state, token=token, next=local_path(next) or "/", **around)


@router.post("/confirm")
async def confirm_without_script(
    request: Request, desk: AtDesk, token: FormText = "", next: FormText = "/"
) -> Response:
    """The same in a browser without scripts."""
    around = await _around(desk, _principal(request))
    path = local_path(next) or "/"
    try:
        confirmed = await desk.accounts.confirm(token, meta_of(request, ANYBODY, ""))
    except LinkInvalid:
        return _confirm_page("failed", status=422, next=path, **around)
    page = _confirm_page("confirmed", next=confirmed.next_path or path, **around)
    await log_in_first_follower(request, page, desk, confirmed)
    return page


@router.get("/{address}")  # noqa: FAST003 - whatever it is, it is not there.
async def show_nothing_here(request: Request, desk: AtDesk) -> Response:
    """A mistyped address is answered in the site's own look."""
    return PAGES.answer(
        "problem.html",
        status=404,
        title="There is no page at this address",
        detail="Check it for a slip, or start from the first page.",
        **await _around(desk, _principal(request)),
    )


def _confirm_page(state: str, *, status: int = 200, token: str = "", **context: Any) -> Response:
    detail = LinkInvalid.__doc__ or ""
    return PAGES.answer(
        "confirmed.html", status=status, state=state, token=token, detail=detail, **context
    )


def _principal(request: Request) -> Principal | None:
    try:
        return principal_of(request)
    except Unauthenticated:
        return None


async def _around(desk: Desk, principal: Principal | None) -> dict[str, Any]:
    """What the shell shows around every page: who is logged in, and whose help to ask."""
    if principal is None:
        return {}
    person = await desk.records.people.read(principal.caller_id)
    around: dict[str, Any] = {}
    if person is not None:
        around["caller"] = {"id": principal.caller_id, "first_name": person.first_name}
    if principal.organization_id is not None:
        stream = f"organization-{principal.organization_id}"
        history = await desk.records.log.read(stream)
        around["organization"] = ORGANIZATION.fold(history.facts).founded
    return around
