"""Which process hands out which lines for the next seconds: not a lock, only to keep apart.

The lock is the log. Losing a reservation, or not honouring one, costs an append and nothing else;
so these are written without waiting for the majority.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from libs.database import (
    BulkWriteError,
    Database,
    ReadConcern,
    WriteConcern,
)

COLLECTION = "blocks"
RESERVED = timedelta(seconds=30)


class Reservations:
    """Reservations of one process. Lines are named `<campaign>/<line>`."""

    def __init__(self, database: Database, holder: str) -> None:
        self._holder = holder
        self._blocks = database[COLLECTION].with_options(
            write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local")
        )

    async def prepare(self) -> None:
        """Let reservations vanish that nobody will come back to."""
        await self._blocks.create_index("until", expireAfterSeconds=600)

    async def reserved(self, names: Collection[str], at: datetime) -> set[str]:
        """Which of these somebody else has reserved."""
        others = self._blocks.find(
            {"_id": {"$in": list(names)}, "until": {"$gt": at}, "holder": {"$ne": self._holder}},
            {"_id": 1},
        )
        return {row["_id"] async for row in others}

    async def take(self, names: Collection[str], at: datetime) -> set[str]:
        """Reserve what nobody else holds, until `at` + 30 s; the names that are ours now."""
        if not names:
            return set()
        wanted = list(names)
        until = at + RESERVED
        free = {"$or": [{"until": {"$lte": at}}, {"holder": self._holder}]}
        await self._blocks.update_many(
            {"_id": {"$in": wanted}, **free}, {"$set": {"holder": self._holder, "until": until}}
        )
        known = {
            row["_id"] async for row in self._blocks.find({"_id": {"$in": wanted}}, {"_id": 1})
        }
        new = [name for name in wanted if name not in known]
        if new:
            rows = [{"_id": name, "holder": self._holder, "until": until} for name in new]
            try:
                await self._blocks.insert_many(rows, ordered=False)
            except BulkWriteError as error:
                if (error.details or {}).get("writeConcernErrors"):
                    raise
        mine = self._blocks.find(
            {"_id": {"$in": wanted}, "holder": self._holder, "until": until}, {"_id": 1}
        )
        return {row["_id"] async for row in mine}
