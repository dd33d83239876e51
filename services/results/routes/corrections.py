"""Putting a call right: what it recorded, for filling the form again, and the correction."""

from collections.abc import Sequence
from typing import Any

import msgspec
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.problems import Unavailable
from libs.chassis.requests import body_of, command_of, now_of, principal_of
from libs.chassis.tokens import Principal
from libs.chassis.vault import Vault
from libs.database import Database
from libs.events.results import CallDispositioned
from libs.eventstore.store import History, Log, handle
from services.results.call_ids import stream_of_call
from services.results.depositing import with_deposits
from services.results.domain.answers import Meanings
from services.results.domain.call import CALL
from services.results.domain.call_commands import CorrectCall, Result
from services.results.domain.call_state import Call
from services.results.domain.correcting import correctable_until, corrects_as
from services.results.domain.errors import NoSuchCall
from services.results.domain.speaking import NOBODY, OTHER, hear, seen_from
from services.results.questions import Questions
from services.results.routes.call_body import CorrectionBody, marked
from services.results.views.banks import candidate_of

router = APIRouter(prefix="/results", tags=["calls"])

CORRECT = "correct"
READ_NAMES = "read_lists"
_OPENAPI = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": msgspec.json.schema(CorrectionBody)}},
    },
}


@router.get("/calls/{call_id}")
async def read_call(call_id: str, request: Request) -> Response:
    """What a call recorded, voter by voter, with its words, and what the script asked.

    For the caller who made it, for ten minutes, and for leads of the campaign. `voter_name` is for
    who may read lists of voters.
    """
    principal = principal_of(request)
    history = await _history(request, call_id)
    call = _folded(history)
    first = _last_begun(call, call_id)
    by = corrects_as(
        first, principal.caller_id, now_of(request), is_lead=_is_lead(principal, first)
    )
    questions: Questions = request.app.state.questions
    sheet = await questions.sheet(first.bank_id, first.script_version)
    told = [fact for fact in call.counted.values() if fact.call_id == call_id]
    texts = await _texts(request, principal, call, told)
    names = await _names(request, principal, told)
    database: Database | None = request.app.state.database
    candidate = None if database is None else await candidate_of(database, first.bank_id)
    said = {
        "call_id": call_id,
        "campaign_id": first.campaign_id,
        "bank_id": first.bank_id,
        "assignment_id": first.assignment_id,
        "caller_id": first.caller_id,
        "voter_ids": first.voter_ids,
        "called_at": first.called_at,
        "received_at": first.received_at,
        "correctable_until": correctable_until(first) if by == "caller" else None,
        "by": by,
        "results": [
            _result(call, fact, texts) | {"voter_name": names.get(fact.voter_id)} for fact in told
        ],
        "script": {
            "version": first.script_version,
            "candidate": candidate,
            "questions": None if sheet is None else sheet.shown,
        },
    }
    return _json(said, 200)


@router.post("/calls/{call_id}/corrections", status_code=201, openapi_extra=_OPENAPI)
async def correct_call(call_id: str, request: Request) -> Response:
    """Say what the call should have recorded of one voter, all of it: 201, the same again alike.

    The caller may for ten minutes after the result was received, a lead always. `notes` are
    sentences on what was kept otherwise than marked. `changed` is false where all of it was
    recorded so already.
    """
    principal = principal_of(request)
    body, raw = await body_of(request, CorrectionBody)
    history = await _history(request, call_id)
    call = _folded(history)
    told = call.results_of(call_id, body.voter_id)
    if not told:
        raise NoSuchCall
    first = told[0]
    route = f"POST /results/calls/{call_id}/corrections"
    command = command_of(request, principal.caller_id, first.campaign_id, route, raw)
    log: Log = request.app.state.log
    is_lead = _is_lead(principal, first)
    now = now_of(request)
    if await log.find(command.commit_id) is None:
        # Asked before the words are deposited; a repeat that comes late is still answered.
        corrects_as(first, principal.caller_id, now, is_lead=is_lead)
    result, remarks = await _result_of(request, principal, first, body)
    handled = await handle(
        log,
        CALL,
        stream_of_call(call_id),
        CorrectCall(call_id, result, principal.caller_id, is_lead, now),
        command,
        known=(history.version, call),
    )
    said = {
        "call_id": call_id,
        "voter_id": body.voter_id,
        "disposition": result.disposition,
        "changed": bool(handled.facts),
        "notes": remarks,
    }
    return _json(said, 201)


