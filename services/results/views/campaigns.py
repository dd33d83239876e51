"""What campaigns are called, for the pages that are theirs."""

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
            case CampaignCreated(name=name):
                return (row or {}) | {"name": name}
        return row


async def name_of(database: Database, campaign_id: str) -> str | None:
    """What the campaign is called; None while its creation has not reached us."""
    row = await database[f"{Campaigns.name}_v{Campaigns.version}"].find_one({"_id": campaign_id})
    return row["name"] if row else None
