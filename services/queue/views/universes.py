"""The universes of a campaign: their names, to choose whom a bank calls, and their sizes."""

from collections.abc import Iterable, Sequence

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.voters import UniverseDefined
from libs.views.view import Index, Row


class Universes:
    """The view; one row a universe."""

    name = "universes"
    version = 2
    listens = (UniverseDefined,)
    indexes = (Index([("campaign_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The universe."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What it was called last, and how many voters are to be in it."""
        match fact.event:
            case UniverseDefined(campaign_id=campaign_id, name=name, voters=voters):
                return (row or {}) | {"campaign_id": campaign_id, "name": name, "voters": voters}
        return row


COLLECTION = f"{Universes.name}_v{Universes.version}"


async def find(views: Database, campaign_id: str, universe_id: str) -> Row | None:
    """A universe of a campaign: `name`, and `voters`, None where its fact did not say."""
    return await views[COLLECTION].find_one({"_id": universe_id, "campaign_id": campaign_id})


async def of_campaign(views: Database, campaign_id: str) -> Sequence[Row]:
    """The universes of a campaign, by name."""
    found = views[COLLECTION].find({"campaign_id": campaign_id})
    return await found.sort([("name", ASCENDING), ("_id", ASCENDING)]).to_list(1_000)
