"""Which block hands out which lines for the next seconds: not a lock, only to keep apart.

The lock is the log. Losing a reservation, or not honouring one, costs an append and nothing else;
so these are written without waiting for the majority.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from libs.database import (
    DUPLICATE_KEY,
    BulkWriteError,
    Database,
    Document,
    ReadConcern,
    WriteConcern,
)

COLLECTION = "blocks"
RESERVED = timedelta(seconds=30)


class Reservations:
    """Reservations of one holder. Lines are named `<campaign>/<line>`."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder
        self._blocks = database[COLLECTION].with_options(
            write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local")
        )

    def of_bank(self, bank_id: str) -> "Reservations":
        """A bank's own: of two over the same voters, each leaves alone what the other has ready."""
        return Reservations(self._database, f"{self._holder}/{bank_id}")

    async def prepare(self) -> None:
        """Let reservations vanish that nobody will come back to."""
        await self._blocks.create_index("until", expireAfterSeconds=600)

    async def reserved(self, names: Collection[str], at: datetime) -> set[str]:
        """Which of these somebody else has reserved."""
        return await self._named(
            {"_id": {"$in": list(names)}, "until": {"$gt": at}, "holder": {"$ne": self._holder}}
        )

    async def take(self, names: Collection[str], at: datetime) -> set[str]:
        """Reserve what nobody else holds, until `at` + 30 s; the names that are ours now."""
        if not names:
            return set()
        wanted = list(names)
        until = at + RESERVED
        # Almost always nobody has reserved these lines before, so that one write does it.
        known = await self._inserted(wanted, until)
        if not known:
            return set(wanted)
        free = {"$or": [{"until": {"$lte": at}}, {"holder": self._holder}]}
        taken = await self._blocks.update_many(
            {"_id": {"$in": known}, **free}, {"$set": {"holder": self._holder, "until": until}}
        )
        if taken.matched_count == len(known):
            return set(wanted)
        ours = await self._named({"_id": {"$in": known}, "holder": self._holder, "until": until})
        return set(wanted).difference(known) | ours

    async def _inserted(self, names: Sequence[str], until: datetime) -> list[str]:
        """Reserve the names that have no row, until then; those that have one."""
        rows = [{"_id": name, "holder": self._holder, "until": until} for name in names]
        try:
            await self._blocks.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            errors = details.get("writeErrors", [])
            if details.get("writeConcernErrors") or {e["code"] for e in errors} != {DUPLICATE_KEY}:
                raise
            return [names[each["index"]] for each in errors]
        return []

    async def _named(self, match: Document) -> set[str]:
        return {row["_id"] for row in await self._blocks.find(match, {"_id": 1}).to_list()}
