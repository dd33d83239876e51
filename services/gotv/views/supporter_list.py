"""The lists by support, read from the voters' rows by index."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.database import Database
from libs.views.view import Row
from services.gotv.views.voter_status import rows_of

ROWS_PER_BATCH = 500
_SHOWN = {"campaign_id": 1, "support_level": 1, "support_at": 1, "state": 1, "supporter": 1}

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """Which list: the supporters by the campaign's rule, or everybody with one level of support."""

    campaign_id: str
    state: str | None = None
    level: int | None = None

    def query(self) -> dict[str, Any]:
        """As MongoDB is asked."""
        asked: dict[str, Any] = {"campaign_id": self.campaign_id}
        if self.level is None:
            asked["supporter"] = True
        else:
            asked["support_level"] = self.level
        if self.state is not None:
            asked["state"] = self.state
        return asked


async def read_page(
    database: Database, listed: Listed, *, after: Place | None, limit: int
) -> list[Row]:
    """Up to `limit` rows, the latest answer first, behind `after` (`support_at`, `_id`)."""
    asked = listed.query()
    if after is not None:
        at, row_id = after
        asked["$or"] = [
            {"support_at": {"$lt": at}},
            {"support_at": at, "_id": {"$lt": row_id}},
        ]
    found = rows_of(database).find(asked, _SHOWN)
    return await found.sort([("support_at", -1), ("_id", -1)]).limit(limit).to_list()


async def read_all(database: Database, listed: Listed) -> AsyncIterator[list[Row]]:
    """The whole list, batch by batch."""
    after: Place | None = None
    while rows := await read_page(database, listed, after=after, limit=ROWS_PER_BATCH):
        yield rows
        after = place_of(rows[-1])


def place_of(row: Row) -> Place:
    """Where a row stands in its list."""
    return row["support_at"], row["_id"]


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
