"""What a caller may see and change of what we know about them."""

from typing import Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from libs.chassis.requests import Caller, meta_of
from services.identity.own_words import TEXT_LENGTH_MAX
from services.identity.profiles import Profile, ProfileChange
from services.identity.routes.asking import (
    AtDesk,
    Consents,
    Id,
    LanguageCodes,
    Line,
    LineOrNone,
    command,
    json_only,
    network_asking,
)

router = APIRouter(
    prefix="/identity/callers/current", tags=["you"], dependencies=[Depends(json_only)]
)


class ProfileBody(BaseModel):
    """All of it, as it shall be: what is left out is taken back."""

    first_name: Line
    last_name: LineOrNone = ""
    phone: LineOrNone | None = None
    street: LineOrNone | None = None
    consents: Consents = Consents()
    languages: LanguageCodes = ()


class OwnWordsBody(BaseModel):
    """What the caller means to say at a phone bank; empty takes it back."""

    text: str = Field(max_length=TEXT_LENGTH_MAX)


@router.get("")
async def read_profile(response: Response, caller: Caller, desk: AtDesk) -> dict[str, Any]:
    """The caller's own data."""
    response.headers["cache-control"] = "no-store"
    return _json(await desk.profiles.read(caller.caller_id))


@router.put("")
async def change_profile(
    request: Request, response: Response, body: ProfileBody, caller: Caller, desk: AtDesk
) -> dict[str, Any]:
    """Change it. Another number counts as the caller's own from the next voter on."""
    change = ProfileChange(
        first_name=body.first_name,
        last_name=body.last_name,
        phone=body.phone,
        street=body.street,
        reminders=body.consents.reminders,
        recruitment=body.consents.recruitment,
        languages=body.languages,
    )
    meta = meta_of(request, caller.caller_id, "")
    response.headers["cache-control"] = "no-store"
    return _json(await desk.profiles.change(caller.caller_id, change, meta))


@router.post("/codes", status_code=202)
async def mail_own_code(request: Request, caller: Caller, desk: AtDesk) -> dict[str, str]:
    """Mail the caller a code, to prove once more who they are where there is no password."""
    profile = await desk.profiles.read(caller.caller_id)
    asked = await command(request, caller, "", "callers/current/codes")
    await desk.mail_door.ask_code(
        profile.email, caller.organization_id, None, network_asking(request), asked
    )
    return {"detail": "A code is on its way."}


@router.get("/own-words/{bank_id}")
async def read_own_words(
    response: Response, bank_id: Id, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """The caller's own words for this phone bank, "" where there are none."""
    response.headers["cache-control"] = "no-store"
    return {"text": await desk.records.own_words.read(caller.caller_id, bank_id)}


@router.put("/own-words/{bank_id}")
async def write_own_words(
    response: Response, bank_id: Id, body: OwnWordsBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Keep them; nobody else ever reads them."""
    response.headers["cache-control"] = "no-store"
    await desk.records.own_words.write(caller.caller_id, bank_id, body.text)
    return {"text": body.text}


def _json(profile: Profile) -> dict[str, Any]:
    return {
        "email": profile.email,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "phone": profile.phone,
        "street": profile.street,
        "consents": {"reminders": profile.reminders, "recruitment": profile.recruitment},
        "languages": list(profile.languages),
        "has_password": profile.has_password,
    }
