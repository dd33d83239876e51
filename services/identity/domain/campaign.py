"""One campaign: created once, then opened to organizations whose callers work for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.identity import CampaignCreated, Door, OrganizationAdmitted
from services.identity.domain.errors import NameTaken, NoSuchCampaign

SUPPORTER_LEVELS_DEFAULT = (1, 2)
EVERY_DOOR: tuple[Door, ...] = ("action_id", "bluevote", "invitation")


@dataclass(frozen=True, slots=True)
class CreateCampaign:
    """Begin to work here; `supporter_levels` are the support levels that count as supporters."""

    campaign_id: str
    slug: str
    name: str
    doors: tuple[Door, ...] = EVERY_DOOR
    supporter_levels: tuple[int, ...] = SUPPORTER_LEVELS_DEFAULT


@dataclass(frozen=True, slots=True)
class AdmitOrganization:
    """Let an organization's callers work for this campaign."""

    campaign_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """What its facts made of it; `created` is None before the first."""

    created: CampaignCreated | None = None
    admitted: frozenset[str] = frozenset()


def evolve(campaign: Campaign, fact: object) -> Campaign:
    """The campaign after `fact`."""
    match fact:
        case CampaignCreated():
            return replace(campaign, created=fact)
        case OrganizationAdmitted(organization_id=organization_id):
            return replace(campaign, admitted=campaign.admitted | {organization_id})
    return campaign


def decide(campaign: Campaign, command: CreateCampaign | AdmitOrganization) -> Sequence[Event]:
    """Create it once; admit each organization once."""
    match command:
        case CreateCampaign():
            return _create(campaign, command)
        case AdmitOrganization(campaign_id=campaign_id, organization_id=organization_id):
            if campaign.created is None:
                raise NoSuchCampaign
            if organization_id in campaign.admitted:
                return []
            return [OrganizationAdmitted(campaign_id=campaign_id, organization_id=organization_id)]


def _create(campaign: Campaign, command: CreateCampaign) -> Sequence[Event]:
    created = CampaignCreated(
        campaign_id=command.campaign_id,
        slug=command.slug,
        name=command.name,
        doors=command.doors,
        supporter_levels=command.supporter_levels,
    )
    if campaign.created is None:
        return [created]
    if campaign.created == created:
        return []
    raise NameTaken


CAMPAIGN: Decider[Campaign, CreateCampaign | AdmitOrganization, object] = Decider(
    Campaign, evolve, decide
)
