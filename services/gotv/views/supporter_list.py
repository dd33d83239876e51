"""What the lists by support have in common: how often they changed, and which states they know."""

from libs.database import Database
from services.gotv.views.voter_status import rows_of


async def read_changes(database: Database, campaign_id: str) -> int:
    """How often anything on the campaign's lists has changed; it only grows."""
    found = await rows_of(database).aggregate(
        [
            {"$match": {"campaign_id": campaign_id, "list_changes": {"$gt": 0}}},
            {"$group": {"_id": None, "changes": {"$sum": "$list_changes"}}},
        ]
    )
    return next((row["changes"] for row in await found.to_list()), 0)


async def read_states(database: Database, campaign_id: str) -> list[str]:
    """The states in which the campaign has supporters."""
    asked = {"campaign_id": campaign_id, "supporter": True}
    states = await rows_of(database).distinct("state", asked)
    return sorted(state for state in states if state)
