"""Phone banks as callers find them: an organization's Calls Page, and one to be read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request

from libs.chassis.requests import Caller, ServerTime
from services.queue.calls_page import Listing, listed_banks, organization_of
from services.queue.handout import Handout

router = APIRouter(prefix="/queue/phone-banks", tags=["phone banks"])


@router.get("")
async def list_phone_banks(
    request: Request,
    now: ServerTime,
    organization: str,
    state: Annotated[str | None, Query(min_length=2, max_length=2)] = None,
) -> dict[str, Any]:
    """The Calls Page of an organization: open phone banks, how many voters, which hours. Public."""
    found = await organization_of(request.app.state.database, organization)
    banks = await _listed(request, found, state, now)
    return {"phone_banks": [bank.as_json() for bank in banks], "next": None}


@router.get("/{bank_id}")
async def read_phone_bank(request: Request, bank_id: str, caller: Caller) -> dict[str, Any]:
    """The bank and its script, to be read before the first voter."""
    handout: Handout = request.app.state.handout
    bank = await handout.banks.get(bank_id)
    await handout.check_access(bank, caller)
    created = bank.created
    script = bank.script.filled({"candidate": created.candidate}) if bank.scripts else None
    return {
        **created.model_dump(mode="json"),
        "message_words": bank.wording.message_words,
        "caller_note": bank.wording.caller_note,
        "dispositions": bank.dispositions,
        "stage": bank.stage,
        "script": script,
    }


async def _listed(
    request: Request, organization: dict[str, Any], state: str | None, now: datetime
) -> Sequence[Listing]:
    handout: Handout = request.app.state.handout
    return await listed_banks(request.app.state.database, handout.reasons, organization, state, now)
