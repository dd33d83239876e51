"""What is asked of the voters' rows: whom to call next, who shares a line, how many are left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.database import ASCENDING, Cursor, Database
from libs.views.view import Row
from services.queue.views.standing import part_name
from services.queue.views.voters import Voters, row_id

COLLECTION = f"{Voters.name}_v{Voters.version}"
# MongoDB uses a partial index only where the question itself says what the index holds.
_DATE = {"$type": "date"}
_CANDIDATE_FIELDS = {
    "voter_id": 1,
    "next_line": 1,
    "line_ids": 1,
    "free_at": 1,
    "tries": 1,
    "promise_line": 1,
    "promise_bank": 1,
    "promise_at": 1,
    "promise_caller": 1,
    "promise_number": 1,
    "promise_question": 1,
}


@dataclass(frozen=True, slots=True)
class Search:
    """For whom, where and when voters are looked for. `zone_keys` are those that are open now.

    `language` is the one that the voters speak who are looked for, where a call found that out.
    """

    campaign_id: str
    bank_id: str
    universe_id: str
    practice: bool
    zone_keys: tuple[str, ...]
    at: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """How many voters of one set of zones are free now, on a screen now, or free later.

    `language`: they are called by those who speak it; None: by everybody.
    """

    zones: tuple[str, ...]
    language: str | None
    now: int
    in_progress: int
    later: int
    next_at: datetime | None


def split_zones(zone_key: str) -> tuple[str, ...]:
    """The zones in a row's `zone_key`."""
    return tuple(zone for zone in zone_key.split("|") if zone)


def _parts_now(zone_keys: Collection[str], at: datetime) -> list[str]:
    zones = {zone for zone_key in zone_keys for zone in split_zones(zone_key)}
    return sorted(part_name(at, zone) for zone in zones)


def _left(search: Search) -> Row:
    """Voters of the universe who may be called by this bank, now or later."""
    match: Row = {
        "campaign_id": search.campaign_id,
        "universes": search.universe_id,
        "blocked": False,
        "done_banks": {"$ne": search.bank_id},
    }
    return match | {"fictional": True} if search.practice else match


def candidates(views: Database, search: Search, *, fresh: bool, batch: int) -> Cursor:
    """Voters who may be called now: those never tried in this bank, or those to be tried again.

    Those whom this bank promised a call are not among them. Whoever does not read to the end closes
    the cursor.
    """
    match = _left(search) | {
        "zone_key": {"$in": list(search.zone_keys)},
        "free_at": {"$lte": search.at},
        "language": {"$eq": search.language, "$type": "string"} if search.language else None,
        "promise_bank": {"$ne": search.bank_id},  # See `promised`.
        "parts": {"$nin": _parts_now(search.zone_keys, search.at)},
    }
    if fresh:
        match["tried_banks"] = {"$ne": search.bank_id}
    else:
        match |= {"tried_banks": search.bank_id, "rank": {"$gte": 1}}
    found = views[COLLECTION].find(match, _CANDIDATE_FIELDS, batch_size=batch)
    return found.sort([("rank", ASCENDING), ("free_at", ASCENDING)])


async def promised(views: Database, bank_id: str, until: datetime) -> Sequence[Row]:
    """Voters whom somebody promised a call before `until`, the earliest first."""
    found = views[COLLECTION].find(
        {"promise_bank": bank_id, "promise_at": {"$lte": until} | _DATE}, _CANDIDATE_FIELDS
    )
    return await found.sort("promise_at", ASCENDING).to_list(500)


async def promises_to(
    views: Database, campaign_id: str, voter_ids: Collection[str]
) -> Sequence[Row]:
    """The rows of those of these voters to whom a call is promised."""
    ids = [row_id(campaign_id, voter_id) for voter_id in voter_ids]
    found = views[COLLECTION].find(
        {"_id": {"$in": ids}, "promise_at": {"$ne": None}}, _CANDIDATE_FIELDS
    )
    return await found.sort("_id", ASCENDING).to_list()


async def other_lines(
    views: Database, campaign_id: str, voter_id: str, line_id: str
) -> tuple[str, ...]:
    """The voter's other lines by the file, in its order."""
    row = await views[COLLECTION].find_one({"_id": row_id(campaign_id, voter_id)}, {"line_ids": 1})
    return tuple(each for each in row["line_ids"] if each != line_id) if row else ()


