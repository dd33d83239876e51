"""The campaigns: their names, doors and the organizations that work for them."""

from collections.abc import Iterable, Sequence

from libs.database import ASCENDING, Database
from libs.events.base import Event, Recorded
from libs.events.identity import CampaignCreated, Door, OrganizationAdmitted
from libs.views.view import Index, Row

COLLECTION = "campaigns_v1"


class Campaigns:
    """One row a campaign."""

    name = "campaigns"
    version = 1
    listens: tuple[type[Event], ...] = (CampaignCreated, OrganizationAdmitted)
    indexes: tuple[Index, ...] = (Index([("slug", ASCENDING)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The campaign's row."""
        match fact.event:
            case CampaignCreated(campaign_id=campaign_id):
                yield campaign_id
            case OrganizationAdmitted(campaign_id=campaign_id):
                yield campaign_id

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What it is called, and who calls for it."""
        kept = row or {"organizations": []}
        match fact.event:
            case CampaignCreated() as created:
                return kept | {
                    "slug": created.slug,
                    "name": created.name,
                    "doors": list(created.doors),
                    "supporter_levels": list(created.supporter_levels),
                }
            case OrganizationAdmitted(organization_id=organization_id):
                return kept | {"organizations": sorted({*kept["organizations"], organization_id})}
        return row


async def doors_of(database: Database, campaign_ids: Sequence[str]) -> set[str]:
    """Every door that one of these campaigns accepts; none while none of them is known."""
    known = {"_id": {"$in": list(campaign_ids)}, "doors": {"$exists": True}}
    rows = await database[COLLECTION].find(known, {"doors": 1}).to_list()
    return {door for row in rows for door in row["doors"]}


async def closed_to(database: Database, campaign_ids: Sequence[str], door: Door) -> set[str]:
    """Those of these campaigns that are known, and do not accept this door."""
    closed = {"_id": {"$in": list(campaign_ids)}, "doors": {"$exists": True, "$ne": door}}
    return {row["_id"] for row in await database[COLLECTION].find(closed, {"_id": 1}).to_list()}


async def some_campaign_ids(database: Database, most: int) -> list[str]:
    """The ids of up to `most` campaigns."""
    rows = await database[COLLECTION].find({}, {"_id": 1}).limit(most).to_list()
    return [row["_id"] for row in rows]


async def campaigns_of(database: Database, campaign_ids: Sequence[str]) -> list[dict[str, str]]:
    """These campaigns by name: `id, slug, name`."""
    wanted = {"_id": {"$in": list(campaign_ids)}, "slug": {"$exists": True}}
    rows = await database[COLLECTION].find(wanted).sort("name", ASCENDING).to_list()
    return [{"id": row["_id"], "slug": row["slug"], "name": row["name"]} for row in rows]
