"""The campaigns' names, for the pages."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import CampaignCreated
from libs.views.view import Index, Row

COLLECTION = "campaigns_v1"
UNNAMED = "Your campaign"


class Campaigns:
    """One row a campaign."""

    name = "campaigns"
    version = 1
    listens: tuple[type[Event], ...] = (CampaignCreated,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The campaign's row."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What it is called."""
        match fact.event:
            case CampaignCreated(name=name):
                return (row or {}) | {"name": name}
        return row


async def name_of(database: Database, campaign_id: str) -> str:
    """The campaign's name; a general one while its creation has not reached us."""
    row = await database[COLLECTION].find_one({"_id": campaign_id}, {"name": 1})
    return str(row["name"]) if row else UNNAMED
