"""The rules about campaigns and organizations, and their names in addresses."""

import pytest

from libs.events.identity import (
    CampaignCreated,
    OrganizationAdmitted,
    OrganizationDescribed,
    OrganizationFounded,
)
from services.identity.domain.campaign import (
    CAMPAIGN,
    EVERY_DOOR,
    AdmitOrganization,
    CreateCampaign,
)
from services.identity.domain.errors import (
    FieldInvalid,
    NameTaken,
    NoSuchCampaign,
    NoSuchOrganization,
)
from services.identity.domain.organization import (
    ORGANIZATION,
    DescribeOrganization,
    FoundOrganization,
)
from services.identity.domain.slugs import checked_slug, slug_of
from tests.support.spec import spec

create = CreateCampaign("c1", "rivera", "Rivera")
created = CampaignCreated(campaign_id="c1", slug="rivera", name="Rivera", doors=EVERY_DOOR)
admitted = OrganizationAdmitted(campaign_id="c1", organization_id="o1")
found = FoundOrganization("o1", "dvc", "DVC", "help@dvc.example", "Every call is a good call.")
founded = OrganizationFounded(
    organization_id="o1",
    slug="dvc",
    name="DVC",
    help_contact="help@dvc.example",
    words="Every call is a good call.",
)
campaign = spec(CAMPAIGN)
organization = spec(ORGANIZATION)


def test_a_campaign_begins_once() -> None:
    campaign.when(create).then(created)
    campaign.given(created).when(create).then()
    campaign.given(created).when(CreateCampaign("c1", "other", "Other")).then_refused(NameTaken)


def test_an_organization_is_admitted_once() -> None:
    campaign.given(created).when(AdmitOrganization("c1", "o1")).then(admitted)
    campaign.given(created, admitted).when(AdmitOrganization("c1", "o1")).then()


def test_nobody_is_admitted_to_no_campaign() -> None:
    campaign.when(AdmitOrganization("c1", "o1")).then_refused(NoSuchCampaign)


def test_an_organization_is_founded_once() -> None:
    organization.when(found).then(founded)
    organization.given(founded).when(found).then()
    other = FoundOrganization("o1", "other", "Other", "help@other.example")
    organization.given(founded).when(other).then_refused(NameTaken)


def test_an_organization_is_described_whenever_its_words_change() -> None:
    describe = DescribeOrganization("o1", "Nora, at the desk", "Kitchens, everywhere.")
    described = OrganizationDescribed(
        organization_id="o1", help_contact="Nora, at the desk", words="Kitchens, everywhere."
    )
    organization.when(describe).then_refused(NoSuchOrganization)
    organization.given(founded).when(describe).then(described)
    organization.given(founded, described).when(describe).then()
    back = DescribeOrganization("o1", "help@dvc.example", "Every call is a good call.")
    assert organization.given(founded, described).when(back).facts()
    organization.given(founded).when(back).then()


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("DVC \N{EN DASH} Palo Alto", "dvc-palo-alto"),
        ("dvc - palo alto", "dvc-palo-alto"),
        ("  DVC_Palo--Alto ", "dvc-palo-alto"),
        ("Société d\N{RIGHT SINGLE QUOTATION MARK}Été", "societe-d-ete"),
        ("???", ""),
        ("a" * 200, "a" * 80),
    ],
)
def test_a_name_has_one_spelling_in_addresses(typed: str, slug: str) -> None:
    assert slug_of(typed) == slug


def test_a_name_without_letters_is_sent_back() -> None:
    with pytest.raises(FieldInvalid):
        checked_slug(None, "???")
    assert checked_slug("My Slug", "???") == "my-slug"
