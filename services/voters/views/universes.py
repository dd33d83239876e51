"""The universes: names and how many voters are in each, one row a universe."""

from collections.abc import Iterable
from typing import Any

from libs.database import ASCENDING, Database
from libs.events.base import Event, Recorded
from libs.events.voters import UniverseDefined, UniverseEntered, UniverseLeft
from libs.views.view import Index, Row

COLLECTION = "universes_v1"


class Universes:
    """One row a universe. All its facts have one key, so they arrive in their order."""

    name = "universes"
    version = 1
    listens: tuple[type[Event], ...] = (UniverseDefined, UniverseEntered, UniverseLeft)
    indexes: tuple[Index, ...] = (Index([("campaign_id", ASCENDING), ("name", ASCENDING)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The universe's row."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What it is called, and how many are in it."""
        kept = row or {"voters": 0}
        match fact.event:
            case UniverseDefined() as defined:
                return kept | {
                    "campaign_id": defined.campaign_id,
                    "name": defined.name,
                    "selection": defined.selection,
                }
            case UniverseEntered(voter_ids=voter_ids):
                return kept | {"voters": kept["voters"] + len(voter_ids)}
            case UniverseLeft(voter_ids=voter_ids):
                return kept | {"voters": kept["voters"] - len(voter_ids)}
        return row


async def universes_of(
    database: Database, campaign_id: str, after: str, limit: int
) -> list[dict[str, Any]]:
    """A campaign's universes by id, from behind `after` on."""
    wanted = {"campaign_id": campaign_id, "_id": {"$gt": after}}
    rows = await database[COLLECTION].find(wanted).sort("_id", ASCENDING).to_list(limit)
    return [
        {"universe_id": row["_id"]} | {name: row[name] for name in ("name", "voters", "selection")}
        for row in rows
    ]
