"""A caller's evening beside the calls: how it goes, another number, a raised hand."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.requests import Caller, ServerTime, body_of, command_of, require
from libs.chassis.tickets import TicketOffice
from libs.eventstore.store import Log, handle
from services.queue.answers import assignment_answer
from services.queue.assignments import assignment_of
from services.queue.domain.hand import HAND, LowerHand, RaiseHand
from services.queue.handout import Handout
from services.queue.views.caller_days import evening_of
from services.queue.views.hands import raised_in

router = APIRouter(prefix="/queue", tags=["evening"])

# Who may correct a caller's results is who helps callers.
HELPS = "correct"
CALLS_GOAL = 10
_NO_STORE = {"cache-control": "no-store"}


class OtherNumber(msgspec.Struct):
    """The body of a request for a voter's other number."""

    voter_id: str


class RaisedHand(BaseModel):
    """The body of a raised hand: what is on the screen, if anything is."""

    assignment_id: Annotated[str | None, Field(max_length=64)] = None


def hand_stream(bank_id: str, caller_id: str) -> str:
    """The stream of a caller's hand in a phone bank."""
    return f"hand-{bank_id}-{caller_id}"


@router.get("/callers/current/evening")
async def read_evening(request: Request, caller: Caller, now: ServerTime) -> dict[str, int]:
    """The caller's own calls, conversations and supporters since the last pause of six hours."""
    evening = await evening_of(request.app.state.database, caller.caller_id, now)
    return {
        "calls": evening.calls,
        "conversations": evening.conversations,
        "supporters": evening.supporters,
        "goal": CALLS_GOAL,
    }


@router.post(
    "/assignments/{assignment_id}/other-number",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": msgspec.json.schema(OtherNumber)}},
        }
    },
)
async def assign_other_number(
    request: Request, assignment_id: str, caller: Caller, now: ServerTime
) -> Response:
    """The same voter under another number, once this one turned out wrong or disconnected.

    201 with an assignment as for the next voter; 200 with what the caller has open otherwise; 409
    `result-on-its-way` while the result has not reached the line, `no-other-number` for good.
    """
    body, raw = await body_of(request, OtherNumber)
    held = await assignment_of(request.app.state.log, assignment_id, caller.caller_id)
    command = command_of(
        request, caller.caller_id, held.assigned.campaign_id, f"other-number {assignment_id}", raw
    )
    handout: Handout = request.app.state.handout
    shown = await handout.other_numbers.claim(held, body.voter_id, caller, command)
    office: TicketOffice = request.app.state.ticket_office
    answer = assignment_answer(shown, office, now)
    status = 201 if shown.created else 200
    return Response(answer, status, headers=_NO_STORE, media_type="application/json")


@router.post("/phone-banks/{bank_id}/hands", status_code=201)
async def raise_hand(
    request: Request, bank_id: str, body: RaisedHand, caller: Caller, now: ServerTime
) -> dict[str, Any]:
    """Ask the leads of this phone bank for help. A hand that is up stays up."""
    handout: Handout = request.app.state.handout
    bank = await handout.banks.get(bank_id)
    await handout.check_access(bank, caller)
    command = RaiseHand(
        campaign_id=bank.created.campaign_id,
        bank_id=bank_id,
        caller_id=caller.caller_id,
        organization_id=caller.organization_id,
        assignment_id=body.assignment_id,
        at=now,
    )
    await _handle(request, caller, bank.created.campaign_id, bank_id, caller.caller_id, command)
    return await read_own_hand(request, bank_id, caller)


@router.get("/phone-banks/{bank_id}/hands/current")
async def read_own_hand(request: Request, bank_id: str, caller: Caller) -> dict[str, Any]:
    """Whether the caller's own hand is up, and since when."""
    log: Log = request.app.state.log
    history = await log.read(hand_stream(bank_id, caller.caller_id))
    hand = HAND.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
    return {
        "is_up": hand.raised is not None,
        "raised_at": hand.raised.raised_at if hand.raised else None,
    }


@router.delete("/phone-banks/{bank_id}/hands/current", status_code=204)
async def lower_own_hand(
    request: Request, bank_id: str, caller: Caller, now: ServerTime
) -> Response:
    """The caller needs no help any more."""
    handout: Handout = request.app.state.handout
    campaign_id = (await handout.banks.get(bank_id)).created.campaign_id
    command = LowerHand(caller.caller_id, now)
    await _handle(request, caller, campaign_id, bank_id, caller.caller_id, command)
    return Response(status_code=204)


@router.get("/phone-banks/{bank_id}/hands")
async def list_hands(request: Request, bank_id: str, caller: Caller) -> dict[str, Any]:
    """Who waits for help, longest first; for the leads of the campaign."""
    handout: Handout = request.app.state.handout
    require(caller, HELPS, (await handout.banks.get(bank_id)).created.campaign_id)
    rows = await raised_in(request.app.state.database, bank_id)
    return {
        "hands": [
            {
                "caller_id": row["caller_id"],
                "organization_id": row["organization_id"],
                "raised_at": row["raised_at"],
            }
            for row in rows
        ]
    }


@router.delete("/phone-banks/{bank_id}/hands/{caller_id}", status_code=204)
async def lower_hand(
    request: Request, bank_id: str, caller_id: str, caller: Caller, now: ServerTime
) -> Response:
    """A lead has seen the hand and helps; 409 `another-is-on-it` or `hand-taken-back` if late."""
    handout: Handout = request.app.state.handout
    campaign_id = (await handout.banks.get(bank_id)).created.campaign_id
    require(caller, HELPS, campaign_id)
    command = LowerHand(caller.caller_id, now)
    await _handle(request, caller, campaign_id, bank_id, caller_id, command)
    return Response(status_code=204)


async def _handle(
    request: Request,
    caller: Caller,
    campaign_id: str,
    bank_id: str,
    caller_id: str,
    command: RaiseHand | LowerHand,
) -> None:
    asked = command_of(
        request,
        caller.caller_id,
        campaign_id,
        f"{request.method} hands {bank_id} {caller_id}",
        await request.body(),
    )
    log: Log = request.app.state.log
    await handle(log, HAND, hand_stream(bank_id, caller_id), command, asked)
