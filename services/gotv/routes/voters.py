"""One voter's status and history over HTTP."""

from fastapi import APIRouter
from starlette.requests import Request

from libs.chassis.requests import Caller, Json, require
from services.gotv.domain.errors import NoSuchVoter
from services.gotv.views.voter_status import read_status

router = APIRouter(prefix="/gotv", tags=["voters"])


@router.get("/voters/{voter_id}/status")
async def read_voter_status(
    voter_id: str, campaign_id: str, request: Request, caller: Caller
) -> Json:
    """Support, the last call, whether to be called again, and the latest calls; no name."""
    require(caller, "read_lists", campaign_id)
    status = await read_status(request.app.state.database, campaign_id, voter_id)
    if status is None:
        raise NoSuchVoter
    return status