async def _history(request: Request, call_id: str) -> History:
    log: Log = request.app.state.log
    return await log.read(stream_of_call(call_id))


def _folded(history: History) -> Call:
    return CALL.fold(history.facts)  # type: ignore[arg-type]  # its own stream.


def _last_begun(call: Call, call_id: str) -> CallDispositioned:
    """What was first recorded of the voter whose result came last. Raises NoSuchCall."""
    begun = [told[0] for who in call.heard if (told := call.results_of(call_id, who))]
    if not begun:
        raise NoSuchCall
    return max(begun, key=lambda fact: fact.received_at)


def _is_lead(principal: Principal, first: CallDispositioned) -> bool:
    return principal.may(CORRECT, first.campaign_id)


async def _result_of(
    request: Request, principal: Principal, first: CallDispositioned, body: CorrectionBody
) -> tuple[Result, Sequence[str]]:
    """The result as it is recorded, its words in the vault, and remarks on it."""
    questions: Questions = request.app.state.questions
    sheet = await questions.sheet(first.bank_id, first.script_version) if body.answers else None
    if body.answers and sheet is None:
        raise Unavailable("The script of this call has not reached us yet; try again in a moment.")
    heard = hear(
        marked(body),
        seen_from(body.voter_id, body.spoke_with, first.voter_ids),
        None if sheet is None else sheet.questions,
        Meanings() if sheet is None else sheet.meanings,
    )
    (result,) = await with_deposits(
        request.app.state.texts,
        first.campaign_id,
        first.assignment_id,
        principal.caller_id,
        [heard],
    )
    return result, heard.remarks


async def _texts(
    request: Request, principal: Principal, call: Call, told: Sequence[CallDispositioned]
) -> dict[str, str]:
    """The words that stand with these results, by deposit."""
    wanted: list[str] = []
    for fact in told:
        who = fact.voter_id
        wanted += [*call.hearsay.get(who, ()), *call.notes.get(who, ())]
        made = call.promises.get(who)
        if made is not None:
            wanted += filter(None, (made.number_deposit_id, made.question_deposit_id))
    if not wanted:
        return {}
    vault: Vault = request.app.state.vault
    return await vault.read_deposits(told[0].campaign_id, wanted, actor=principal.caller_id)


async def _names(
    request: Request, principal: Principal, told: Sequence[CallDispositioned]
) -> dict[str, str]:
    if not told or not principal.may(READ_NAMES, told[0].campaign_id):
        return {}
    vault: Vault = request.app.state.vault
    voter_ids = [fact.voter_id for fact in told]
    cards = await vault.cards(
        told[0].campaign_id, voter_ids, purpose="list", actor=principal.caller_id
    )
    return {voter_id: card.name for voter_id, card in cards.items()}


def _result(call: Call, fact: CallDispositioned, texts: dict[str, str]) -> dict[str, Any]:
    """A result in the words of POST /results/calls; words of erased people are gone."""
    who = fact.voter_id
    made = call.promises.get(who)
    promise = made and {
        "at": made.call_at,
        "number": texts.get(made.number_deposit_id or ""),
        "question": texts.get(made.question_deposit_id or ""),
    }

    def joined(deposit_ids: Sequence[str]) -> str | None:
        return "\n".join(texts[each] for each in deposit_ids if each in texts) or None

    return {
        "voter_id": who,
        "disposition": fact.disposition,
        "spoke_with": _spoke_with(call, fact),
        "answers": fact.answers,
        "hearsay": joined(call.hearsay.get(who, ())),
        "notes": joined(call.notes.get(who, ())),
        "promise": promise,
        "language": fact.language,
        "definite": fact.definite,
        "is_corrected": len(call.results_of(fact.call_id, who)) > 1,
        "recorded_at": fact.received_at,
    }


def _spoke_with(call: Call, fact: CallDispositioned) -> str:
    """A voter of the line, `other` or `nobody`, as it was sent."""
    match fact.spoke_with:
        case "voter":
            return fact.voter_id
        case "other_voter":
            others = [each for each in fact.voter_ids if each != fact.voter_id]
            speaking = [
                each
                for each in others
                if each in call.counted and call.counted[each].spoke_with == "voter"
            ]
            return next(iter((*speaking, *others)), OTHER)
        case "other":
            return OTHER
    return NOBODY


def _json(said: dict[str, Any], status: int) -> Response:
    headers = {"cache-control": "no-store"}
    content = orjson.dumps(said, option=orjson.OPT_UTC_Z)
    return Response(content, status, headers=headers, media_type="application/json")
