"""Voter files in: upload, watch, cancel, and get the rejected rows back with their reasons."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from libs.chassis.problems import problem
from libs.chassis.requests import Caller, NotAllowed, command_of, require
from libs.chassis.tokens import PERMISSIONS, Principal
from libs.eventstore.store import Request as CommandRequest
from services.voters.domain.errors import ImportEnded
from services.voters.import_progress import progress_of
from services.voters.receiving import FileTooLarge, Receiving
from services.voters.rejected_rows import rejected_csv
from services.voters.routes.asking import IMPORTING as PERMISSION
from services.voters.routes.asking import AtDesk, record_for

FORM_BYTES_MAX = 10_000
ENDED = ("done", "stopped", "failed")

router = APIRouter(prefix="/voters/imports", tags=["imports"])


@router.post("", status_code=202)
async def start_import(request: Request, caller: Caller, desk: AtDesk) -> Response:
    """Take a voter file: multipart/form-data with `campaign_id`, `profile` and `file`.

    It is imported at once; with `preview=true` it is looked through and then waits. `extent=part`
    says that it need not name everybody, so that nobody is missing from it.
    """
    _require_somewhere(caller)
    bytes_max: int = request.app.state.settings.upload_bytes_max
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > bytes_max + FORM_BYTES_MAX:
        return _too_large(bytes_max)

    def check(campaign_id: str) -> None:
        require(caller, PERMISSION, campaign_id)

    def command(campaign_id: str, fingerprint: bytes) -> CommandRequest:
        return command_of(request, caller.caller_id, campaign_id, "voters/imports", fingerprint)

    # Asked before the file is read, so that a missing key is told at once.
    command("", b"")
    receiving = Receiving(desk, bytes_max, check)
    content_type = request.headers.get("content-type", "")
    try:
        import_id = await receiving.receive(content_type, request.stream(), command)
    except FileTooLarge:
        return _too_large(bytes_max)
    return Response(
        f'{{"import_id":"{import_id}"}}',
        202,
        headers={"location": f"/voters/imports/{import_id}"},
        media_type="application/json",
    )


@router.get("/{import_id}")
async def read_import(import_id: str, caller: Caller, desk: AtDesk) -> dict[str, Any]:
    """Where the import stands; its figures grow while the file is read."""
    return progress_of(desk, await record_for(import_id, caller, desk))


@router.get("")
async def list_imports(
    campaign_id: str,
    caller: Caller,
    desk: AtDesk,
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A campaign's imports, latest first; `next` is the `after` of the next page, or null."""
    require(caller, PERMISSION, campaign_id)
    found = await desk.imports.of_campaign(campaign_id, after, limit)
    full = len(found) == limit
    return {
        "imports": [progress_of(desk, record) for record in found],
        "next": found[-1]["_id"] if full else None,
    }


@router.get("/{import_id}/rejected.csv")
async def read_rejected(import_id: str, caller: Caller, desk: AtDesk) -> Response:
    """The rows that were not taken over: what is wrong, and the file's own columns.

    Mended and sent again as a voter file, they are imported as a part of it.
    """
    record = await record_for(import_id, caller, desk)
    headers = {
        "content-disposition": f'attachment; filename="rejected-{import_id}.csv"',
        "cache-control": "no-store",
    }
    lines = rejected_csv(desk, record)
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


@router.delete("/{import_id}", status_code=202)
async def cancel_import(import_id: str, caller: Caller, desk: AtDesk) -> dict[str, str]:
    """Stop reading between two steps; voters that were read already stay on the file.

    A file that waits for a human is thrown away.
    """
    record = await record_for(import_id, caller, desk)
    if record["state"] == "stopped":
        return {"import_id": import_id, "state": "stopped"}
    if record["state"] in ENDED:
        raise ImportEnded
    await desk.imports.cancel(import_id)
    return {"import_id": import_id, "state": "stopping"}


def _require_somewhere(caller: Principal) -> None:
    """Before the first byte; the campaign itself may be named behind the file."""
    if not any(PERMISSION in PERMISSIONS.get(grant.role, ()) for grant in caller.grants):
        raise NotAllowed(f"This needs the permission '{PERMISSION}' for a campaign.")


def _too_large(bytes_max: int) -> Response:
    return problem(
        413,
        "file-too-large",
        "The file is larger than we take.",
        f"Send files of at most {bytes_max} bytes: one county or one part at a time.",
        headers={"connection": "close"},
        bytes_max=bytes_max,
    )
