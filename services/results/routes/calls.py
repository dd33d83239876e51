"""Results of calls come in here; the one place where a caller's work is acknowledged."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.requests import body_of, meta_of, now_of, principal_of
from libs.chassis.tickets import Receipt, Ticket, TicketOffice
from libs.events.results import CallDispositioned
from libs.eventstore.store import Handled, handle
from libs.eventstore.store import Request as CommandRequest
from services.results.call_ids import call_id_of, stream_of
from services.results.depositing import with_deposits
from services.results.domain.answers import Meanings
from services.results.domain.call import CALL
from services.results.domain.call_commands import RecordCall, Result
from services.results.domain.call_state import Call
from services.results.domain.errors import NotYourCall
from services.results.domain.speaking import Heard, Marked, hear, seen_from
from services.results.questions import Questions
from services.results.routes.call_body import CallBody, called_at, marked_in

router = APIRouter(prefix="/results", tags=["calls"])

_OPENAPI = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": msgspec.json.schema(CallBody)}},
    },
}


@router.post("/calls", status_code=201, openapi_extra=_OPENAPI)
async def record_call(request: Request) -> Response:
    """Record results: 201 with `call_id, receipt, complete, notes`, the same again alike.

    The natural id of a result is its assignment. `complete`: every voter of it has a result.
    `notes` are sentences for the caller on what was kept otherwise than marked.
    """
    principal = principal_of(request)
    now = now_of(request)
    body, raw = await body_of(request, CallBody)
    office: TicketOffice = request.app.state.ticket_office
    ticket = office.read(body.ticket, Ticket, now)
    if ticket.caller_id != principal.caller_id:
        raise NotYourCall
    marked = marked_in(body, ticket)
    heard = await _hear(request.app.state.questions, body, ticket, marked)
    results = await with_deposits(
        request.app.state.texts, ticket.campaign_id, ticket.assignment_id, ticket.caller_id, heard
    )
    commit_id = _commit_id(request, ticket, raw)
    command = _command(ticket, results, commit_id, called_at(body, ticket, now), now)
    meta = meta_of(
        request, principal.caller_id, ticket.campaign_id, raw, device_at=body.device_time
    )
    log = request.app.state.log
    stream = stream_of(ticket.assignment_id)
    # Nearly every result is the first of its call: the append fails where that is not so.
    handled = await handle(
        log,
        CALL,
        stream,
        command,
        CommandRequest(commit_id, meta),
        known=(0, Call()),
    )
    call_id = _call_id(handled)
    complete = {result.voter_id for result in results} >= set(ticket.voter_ids)
    if call_id is None or not complete:
        call = CALL.fold((await log.read(stream)).facts)
        complete = call.is_complete(ticket.voter_ids)
        call_id = call_id or call.counted[results[0].voter_id].call_id
    return _answer(office, ticket, call_id, complete=complete, heard=heard)


async def _hear(
    questions: Questions, body: CallBody, ticket: Ticket, marked: Sequence[Marked]
) -> list[Heard]:
    asked = None
    if any(each.answers for each in marked):
        asked = await questions.of(ticket.bank_id, ticket.script_version)
    meanings = Meanings(ticket.support_question, ticket.volunteer_question)
    return [
        hear(
            each,
            seen_from(each.voter_id, body.spoke_with, ticket.voter_ids),
            asked,
            meanings,
            place=f"results[{at}].",
        )
        for at, each in enumerate(marked)
    ]


def _command(
    ticket: Ticket,
    results: Sequence[Result],
    commit_id: str,
    called: datetime,
    received: datetime,
) -> RecordCall:
    return RecordCall(
        campaign_id=ticket.campaign_id,
        bank_id=ticket.bank_id,
        assignment_id=ticket.assignment_id,
        line_id=ticket.line_id,
        caller_id=ticket.caller_id,
        organization_id=ticket.organization_id,
        script_version=ticket.script_version,
        voter_ids=ticket.voter_ids,
        call_id=call_id_of(ticket.assignment_id),
        other_call_id=call_id_of(ticket.assignment_id, commit_id),
        results=tuple(results),
        called_at=called,
        received_at=received,
    )


def _commit_id(request: Request, ticket: Ticket, raw: bytes) -> str:
    """One key of an assignment records once; without a key the body's own bytes are the key."""
    key = request.headers.get("idempotency-key") or hashlib.blake2b(raw).hexdigest()
    named = f"result\0{ticket.assignment_id}\0{key}".encode()
    return hashlib.blake2b(named, digest_size=16).hexdigest()


def _call_id(handled: Handled) -> str | None:
    return next(
        (fact.call_id for fact in handled.facts if isinstance(fact, CallDispositioned)), None
    )


def _answer(
    office: TicketOffice, ticket: Ticket, call_id: str, *, complete: bool, heard: Sequence[Heard]
) -> Response:
    receipt = Receipt(
        caller_id=ticket.caller_id,
        campaign_id=ticket.campaign_id,
        bank_id=ticket.bank_id,
        assignment_id=ticket.assignment_id,
        line_id=ticket.line_id,
        call_id=call_id,
        slot=ticket.slot,
        complete=complete,
        expires_at=ticket.expires_at,
    )
    said = {
        "call_id": call_id,
        "receipt": office.sign(receipt),
        "complete": complete,
        "notes": [remark for each in heard for remark in each.remarks],
    }
    return Response(orjson.dumps(said), 201, media_type="application/json")
