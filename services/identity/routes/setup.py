"""Setting up: the one-time token becomes the first organizer, organization and campaign."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from services.identity.domain.campaign import CreateCampaign
from services.identity.domain.organization import FoundOrganization
from services.identity.domain.slugs import checked_slug
from services.identity.people import Person
from services.identity.routes.asking import (
    AtDesk,
    Line,
    LineOrNone,
    Secret,
    json_only,
    private_meta,
)
from services.identity.routes.campaigns import CampaignBody
from services.identity.routes.organizations import OrganizationBody

router = APIRouter(prefix="/identity", tags=["setup"], dependencies=[Depends(json_only)])


class OrganizerBody(BaseModel):
    """Who will be in charge; confirmed at once, for they hold the set-up token."""

    email: str
    password: Secret
    first_name: Line
    last_name: LineOrNone = ""


class SetupBody(BaseModel):
    """Everything a new installation needs to begin."""

    setup_token: Secret
    organizer: OrganizerBody
    organization: OrganizationBody
    campaign: CampaignBody


@router.post("/setup", status_code=201)
async def set_up(request: Request, body: SetupBody, desk: AtDesk) -> dict[str, str]:
    """Set this installation up, once.

    The token makes a repeat the same command, so no Idempotency-Key is needed.
    """
    founding = desk.founding
    founding.check_setup_token(body.setup_token)
    meta = await private_meta(request, desk)
    first = founding.first_things(meta.fingerprint)
    organizer = Person(
        email=body.organizer.email,
        first_name=body.organizer.first_name,
        last_name=body.organizer.last_name,
        password_hash="",
        organization_id=first.organization_id,
    )
    organization = FoundOrganization(
        first.organization_id,
        checked_slug(body.organization.slug, body.organization.name),
        body.organization.name,
        body.organization.help_contact,
        body.organization.words,
    )
    campaign = CreateCampaign(
        first.campaign_id,
        checked_slug(body.campaign.slug, body.campaign.name),
        body.campaign.name,
        body.campaign.doors,
        body.campaign.supporter_levels,
    )
    await founding.set_up(organizer, body.organizer.password, organization, campaign, meta)
    return {
        "caller_id": first.caller_id,
        "organization_id": first.organization_id,
        "campaign_id": first.campaign_id,
    }
