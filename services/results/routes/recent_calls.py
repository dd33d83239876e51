"""The calls of a campaign over HTTP, for who may put them right."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from libs.chassis.cursors import Place, cursor_of, place_in
from libs.chassis.requests import Caller, Json, ServerTime, require
from libs.chassis.vault import Card, Vault
from libs.events.results import Disposition
from libs.views.view import Row
from services.results.routes.corrections import CORRECT, READ_NAMES
from services.results.views.recent_calls import Wanted, read_calls

router = APIRouter(prefix="/results", tags=["calls"])


@router.get("/campaigns/{campaign_id}/calls")
async def read_recent_calls(
    campaign_id: str,
    request: Request,
    caller: Caller,
    now: ServerTime,
    bank: str | None = None,
    disposition: Disposition | None = None,
    *,
    corrected: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """A page of calls, the latest first, one item a voter; `next_cursor` is null on the last.

    `voter_name` is null for who may not read lists of voters.
    """
    require(caller, CORRECT, campaign_id)
    wanted = Wanted(campaign_id, bank or None, disposition, corrected)
    rows = await read_calls(
        request.app.state.database, wanted, after=place_in(cursor), limit=limit + 1
    )
    shown = rows[:limit]
    cards: dict[str, Card] = {}
    if shown and caller.may(READ_NAMES, campaign_id):
        vault: Vault = request.app.state.vault
        voter_ids = [row["voter_id"] for row in shown]
        cards = await vault.cards(campaign_id, voter_ids, purpose="list", actor=caller.caller_id)
    last = shown[-1] if len(rows) > limit else None
    return {
        "items": [_item(row, cards.get(row["voter_id"])) for row in shown],
        "next_cursor": cursor_of(Place(last["called_at"], last["_id"])) if last else None,
        "as_of": now,
    }


def _item(row: Row, card: Card | None) -> Json:
    return {
        "call_id": row["call_id"],
        "voter_id": row["voter_id"],
        "voter_name": card.name if card else None,
        "caller_id": row["caller_id"],
        "bank_id": row["bank_id"],
        "disposition": row["disposition"],
        "spoke_with": row["spoke_with"],
        "answers": row["answers"],
        "called_at": row["called_at"],
        "counts": row["counts"],
        "corrected": row.get("corrected"),
    }
