"""The pages of results: a campaign's calls, and the form that puts one right."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.campaign_names import name_of
from libs.chassis.pages.shell import Pages
from libs.chassis.requests import principal_of, require
from libs.chassis.tokens import Principal
from libs.database import Database
from libs.decider import Refusal
from services.results.domain.errors import NoSuchCampaign
from services.results.routes.corrections import CORRECT
from services.results.views.banks import banks_of

router = APIRouter(tags=["pages"], include_in_schema=False)

PAGES = Pages("results", Path(__file__).parents[1] / "pages")


@router.get("/campaigns/{campaign_id}/calls")
async def show_calls(campaign_id: str, request: Request) -> Response:
    """The latest calls, to find one by phone bank or ending."""
    try:
        around = await _around(request, principal_of(request), campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    banks = await banks_of(request.app.state.database, campaign_id)
    named = [{"id": bank["_id"], "name": bank["name"]} for bank in banks]
    return PAGES.answer("calls.html", banks=named, **around)


@router.get("/campaigns/{campaign_id}/calls/{call_id}")
async def show_call(campaign_id: str, call_id: str, request: Request) -> Response:
    """The form of one call; it asks the API for what was recorded."""
    try:
        around = await _around(request, principal_of(request), campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    return PAGES.answer("correction.html", call_id=call_id, **around)


async def _around(request: Request, caller: Principal, campaign_id: str) -> dict[str, Any]:
    """The campaign and who looks at it. Raises what the page answers instead."""
    require(caller, CORRECT, campaign_id)
    database: Database = request.app.state.database
    name = await name_of(database, campaign_id)
    if name is None:
        raise NoSuchCampaign
    return {
        "campaign": {"id": campaign_id, "name": name},
        "caller": {"id": caller.caller_id, "first_name": ""},
    }
