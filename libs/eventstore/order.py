"""The order of a log: dense numbers, given once, fenced by their own unique id."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from libs.database import Database, Document, DuplicateKeyError, WriteConcern

IDS_PER_QUESTION = 1_000


class Fenced(Exception):
    """Another relay gave this number: it is at work, this one stands back."""


class Order:
    """The `order` collection: `{_id: n, commits: [ids], token}`, n dense from 1.

    Its unique `_id` is the fence: of two relays that give a number, one does.
    """

    def __init__(self, database: Database) -> None:
        self.name = database.name
        self._database = database
        self._order = database["order"]
        self._commits = database["commits"]
        # Forgetting a mark costs a repeated suffix and nothing else; a majority write would cost
        # every batch a flush.
        self._marks = database.get_collection("relay", write_concern=WriteConcern(w=1, j=False))
        self.last = 0
        self.token: Document | None = None

    async def load(self) -> None:
        """Where the order stands: the last number, and the latest token known behind it."""
        entry = await self._order.find_one(sort=[("_id", -1)]) or {}
        passed = await self._marks.find_one({"_id": "passed"}) or {}
        self.last = entry.get("_id", 0)
        # Tokens are hex text that sorts as the oplog does.
        self.token = max(
            (each["token"] for each in (entry, passed) if each.get("token")),
            key=itemgetter("_data"),
            default=None,
        )

    async def give(self, commits: Sequence[Document], token: Document | None) -> int:
        """Number up to 1,024 commits as the next entry; majority. Raises Fenced."""
        number = self.last + 1
        entry: Document = {
            "_id": number,
            "commits": [document["_id"] for document in commits],
            "token": token,
        }
        try:
            await self._order.insert_one(entry)
        except DuplicateKeyError as error:
            raise Fenced(number) from error
        self.last, self.token = number, token
        return number

    async def mark_passed(self, token: Document) -> None:
        """Remember that everything before the token is ordered, though nothing of this log came."""
        await self._marks.update_one({"_id": "passed"}, {"$set": {"token": token}}, upsert=True)

    async def settle(self) -> None:
        """Return when reads at majority show everything that was written before this call.

        A change stream begins behind the last write, which most members may not have yet: what
        was written just before would be neither in the stream nor in a scan at majority. An
        answer at majority to a later write says that the earlier ones have arrived.
        """
        await self._database["relay"].update_one(
            {"_id": "settled"}, {"$inc": {"times": 1}}, upsert=True
        )

    async def published(self) -> int:
        """The last number that Kafka has acknowledged."""
        mark = await self._marks.find_one({"_id": "published"})
        return int(mark["n"]) if mark else 0

    async def mark_published(self, number: int) -> None:
        """Remember Kafka's answer; never backwards, for a paused relay may wake up late."""
        await self._marks.update_one({"_id": "published"}, {"$max": {"n": number}}, upsert=True)

    async def rewind(self) -> None:
        """Forget what was published: the whole log goes out again, with the same positions.

        At majority, for the relay that is started next reads so: it would still find the mark.
        """
        await self._database["relay"].delete_one({"_id": "published"})

    async def commits_of(self, number: int) -> list[Document]:
        """The commits of one entry, in its order."""
        entry = await self._order.find_one({"_id": number})
        if entry is None:
            message = f"order entry {number} is missing"
            raise LookupError(message)
        found = await self._commits.find({"_id": {"$in": entry["commits"]}}).to_list()
        by_id = {document["_id"]: document for document in found}
        return [by_id[commit_id] for commit_id in entry["commits"]]

    async def without_ordered(self, commits: Sequence[Document]) -> list[Document]:
        """Those of `commits` that no entry holds yet, in their order."""
        ids = [document["_id"] for document in commits]
        ordered = await self._ordered(ids)
        return [document for document in commits if document["_id"] not in ordered]

    async def unordered(self) -> list[Document]:
        """Every commit that no entry holds, in an order that keeps each stream's versions.

        Asked when the change stream cannot say: at the very first start, and when the token has
        fallen off the oplog. Between streams the server time decides, and within one a version
        never comes before its predecessor, even where a clock went back.
        """
        missing: list[Document] = []
        chunk: list[Document] = []
        async for document in self._commits.find({}, {"stream": 1, "version": 1, "meta.at": 1}):
            chunk.append(document)
            if len(chunk) == IDS_PER_QUESTION:
                missing += await self.without_ordered(chunk)
                chunk = []
        missing += await self.without_ordered(chunk)
        return _in_stream_order(missing)

    async def load_commits(self, ids: Sequence[str]) -> list[Document]:
        """Whole commits, in the order of `ids`."""
        found = await self._commits.find({"_id": {"$in": list(ids)}}).to_list()
        by_id = {document["_id"]: document for document in found}
        return [by_id[commit_id] for commit_id in ids]

    async def _ordered(self, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        wanted = set(ids)
        entries = self._order.find({"commits": {"$in": list(wanted)}}, {"commits": 1})
        return {
            commit_id
            for entry in await entries.to_list()
            for commit_id in entry["commits"]
            if commit_id in wanted
        }


def _in_stream_order(commits: list[Document]) -> list[Document]:
    commits.sort(key=itemgetter("stream", "version"))
    keyed = []
    for _, stream in groupby(commits, key=itemgetter("stream")):
        latest = None
        for document in stream:
            at = document["meta"]["at"]
            latest = at if latest is None or at > latest else latest
            keyed.append((latest, document["stream"], document["version"], document))
    keyed.sort(key=itemgetter(0, 1, 2))
    return [document for *_, document in keyed]
