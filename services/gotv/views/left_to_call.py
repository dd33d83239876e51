"""How many voters a phone bank has left: now, later, never again; counted by index."""

from dataclasses import dataclass
from datetime import datetime

from libs.database import Database
from libs.hours import CallingHours, may_call
from libs.views.view import Row
from services.gotv.views.voter_status import rows_of


@dataclass(frozen=True, slots=True)
class Left:
    """Voters of the bank's universe. `supporters` and `voters_reached` are counted with them."""

    now: int = 0
    later: int = 0
    exhausted: int = 0
    supporters: int = 0
    voters_reached: int = 0


@dataclass(slots=True)
class _Zone:
    """Callable voters of one set of candidate zones."""

    callable: int = 0
    due_later: int = 0
    exhausted: int = 0


async def count_left(database: Database, bank: Row, now: datetime) -> Left:
    """Count the voters of a bank. Where its hours are over everybody due now is due later."""
    voters = rows_of(database)
    in_universe = {"campaign_id": bank["campaign_id"], "universes": bank["universe_id"]}
    if bank["practice"]:
        in_universe["file.fictional"] = True
    zones: dict[str, _Zone] = {}
    let_go = supporters = 0
    by_zone = await voters.aggregate(
        [
            {"$match": in_universe},
            {
                "$group": {
                    "_id": {"callable": "$callable", "zone_key": "$zone_key"},
                    "voters": {"$sum": 1},
                    "supporters": {"$sum": {"$cond": ["$supporter", 1, 0]}},
                }
            },
        ]
    )
    async for group in by_zone:
        supporters += group["supporters"]
        if group["_id"]["callable"]:
            zones.setdefault(group["_id"]["zone_key"], _Zone()).callable += group["voters"]
        else:
            let_go += group["voters"]
    reached = await _count_attempted(database, bank, now, zones)
    return _left(bank, now, zones, let_go, supporters, reached)


async def _count_attempted(
    database: Database, bank: Row, now: datetime, zones: dict[str, _Zone]
) -> int:
    """Adds to `zones` who is due later or exhausted in the bank; how many voters it reached."""
    reached = 0
    attempted = await rows_of(database).aggregate(
        [
            {"$match": {"banks.bank_id": bank["_id"], "campaign_id": bank["campaign_id"]}},
            {
                "$project": {
                    "callable": {
                        "$and": ["$callable", {"$in": [bank["universe_id"], "$universes"]}]
                    },
                    "zone_key": 1,
                    "bank": {
                        "$first": {
                            "$filter": {
                                "input": "$banks",
                                "cond": {"$eq": ["$$this.bank_id", bank["_id"]]},
                            }
                        }
                    },
                }
            },
            {
                "$group": {
                    "_id": {
                        "callable": "$callable",
                        "zone_key": "$zone_key",
                        "exhausted": "$bank.exhausted",
                        "later": {"$gt": ["$bank.due_at", now]},
                    },
                    "voters": {"$sum": 1},
                    "reached": {"$sum": {"$cond": ["$bank.reached", 1, 0]}},
                }
            },
        ]
    )
    async for group in attempted:
        reached += group["reached"]
        standing = group["_id"]
        if standing["callable"]:
            zone = zones.setdefault(standing["zone_key"], _Zone())
            if standing["exhausted"]:
                zone.exhausted += group["voters"]
            elif standing["later"]:
                zone.due_later += group["voters"]
    return reached


def _left(
    bank: Row,
    now: datetime,
    zones: dict[str, _Zone],
    let_go: int,
    supporters: int,
    reached: int,
) -> Left:
    due_now = later = exhausted = 0
    for zone_key, zone in zones.items():
        # The two counts are taken one after the other, while voters come and go.
        due = max(0, zone.callable - zone.exhausted - zone.due_later)
        exhausted += zone.exhausted
        later += zone.due_later
        if _is_open(bank, zone_key, now):
            due_now += due
        else:
            later += due
    return Left(due_now, later, exhausted + let_go, supporters, reached)


def _is_open(bank: Row, zone_key: str, now: datetime) -> bool:
    """A practice bank does not enforce its hours; a voter without zones is called by nobody."""
    if bank["practice"]:
        return True
    if not zone_key:
        return False
    return may_call(zone_key.split("|"), CallingHours.model_validate(bank["hours"]), now)
