"""Phone banks: what an organization's Calls Page lists, and what organizers do with one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request

from libs.chassis.requests import Caller, ServerTime, command_of, require
from libs.events.queue import Purpose
from libs.eventstore.store import Log, handle
from libs.hours import CallingHours
from services.queue.bank_book import bank_stream
from services.queue.calls_page import Listing, listed_banks, organization_of
from services.queue.domain.phone_bank import (
    ATTEMPTS_MAX,
    BANK,
    BankCommand,
    ClosePhoneBank,
    CreatePhoneBank,
    OpenPhoneBank,
    PausePhoneBank,
    PublishScript,
)
from services.queue.handout import Handout

router = APIRouter(prefix="/queue/phone-banks", tags=["phone banks"])

RUN = "run_phone_bank"
Id = Annotated[str, Field(min_length=1, max_length=100)]


class NewPhoneBank(BaseModel):
    """What an organizer says of a new phone bank."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: Id
    name: str
    candidate: str
    state: str
    purpose: Purpose
    universe_id: Id
    practice: bool = False
    hours: CallingHours | None = None
    organization_ids: list[Id] = Field(default=[], max_length=200)
    messages_allowed: bool = False
    attempts_max: int = ATTEMPTS_MAX
    closes_at: AwareDatetime | None = None


class NewScript(BaseModel):
    """A script to publish; the shape is documented at the script itself."""

    script: dict[str, Any]


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
        "stage": bank.stage,
        "script": script,
    }


@router.post("", status_code=201)
async def create_phone_bank(
    request: Request, body: NewPhoneBank, caller: Caller, now: ServerTime
) -> dict[str, str]:
    """Set up a phone bank; it opens once it has a script."""
    require(caller, RUN, body.campaign_id)
    raw = await request.body()
    command = command_of(request, caller.caller_id, body.campaign_id, "POST phone-banks", raw)
    bank_id = command.commit_id
    ask = CreatePhoneBank(
        campaign_id=body.campaign_id,
        bank_id=bank_id,
        name=body.name,
        candidate=body.candidate,
        state=body.state,
        purpose=body.purpose,
        universe_id=body.universe_id,
        practice=body.practice,
        hours=body.hours,
        organization_ids=tuple(dict.fromkeys(body.organization_ids)),
        messages_allowed=body.messages_allowed,
        attempts_max=body.attempts_max,
        closes_at=body.closes_at,
        at=now,
    )
    log: Log = request.app.state.log
    await handle(log, BANK, bank_stream(bank_id), ask, command)
    return {"bank_id": bank_id}


@router.post("/{bank_id}/open")
async def open_phone_bank(
    request: Request, bank_id: str, caller: Caller, now: ServerTime
) -> dict[str, str]:
    """Let callers work through it."""
    return await _run(request, bank_id, caller, "open", OpenPhoneBank(now))


@router.post("/{bank_id}/pause")
async def pause_phone_bank(request: Request, bank_id: str, caller: Caller) -> dict[str, str]:
    """Hand nobody out until it opens again."""
    return await _run(request, bank_id, caller, "pause", PausePhoneBank())


@router.post("/{bank_id}/close")
async def close_phone_bank(request: Request, bank_id: str, caller: Caller) -> dict[str, str]:
    """End it for good."""
    return await _run(request, bank_id, caller, "close", ClosePhoneBank())


@router.put("/{bank_id}/script")
async def publish_script(
    request: Request, bank_id: str, body: NewScript, caller: Caller
) -> dict[str, int]:
    """Publish a version of the script; the same script again is no new version."""
    await _run(request, bank_id, caller, "script", PublishScript(body.script))
    handout: Handout = request.app.state.handout
    bank = await handout.banks.get(bank_id)
    return {"script_version": bank.script.version}


async def _run(
    request: Request, bank_id: str, caller: Caller, route: str, command: BankCommand
) -> dict[str, str]:
    state = request.app.state
    handout: Handout = state.handout
    bank = await handout.banks.get(bank_id)
    campaign_id = bank.created.campaign_id
    require(caller, RUN, campaign_id)
    raw = await request.body()
    asked = command_of(request, caller.caller_id, campaign_id, f"{route} {bank_id}", raw)
    log: Log = state.log
    await handle(log, BANK, bank_stream(bank_id), command, asked)
    history = await log.read(bank_stream(bank_id))
    known = handout.banks.note(
        bank_id,
        BANK.fold(history.facts),  # type: ignore[arg-type]  # its own stream.
    )
    return {"bank_id": bank_id, "stage": known.stage}


async def _listed(
    request: Request, organization: dict[str, Any], state: str | None, now: datetime
) -> Sequence[Listing]:
    handout: Handout = request.app.state.handout
    return await listed_banks(request.app.state.database, handout.reasons, organization, state, now)
