"""The supporter lists over HTTP: page by page, as CSV, and a stream that tells of changes."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from libs.chassis.requests import Caller, Json, ServerTime, now_of, require
from libs.chassis.vault import Card, Vault
from libs.database import Database
from libs.views.view import Row
from services.gotv.live import Snapshot
from services.gotv.routes.csv_lines import csv_line
from services.gotv.routes.cursors import cursor_of, place_in
from services.gotv.routes.watching import stream_of
from services.gotv.views.supporter_list import (
    Listed,
    place_of,
    read_all,
    read_changes,
    read_page,
)
from services.gotv.views.voter_status import voter_of

router = APIRouter(prefix="/gotv", tags=["supporters"])

COLUMNS = (
    "voter_id",
    "first_name",
    "last_name",
    "support",
    "city",
    "state",
    "phones",
    "identified_at",
)


async def _listed(
    campaign_id: str,
    state: Annotated[str | None, Query(max_length=2)] = None,
    level: Annotated[int | None, Query(ge=0, le=5)] = None,
) -> Listed:
    """Without a level: the supporters by the campaign's rule; 0: would not say."""
    return Listed(campaign_id, state.upper() if state else None, level)


Wanted = Annotated[Listed, Depends(_listed)]


@router.get("/campaigns/{campaign_id}/supporters")  # noqa: FAST003 - `Wanted` takes it.
async def read_supporters(
    request: Request,
    caller: Caller,
    now: ServerTime,
    wanted: Wanted,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Json:
    """A page of a list, the latest answer first; `next_cursor` is null on the last."""
    require(caller, "read_lists", wanted.campaign_id)
    rows = await read_page(
        request.app.state.database, wanted, after=place_in(cursor), limit=limit + 1
    )
    shown = rows[:limit]
    cards = await _cards(request, wanted.campaign_id, shown, "list", caller.caller_id)
    return {
        "items": [_item(row, cards.get(voter_of(row))) for row in shown],
        "next_cursor": cursor_of(*place_of(shown[-1])) if len(rows) > limit else None,
        "as_of": now,
    }


@router.get("/campaigns/{campaign_id}/supporters.csv", response_class=Response)  # noqa: FAST003 - `Wanted`.
async def export_supporters(request: Request, caller: Caller, wanted: Wanted) -> Response:
    """The whole list as CSV; every cell is safe to open in a spreadsheet."""
    require(caller, "export_voters", wanted.campaign_id)
    lines = _csv(request, wanted, caller.caller_id)
    # The first batch before the first byte: a vault that is away is a problem, not half a file.
    begun = [await anext(lines), await anext(lines, b"")]

    async def content() -> AsyncIterator[bytes]:
        for part in begun:
            yield part
        async for part in lines:
            yield part

    headers = {
        "content-disposition": 'attachment; filename="supporters.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(content(), headers=headers, media_type="text/csv")


@router.get("/campaigns/{campaign_id}/supporters/live", response_class=Response)
async def watch_supporters(campaign_id: str, request: Request, caller: Caller) -> Response:
    """Server-sent events `{changes, as_of}`: a greater number means that a list has changed."""
    require(caller, "read_lists", campaign_id)
    read = partial(_changes, request, campaign_id)
    return stream_of(request, caller, "supporters", campaign_id, read)


async def _changes(request: Request, campaign_id: str) -> Snapshot:
    changes = await read_changes(request.app.state.database, campaign_id)
    said = {"changes": changes, "as_of": now_of(request)}
    return Snapshot(str(changes), orjson.dumps(said, option=orjson.OPT_UTC_Z))


async def _cards(
    request: Request, campaign_id: str, rows: Iterable[Row], purpose: Any, actor: str
) -> dict[str, Card]:
    voter_ids = [voter_of(row) for row in rows]
    if not voter_ids:
        return {}
    vault: Vault = request.app.state.vault
    return await vault.cards(campaign_id, voter_ids, purpose=purpose, actor=actor)


def _item(row: Row, card: Card | None) -> Json:
    """A person who was erased is still counted, without a name."""
    return {
        "voter_id": voter_of(row),
        "name": card.name if card else None,
        "level": row["support_level"],
        "is_supporter": row["supporter"],
        "city": card.city if card else None,
        "state": row["state"],
        "identified_at": row["support_at"],
    }


async def _csv(request: Request, wanted: Listed, actor: str) -> AsyncIterator[bytes]:
    database: Database = request.app.state.database
    yield csv_line(COLUMNS)
    async for rows in read_all(database, wanted):
        cards = await _cards(request, wanted.campaign_id, rows, "export", actor)
        yield b"".join(csv_line(_cells(row, cards.get(voter_of(row)))) for row in rows)


def _cells(row: Row, card: Card | None) -> tuple[object, ...]:
    return (
        voter_of(row),
        card.first_name if card else "",
        card.last_name if card else "",
        row["support_level"],
        (card.city if card else None) or "",
        row["state"] or "",
        "; ".join(line.display for line in card.lines) if card else "",
        row["support_at"].isoformat(),
    )
