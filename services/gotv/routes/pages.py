"""Gotv's pages: a campaign, a phone bank's dashboard, the supporters."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.chassis.pages.shell import Pages
from libs.chassis.problems import Unauthenticated, status_of
from libs.chassis.requests import principal_of, require
from libs.chassis.tokens import Principal
from libs.decider import Refusal
from libs.views.view import Row
from services.gotv.domain.errors import NoSuchCampaign
from services.gotv.routes.dashboards import bank_for
from services.gotv.views.banks import list_banks
from services.gotv.views.campaigns import read_campaign
from services.gotv.views.supporter_list import read_states

router = APIRouter(tags=["pages"], include_in_schema=False)

PAGES = Pages("gotv", Path(__file__).parents[1] / "pages")


@router.get("/campaigns/{campaign_id}")
async def show_campaign(campaign_id: str, request: Request) -> Response:
    """The campaign's phone banks."""
    try:
        caller = principal_of(request)
        campaign = await _campaign_for(request, caller, "read_dashboard", campaign_id)
    except Refusal as refusal:
        return _refused(request, refusal)
    banks = [
        {
            "id": bank["_id"],
            "name": bank["name"],
            "status": bank["status"],
            "practice": bank["practice"],
            "candidate": bank["candidate"],
            "state": bank["state"],
        }
        for bank in await list_banks(request.app.state.database, campaign_id)
    ]
    return PAGES.answer("campaign.html", campaign=campaign, banks=banks, **_around(caller))


@router.get("/campaigns/{campaign_id}/supporters")
async def show_supporters(campaign_id: str, request: Request) -> Response:
    """The supporters as they are found, and hearsay."""
    try:
        caller = principal_of(request)
        campaign = await _campaign_for(request, caller, "read_lists", campaign_id)
    except Refusal as refusal:
        return _refused(request, refusal)
    return PAGES.answer(
        "supporters.html",
        campaign=campaign,
        states=await read_states(request.app.state.database, campaign_id),
        may_export=caller.may("export_voters", campaign_id),
        **_around(caller),
    )


@router.get("/campaigns/{campaign_id}/phone-banks/{bank_id}")
async def show_bank_of_campaign(campaign_id: str, bank_id: str, request: Request) -> Response:
    """The dashboard, as the campaign's page links it."""
    return await _show_dashboard(request, bank_id, campaign_id)


@router.get("/phone-banks/{bank_id}/dashboard")
async def show_dashboard(bank_id: str, request: Request) -> Response:
    """The numbers of a phone bank as they change."""
    return await _show_dashboard(request, bank_id)


async def _show_dashboard(
    request: Request, bank_id: str, campaign_id: str | None = None
) -> Response:
    try:
        caller = principal_of(request)
        bank = await bank_for(request, caller, bank_id)
        if campaign_id not in (None, bank["campaign_id"]):
            raise NoSuchCampaign
        campaign = await _campaign_for(request, caller, "read_dashboard", bank["campaign_id"])
    except Refusal as refusal:
        return _refused(request, refusal)
    shown = {"id": bank_id, "name": bank["name"]}
    return PAGES.answer("dashboard.html", campaign=campaign, bank=shown, **_around(caller))


async def _campaign_for(
    request: Request, caller: Principal, permission: str, campaign_id: str
) -> Row:
    require(caller, permission, campaign_id)
    row = await read_campaign(request.app.state.database, campaign_id)
    if row is None:
        raise NoSuchCampaign
    return {"id": campaign_id, "name": row["name"]}


def _around(caller: Principal) -> dict[str, Any]:
    """What the shell shows; people's names are identity's, so none is greeted by one here."""
    return {"caller": {"id": caller.caller_id, "first_name": ""}}


def _refused(request: Request, refusal: Refusal) -> Response:
    """The log-in form and then back here, or the refusal as a page."""
    if isinstance(refusal, Unauthenticated):
        return RedirectResponse(f"/log-in?next={quote(request.url.path)}", 303)
    title = " ".join((type(refusal).__doc__ or "").split())
    status = status_of(refusal)
    return PAGES.answer(
        "problem.html",
        status=status,
        title="This page is not for you" if status == 403 else "There is no such page",  # noqa: PLR2004 - the status of a refusal.
        detail=refusal.detail or title,
    )
