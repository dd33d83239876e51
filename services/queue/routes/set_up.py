"""An organizer's pages: the campaign's phone banks, setting one up, its script."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.campaign_names import name_of
from libs.chassis.requests import principal_of, require
from libs.decider import Refusal
from libs.eventstore.store import Log
from services.queue.bank_book import bank_stream
from services.queue.domain.errors import NoSuchPhoneBank
from services.queue.domain.phone_bank import BANK, PhoneBank
from services.queue.domain.script_writer import as_text
from services.queue.handout import Handout
from services.queue.paging import part_of
from services.queue.routes.pages import PAGES
from services.queue.running import RUN, bank_to_run
from services.queue.set_up import STARTER, bank_as_form, choices, needs_of, new_bank, sharing
from services.queue.views import banks, organizations, universes

router = APIRouter(tags=["pages"], include_in_schema=False)

_BANKS_SHOWN = 30
_VERSIONS_SHOWN = 20
_ORDER = ("open", "paused", "created", "closed")


@router.get("/campaigns/{campaign_id}/set-up")
async def show_phone_banks(request: Request, campaign_id: str, after: str = "") -> Response:
    """The campaign's phone banks, those that run first, and what can be done with each."""
    try:
        around = await _around(request, campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    database = request.app.state.database
    found = await _banks_of(request, campaign_id)
    shown = [bank_as_form(bank) for bank in found]
    shown.sort(key=lambda bank: (_ORDER.index(bank["stage"]), bank["name"].lower()))
    names = {
        each["_id"]: each["name"] for each in await universes.of_campaign(database, campaign_id)
    }
    part = part_of(shown, after, _BANKS_SHOWN, lambda bank: str(bank["id"]))
    return PAGES.answer(
        "set_up_banks.html",
        part=part,
        banks=[bank for bank in part.entries if bank["stage"] != "closed"],
        ended=[bank for bank in part.entries if bank["stage"] == "closed"],
        universe_names=names,
        **around,
    )


@router.get("/campaigns/{campaign_id}/set-up/new")
async def show_new_bank(request: Request, campaign_id: str) -> Response:
    """The form of a new bank; `universe` chooses one, `from` names a bank to clone."""
    source = request.query_params.get("from")
    try:
        around = await _around(request, campaign_id)
        bank = new_bank(request.query_params.get("universe", ""))
        if source is not None:
            like = await _bank_for(request, campaign_id, source)
            bank = bank_as_form(like) | {"id": "", "name": f"{like.creation.name} (copy)"[:120]}
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    return PAGES.answer(
        "set_up_bank.html",
        bank=bank,
        source=source or "",
        needs=[],
        shared_with=[],
        **await _choices(request, campaign_id, bank["universe_id"]),
        **around,
    )


@router.get("/campaigns/{campaign_id}/set-up/{bank_id}")
async def show_bank(request: Request, campaign_id: str, bank_id: str) -> Response:
    """One bank: what it still needs, and its settings to change."""
    try:
        around = await _around(request, campaign_id)
        bank = await _bank_for(request, campaign_id, bank_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    handout: Handout = request.app.state.handout
    figures = await handout.reasons.figures(bank.creation)
    voters = sum(each.now + each.in_progress + each.later for each in figures)
    chosen = await _choices(request, campaign_id, bank.creation.universe_id)
    needs = needs_of(bank, voters, chosen["organizations"], f"/campaigns/{campaign_id}")
    return PAGES.answer(
        "set_up_bank.html",
        bank=bank_as_form(bank),
        source="",
        needs=needs,
        shared_with=sharing(bank, await _banks_of(request, campaign_id)),
        **chosen,
        **around,
    )


@router.get("/campaigns/{campaign_id}/set-up/{bank_id}/script")
async def show_script(
    request: Request, campaign_id: str, bank_id: str, before: int | None = None
) -> Response:
    """The script as text, beside what callers will see, and its versions, or those `before` one."""
    try:
        around = await _around(request, campaign_id)
        bank = await _bank_for(request, campaign_id, bank_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    dates = await banks.published_at(request.app.state.database, bank_id)
    latest = len(bank.scripts) if before is None else min(len(bank.scripts), before - 1)
    versions = [
        {"number": number, "at": dates[number].isoformat() if number in dates else None}
        for number in range(latest, max(0, latest - _VERSIONS_SHOWN), -1)
    ]
    return PAGES.answer(
        "set_up_script.html",
        bank=bank_as_form(bank),
        text=as_text(bank.scripts[-1]) if bank.scripts else STARTER,
        versions=versions,
        **around,
    )


async def _around(request: Request, campaign_id: str) -> dict[str, Any]:
    """What each of these pages needs. Raises Unauthenticated and NotAllowed."""
    caller = principal_of(request)
    require(caller, RUN, campaign_id)
    name = await name_of(request.app.state.database, campaign_id)
    return {
        "caller": {"id": caller.caller_id, "first_name": ""},
        "campaign": {"id": campaign_id, "name": name or "This campaign"},
    }


async def _bank_for(request: Request, campaign_id: str, bank_id: str) -> PhoneBank:
    bank = await bank_to_run(request, bank_id, principal_of(request))
    if bank.creation.campaign_id != campaign_id:
        raise NoSuchPhoneBank
    return bank


async def _banks_of(request: Request, campaign_id: str) -> list[PhoneBank]:
    """The banks as the log has them, so that a button that was just pressed shows."""
    log: Log = request.app.state.log
    ids = await banks.of_campaign(request.app.state.database, campaign_id)
    histories = await log.read_many(bank_stream(bank_id) for bank_id in ids)
    return [
        BANK.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
        for history in histories.values()
    ]


async def _choices(request: Request, campaign_id: str, universe_id: str) -> dict[str, Any]:
    database = request.app.state.database
    return choices(
        await universes.of_campaign(database, campaign_id),
        await organizations.admitted(database, campaign_id),
        universe_id,
    )
