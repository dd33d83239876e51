"""The pages of who works together: a campaign's organizations and people, an organization's own."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.requests import NotAllowed, principal_of, require
from libs.chassis.tokens import Principal
from libs.decider import Refusal
from libs.events.identity import CampaignCreated, OrganizationFounded
from services.identity.desk import Desk
from services.identity.domain.campaign import CAMPAIGN, EVERY_DOOR, Campaign
from services.identity.domain.errors import NoSuchCampaign
from services.identity.domain.organization import ORGANIZATION
from services.identity.roster import CAMPAIGN_ROLES, ROLE_WORDS, roster_of
from services.identity.routes.asking import AtDesk
from services.identity.routes.organizations import known_organization_id
from services.identity.routes.shell import PAGES, around_of

router = APIRouter(tags=["pages"], include_in_schema=False)


@router.get("/campaigns/{campaign_id}/team")
async def show_team(request: Request, campaign_id: str, desk: AtDesk) -> Response:
    """The organizations that call for the campaign, as the log has them, and who runs it."""
    around: dict[str, Any] = {}
    try:
        caller = principal_of(request)
        around = await around_of(desk, caller)
        require(caller, "grant_roles", campaign_id)
        campaign, created = await _campaign(desk, campaign_id)
    except Refusal as refusal:
        return PAGES.refused(request, refusal, **around)
    return PAGES.answer(
        "team.html",
        campaign={"id": campaign_id, "name": created.name},
        organizations=await founded_of(desk, campaign.admitted),
        doors=EVERY_DOOR,
        coordinated=coordinated_by(caller),
        roster=await roster_of(desk, campaign_id),
        roles=CAMPAIGN_ROLES,
        role_words=ROLE_WORDS,
        viewer=caller.caller_id,
        **around,
    )


@router.get("/organizations/{slug}")
async def show_organization(request: Request, slug: str, desk: AtDesk) -> Response:
    """An organization as its coordinators see it: its words, and who speaks for it."""
    around: dict[str, Any] = {}
    try:
        caller = principal_of(request)
        around = await around_of(desk, caller)
        organization_id = await known_organization_id(desk, slug)
        if organization_id not in coordinated_by(caller):
            raise NotAllowed("This needs the permission 'edit_organization' for it.")
        (founded,) = await founded_of(desk, [organization_id])
    except Refusal as refusal:
        return PAGES.refused(request, refusal, **around)
    return PAGES.answer(
        "organization.html",
        shown=founded,
        roster=await roster_of(desk, organization_id),
        roles=("coordinator",),
        role_words=ROLE_WORDS,
        viewer=caller.caller_id,
        **around,
    )


def coordinated_by(principal: Principal) -> list[str]:
    """The organizations whose roles are theirs to give."""
    ids = {grant.organization_id for grant in principal.grants if grant.organization_id}
    return sorted(each for each in ids if principal.may_for_organization("edit_organization", each))


async def _campaign(desk: Desk, campaign_id: str) -> tuple[Campaign, CampaignCreated]:
    history = await desk.records.log.read(f"campaign-{campaign_id}")
    campaign = CAMPAIGN.fold(history.facts)
    if campaign.created is None:
        raise NoSuchCampaign
    return campaign, campaign.created


async def founded_of(desk: Desk, organization_ids: Iterable[str]) -> list[OrganizationFounded]:
    """These organizations as the log has them, by name."""
    streams = (f"organization-{each}" for each in organization_ids)
    histories = await desk.records.log.read_many(streams)
    found = [ORGANIZATION.fold(history.facts).founded for history in histories.values()]
    return sorted((each for each in found if each), key=lambda each: each.name.casefold())
