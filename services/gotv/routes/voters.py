"""One voter's status, and what others said about voters."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from libs.chassis.requests import Caller, Json, ServerTime, require
from libs.chassis.vault import Vault
from services.gotv.domain.errors import NoSuchVoter
from services.gotv.routes.cursors import cursor_of, place_in
from services.gotv.views.hearsay import list_hearsay
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


@router.get("/campaigns/{campaign_id}/hearsay")
async def read_hearsay(
    campaign_id: str,
    request: Request,
    caller: Caller,
    now: ServerTime,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """What others said, the newest first. Words of people who were erased are gone."""
    require(caller, "read_lists", campaign_id)
    vault: Vault = request.app.state.vault
    rows = await list_hearsay(
        request.app.state.database, campaign_id, after=place_in(cursor), limit=limit + 1
    )
    shown = rows[:limit]
    texts = {}
    cards = {}
    if shown:
        actor = caller.caller_id
        texts = await vault.read_deposits(campaign_id, [row["_id"] for row in shown], actor=actor)
        voter_ids = [row["voter_id"] for row in shown]
        cards = await vault.cards(campaign_id, voter_ids, purpose="list", actor=actor)
    items = [
        {
            "deposit_id": row["_id"],
            "voter_id": row["voter_id"],
            "voter_name": cards[row["voter_id"]].name if row["voter_id"] in cards else None,
            "text": texts[row["_id"]],
            "call_id": row["call_id"],
            "bank_id": row["bank_id"],
            "caller_id": row["caller_id"],
            "heard_at": row["heard_at"],
        }
        for row in shown
        if row["_id"] in texts
    ]
    last = shown[-1] if len(rows) > limit else None
    next_cursor = cursor_of(last["heard_at"], last["_id"]) if last else None
    return {"items": items, "next_cursor": next_cursor, "as_of": now}
