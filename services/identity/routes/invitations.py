"""Invitations: the links behind Share buttons."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, StringConstraints
from starlette.requests import Request

from libs.chassis.requests import Caller
from services.identity.domain.errors import FieldInvalid
from services.identity.routes.asking import AtDesk, LineOrNone, command, json_only
from services.identity.routes.organizations import known_organization_id

router = APIRouter(prefix="/identity", tags=["invitations"], dependencies=[Depends(json_only)])

BankId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class InvitationBody(BaseModel):
    """Where friends are asked to: an organization (else the session's), and a phone bank of it."""

    organization: LineOrNone | None = None
    bank_id: BankId | None = None


@router.post("/invitations", status_code=201)
async def make_invitation(
    request: Request, body: InvitationBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """The caller's own link; who comes through it is counted as theirs. Made again it is the same.

    What `/invitations/{id}` leads to stands in `next`.
    """
    if body.organization:
        organization_id = await known_organization_id(desk, body.organization)
    elif caller.organization_id is not None:
        organization_id = caller.organization_id
    else:
        raise FieldInvalid("organization", "Name the organization your friends shall call for.")
    asked = await command(request, caller, "", "invitations")
    invitations = desk.records.invitations
    invitation_id = await invitations.make(caller.caller_id, organization_id, body.bank_id, asked)
    return {
        "invitation_id": invitation_id,
        "url": f"{desk.public_url}/invitations/{invitation_id}",
        "next": (await invitations.find(invitation_id)).next_path,
    }
