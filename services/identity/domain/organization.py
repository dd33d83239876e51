"""One volunteer organization: founded once; its words and help contact are its own to change."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.decider import Decider
from libs.events.base import Event
from libs.events.identity import OrganizationDescribed, OrganizationFounded
from services.identity.domain.errors import NameTaken, NoSuchOrganization


@dataclass(frozen=True, slots=True)
class FoundOrganization:
    """Open an organization's Calls Page."""

    organization_id: str
    slug: str
    name: str
    help_contact: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class DescribeOrganization:
    """Put its words and help contact anew."""

    organization_id: str
    help_contact: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Organization:
    """What its facts made of it; `founded` is None before the first, and has its words of today."""

    founded: OrganizationFounded | None = None


def evolve(organization: Organization, fact: object) -> Organization:
    """The organization after `fact`."""
    match fact:
        case OrganizationFounded():
            return Organization(fact)
        case OrganizationDescribed() if organization.founded is not None:
            today = {"help_contact": fact.help_contact, "words": fact.words}
            return Organization(organization.founded.model_copy(update=today))
    return organization


def decide(
    organization: Organization, command: FoundOrganization | DescribeOrganization
) -> Sequence[Event]:
    """Found it once; describe it as often as the description changes."""
    match command:
        case FoundOrganization():
            return _found(organization, command)
        case DescribeOrganization():
            return _describe(organization, command)


def _found(organization: Organization, command: FoundOrganization) -> Sequence[Event]:
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


def _describe(organization: Organization, command: DescribeOrganization) -> Sequence[Event]:
    founded = organization.founded
    if founded is None:
        raise NoSuchOrganization
    if (founded.help_contact, founded.words) == (command.help_contact, command.words):
        return []
    return [
        OrganizationDescribed(
            organization_id=command.organization_id,
            help_contact=command.help_contact,
            words=command.words,
        )
    ]


ORGANIZATION: Decider[Organization, FoundOrganization | DescribeOrganization, object] = Decider(
    Organization, evolve, decide
)
