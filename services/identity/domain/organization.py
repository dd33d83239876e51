"""One volunteer organization: founded once, with its own words and help contact."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.decider import Decider
from libs.events.identity import OrganizationFounded
from services.identity.domain.errors import NameTaken


@dataclass(frozen=True, slots=True)
class FoundOrganization:
    """Open an organization's Calls Page."""

    organization_id: str
    slug: str
    name: str
    help_contact: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Organization:
    """What its facts made of it; `founded` is None before the first."""

    founded: OrganizationFounded | None = None


def evolve(organization: Organization, fact: object) -> Organization:
    """The organization after `fact`."""
    match fact:
        case OrganizationFounded():
            return Organization(fact)
    return organization


def decide(organization: Organization, command: FoundOrganization) -> Sequence[OrganizationFounded]:
    """Found it once."""
    founded = OrganizationFounded(
        organization_id=command.organization_id,
        slug=command.slug,
        name=command.name,
        help_contact=command.help_contact,
        words=command.words,
    )
    if organization.founded is None:
        return [founded]
    if organization.founded == founded:
        return []
    raise NameTaken


ORGANIZATION: Decider[Organization, FoundOrganization, object] = Decider(
    Organization, evolve, decide
)
