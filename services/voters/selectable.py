"""What lists are selected by: coarse attributes of a voter in clear, one row a voter.

State, county, party, year of birth, gender, status, zones, and whether there is a phone: enough to
select and to count, and nothing that names a person. Everything else of a person is sealed in
`people`. `seen_in` and `seen_row` say in which import's which row the voter stood last,
`file_seen_in` in which import of a state's own file (`file_layout`, `file_county`). `calls`,
`last_attempt_at` and `support_level` are what calls taught (`services.voters.outreach`).
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.database import Database, Document, UpdateOne
from services.voters.domain.voter import ParsedVoter

COLLECTION = "selectable"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a voter stood last: which import, which row; `layout` is a state file's, else ""."""

    import_id: str
    row: int
    layout: str = ""
    county: str = ""

    def fields(self) -> Document:
        """For the voter's row."""
        stood: Document = {"seen_in": self.import_id, "seen_row": self.row}
        if self.layout:
            stood |= {
                "file_layout": self.layout,
                "file_county": self.county,
                "file_seen_in": self.import_id,
            }
        return stood


@dataclass(frozen=True, slots=True)
class Outreach:
    """The calls to a voter as stored, and how often they were written."""

    calls: list[Document]
    rev: int


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
        fields = {
            "voter_id": 1,
            "seen_in": 1,
            "seen_row": 1,
            "file_layout": 1,
            "file_county": 1,
        }
        found = await self._rows.find(wanted, fields).to_list()
        return {
            row["voter_id"]: Sighting(
                row["seen_in"],
                row["seen_row"],
                row.get("file_layout", ""),
                row.get("file_county", ""),
            )
            for row in found
        }

    async def add(self, rows: Sequence[Document]) -> None:
        """Keep the rows of voters who had none."""
        if rows:
            await self._rows.insert_many(rows, ordered=False)

    async def change(self, rows: Sequence[Document], seen: Mapping[str, Sighting]) -> None:
        """Change what a file says of voters; of those `seen` keep only where they stood.

        What calls taught of a voter stays, and which whole file named the voter last.
        """
        changing = [UpdateOne({"_id": row["_id"]}, {"$set": row}, upsert=True) for row in rows]
        seeing = [UpdateOne({"_id": row_id}, {"$set": at.fields()}) for row_id, at in seen.items()]
        if changing or seeing:
            await self._rows.bulk_write([*changing, *seeing], ordered=False)

    async def set_lines(self, campaign_id: str, voter_id: str, *, has_phone: bool) -> None:
        """Say whether the voter has a line left."""
        change = {"$set": {"has_phone": has_phone}}
        await self._rows.update_one({"_id": row_id(campaign_id, voter_id)}, change)

    async def missing_from(
        self, import_id: str, campaign_id: str, layout: str, counties: Sequence[str]
    ) -> int:
        """How many voters of these counties earlier files of this layout had and this one not."""
        return await self.count(
            {
                "campaign_id": campaign_id,
                "file_layout": layout,
                "file_county": {"$in": list(counties)},
                "file_seen_in": {"$ne": import_id},
            }
        )

    async def on_file(self, campaign_id: str, layout: str, counties: Sequence[str]) -> int:
        """How many voters of these counties files of this layout had so far."""
        return await self.count(
            {
                "campaign_id": campaign_id,
                "file_layout": layout,
                "file_county": {"$in": list(counties)},
            }
        )

    async def has_any_of(self, campaign_id: str, layout: str) -> bool:
        """Whether anybody came with a file of this layout."""
        wanted = {"campaign_id": campaign_id, "file_layout": layout}
        return await self._rows.find_one(wanted, {"_id": 1}) is not None

    async def count(self, wanted: Document) -> int:
        """How many voters meet a condition."""
        return await self._rows.count_documents(wanted)

    async def has_any(self, campaign_id: str) -> bool:
        """Whether anybody is on the campaign's file."""
        return await self._rows.find_one({"campaign_id": campaign_id}, {"_id": 1}) is not None

    async def choices(self, campaign_id: str) -> list[Document]:
        """Which states, counties and parties the campaign's voters have, and how many of each."""
        group = {"state": "$state", "county": "$county", "party": "$party"}
        found = await self._rows.aggregate(
            [
                {"$match": {"campaign_id": campaign_id}},
                {"$group": {"_id": group, "voters": {"$sum": 1}}},
            ]
        )
        return [{**row["_id"], "voters": row["voters"]} for row in await found.to_list()]

    async def outreach(self, campaign_id: str, voter_id: str) -> Outreach | None:
        """What calls taught of a voter; None for one who is not on the file."""
        fields = {"calls": 1, "calls_rev": 1}
        row = await self._rows.find_one({"_id": row_id(campaign_id, voter_id)}, fields)
        return Outreach(row.get("calls", []), row.get("calls_rev", 0)) if row else None

    async def set_outreach(
        self, campaign_id: str, voter_id: str, known: Outreach, **fields: Any
    ) -> bool:
        """Keep what follows from `known`; False when another was faster: read it again."""
        wanted = {"_id": row_id(campaign_id, voter_id), "calls_rev": known.rev or None}
        change = {"$set": fields | {"calls_rev": known.rev + 1}}
        return (await self._rows.update_one(wanted, change)).matched_count == 1

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
        **sighting.fields(),
    }


def row_id(campaign_id: str, voter_id: str) -> str:
    """The id of a voter's row."""
    return f"{campaign_id}/{voter_id}"
