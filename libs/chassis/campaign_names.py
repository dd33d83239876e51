"""What the campaigns are called: a small view for a service whose pages name them."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import CampaignCreated
from libs.views.view import Index, Row


class CampaignNames:
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
            case CampaignCreated(name=name):
                return (row or {}) | {"name": name}
        return row


COLLECTION = f"{CampaignNames.name}_v{CampaignNames.version}"


async def name_of(database: Database, campaign_id: str) -> str | None:
    """What the campaign is called; None while its creation has not reached the service."""
    row = await database[COLLECTION].find_one({"_id": campaign_id})
    return str(row["name"]) if row else None
