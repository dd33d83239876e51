"""The campaigns: what they are called, and what makes a supporter there."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import CampaignCreated
from libs.views.view import Index, Row


class Campaigns:
    """One row a campaign."""

    name = "campaigns"
    version = 1
    listens: tuple[type[Event], ...] = (CampaignCreated,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The campaign."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """A campaign is created once."""
        match fact.event:
            case CampaignCreated() as created:
                return (row or {}) | {
                    "name": created.name,
                    "slug": created.slug,
                    "supporter_levels": list(created.supporter_levels),
                }
        return row


async def read_campaign(database: Database, campaign_id: str) -> Row | None:
    """A campaign's row: `name, slug, supporter_levels`."""
    return await database[f"{Campaigns.name}_v{Campaigns.version}"].find_one({"_id": campaign_id})
