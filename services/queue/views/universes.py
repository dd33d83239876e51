"""The universes of a campaign by name, so that organizers can choose whom a bank calls."""

from collections.abc import Iterable, Sequence

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.voters import UniverseDefined
from libs.views.view import Index, Row


class Universes:
    """The view; one row a universe."""

    name = "universes"
    version = 1
    listens = (UniverseDefined,)
    indexes = (Index([("campaign_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The universe."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What it was called last."""
        match fact.event:
            case UniverseDefined(campaign_id=campaign_id, name=name):
                return (row or {}) | {"campaign_id": campaign_id, "name": name}
        return row


COLLECTION = f"{Universes.name}_v{Universes.version}"


async def of_campaign(views: Database, campaign_id: str) -> Sequence[Row]:
    """The universes of a campaign, by name."""
    found = views[COLLECTION].find({"campaign_id": campaign_id})
    return await found.sort([("name", ASCENDING), ("_id", ASCENDING)]).to_list(1_000)