async def households(
    views: Database, campaign_id: str, line_ids: Collection[str]
) -> dict[str, list[Row]]:
    """The whole rows of the voters on each line, in a stable order."""
    found = views[COLLECTION].find(
        {"campaign_id": campaign_id, "line_ids": {"$in": list(line_ids)}}
    )
    rows = await found.sort("_id", ASCENDING).to_list()
    wanted = set(line_ids)
    by_line: dict[str, list[Row]] = {}
    for row in rows:
        for line_id in wanted.intersection(row["line_ids"]):
            by_line.setdefault(line_id, []).append(row)
    return by_line


async def voters_on(views: Database, campaign_id: str, line_id: str) -> tuple[str, ...]:
    """The ids of the voters on a line."""
    found = views[COLLECTION].find(
        {"campaign_id": campaign_id, "line_ids": line_id}, {"voter_id": 1}
    )
    return tuple(sorted([row["voter_id"] async for row in found]))


async def lines_of(views: Database, campaign_id: str, voter_id: str) -> tuple[str, ...]:
    """The ids of a voter's lines, those ever called included."""
    row = await views[COLLECTION].find_one(
        {"_id": row_id(campaign_id, voter_id)}, {"line_ids": 1, "lines": 1}
    )
    return tuple(dict.fromkeys((*row["line_ids"], *row["lines"]))) if row else ()


async def zone_keys(views: Database, campaign_id: str, universe_id: str) -> tuple[str, ...]:
    """The sets of zones in which voters of a universe live."""
    found = await views[COLLECTION].distinct(
        "zone_key", {"campaign_id": campaign_id, "universes": universe_id, "blocked": False}
    )
    return tuple(sorted(str(key) for key in found if key))


async def have_arrived(
    views: Database, campaign_id: str, universe_id: str, number: int | None
) -> bool:
    """Whether the rows of a universe's voters are here, and each with what the file says.

    `number` are in the universe; None: that is not known, and any number is enough.
    """
    members = {"campaign_id": campaign_id, "universes": universe_id}
    if number is not None and await views[COLLECTION].count_documents(members) < number:
        return False
    # Who came into the universe before the file's own fact has no line yet, so nobody may call.
    unknown = members | {"blocked": True, "voter_id": {"$exists": False}}
    return await views[COLLECTION].find_one(unknown, {"_id": 1}) is None


async def figures(views: Database, search: Search) -> tuple[ZoneFigures, ...]:
    """How many voters are left to call, by the zones they live in; `zone_keys` are all of them."""
    at = search.at
    parts = _parts_now(search.zone_keys, at)
    leased = {"$gt": [{"$ifNull": ["$lease_until", None]}, at]}
    other_part = {"$eq": [{"$size": {"$setIntersection": ["$parts", parts]}}, 0]}
    free = {"$and": [{"$lte": ["$free_at", at]}, other_part]}
    found = await views[COLLECTION].aggregate(
        [
            {"$match": _left(search)},
            {"$set": {"_free": free, "_leased": leased}},
            {
                "$group": {
                    "_id": {"zones": "$zone_key", "language": "$language"},
                    "now": {"$sum": {"$cond": ["$_free", 1, 0]}},
                    "in_progress": {"$sum": {"$cond": ["$_leased", 1, 0]}},
                    "all": {"$sum": 1},
                    "next_at": {"$min": {"$cond": [{"$gt": ["$free_at", at]}, "$free_at", None]}},
                }
            },
            {"$sort": {"_id": 1}},
        ]
    )
    return tuple(
        ZoneFigures(
            zones=split_zones(group["_id"]["zones"]),
            language=group["_id"].get("language"),
            now=group["now"],
            in_progress=group["in_progress"],
            later=group["all"] - group["now"] - group["in_progress"],
            next_at=group["next_at"],
        )
        for group in await found.to_list()
    )


async def lapsed(views: Database, before: datetime, limit: int) -> Sequence[tuple[str, str, str]]:
    """(campaign, line, assignment) of leases that ran out before a moment, each once."""
    found = views[COLLECTION].find(
        {"lease_until": {"$lte": before} | _DATE}, {"campaign_id": 1, "leases": 1}
    )
    rows = await found.sort("lease_until", ASCENDING).to_list(limit)
    return sorted(
        {
            (row["campaign_id"], lease["line_id"], lease["assignment_id"])
            for row in rows
            for lease in row["leases"]
            if lease["until"] <= before
        }
    )
