"""The numbers of a phone bank and of a campaign over HTTP: as they are, and as they change."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.requests import Caller, Json, require
from libs.chassis.tokens import Principal
from libs.views.view import Row
from services.gotv.dashboard import Dashboards
from services.gotv.domain.errors import NoSuchPhoneBank
from services.gotv.routes.watching import stream_of
from services.gotv.views.banks import read_bank

router = APIRouter(prefix="/gotv", tags=["dashboards"])


@router.get("/phone-banks/{bank_id}/dashboard")
async def read_dashboard(bank_id: str, request: Request, caller: Caller) -> Json:
    """Calls, attempts, contacts, support, dispositions, who is at work, and who is left."""
    bank = await bank_for(request, caller, bank_id)
    dashboards: Dashboards = request.app.state.dashboards
    return await dashboards.read(bank)


@router.get("/phone-banks/{bank_id}/live", response_class=Response)
@router.get("/phone-banks/{bank_id}/dashboard/live", response_class=Response)
async def watch_dashboard(bank_id: str, request: Request, caller: Caller) -> Response:
    """The same as server-sent events, a whole snapshot each, at most two a second."""
    bank = await bank_for(request, caller, bank_id)
    dashboards: Dashboards = request.app.state.dashboards
    return stream_of(request, caller, "dashboard", bank_id, partial(dashboards.snapshot, bank))


@router.get("/campaigns/{campaign_id}/dashboard")
async def read_campaign_dashboard(campaign_id: str, request: Request, caller: Caller) -> Json:
    """The sums of the campaign's phone banks, each bank's own, and callers at work by state."""
    require(caller, "read_dashboard", campaign_id)
    dashboards: Dashboards = request.app.state.dashboards
    return await dashboards.read_campaign(campaign_id)


@router.get("/campaigns/{campaign_id}/dashboard/live", response_class=Response)
async def watch_campaign_dashboard(campaign_id: str, request: Request, caller: Caller) -> Response:
    """The same as server-sent events, a whole snapshot each, at most two a second."""
    require(caller, "read_dashboard", campaign_id)
    dashboards: Dashboards = request.app.state.dashboards
    read = partial(dashboards.campaign_snapshot, campaign_id)
    return stream_of(request, caller, "campaign", campaign_id, read)


async def bank_for(request: Request, caller: Principal, bank_id: str) -> Row:
    """The bank, for somebody who may see its numbers. Raises NoSuchPhoneBank and NotAllowed."""
    bank = await read_bank(request.app.state.database, bank_id)
    if bank is None:
        raise NoSuchPhoneBank
    require(caller, "read_dashboard", bank["campaign_id"])
    return bank
