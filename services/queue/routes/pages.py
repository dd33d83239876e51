"""The Calls Page of an organization, and the call screen of a phone bank."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.chassis.pages.shell import Pages
from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import ServerTime, principal_of
from libs.chassis.tokens import Principal
from libs.decider import Missing, Refusal
from libs.views.view import Row
from services.queue.calls_page import Listing, calls_page, organization_of
from services.queue.domain.errors import NotYourPhoneBank
from services.queue.handout import Handout
from services.queue.states import STATES
from services.queue.views import organizations

router = APIRouter(tags=["pages"], include_in_schema=False)

# Where the voter's name will stand in a script that is read before anybody is on the line.
_NOBODY_YET = {"voter.first_name": "[first name]", "voter.city": "[their town]"}

PAGES = Pages("queue", Path(__file__).parents[1] / "pages")


@router.get("/calls/{slug}")
async def show_calls_page(
    request: Request, slug: str, now: ServerTime, after: str = ""
) -> Response:
    """Open phone banks by state, in the organization's own words. Public."""
    state = request.app.state
    caller = _caller(_principal(request))
    try:
        organization = await organization_of(state.database, slug)
    except Missing as missing:
        return _problem(missing, "There is no organization at this address", caller=caller)
    handout: Handout = state.handout
    page = await calls_page(state.database, handout.reasons, organization, after, now)
    return PAGES.answer(
        "calls_page.html",
        caller=caller,
        organization=organization,
        part=page.part,
        states=_by_state(page.listings),
        practice_banks=[each.as_card() for each in page.practice],
        practice_total=page.practice_total,
        getting_started=[],
        tips=[],
    )


@router.get("/call/{bank_id}")
async def show_call_screen(
    request: Request, bank_id: str, organization: str | None = None
) -> Response:
    """Straight to the first voter; through log-in, if needed.

    `organization` names the Calls Page the visitor came from; the log-in keeps it as the session's.
    """
    return await _bank_page(request, "call.html", bank_id, organization)


@router.get("/call/{bank_id}/script")
async def show_script(request: Request, bank_id: str, organization: str | None = None) -> Response:
    """The script to read before the first voter, and the place for the caller's own words."""
    return await _bank_page(request, "script.html", bank_id, organization, sample=_NOBODY_YET)


async def _bank_page(
    request: Request,
    template: str,
    bank_id: str,
    organization: str | None,
    *,
    sample: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """A page of one phone bank, for its own callers; a stranger logs in first.

    `sample` is said in the script for what is known of a voter only.
    """
    principal = _principal(request)
    if principal is None:
        whose = f"?organization={quote(organization)}" if organization else ""
        asked = quote(f"{request.url.path}{whose}", safe="")
        return RedirectResponse(f"/log-in?next={asked}", 303)
    state = request.app.state
    handout: Handout = state.handout
    around: dict[str, Any] = {"caller": _caller(principal)}
    if principal.organization_id is not None:
        around["organization"] = await organizations.by_id(
            state.database, principal.organization_id
        )
    try:
        bank = await handout.banks.get(bank_id)
        await handout.check_access(bank, principal)
    except Missing as missing:
        return _problem(missing, "There is no phone bank at this address", **around)
    except NotYourPhoneBank as refusal:
        return _not_theirs(request, refusal, around)
    said = {"candidate": bank.created.candidate, **sample}
    script = bank.script.filled(said) if bank.scripts else {}
    return PAGES.answer(
        template,
        bank={
            "id": bank_id,
            "name": bank.created.name,
            "candidate": bank.created.candidate,
            "website": script.get("candidate_site"),
        },
        blocks=script.get("blocks", []),
        coaching=script.get("coaching"),
        ending=script.get("thanks"),
        paid_for_by=script.get("paid_for_by"),
        links=[],
        **around,
    )


def _problem(refusal: Refusal, title: str, **around: Any) -> Response:
    detail = refusal.detail or " ".join((type(refusal).__doc__ or "").split())
    return PAGES.answer("problem.html", status=404, title=title, detail=detail, **around)


def _not_theirs(request: Request, refusal: NotYourPhoneBank, around: Mapping[str, Any]) -> Response:
    """Nothing of the bank is told to callers of others, but the way to those that are theirs."""
    theirs = around.get("organization")
    if theirs is None:
        action = {"label": "Choose an organization", "href": "/"}
    else:
        action = {"label": "See your Calls Page", "href": f"/calls/{quote(theirs['slug'])}"}
    sentence = refusal.detail or (
        "This phone bank is for callers of other organizations. Choose one on your Calls Page. If"
        " you also call for the organization that sent you here, log out, open its Calls Page, and"
        " choose the phone bank there: that logs you in for the right organization."
    )
    return PAGES.refused(request, NotYourPhoneBank(sentence), action=action, **around)


def _by_state(listings: Sequence[Listing]) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": STATES.get(code, code),
            "banks": [each.as_card() for each in group],
        }
        for code, group in groupby(listings, key=lambda each: each.created.state)
    ]


def _principal(request: Request) -> Principal | None:
    try:
        return principal_of(request)
    except Unauthenticated:
        return None


def _caller(principal: Principal | None) -> Row | None:
    """Who is logged in; the name is identity's to know."""
    return {"id": principal.caller_id, "first_name": ""} if principal else None
