"""The next voter, and what a caller does with an assignment until its result: the hot path."""

from collections.abc import AsyncIterator
from typing import Any, get_args

import msgspec
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from libs.chassis.requests import (
    body_of,
    command_id,
    command_of,
    meta_of,
    now_of,
    principal_of,
)
from libs.chassis.tickets import Receipt, TicketOffice
from libs.decider import Invalid
from libs.events.queue import ReleaseReason
from libs.eventstore.store import Log, handle
from libs.eventstore.store import Request as CommandRequest
from services.queue.answers import assignment_answer
from services.queue.assignments import assignment_of
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import ReleaseAssignment
from services.queue.handout import Handout
from services.queue.live import LiveAssignments

router = APIRouter(prefix="/queue", tags=["assignments"])

_REASONS = frozenset(get_args(ReleaseReason))
_NO_STORE = {"cache-control": "no-store"}


class ReasonMissing(Invalid):
    """Say why in ?reason=: skipped, left, language, own_number, unsuitable or other."""


class NextVoter(msgspec.Struct):
    """The body of a request for the next voter: the receipt of the last result, if there is one."""

    receipt: str | None = None


def _describes(shape: dict[str, Any], answer: str) -> dict[str, Any]:
    """What openapi.json says of a route that parses its own body."""
    return {
        "requestBody": {"content": {"application/json": {"schema": shape}}},
        "responses": {"200": {"description": answer}},
    }


@router.post(
    "/phone-banks/{bank_id}/assignments",  # noqa: FAST003 - the hot path parses for itself.
    status_code=201,
    openapi_extra=_describes(
        {"type": "object", "properties": {"receipt": {"type": ["string", "null"]}}},
        "The assignment that is still open; 201 with the same body is a new one.",
    ),
)
async def assign_next_voter(request: Request) -> Response:
    """Hand the caller the next voter of this phone bank, or the one still open."""
    state = request.app.state
    caller = principal_of(request)
    now = now_of(request)
    bank_id = request.path_params["bank_id"]
    body, raw = await _body(request)
    command = command_of(request, caller.caller_id, bank_id, "POST assignments", raw)
    handout: Handout = state.handout
    office: TicketOffice = state.ticket_office
    receipt = office.read(body.receipt, Receipt, now) if body.receipt else None
    shown = await handout.next(bank_id, caller, command, receipt)
    answer = assignment_answer(shown, office, now)
    status = 201 if shown.created else 200
    return Response(answer, status, headers=_NO_STORE, media_type="application/json")


@router.post(
    "/assignments/{assignment_id}/heartbeat",  # noqa: FAST003 - so does this one.
    openapi_extra=_describes({"type": "object"}, "Until when the lease runs now."),
)
async def extend_assignment(request: Request) -> Response:
    """The caller is still at work: the lease is kept at more than half its length."""
    caller = principal_of(request)
    assignment_id = request.path_params["assignment_id"]
    held = await assignment_of(request.app.state.log, assignment_id, caller.caller_id)
    handout: Handout = request.app.state.handout
    expires_at = await handout.extend(held.stream, held.assigned, caller.caller_id)
    answer = orjson.dumps({"lease_expires_at": expires_at})
    return Response(answer, headers=_NO_STORE, media_type="application/json")


@router.delete("/assignments/{assignment_id}", status_code=204)
async def release_assignment(request: Request, assignment_id: str) -> Response:
    """Give the line back without a call, and say why. Giving it back twice changes nothing."""
    state = request.app.state
    caller = principal_of(request)
    reason = request.query_params.get("reason", "")
    if reason not in _REASONS:
        raise ReasonMissing
    log: Log = state.log
    held = await assignment_of(log, assignment_id, caller.caller_id)
    handout: Handout = state.handout
    release = ReleaseAssignment(
        assignment_id=assignment_id,
        caller_id=caller.caller_id,
        reason=reason,  # type: ignore[arg-type]  # looked at above.
        at=now_of(request),
    )
    campaign_id = held.assigned.campaign_id
    command = CommandRequest(
        commit_id=command_id(caller.caller_id, campaign_id, "DELETE assignment", assignment_id),
        meta=meta_of(request, caller.caller_id, campaign_id),
    )
    await handle(log, LINE, held.stream, release, command)
    handout.seats.freed(caller.caller_id, assignment_id)
    live: LiveAssignments = state.live
    live.notice()
    return Response(status_code=204)


@router.get("/assignments/{assignment_id}/live")
async def watch_assignment(request: Request, assignment_id: str) -> Response:
    """Server-sent events: `lease`, `withdrawn` with its reason, `closed`."""
    state = request.app.state
    caller = principal_of(request)
    held = await assignment_of(state.log, assignment_id, caller.caller_id)
    live: LiveAssignments = state.live

    async def messages() -> AsyncIterator[bytes]:
        async for message in live.messages(held.stream, assignment_id):
            yield message

    headers = {**_NO_STORE, "x-accel-buffering": "no"}
    return StreamingResponse(messages(), headers=headers, media_type="text/event-stream")


async def _body(request: Request) -> tuple[NextVoter, bytes]:
    """The body; none at all is as good as `{}`."""
    if not await request.body():
        return NextVoter(), b""
    return await body_of(request, NextVoter)
