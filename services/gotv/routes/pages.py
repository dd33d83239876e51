"""Gotv's pages: a campaign, a phone bank's dashboard, the lists, a voter."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.chassis.pages.shell import Pages
from libs.chassis.requests import principal_of, require
from libs.chassis.tokens import Principal
from libs.chassis.vault import Vault
from libs.decider import Refusal
from libs.views.view import Row
from services.gotv.domain.errors import NoSuchCampaign, NoSuchList, NoSuchVoter
from services.gotv.page_words import BANK_CELLS, BANK_STATES, LIST_WORDS, formulas_of
from services.gotv.routes.dashboards import bank_for
from services.gotv.views.banks import list_banks
from services.gotv.views.campaigns import read_campaign
from services.gotv.views.told_by_voter import HISTORY_MAX
from services.gotv.views.voter_status import read_status

# So many phone banks stand on the overview at first, and as many more at each press.
_BANKS_SHOWN = 25
# Who may correct callers' results is who helps callers.
_HELPS = "correct"

router = APIRouter(tags=["pages"], include_in_schema=False)

PAGES = Pages("gotv", Path(__file__).parents[1] / "pages")


@router.get("/campaigns/{campaign_id}")
async def show_campaign(campaign_id: str, request: Request) -> Response:
    """The campaign's live figures, and its phone banks with theirs."""
    try:
        caller = principal_of(request)
        campaign = await _campaign_for(request, caller, "read_dashboard", campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    return PAGES.answer(
        "campaign.html",
        campaign=campaign,
        banks=await _banks_of(request, campaign_id),
        banks_shown=_BANKS_SHOWN,
        bank_states=BANK_STATES,
        cells=BANK_CELLS,
        formulas=formulas_of(bank=False),
        **_around(caller),
    )


@router.get("/campaigns/{campaign_id}/supporters")
async def lead_to_supporters(campaign_id: str, request: Request) -> Response:
    """Where the supporters were listed before there were other lists."""
    try:
        await _campaign_for(request, principal_of(request), "read_lists", campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    return RedirectResponse(f"/campaigns/{campaign_id}/lists/supporters", 303)


@router.get("/campaigns/{campaign_id}/lists/{kind}")
async def show_list(campaign_id: str, kind: str, request: Request) -> Response:
    """A live list of voters, or of what was promised to them or said about them."""
    try:
        caller = principal_of(request)
        campaign = await _campaign_for(request, caller, "read_lists", campaign_id)
        words = next((each for each in LIST_WORDS if each.kind == kind), None)
        if words is None:
            raise NoSuchList
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    banks = await _banks_of(request, campaign_id)
    return PAGES.answer(
        "list.html",
        campaign=campaign,
        list=words,
        lists=LIST_WORDS,
        banks=banks,
        states=sorted({bank["state"] for bank in banks}),
        may_export=caller.may("export_voters", campaign_id),
        **_around(caller),
    )


@router.get("/campaigns/{campaign_id}/voters/{voter_id}")
async def show_voter(campaign_id: str, voter_id: str, request: Request) -> Response:
    """Where a voter stands, and every call there was."""
    try:
        caller = principal_of(request)
        campaign = await _campaign_for(request, caller, "read_lists", campaign_id)
        status = await read_status(request.app.state.database, campaign_id, voter_id)
        if status is None:
            raise NoSuchVoter
        vault: Vault = request.app.state.vault
        cards = await vault.cards(campaign_id, [voter_id], purpose="list", actor=caller.caller_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    banks = await _banks_of(request, campaign_id)
    return PAGES.answer(
        "voter.html",
        campaign=campaign,
        voter=status,
        card=cards.get(voter_id),
        calls_max=HISTORY_MAX,
        bank_names={bank["id"]: bank["name"] for bank in banks},
        **_around(caller),
    )


@router.get("/campaigns/{campaign_id}/phone-banks/{bank_id}")
async def show_bank_of_campaign(campaign_id: str, bank_id: str, request: Request) -> Response:
    """The dashboard, as the campaign's page links it."""
    return await _show_dashboard(request, bank_id, campaign_id)


@router.get("/phone-banks/{bank_id}/dashboard")
async def show_dashboard(bank_id: str, request: Request) -> Response:
    """The numbers of a phone bank as they change."""
    return await _show_dashboard(request, bank_id)


async def _show_dashboard(
    request: Request, bank_id: str, campaign_id: str | None = None
) -> Response:
    try:
        caller = principal_of(request)
        bank = await bank_for(request, caller, bank_id)
        if campaign_id not in (None, bank["campaign_id"]):
            raise NoSuchCampaign
        campaign = await _campaign_for(request, caller, "read_dashboard", bank["campaign_id"])
    except Refusal as refusal:
        return PAGES.refused(request, refusal)
    return PAGES.answer(
        "dashboard.html",
        campaign=campaign,
        bank={"id": bank_id, "name": bank["name"]},
        formulas=formulas_of(bank=True),
        may_help=caller.may(_HELPS, campaign["id"]),
        **_around(caller),
    )


async def _campaign_for(
    request: Request, caller: Principal, permission: str, campaign_id: str
) -> Row:
    require(caller, permission, campaign_id)
    row = await read_campaign(request.app.state.database, campaign_id)
    if row is None:
        raise NoSuchCampaign
    return {"id": campaign_id, "name": row["name"]}


async def _banks_of(request: Request, campaign_id: str) -> list[Row]:
    shown = ("name", "status", "practice", "candidate", "state")
    banks = await list_banks(request.app.state.database, campaign_id)
    return [{"id": bank["_id"], **{name: bank[name] for name in shown}} for bank in banks]


def _around(caller: Principal) -> dict[str, Any]:
    """What the shell shows; people's names are identity's, so none is greeted by one here."""
    return {"caller": {"id": caller.caller_id, "first_name": ""}}
