"""Universes: define one, look at the funnel before, read one, list a campaign's."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from libs.chassis.requests import Caller, command_of, require
from services.voters.domain.errors import NoSuchUniverse
from services.voters.routes.asking import SELECTING as PERMISSION
from services.voters.routes.asking import AtDesk, Id, Line
from services.voters.selection import Selection, funnel
from services.voters.universe_book import UniverseBook
from services.voters.views.universes import universes_of

router = APIRouter(prefix="/voters/universes", tags=["universes"])


class UniverseBody(BaseModel):
    """A selection and its name; with `preview` it is counted and nothing is recorded."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: Id
    name: Line
    selection: Selection
    preview: bool = False


@router.post("", status_code=201)
async def define_universe(
    request: Request, response: Response, body: UniverseBody, caller: Caller, desk: AtDesk
) -> dict[str, Any]:
    """Freeze the voters of a selection under a name; a preview answers 200 without an id."""
    require(caller, PERMISSION, body.campaign_id)
    if body.preview:
        year = desk.now().year
        steps = await funnel(desk.selectable, body.campaign_id, body.selection, year)
        response.status_code = 200
        return {"universe_id": None, "voters": steps[-1]["left"], "funnel": steps}
    raw = await request.body()
    command = command_of(request, caller.caller_id, body.campaign_id, "voters/universes", raw)
    book = UniverseBook(desk)
    return await book.define(body.campaign_id, body.name, body.selection, command)


@router.get("/choices")
async def read_choices(campaign_id: Id, caller: Caller, desk: AtDesk) -> dict[str, Any]:
    """What the file has to choose from: voters by state, county and party."""
    require(caller, PERMISSION, campaign_id)
    return {"choices": await desk.selectable.choices(campaign_id)}


@router.get("/{universe_id}")
async def read_universe(universe_id: str, caller: Caller, desk: AtDesk) -> dict[str, Any]:
    """A universe as the log has it now."""
    found = await UniverseBook(desk).read(universe_id)
    if found is None or not caller.may(PERMISSION, found["campaign_id"]):
        raise NoSuchUniverse
    return found


@router.get("")
async def list_universes(
    campaign_id: str,
    caller: Caller,
    desk: AtDesk,
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A campaign's universes; `next` is the `after` of the next page, null at the end."""
    require(caller, PERMISSION, campaign_id)
    found = await universes_of(desk.database, campaign_id, after, limit)
    full = len(found) == limit
    return {"universes": found, "next": found[-1]["universe_id"] if full else None}
