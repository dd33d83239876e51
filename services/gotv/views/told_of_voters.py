"""Rows about voters, page by page, each with where its voter stands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.database import Database
from libs.views.view import Row
from services.gotv.views.voter_status import VoterStatus

VOTERS = f"{VoterStatus.name}_v{VoterStatus.version}"
ROWS_PER_BATCH = 500
_OF_THE_VOTER = dict.fromkeys(("state", "support_level", "history", "callable", "last"), 1)
_SHOWN = dict.fromkeys(("campaign_id", "support_level", "support_at", "state", "supporter"), 1)
_JOIN: list[dict[str, Any]] = [
    {"$set": {"status_id": {"$concat": ["$campaign_id", "/", "$voter_id"]}}},
    {
        "$lookup": {
            "from": VOTERS,
            "localField": "status_id",
            "foreignField": "_id",
            "pipeline": [{"$project": _OF_THE_VOTER}],
            "as": "voter",
        }
    },
    {"$set": {"voter": {"$first": "$voter"}}},
]

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: of a view's `collection`, in the order of their moment `at`, then of their id.

    `where` is asked of the row itself. Rows of other views than the voters' own get their voter's
    row as `voter`, and `stages` may look into it.
    """

    collection: str
    at: str
    where: dict[str, Any]
    stages: list[dict[str, Any]] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False

    def pipeline(self, after: Place | None, limit: int) -> list[dict[str, Any]]:
        """As MongoDB is asked for up to `limit` rows behind `after`."""
        step = 1 if self.oldest_first else -1
        bounds = self._bounds(after)
        joined = [{"$project": _SHOWN}] if self.collection == VOTERS else _JOIN
        return [
            {"$match": self.where | ({"$and": bounds} if bounds else {})},
            {"$sort": {self.at: step, "_id": step}},
            *joined,
            *self.stages,
            {"$limit": limit},
        ]

    def place_of(self, row: Row) -> Place:
        """Where a row stands in the list."""
        return row[self.at], row["_id"]

    def _bounds(self, after: Place | None) -> list[dict[str, Any]]:
        bounds: list[dict[str, Any]] = []
        if self.since is not None:
            bounds.append({self.at: {"$gte": self.since}})
        if self.until is not None:
            bounds.append({self.at: {"$lt": self.until}})
        if after is not None:
            moment, row_id = after
            compares = "$gt" if self.oldest_first else "$lt"
            same = {self.at: moment, "_id": {compares: row_id}}
            bounds.append({"$or": [{self.at: {compares: moment}}, same]})
        return bounds


async def read_page(
    database: Database, asked: Asked, *, after: Place | None, limit: int
) -> list[Row]:
    """Up to `limit` rows. `voter` is missing while the voter's row has not reached us."""
    found = await database[asked.collection].aggregate(asked.pipeline(after, limit))
    return await found.to_list()


async def read_all(database: Database, asked: Asked) -> AsyncIterator[list[Row]]:
    """All of them, batch by batch."""
    after: Place | None = None
    while rows := await read_page(database, asked, after=after, limit=ROWS_PER_BATCH):
        yield rows
        after = asked.place_of(rows[-1])
