"""The tallies of a phone bank over HTTP."""

from fastapi import APIRouter
from fastapi.requests import Request

from libs.chassis.requests import Caller, Json, ServerTime, require
from services.results.domain.errors import NoSuchPhoneBank
from services.results.views.banks import campaign_of
from services.results.views.caller_tallies import read_callers
from services.results.views.tallies import read_tallies

router = APIRouter(prefix="/results", tags=["tallies"])


@router.get("/phone-banks/{bank_id}/tallies")
async def read_bank_tallies(
    bank_id: str, request: Request, caller: Caller, now: ServerTime
) -> Json:
    """Counts by disposition, answer, caller and organization."""
    database = request.app.state.database
    campaign_id = await campaign_of(database, bank_id)
    if campaign_id is None:
        raise NoSuchPhoneBank
    require(caller, "read_tallies", campaign_id)
    tallies = await read_tallies(database, bank_id)
    return tallies | {"by_caller": await read_callers(database, bank_id), "as_of": now}
