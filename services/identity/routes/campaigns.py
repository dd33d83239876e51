"""Campaigns, the organizations they admit, and the roles they give."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from libs.chassis.requests import Caller, NotAllowed, require
from libs.chassis.tokens import Principal
from libs.events.identity import Door, Role
from libs.eventstore.store import Request as CommandRequest
from services.identity.addresses import normalised
from services.identity.commit_ids import derived_id
from services.identity.desk import Desk
from services.identity.domain.caller import GrantRole, WithdrawRole
from services.identity.domain.campaign import (
    EVERY_DOOR,
    SUPPORTER_LEVELS_DEFAULT,
    CreateCampaign,
)
from services.identity.domain.errors import FieldInvalid, NoSuchCaller
from services.identity.domain.slugs import checked_slug
from services.identity.routes.asking import AtDesk, Id, Line, LineOrNone, command, json_only
from services.identity.routes.organizations import known_organization_id, require_anywhere

router = APIRouter(prefix="/identity", tags=["campaigns"], dependencies=[Depends(json_only)])


class CampaignBody(BaseModel):
    """A campaign; the slug is made of the name unless given, every door is open unless named."""

    name: Line
    slug: LineOrNone | None = None
    doors: tuple[Door, ...] = Field(default=EVERY_DOOR, min_length=1)
    supporter_levels: tuple[int, ...] = SUPPORTER_LEVELS_DEFAULT


class AdmissionBody(BaseModel):
    """The organization whose callers may work for the campaign: by id, or by name or slug."""

    organization_id: Id | None = None
    organization: Line | None = None


class RoleBody(BaseModel):
    """Who gets which role: by id or by e-mail, for one campaign or one organization."""

    role: Role
    caller_id: Id | None = None
    email: str | None = None
    campaign_id: Id | None = None
    organization_id: Id | None = None


@router.post("/campaigns", status_code=201)
async def create_campaign(
    request: Request, body: CampaignBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Create a campaign; whoever does becomes its admin."""
    require_anywhere(caller, "grant_roles")
    asked = await command(request, caller, "", "campaigns")
    slug = checked_slug(body.slug, body.name)
    creating = CreateCampaign(asked.commit_id, slug, body.name, body.doors, body.supporter_levels)
    campaign_id = await desk.founding.create_campaign(creating, asked)
    granting = CommandRequest(derived_id(asked.commit_id, "campaign_admin"), asked.meta)
    role = GrantRole(caller.caller_id, "campaign_admin", campaign_id=campaign_id)
    await desk.founding.grant(role, granting)
    desk.sessions.forget(caller.caller_id)
    return {"campaign_id": campaign_id, "slug": slug}


@router.post("/campaigns/{campaign_id}/organizations", status_code=201)
async def admit_organization(
    request: Request, campaign_id: str, body: AdmissionBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Let an organization's callers work for the campaign."""
    require(caller, "grant_roles", campaign_id)
    asked = await command(request, caller, campaign_id, "campaigns/organizations")
    organization_id = body.organization_id or await _organization_id(desk, body)
    await desk.founding.admit(campaign_id, organization_id, asked)
    return {"campaign_id": campaign_id, "organization_id": organization_id}


@router.post("/roles", status_code=201)
async def grant_role(
    request: Request, body: RoleBody, caller: Caller, desk: AtDesk
) -> dict[str, str | None]:
    """Let a caller do more."""
    _require_giving(caller, body)
    asked = await command(request, caller, body.campaign_id or "", "roles")
    caller_id = await _caller_id(desk, body)
    granting = GrantRole(caller_id, body.role, body.campaign_id, body.organization_id)
    await desk.founding.grant(granting, asked)
    desk.sessions.forget(caller_id)
    return _role(caller_id, body)


@router.post("/roles/withdrawals", status_code=201)
async def withdraw_role(
    request: Request, body: RoleBody, caller: Caller, desk: AtDesk
) -> dict[str, str | None]:
    """Take a role away from somebody else; they are logged out everywhere."""
    _require_giving(caller, body)
    asked = await command(request, caller, body.campaign_id or "", "roles/withdrawals")
    caller_id = await _caller_id(desk, body)
    withdrawing = WithdrawRole(
        caller_id,
        body.role,
        caller.caller_id,
        asked.meta.at,
        body.campaign_id,
        body.organization_id,
    )
    # Nobody is logged out for a role that they do not have.
    if await desk.founding.withdraw(withdrawing, asked):
        await desk.sessions.end_all(caller_id)
    return _role(caller_id, body)


def _require_giving(caller: Principal, body: RoleBody) -> None:
    """Raise NotAllowed unless roles of this campaign or organization are the caller's to give."""
    if body.organization_id is None:
        require(caller, "grant_roles", body.campaign_id)
    elif not caller.may_for_organization("edit_organization", body.organization_id):
        raise NotAllowed("This needs the permission 'edit_organization' for it.")


def _role(caller_id: str, body: RoleBody) -> dict[str, str | None]:
    return {
        "caller_id": caller_id,
        "role": body.role,
        "campaign_id": body.campaign_id,
        "organization_id": body.organization_id,
    }


async def _organization_id(desk: Desk, body: AdmissionBody) -> str:
    if body.organization is None:
        raise FieldInvalid("organization", "Name the organization by id or by name.")
    return await known_organization_id(desk, body.organization)


async def _caller_id(desk: Desk, body: RoleBody) -> str:
    if (body.caller_id is None) == (body.email is None):
        raise FieldInvalid("caller_id", "Name the caller by caller_id or by email.")
    if body.caller_id is not None:
        return body.caller_id
    holder = await desk.records.addresses.holder(normalised(body.email or ""))
    if holder is None or holder.person is None:
        raise NoSuchCaller
    return holder.caller_id
