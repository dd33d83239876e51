"""Forgetting a person for good."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from libs.chassis.requests import Caller, command_of, require
from libs.eventstore.store import handle
from services.voters.domain.voter_registration import VOTER, EraseVoter, stream_of
from services.voters.erasing import forget
from services.voters.routes.asking import AtDesk, Id

PERMISSION = "import_voters"

router = APIRouter(prefix="/voters/erasures", tags=["erasures"])


class ErasureBody(BaseModel):
    """Whom to forget."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: Id
    voter_id: Id


@router.post("", status_code=201)
async def erase_voter(
    request: Request, body: ErasureBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Destroy the person's key and all that is sealed with it; no file brings the person back."""
    require(caller, PERMISSION, body.campaign_id)
    raw = await request.body()
    command = command_of(request, caller.caller_id, body.campaign_id, "voters/erasures", raw)
    erasing = EraseVoter(body.campaign_id, body.voter_id)
    stream = stream_of(body.campaign_id, body.voter_id)
    # The fact first: if we die behind it, a policy does the rest.
    await handle(desk.log, VOTER, stream, erasing, command)
    await forget(desk.database, body.campaign_id, body.voter_id)
    return {"campaign_id": body.campaign_id, "voter_id": body.voter_id}
