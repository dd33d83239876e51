"""The organizations by the short name in their Calls Page's address; one row an organization."""

from collections.abc import Iterable, Sequence

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.identity import OrganizationAdmitted, OrganizationDescribed, OrganizationFounded
from libs.views.view import Index, Row


class Organizations:
    """The view. Founding and being admitted arrive by different partitions, in any order."""

    name = "organizations"
    version = 1
    listens = (OrganizationFounded, OrganizationDescribed, OrganizationAdmitted)
    indexes = (Index([("slug", 1)]), Index([("campaign_ids", 1)]))

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The organization's row."""
        match fact.event:
            case OrganizationFounded() | OrganizationDescribed() | OrganizationAdmitted() as event:
                yield event.organization_id

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Who it is in its own words, and which campaigns it calls for."""
        row = row or {"campaign_ids": []}
        match fact.event:
            case OrganizationFounded() as founded:
                row |= founded.model_dump(
                    mode="json", include={"slug", "name", "help_contact", "words"}
                )
            case OrganizationDescribed() as told:
                row |= {"help_contact": told.help_contact, "words": told.words}
            case OrganizationAdmitted(campaign_id=campaign_id):
                row["campaign_ids"] = sorted({*row["campaign_ids"], campaign_id})
        return row


COLLECTION = f"{Organizations.name}_v{Organizations.version}"


async def by_slug(views: Database, slug: str) -> Row | None:
    """The organization of this short name."""
    return await views[COLLECTION].find_one({"slug": slug})


async def by_id(views: Database, organization_id: str) -> Row | None:
    """The organization of this id, if it is known by now."""
    return await views[COLLECTION].find_one({"_id": organization_id, "slug": {"$exists": True}})


async def admitted(views: Database, campaign_id: str) -> Sequence[Row]:
    """The organizations that may call for a campaign, by name."""
    found = views[COLLECTION].find({"campaign_ids": campaign_id, "slug": {"$exists": True}})
    return await found.sort("name", ASCENDING).to_list(1_000)
