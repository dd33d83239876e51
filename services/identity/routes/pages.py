"""Identity's pages: home, check your mail, confirm, and a caller's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import meta_of
from services.identity.domain.errors import LinkInvalid
from services.identity.languages import COMMON, OTHERS
from services.identity.links import local_path
from services.identity.routes.asking import ANYBODY, AtDesk
from services.identity.routes.callers import log_in_first_follower
from services.identity.routes.shell import PAGES, around_of, visitor_of
from services.identity.routes.team import coordinated_by, founded_of
from services.identity.views.campaigns import campaigns_of
from services.identity.views.organizations import listed

router = APIRouter(tags=["pages"], include_in_schema=False)

FormText = Annotated[str, Form()]


@router.get("/")
async def show_home(request: Request, desk: AtDesk) -> Response:
    """Where to start: the organizations' Calls Pages, and an organizer's campaigns."""
    principal = visitor_of(request)
    mine = [g.campaign_id for g in principal.grants if g.campaign_id] if principal else []
    coordinated = coordinated_by(principal) if principal else []
    return PAGES.answer(
        "home.html",
        organizations=await listed(desk.database),
        campaigns=await campaigns_of(desk.database, mine),
        coordinated=await founded_of(desk, coordinated),
        needs_set_up=not await desk.founding.is_set_up(),
        **await around_of(desk, principal),
    )


@router.get("/set-up")
async def show_set_up(request: Request, desk: AtDesk) -> Response:
    """Where the first organizer types the set-up token, once. It is never part of an address."""
    if await desk.founding.is_set_up():
        state = "done"
    else:
        state = "open" if desk.founding.can_be_set_up else "shut"
    return PAGES.answer("set_up.html", state=state, **await around_of(desk, visitor_of(request)))


@router.get("/you")
async def show_you(request: Request, desk: AtDesk) -> Response:
    """What we know of the caller, theirs to change."""
    principal = visitor_of(request)
    if principal is None:
        return PAGES.refused(request, Unauthenticated())
    profile = await desk.profiles.read(principal.caller_id)
    return PAGES.answer(
        "you.html",
        profile=profile,
        languages=(COMMON, OTHERS),
        **await around_of(desk, principal),
    )


@router.get("/check-mail")
async def show_check_mail(request: Request, desk: AtDesk) -> Response:
    """Where the mail is, whom it is from, and how to get another."""
    around = await around_of(desk, visitor_of(request))
    return PAGES.answer("check_mail.html", sender=desk.sender, **around)


@router.get("/confirm")
async def show_confirm(
    request: Request, desk: AtDesk, token: str = "", next: str | None = None
) -> Response:
    """Where the mailed link leads. Opening it confirms nothing: mail scanners open links, too."""
    around = await around_of(desk, visitor_of(request))
    state = "pending" if token else "failed"
    return _confirm_page(state, token=token, next=local_path(next) or "/", **around)


@router.post("/confirm")
async def confirm_without_script(
    request: Request, desk: AtDesk, token: FormText = "", next: FormText = "/"
) -> Response:
    """The same in a browser without scripts."""
    around = await around_of(desk, visitor_of(request))
    path = local_path(next) or "/"
    try:
        confirmed = await desk.accounts.confirm(token, meta_of(request, ANYBODY, ""))
    except LinkInvalid:
        return _confirm_page("failed", status=422, next=path, **around)
    if not around and confirmed.first_use:
        around["caller"] = {"id": confirmed.caller_id, "first_name": confirmed.first_name}
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
        **await around_of(desk, visitor_of(request)),
    )


def _confirm_page(state: str, *, status: int = 200, token: str = "", **context: Any) -> Response:
    detail = LinkInvalid.__doc__ or ""
    return PAGES.answer(
        "confirmed.html", status=status, state=state, token=token, detail=detail, **context
    )
