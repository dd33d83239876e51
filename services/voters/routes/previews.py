"""A look at a voter file before anything of it is imported, and the word to go on."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.requests import Request

from libs.chassis.requests import Caller, command_of
from libs.eventstore.store import handle
from services.voters.domain.errors import NotLookedThrough
from services.voters.domain.voter_import import IMPORT, ConfirmImport, stream_of
from services.voters.findings import findings_of
from services.voters.routes.asking import AtDesk, record_for

router = APIRouter(prefix="/voters/imports", tags=["imports"])


@router.get("/{import_id}/preview")
async def read_preview(
    import_id: str, response: Response, caller: Caller, desk: AtDesk
) -> dict[str, Any]:
    """What is in the file: its layout, the first rows as they will be understood, what is wrong."""
    record = await record_for(import_id, caller, desk)
    seal = desk.uploads.seal_of(record["upload_id"], record["key"])
    found = findings_of(record, seal)
    if found is None:
        raise NotLookedThrough
    response.headers["cache-control"] = "no-store"
    return found


@router.post("/{import_id}/confirm", status_code=202)
async def confirm_import(
    import_id: str, request: Request, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Import a file that waits, as it is."""
    record = await record_for(import_id, caller, desk)
    route = f"voters/imports/{import_id}/confirm"
    command = command_of(request, caller.caller_id, record["campaign_id"], route, b"")
    confirming = ConfirmImport(caller.caller_id)
    # The fact first: a repeat does the rest if we die behind it.
    await handle(desk.log, IMPORT, stream_of(import_id), confirming, command)
    await desk.imports.confirm(import_id, caller.caller_id)
    return {"import_id": import_id, "state": "received"}
