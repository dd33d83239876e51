"""Texts about people that calls brought: notes, hearsay, given numbers; under the person's key."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.database import Database, Document, UpdateOne
from services.voters.people import People

COLLECTION = "deposits"

Kind = Literal["note", "hearsay", "promise_number", "promise_question"]


@dataclass(frozen=True, slots=True)
class Deposit:
    """A text about a voter; one for each (call, voter, kind)."""

    voter_id: str
    call_id: str
    kind: Kind
    text: str


class Deposits:
    """Keeps the first text of each (call, voter, kind); erased with its person's key."""

    def __init__(self, database: Database, people: People) -> None:
        self._rows = database[COLLECTION]
        self._people = people

    async def prepare(self) -> None:
        """Make the index that erasing needs."""
        await self._rows.create_index([("campaign_id", 1), ("voter_id", 1)])

    async def keep(self, campaign_id: str, deposits: Sequence[Deposit], at: datetime) -> list[str]:
        """The ids, in order. A text about somebody unknown or erased gets an id and is not kept.

        A call's result must not be refused because its voter was erased meanwhile.
        """
        ids = [deposit_id(campaign_id, each) for each in deposits]
        seals = await self._people.seals(campaign_id, {each.voter_id for each in deposits})
        writes = [
            UpdateOne(
                {"_id": each_id},
                {
                    "$setOnInsert": {
                        "campaign_id": campaign_id,
                        "voter_id": each.voter_id,
                        "call_id": each.call_id,
                        "kind": each.kind,
                        "at": at,
                        "content": seals[each.voter_id].seal(_place(each_id), each.text.encode()),
                    }
                },
                upsert=True,
            )
            for each_id, each in zip(ids, deposits, strict=True)
            if each.voter_id in seals
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False)
        return ids

    async def find(self, campaign_id: str, deposit_ids: Sequence[str]) -> list[Document]:
        """The sealed deposits of this campaign among these ids."""
        wanted = {"_id": {"$in": list(deposit_ids)}, "campaign_id": campaign_id}
        return await self._rows.find(wanted).to_list()

    async def opened(self, campaign_id: str, found: Sequence[Document]) -> dict[str, str]:
        """Their texts by id; those of erased people are left out."""
        seals = await self._people.seals(campaign_id, {row["voter_id"] for row in found})
        return {
            row["_id"]: seals[row["voter_id"]].open(_place(row["_id"]), row["content"]).decode()
            for row in found
            if row["voter_id"] in seals
        }


async def erase(database: Database, campaign_id: str, voter_id: str) -> None:
    """Forget all texts about a person."""
    wanted = {"campaign_id": campaign_id, "voter_id": voter_id}
    await database[COLLECTION].delete_many(wanted)


def deposit_id(campaign_id: str, deposit: Deposit) -> str:
    """The id of a deposit: the same for the same call, voter and kind."""
    named = f"{campaign_id}\0{deposit.call_id}\0{deposit.voter_id}\0{deposit.kind}"
    return hashlib.blake2b(f"deposit\0{named}".encode(), digest_size=16).hexdigest()


def _place(each_id: str) -> str:
    return f"deposit/{each_id}"
