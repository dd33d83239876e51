"""Scripts as organizers write them: tried out, published, looked back at."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from libs.chassis.requests import Caller
from libs.decider import Missing
from services.queue.domain.errors import ScriptInvalid
from services.queue.domain.phone_bank import PublishScript
from services.queue.domain.script import MergedScript, parse
from services.queue.domain.script_faults import Remark, warnings_of
from services.queue.domain.script_reader import read_script, script_of
from services.queue.domain.script_writer import as_text
from services.queue.running import bank_to_run, run_bank
from services.queue.views import banks

router = APIRouter(prefix="/queue/phone-banks", tags=["scripts"])

Made = Annotated[str, Field(max_length=60)]


class NoSuchVersion(Missing):
    """The script has no version of this number."""


class NewScript(BaseModel):
    """A script to publish: as `script`, its JSON form, or as `text`, as an organizer writes it.

    `after` is the version it was made from: another one published meanwhile is not passed over.
    """

    model_config = ConfigDict(extra="forbid")

    script: dict[str, Any] | None = None
    text: str | None = None
    after: int | None = None


class MadeUpVoter(BaseModel):
    """Somebody to read the script to; what is left out is not on the file."""

    model_config = ConfigDict(extra="forbid")

    first_name: Made | None = None
    city: Made | None = None


class DraftScript(BaseModel):
    """A text that is being written, and for whom it is to be shown."""

    model_config = ConfigDict(extra="forbid")

    text: str
    voter: MadeUpVoter = MadeUpVoter()


@router.put("/{bank_id}/script")
async def publish_script(
    request: Request, bank_id: str, body: NewScript, caller: Caller
) -> dict[str, int]:
    """Publish a version of the script; the same script again is no new version."""
    await bank_to_run(request, bank_id, caller)
    if (body.script is None) == (body.text is None):
        raise ScriptInvalid("Send either `script` or `text`.")
    script = body.script if body.script is not None else script_of(body.text or "")
    bank = await run_bank(request, bank_id, caller, "script", PublishScript(script, body.after))
    return {"script_version": bank.script.version}


@router.post("/{bank_id}/script-drafts")
async def try_script(
    request: Request, bank_id: str, body: DraftScript, caller: Caller
) -> dict[str, Any]:
    """What a text comes to: faults and warnings by line, and the script as a caller reads it.

    Nothing is recorded, so no Idempotency-Key is needed. `script` is null while there are faults.
    """
    bank = await bank_to_run(request, bank_id, caller)
    reading = read_script(body.text)
    if reading.script is None:
        return {"script": None, "errors": _remarks(reading.errors), "warnings": []}
    warnings = warnings_of(parse(reading.script), reading.lines)
    values = {
        "voter.first_name": body.voter.first_name,
        "voter.city": body.voter.city,
        "candidate": bank.creation.candidate,
    }
    shown = MergedScript(len(bank.scripts) + 1, reading.script).filled(values)
    return {"script": shown, "errors": [], "warnings": _remarks(warnings)}


@router.get("/{bank_id}/scripts")
async def list_versions(request: Request, bank_id: str, caller: Caller) -> dict[str, Any]:
    """The versions of the script, the newest first, and when each went live if that is known."""
    bank = await bank_to_run(request, bank_id, caller)
    dates = await banks.published_at(request.app.state.database, bank_id)
    return {
        "versions": [
            {"version": number, "published_at": dates.get(number)}
            for number in range(len(bank.scripts), 0, -1)
        ]
    }


@router.get("/{bank_id}/scripts/{version}")
async def read_version(
    request: Request, bank_id: str, version: int, caller: Caller
) -> dict[str, Any]:
    """One version, as JSON and as the text that an organizer would write."""
    bank = await bank_to_run(request, bank_id, caller)
    if not 1 <= version <= len(bank.scripts):
        raise NoSuchVersion
    script = bank.scripts[version - 1]
    return {"version": version, "script": parse(script), "text": as_text(script)}


def _remarks(remarks: list[Remark] | tuple[Remark, ...]) -> list[dict[str, Any]]:
    return [{"line": each.line, "message": each.sentence} for each in remarks]
