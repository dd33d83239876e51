"""Volunteer organizations: founded by organizers, their public words read by everybody."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from libs.chassis.requests import Caller, NotAllowed
from libs.chassis.tokens import PERMISSIONS, Principal
from libs.events.identity import Door
from libs.eventstore.store import Request as CommandRequest
from services.identity.commit_ids import derived_id
from services.identity.desk import Desk
from services.identity.domain.caller import GrantRole
from services.identity.domain.campaign import EVERY_DOOR
from services.identity.domain.errors import DoorClosed, NoSuchOrganization
from services.identity.domain.organization import (
    ORGANIZATION,
    DescribeOrganization,
    FoundOrganization,
)
from services.identity.domain.slugs import checked_slug, slug_of
from services.identity.routes.asking import AtDesk, Line, LineOrNone, Text, command, json_only
from services.identity.views import campaigns, organizations

router = APIRouter(prefix="/identity", tags=["organizations"], dependencies=[Depends(json_only)])


class OrganizationBody(BaseModel):
    """An organization in its own words; the slug is made of the name unless given."""

    name: Line
    slug: LineOrNone | None = None
    help_contact: Line
    words: Text = ""


class DescriptionBody(BaseModel):
    """What an organization says of itself today; what is left out is taken back."""

    help_contact: Line
    words: Text = ""


@router.post("/organizations", status_code=201)
async def found_organization(
    request: Request, body: OrganizationBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Found an organization; whoever does becomes its coordinator."""
    require_anywhere(caller, "edit_organization")
    asked = await command(request, caller, "", "organizations")
    slug = checked_slug(body.slug, body.name)
    founding = FoundOrganization(asked.commit_id, slug, body.name, body.help_contact, body.words)
    organization_id = await desk.founding.found_organization(founding, asked)
    granting = CommandRequest(derived_id(asked.commit_id, "coordinator"), asked.meta)
    role = GrantRole(caller.caller_id, "coordinator", organization_id=organization_id)
    await desk.founding.grant(role, granting)
    desk.sessions.forget(caller.caller_id)
    return {"organization_id": organization_id, "slug": slug}


@router.put("/organizations/{slug}")
async def describe_organization(
    request: Request, slug: str, body: DescriptionBody, caller: Caller, desk: AtDesk
) -> dict[str, str]:
    """Put its words and help contact anew; its coordinators may."""
    organization_id = await known_organization_id(desk, slug)
    if not caller.may_for_organization("edit_organization", organization_id):
        raise NotAllowed("This needs the permission 'edit_organization' for it.")
    asked = await command(request, caller, "", "organizations/description")
    describing = DescribeOrganization(organization_id, body.help_contact, body.words)
    await desk.founding.describe(describing, asked)
    return {"organization_id": organization_id}


@router.get("/organizations/{slug}")
async def read_organization(slug: str, desk: AtDesk) -> dict[str, Any]:
    """The public words and help contact; an unknown name is answered with suggestions."""
    organization_id = await known_organization_id(desk, slug)
    history = await desk.records.log.read(f"organization-{organization_id}")
    founded = ORGANIZATION.fold(history.facts).founded
    if founded is None:
        raise NoSuchOrganization
    return {
        "organization_id": founded.organization_id,
        "slug": founded.slug,
        "name": founded.name,
        "help_contact": founded.help_contact,
        "words": founded.words,
        "doors": list(await doors_of(desk, organization_id)),
        "calls_page": f"{desk.public_url}/calls/{founded.slug}",
    }


def require_anywhere(caller: Principal, permission: str) -> None:
    """Raise NotAllowed unless some role, for whatever campaign, allows it."""
    if not any(permission in PERMISSIONS.get(grant.role, frozenset()) for grant in caller.grants):
        raise NotAllowed(f"This needs the permission '{permission}'.")


async def doors_of(desk: Desk, organization_id: str) -> tuple[Door, ...]:
    """The doors that the organization's campaigns accept; every one while it has none."""
    ids = await organizations.campaign_ids_of(desk.database, organization_id)
    accepted = await campaigns.doors_of(desk.database, ids)
    return tuple(door for door in EVERY_DOOR if door in accepted or not accepted)


async def check_door(desk: Desk, organization_id: str, door: Door) -> None:
    """Raise DoorClosed, naming those that are open, unless this one is."""
    accepted = await doors_of(desk, organization_id)
    if door not in accepted:
        raise DoorClosed(doors=list(accepted))


async def organization_id_of(desk: Desk, name: str) -> str | None:
    """The organization of this name or slug: by its claim, which is never behind, or alike."""
    held = await desk.records.log.claimed(f"organization/{slug_of(name)}")
    if held is not None:
        return held.stream.removeprefix("organization-")
    return await organizations.organization_named(desk.database, name)


async def known_organization_id(desk: Desk, name: str) -> str:
    """The same. Raises NoSuchOrganization with the names it may have meant."""
    found = await organization_id_of(desk, name)
    if found is None:
        raise NoSuchOrganization(suggestions=await organizations.suggestions(desk.database, name))
    return found
