"""Voters' pages: voter files and universes of a campaign."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.campaign_names import name_of
from libs.chassis.pages.shell import Pages
from libs.chassis.requests import principal_of, require
from libs.decider import Refusal
from services.voters.domain.errors import NoSuchImport, NoSuchUniverse
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.import_progress import progress_of
from services.voters.routes.asking import IMPORTING, SELECTING, desk_at, record_for
from services.voters.selection_words import (
    CONDITIONS,
    PARTIES,
    selection_in_words,
)
from services.voters.universe_book import UniverseBook
from services.voters.views.universes import universes_of

PAGES = Pages("voters", Path(__file__).parents[1] / "pages")
PER_PAGE = 25
ENDED = ("done", "stopped", "failed")
# Until the campaign's creation has come round.
UNNAMED = "Your campaign"


class _PageRoute(APIRoute):
    """Answers refusals as pages; a stranger goes to the log-in form and comes back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_say_why(request: Request) -> Response:
            try:
                return await answer(request)
            except Refusal as refusal:
                return PAGES.refused(request, refusal)

        return answer_or_say_why


router = APIRouter(
    prefix="/campaigns", tags=["pages"], include_in_schema=False, route_class=_PageRoute
)


async def _around(request: Request, campaign_id: str, permission: str) -> dict[str, Any]:
    """What every page of a campaign needs; people's names are identity's, so none is greeted."""
    caller = principal_of(request)
    require(caller, permission, campaign_id)
    name = await name_of(request.app.state.database, campaign_id) or UNNAMED
    return {
        "campaign": {"id": campaign_id, "name": name},
        "caller": {"id": caller.caller_id, "first_name": ""},
        "may_import": caller.may(IMPORTING, campaign_id),
        "may_run": caller.may("run_phone_bank", campaign_id),
    }


@router.get("/{campaign_id}/imports")
async def show_imports(request: Request, campaign_id: str, after: str = "") -> Response:
    """The campaign's voter files, latest first."""
    around = await _around(request, campaign_id, IMPORTING)
    desk = desk_at(request)
    records = await desk.imports.of_campaign(campaign_id, after, PER_PAGE)
    found = [progress_of(desk, record) for record in records]
    return PAGES.answer(
        "imports.html",
        imports=found,
        unfinished=any(each["state"] not in ENDED for each in found),
        after=after,
        next=records[-1]["_id"] if len(records) == PER_PAGE else None,
        **around,
    )


@router.get("/{campaign_id}/imports/new")
async def show_new_import(request: Request, campaign_id: str) -> Response:
    """The form to upload a voter file."""
    around = await _around(request, campaign_id, IMPORTING)
    bytes_max: int = request.app.state.settings.upload_bytes_max
    return PAGES.answer("import_new.html", profiles=PROFILES, bytes_max=bytes_max, **around)


@router.get("/{campaign_id}/imports/{import_id}")
async def show_import(request: Request, campaign_id: str, import_id: str) -> Response:
    """One voter file: what is in it, how far it is, what became of it."""
    around = await _around(request, campaign_id, IMPORTING)
    desk = desk_at(request)
    record = await record_for(import_id, principal_of(request), desk)
    if record["campaign_id"] != campaign_id:
        raise NoSuchImport
    progress = progress_of(desk, record)
    return PAGES.answer("import.html", progress=progress, parties=PARTIES, **around)


@router.get("/{campaign_id}/universes")
async def show_universes(request: Request, campaign_id: str, after: str = "") -> Response:
    """The campaign's universes."""
    around = await _around(request, campaign_id, SELECTING)
    desk = desk_at(request)
    found = await universes_of(desk.database, campaign_id, after, PER_PAGE)
    universes = [each | {"words": selection_in_words(each["selection"])} for each in found]
    return PAGES.answer(
        "universes.html",
        universes=universes,
        has_voters=await desk.selectable.has_any(campaign_id),
        after=after,
        next=found[-1]["universe_id"] if len(found) == PER_PAGE else None,
        **around,
    )


@router.get("/{campaign_id}/universes/new")
async def show_new_universe(request: Request, campaign_id: str) -> Response:
    """The form to compose a universe."""
    around = await _around(request, campaign_id, SELECTING)
    has_voters = await desk_at(request).selectable.has_any(campaign_id)
    return PAGES.answer(
        "universe_new.html",
        has_voters=has_voters,
        conditions=CONDITIONS,
        parties=PARTIES,
        **around,
    )


@router.get("/{campaign_id}/universes/{universe_id}")
async def show_universe(request: Request, campaign_id: str, universe_id: str) -> Response:
    """One universe: its funnel, and what can be done with it."""
    around = await _around(request, campaign_id, SELECTING)
    universe = await UniverseBook(desk_at(request)).read(universe_id)
    if universe is None or universe["campaign_id"] != campaign_id:
        raise NoSuchUniverse
    return PAGES.answer(
        "universe.html",
        universe=universe,
        words=selection_in_words(universe["selection"]),
        conditions=CONDITIONS,
        **around,
    )
