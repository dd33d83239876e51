"""The lists over HTTP, each kind alike: page by page, as CSV, and a stream that tells of news."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from libs.chassis.cursors import cursor_of, place_in
from libs.chassis.requests import Caller, Json, ServerTime, now_of, require
from libs.chassis.vault import Purpose, Vault
from libs.database import Database
from libs.views.view import Row
from services.gotv.domain.errors import BallotsUnknown, OrderNotServed
from services.gotv.lists import (
    BY_LEVEL,
    LISTS,
    Filters,
    Order,
    Standing,
    Told,
    VoterList,
    voter_id_of,
)
from services.gotv.live import Snapshot
from services.gotv.routes.csv_lines import csv_line
from services.gotv.routes.watching import stream_of
from services.gotv.views.banks import list_banks
from services.gotv.views.campaigns import read_campaign
from services.gotv.views.supporter_list import read_changes
from services.gotv.views.told_of_voters import VOTERS, Asked, read_all, read_page

NEWEST_TOLD = 50
_TEXTS_PER_QUESTION = 200

router = APIRouter(prefix="/gotv", tags=["lists"])


async def _filters(  # noqa: PLR0913, PLR0917 - one parameter each is how FastAPI reads a query.
    campaign_id: str,
    now: ServerTime,
    state: Annotated[str | None, Query(max_length=2)] = None,
    level: Annotated[int | None, Query(ge=0, le=5)] = None,
    bank: Annotated[str | None, Query(max_length=100)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    order: Order | None = None,
    standing: Standing = "open",
    *,
    practice: bool = True,
    not_voted: bool = False,
) -> Filters:
    """`level` 0 is: would not say. `since` and `until` are of the moment the list is ordered by.

    `practice=false` leaves out what was said in practice phone banks. `order` is by that moment,
    or by level of support, phone bank or caller where the list has them, and by that moment within.
    `not_voted=true` is refused until ballot files can be imported: a list that still had those who
    voted would be wrong.
    """
    if not_voted:
        raise BallotsUnknown
    upper = state.upper() if state else None
    return Filters(campaign_id, now, upper, level, bank, since, until, order, standing, practice)


Wanted = Annotated[Filters, Depends(_filters)]


def _serve(kind: VoterList) -> None:
    """The three addresses of a kind of list."""
    path = f"/campaigns/{{campaign_id}}/{kind.kind}"

    async def read(
        request: Request,
        caller: Caller,
        wanted: Wanted,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Json:
        """A page of the list; `next_cursor` is null on the last."""
        require(caller, "read_lists", wanted.campaign_id)
        database: Database = request.app.state.database
        asked = await _asked(database, kind, wanted)
        after = place_in(cursor, grouped=asked.group is not None)
        rows = await read_page(database, asked, after=after, limit=limit + 1)
        shown = rows[:limit]
        told = await _told(request, kind, wanted, shown, "list", caller.caller_id)
        return {
            "items": [_without_card(item) for item in _items(kind, shown, told, wanted)],
            "next_cursor": cursor_of(asked.place_of(shown[-1])) if len(rows) > limit else None,
            "as_of": wanted.now,
        }

    async def export(request: Request, caller: Caller, wanted: Wanted) -> Response:
        """The whole list as CSV; every cell is safe to open in a spreadsheet."""
        require(caller, "export_voters", wanted.campaign_id)
        return await _download(kind, _csv(request, kind, wanted, caller.caller_id))

    async def watch(campaign_id: str, request: Request, caller: Caller) -> Response:
        """Server-sent events `{newest, as_of}`: whom the list has latest, by id, and since when."""
        require(caller, "read_lists", campaign_id)

        async def news() -> Snapshot:
            return await _news(request, kind, campaign_id)

        return stream_of(request, caller, kind.kind, campaign_id, news)

    name = kind.kind.replace("-", "_")
    router.add_api_route(path, read, name=f"read_{name}")
    router.add_api_route(f"{path}.csv", export, name=f"export_{name}", response_class=Response)
    router.add_api_route(f"{path}/live", watch, name=f"watch_{name}", response_class=Response)


async def _asked(database: Database, kind: VoterList, wanted: Filters) -> Asked:
    """The question, with what it needs to know of the campaign. Raises OrderNotServed."""
    if wanted.order is not None and wanted.order not in kind.orders:
        raise OrderNotServed
    if not wanted.practice:
        banks = await list_banks(database, wanted.campaign_id)
        practice = tuple(bank["_id"] for bank in banks if bank["practice"])
        wanted = replace(wanted, practice_banks=practice)
    if wanted.order in BY_LEVEL:
        campaign = await read_campaign(database, wanted.campaign_id)
        levels = tuple(campaign["supporter_levels"]) if campaign else ()
        wanted = replace(wanted, supporter_levels=levels)
    return kind.asked(wanted)


async def _told(
    request: Request,
    kind: VoterList,
    wanted: Filters,
    rows: Sequence[Row],
    purpose: Purpose,
    actor: str,
) -> Told:
    if not rows:
        return Told()
    vault: Vault = request.app.state.vault
    campaign_id = wanted.campaign_id
    voter_ids = [voter_id_of(row) for row in rows]
    cards = await vault.cards(campaign_id, voter_ids, purpose=purpose, actor=actor)
    deposits = [each for row in rows for each in kind.deposits(row)]
    texts: dict[str, str] = {}
    for start in range(0, len(deposits), _TEXTS_PER_QUESTION):
        some = deposits[start : start + _TEXTS_PER_QUESTION]
        texts |= await vault.read_deposits(campaign_id, some, actor=actor)
    return Told(cards, texts)


def _items(
    kind: VoterList, rows: Sequence[Row], told: Told, wanted: Filters
) -> list[dict[str, Any]]:
    made = (kind.item(row, told, wanted.now) for row in rows)
    return [item for item in made if item is not None]


def _without_card(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "card"}


async def _csv(
    request: Request, kind: VoterList, wanted: Filters, actor: str
) -> AsyncIterator[bytes]:
    yield csv_line(kind.columns)
    database: Database = request.app.state.database
    asked = await _asked(database, kind, wanted)
    async for rows in read_all(database, asked):
        told = await _told(request, kind, wanted, rows, "export", actor)
        yield b"".join(csv_line(kind.cells(item)) for item in _items(kind, rows, told, wanted))


async def _download(kind: VoterList, lines: AsyncIterator[bytes]) -> Response:
    # The first batch before the first byte: a vault that is away is a problem, not half a file.
    begun = [await anext(lines), await anext(lines, b"")]

    async def content() -> AsyncIterator[bytes]:
        for part in begun:
            yield part
        async for part in lines:
            yield part

    headers = {
        "content-disposition": f'attachment; filename="{kind.kind}.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(content(), headers=headers, media_type="text/csv")


async def _news(request: Request, kind: VoterList, campaign_id: str) -> Snapshot:
    """The latest rows' moments, for a page to count those that it does not show yet.

    Lists by support also tell how often anything on them has changed, for voters leave them too.
    """
    database: Database = request.app.state.database
    now = now_of(request)
    asked = kind.asked(Filters(campaign_id, now, standing="all"))
    at = kind.arrives or asked.at
    rows = await read_page(
        database, replace(asked, at=at, oldest_first=False), after=None, limit=NEWEST_TOLD
    )
    newest = [_newest(row, at) for row in rows]
    said: dict[str, Any] = {"newest": newest, "newest_max": NEWEST_TOLD}
    if asked.collection == VOTERS:
        said["changes"] = await read_changes(database, campaign_id)
    body = orjson.dumps(said)
    named = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Snapshot(named, orjson.dumps(said | {"as_of": now}, option=orjson.OPT_UTC_Z))


def _newest(row: Row, at: str) -> dict[str, Any]:
    voter = row.get("voter") or row
    return {
        "voter_id": voter_id_of(row),
        "at": row[at],
        "level": voter.get("support_level"),
        "state": voter.get("state"),
    }


for _kind in LISTS.values():
    _serve(_kind)
