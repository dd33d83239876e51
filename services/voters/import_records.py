"""The record of each import: where it stands, its counters, its cursor, its rejected rows.

Progress is read from here, and a killed importer goes on from here. A campaign's imports take
turns, in the order in which they were received: a turn is a lease that lapses by itself.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from libs.database import ASCENDING, DESCENDING, Database, Document, DuplicateKeyError, ReplaceOne
from services.voters.domain.shrinking import WholeFile
from services.voters.domain.voter import Cursor
from services.voters.sealing import Seal

TURN_SECONDS = 6.0
WAITING = ("received", "checking", "reading")
# A human decides: the file was looked through, and nothing of it was taken over.
HELD = ("preview", "held")
HELD_AT_MOST = timedelta(days=14)
REJECTED_PER_READ = 500


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Rows so far: read = kept + rejected; new and changed ones are among those kept.

    `rows_repeated` are kept rows that say again what an earlier row of the same file said.
    """

    rows_read: int = 0
    rows_kept: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_repeated: int = 0
    rows_rejected: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )


class Rejected(msgspec.Struct, frozen=True):
    """A row that was not taken over, with the reason; `raw` is its own text."""

    row: int
    column: str
    reason: str
    raw: str


class ImportRecords:
    """The documents of imports."""

    def __init__(self, database: Database) -> None:
        self._imports = database["imports"]
        self._turns = database["import_turns"]
        self._rejected = database["import_rejected"]

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._imports.create_index([("state", ASCENDING), ("received_at", ASCENDING)])
        await self._imports.create_index([("upload_id", ASCENDING)])
        await self._imports.create_index([("campaign_id", ASCENDING), ("received_at", DESCENDING)])

    async def add(self, record: Document) -> Document:
        """Keep a new record, not yet waiting; answers the one that was there before, if any."""
        try:
            await self._imports.insert_one(record)
        except DuplicateKeyError:
            return await self._imports.find_one({"_id": record["_id"]}) or record
        return record

    async def make_wait(self, import_id: str) -> None:
        """Let importers find it, once its start is a fact."""
        change = {"$set": {"state": "received"}}
        await self._imports.update_one({"_id": import_id, "state": "uploading"}, change)

    async def find(self, import_id: str) -> Document | None:
        """The record."""
        return await self._imports.find_one({"_id": import_id})

    async def cancel(self, import_id: str) -> None:
        """Ask the importer to stop between two steps; one that is held ends at its next look."""
        await self._imports.update_one({"_id": import_id}, {"$set": {"is_cancelled": True}})
        await self._wake({"_id": import_id})

    async def cancel_forgotten(self, now: datetime) -> None:
        """Throw away what has waited for a human too long: the file is about people."""
        forgotten = {"state": {"$in": list(HELD)}, "held_at": {"$lt": now - HELD_AT_MOST}}
        await self._imports.update_many(forgotten, {"$set": {"is_cancelled": True}})
        await self._wake({"is_cancelled": True})

    async def _wake(self, wanted: Document) -> None:
        held = wanted | {"state": {"$in": list(HELD)}}
        await self._imports.update_many(held, {"$set": {"state": "received"}})

    async def note(self, import_id: str, **fields: Any) -> Document | None:
        """Remember something of the import on the way; answers the record."""
        return await self._imports.find_one_and_update(
            {"_id": import_id}, {"$set": fields}, return_document=True
        )

    async def hold(self, import_id: str, state: str, now: datetime, **fields: Any) -> None:
        """Let it wait for a human, unless one has cancelled it meanwhile."""
        change = {"$set": fields | {"state": state, "held_at": now}}
        await self._imports.update_one({"_id": import_id}, change)
        await self._wake({"_id": import_id, "is_cancelled": True})

    async def confirm(self, import_id: str, confirmed_by: str) -> None:
        """Let importers have it again, to be read this time. The fact comes first."""
        # Who will be missing was a forecast; the end of the import tells who is.
        confirmed = {"confirmed_by": confirmed_by, "state": "received", "voters_missing": None}
        change = {"$set": confirmed}
        await self._imports.update_one({"_id": import_id, "state": {"$in": list(HELD)}}, change)

    async def last_whole_files(self, campaign_id: str, layout: str) -> list[WholeFile]:
        """The whole files of a layout that were imported to their end, latest first."""
        wanted = {
            "campaign_id": campaign_id,
            "layout": layout,
            "extent": "whole",
            "state": "done",
        }
        found = self._imports.find(wanted, {"rows_read": 1, "counties": 1})
        rows = await found.sort([("received_at", DESCENDING), ("_id", ASCENDING)]).to_list(500)
        return [
            WholeFile(row["_id"], row["rows_read"], frozenset(row.get("counties", ())))
            for row in rows
        ]

    async def count_fault(self, import_id: str) -> int:
        """Remember that reading it failed, and how often by now."""
        record = await self._imports.find_one_and_update(
            {"_id": import_id}, {"$inc": {"faults": 1}}, return_document=True
        )
        return int(record["faults"]) if record else 0

    async def of_campaign(self, campaign_id: str, after: str, limit: int) -> list[Document]:
        """A campaign's records, latest first, from behind the import `after` on."""
        wanted: Document = {"campaign_id": campaign_id}
        last = await self.find(after) if after else None
        if last is not None:
            at = last["received_at"]
            wanted["$or"] = [
                {"received_at": {"$lt": at}},
                {"received_at": at, "_id": {"$gt": after}},
            ]
        found = self._imports.find(wanted)
        return await found.sort([("received_at", DESCENDING), ("_id", ASCENDING)]).to_list(limit)

    async def waiting(self) -> list[Document]:
        """The next import of each campaign that has one."""
        found = self._imports.find({"state": {"$in": list(WAITING)}}, {"campaign_id": 1})
        rows = await found.sort([("received_at", ASCENDING), ("_id", ASCENDING)]).to_list(100)
        first: dict[str, Document] = {}
        for row in rows:
            first.setdefault(row["campaign_id"], row)
        return list(first.values())

    async def take_turn(self, campaign_id: str, importer: str, now: datetime) -> bool:
        """Take or keep the campaign's turn; False while another importer has it."""
        mine = {"importer": importer, "until": now + timedelta(seconds=TURN_SECONDS)}
        free = {"$or": [{"until": {"$lte": now}}, {"importer": importer}]}
        try:
            await self._turns.update_one({"_id": campaign_id} | free, {"$set": mine}, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def end_turn(self, campaign_id: str, importer: str) -> None:
        """Let others have the campaign's turn at once."""
        await self._turns.delete_one({"_id": campaign_id, "importer": importer})

    async def advance(
        self,
        import_id: str,
        before: Cursor | None,
        after: Cursor,
        tally: Tally,
        **breakdown: Any,
    ) -> Document | None:
        """Remember how far the file was read; None when another importer was there before us."""
        counters = msgspec.structs.asdict(tally)
        return await self._imports.find_one_and_update(
            {"_id": import_id, "cursor": list(before) if before else None},
            {"$set": counters | breakdown | {"cursor": list(after), "state": "reading"}},
            return_document=True,
        )

    async def end(
        self, import_id: str, state: str, now: datetime, problem: str | None = None
    ) -> None:
        """Close the record: done, stopped or failed, with a sentence for people."""
        change = {"state": state, "ended_at": now, "problem": problem}
        await self._imports.update_one({"_id": import_id}, {"$set": change})

    async def keep_rejected(self, import_id: str, seal: Seal, rows: Sequence[Rejected]) -> None:
        """Keep rejected rows, sealed; the same row again replaces itself."""
        writes: list[ReplaceOne[Document]] = []
        for row in rows:
            place = f"{import_id}/{row.row:012}"
            content = seal.seal(place, msgspec.msgpack.encode(row))
            document = {"_id": place, "import_id": import_id, "content": content}
            writes.append(ReplaceOne({"_id": place}, document, upsert=True))
        if writes:
            await self._rejected.bulk_write(writes, ordered=False)

    async def rejected(self, import_id: str, seal: Seal) -> AsyncIterator[Iterable[Rejected]]:
        """The rejected rows in the file's order, in batches."""
        wanted = {"_id": {"$gte": f"{import_id}/", "$lt": f"{import_id}0"}}
        found = self._rejected.find(wanted).sort("_id", ASCENDING)
        while rows := await found.to_list(REJECTED_PER_READ):
            yield [
                msgspec.msgpack.decode(seal.open(row["_id"], row["content"]), type=Rejected)
                for row in rows
            ]
