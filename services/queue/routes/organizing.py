"""Phone banks as organizers run them: set up, changed, cloned, opened, paused, closed."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from libs.chassis.requests import Caller, ServerTime, command_of, require
from libs.chassis.tokens import Principal
from libs.eventstore.store import Log, handle
from services.queue.bank_book import bank_stream
from services.queue.domain.bank_settings import settings_of
from services.queue.domain.phone_bank import (
    BANK,
    ChangePhoneBank,
    ClosePhoneBank,
    CreatePhoneBank,
    OpenPhoneBank,
    PausePhoneBank,
    PhoneBank,
)
from services.queue.routes.bank_bodies import ChangedPhoneBank, LikePhoneBank, NewPhoneBank
from services.queue.running import RUN, bank_to_run, run_bank

router = APIRouter(prefix="/queue/phone-banks", tags=["phone banks"])


@router.post("", status_code=201)
async def create_phone_bank(
    request: Request, body: NewPhoneBank, caller: Caller, now: ServerTime
) -> dict[str, str]:
    """Set up a phone bank; it opens once it has a script."""
    require(caller, RUN, body.campaign_id)
    raw = await request.body()
    command = command_of(request, caller.caller_id, body.campaign_id, "POST phone-banks", raw)
    log: Log = request.app.state.log
    bank_id = command.commit_id
    await handle(log, BANK, bank_stream(bank_id), body.as_command(bank_id, now), command)
    return {"bank_id": bank_id}


@router.post("/{bank_id}/clones", status_code=201)
async def clone_phone_bank(
    request: Request, bank_id: str, body: LikePhoneBank, caller: Caller, now: ServerTime
) -> dict[str, str]:
    """Set up a phone bank with this one's settings and script, but for what is sent."""
    source = await bank_to_run(request, bank_id, caller)
    campaign_id = source.creation.campaign_id
    raw = await request.body()
    command = command_of(request, caller.caller_id, campaign_id, f"POST clones {bank_id}", raw)
    clone_id = command.commit_id
    script = source.scripts[-1] if source.scripts else None
    ask: CreatePhoneBank = body.as_new(source, now).as_command(clone_id, now, script)
    log: Log = request.app.state.log
    await handle(log, BANK, bank_stream(clone_id), ask, command)
    return {"bank_id": clone_id}


@router.patch("/{bank_id}")
async def change_phone_bank(
    request: Request, bank_id: str, body: ChangedPhoneBank, caller: Caller, now: ServerTime
) -> dict[str, Any]:
    """Change settings, also while callers are at work; answers all of them."""
    command = ChangePhoneBank(body.as_changes(), now)
    await run_bank(request, bank_id, caller, "PATCH", command)
    return _settings(await bank_to_run(request, bank_id, caller))


@router.get("/{bank_id}/settings")
async def read_settings(request: Request, bank_id: str, caller: Caller) -> dict[str, Any]:
    """Everything an organizer may change, as it is now."""
    return _settings(await bank_to_run(request, bank_id, caller))


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


async def _run(
    request: Request,
    bank_id: str,
    caller: Principal,
    route: str,
    command: OpenPhoneBank | PausePhoneBank | ClosePhoneBank,
) -> dict[str, str]:
    known = await run_bank(request, bank_id, caller, route, command)
    return {"bank_id": bank_id, "stage": known.stage}


def _settings(bank: PhoneBank) -> dict[str, Any]:
    created = bank.creation
    fixed = {
        "bank_id": created.bank_id,
        "campaign_id": created.campaign_id,
        "state": created.state,
        "universe_id": created.universe_id,
        "practice": created.practice,
        "stage": bank.stage,
        "script_version": len(bank.scripts),
    }
    return fixed | settings_of(created, bank.wording)
