"""What lists are selected by: coarse attributes of a voter in clear, one row a voter.

State, county, party, year of birth, gender, status, zones, and whether there is a phone: enough to
select and to count, and nothing that names a person. Everything else of a person is sealed in
`people`. `seen_in` and `seen_row` say in which import's which row the voter stood last.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.database import Database, Document, ReplaceOne, UpdateOne
from services.voters.domain.voter import ParsedVoter

COLLECTION = "selectable"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a voter stood last: which import, which row."""

    import_id: str
    row: int


class Selectable:
    """The rows, read and written in batches."""

    def __init__(self, database: Database) -> None:
        self._rows = database[COLLECTION]

    async def prepare(self) -> None:
        """Make the index that selecting needs."""
        await self._rows.create_index([("campaign_id", 1), ("state", 1), ("county", 1)])

    async def sightings(self, campaign_id: str, voter_ids: Iterable[str]) -> dict[str, Sighting]:
        """Where these voters stood last; unknown ones are left out."""
        wanted = {"_id": {"$in": [row_id(campaign_id, voter) for voter in voter_ids]}}
        fields = {"voter_id": 1, "seen_in": 1, "seen_row": 1}
        found = await self._rows.find(wanted, fields).to_list()
        return {row["voter_id"]: Sighting(row["seen_in"], row["seen_row"]) for row in found}

    async def add(self, rows: Sequence[Document]) -> None:
        """Keep the rows of voters who had none."""
        if rows:
            await self._rows.insert_many(rows, ordered=False)

    async def change(self, rows: Sequence[Document], seen: Mapping[str, Sighting]) -> None:
        """Replace rows, and for the voters `seen` keep only where they stood."""
        replacing = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        seeing = [
            UpdateOne({"_id": row_id}, {"$set": {"seen_in": at.import_id, "seen_row": at.row}})
            for row_id, at in seen.items()
        ]
        if replacing or seeing:
            await self._rows.bulk_write([*replacing, *seeing], ordered=False)

    async def set_lines(self, campaign_id: str, voter_id: str, *, has_phone: bool) -> None:
        """Say whether the voter has a line left."""
        change = {"$set": {"has_phone": has_phone}}
        await self._rows.update_one({"_id": row_id(campaign_id, voter_id)}, change)

    async def count(self, wanted: Document) -> int:
        """How many voters meet a condition."""
        return await self._rows.count_documents(wanted)

    async def voter_ids(self, wanted: Document, batch: int) -> AsyncIterator[tuple[str, ...]]:
        """The ids of the voters that meet a condition, in batches."""
        found = self._rows.find(wanted, {"_id": 0, "voter_id": 1}).sort("_id", 1)
        while rows := await found.to_list(batch):
            yield tuple(row["voter_id"] for row in rows)

    async def erase(self, campaign_id: str, voter_id: str) -> None:
        """Forget the row."""
        await self._rows.delete_one({"_id": row_id(campaign_id, voter_id)})


def row_of(
    voter: ParsedVoter,
    *,
    campaign_id: str,
    voter_id: str,
    zones: tuple[str, ...],
    fact: Any,
    sighting: Sighting,
    year: int,
) -> Document:
    """The voter's row after `fact`; `year` is today's, for files that tell an age only."""
    birth_year = voter.birth_year
    if birth_year is None and voter.age is not None:
        birth_year = year - voter.age
    return {
        "_id": row_id(campaign_id, voter_id),
        "campaign_id": campaign_id,
        "voter_id": voter_id,
        "state": voter.state,
        "county": voter.county.casefold(),
        "party": voter.party,
        "birth_year": birth_year,
        "gender": voter.gender,
        "status": voter.status,
        "zones": list(zones),
        "has_phone": bool(fact.line_ids),
        "fictional": fact.fictional,
        "seen_in": sighting.import_id,
        "seen_row": sighting.row,
    }


def row_id(campaign_id: str, voter_id: str) -> str:
    """The id of a voter's row."""
    return f"{campaign_id}/{voter_id}"
