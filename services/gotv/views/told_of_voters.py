"""Rows about voters, page by page, each with where its voter stands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.chassis.cursors import Place
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: of a view's `collection`, in the order of their moment `at`, then of their id.

    With `group`, rows that have the same in this field come together, the groups in its order, or
    `groups_down`. `where` is asked of the row itself. Rows of other views than the voters' own get
    their voter's row as `voter`, and `stages` may look into it.
    """

    collection: str
    at: str
    where: dict[str, Any]
    stages: list[dict[str, Any]] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False
    group: str | None = None
    groups_down: bool = False

    def pipelines(self, after: Place | None) -> list[list[dict[str, Any]]]:
        """As MongoDB is asked for what is behind `after`: in this order, as far as is needed."""
        return [self._pipeline(bounds) for bounds in self._behind(after)]

    def place_of(self, row: Row) -> Place:
        """Where a row stands in the list."""
        return Place(row[self.at], row["_id"], row[self.group] if self.group else None)

    def _pipeline(self, bounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        step = 1 if self.oldest_first else -1
        groups = {self.group: -1 if self.groups_down else 1} if self.group else {}
        joined = [{"$project": _SHOWN}] if self.collection == VOTERS else _JOIN
        return [
            {"$match": {"$and": [self.where, *self._period(), *bounds]}},
            {"$sort": groups | {self.at: step, "_id": step}},
            *joined,
            *self.stages,
        ]

    def _period(self) -> list[dict[str, Any]]:
        since = [] if self.since is None else [{self.at: {"$gte": self.since}}]
        until = [] if self.until is None else [{self.at: {"$lt": self.until}}]
        return [*since, *until]

    def _behind(self, after: Place | None) -> list[list[dict[str, Any]]]:
        """Each part is one stretch of an index: the rest of a group, then the other groups."""
        if after is None:
            return [[]]
        at, row_id, group = after
        compares = "$gt" if self.oldest_first else "$lt"
        same = {self.at: at, "_id": {compares: row_id}}
        rest: list[dict[str, Any]] = [
            {self.at: {f"{compares}e": at}},
            {"$or": [{self.at: {compares: at}}, same]},
        ]
        if self.group is None:
            return [rest]
        others = {self.group: {"$lt" if self.groups_down else "$gt": group}}
        return [[{self.group: group}, *rest], [others]]


async def read_page(
    database: Database, asked: Asked, *, after: Place | None, limit: int
) -> list[Row]:
    """Up to `limit` rows. `voter` is missing while the voter's row has not reached us."""
    rows: list[Row] = []
    for pipeline in asked.pipelines(after):
        limited = [*pipeline, {"$limit": limit - len(rows)}]
        rows += await (await database[asked.collection].aggregate(limited)).to_list()
        if len(rows) == limit:
            break
    return rows


async def read_all(database: Database, asked: Asked) -> AsyncIterator[list[Row]]:
    """All of them, batch by batch."""
    after: Place | None = None
    while rows := await read_page(database, asked, after=after, limit=ROWS_PER_BATCH):
        yield rows
        after = asked.place_of(rows[-1])
