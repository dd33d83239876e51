"""What the campaigns are called; one row a campaign."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Recorded
from libs.events.identity import CampaignCreated
from libs.views.view import Index, Row


class Campaigns:
    """The view."""

    name = "campaigns"
    version = 1
    listens = (CampaignCreated,)
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


COLLECTION = f"{Campaigns.name}_v{Campaigns.version}"


async def name_of(views: Database, campaign_id: str) -> str | None:
    """The campaign's name, None while it has not reached us."""
    row = await views[COLLECTION].find_one({"_id": campaign_id})
    return str(row["name"]) if row else None
