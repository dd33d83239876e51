"""How many voters a phone bank has left, and why not more: counted by index."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from libs.database import Database
from libs.hours import CallingHours, may_call
from libs.views.view import Row
from services.gotv.views import caller_activity
from services.gotv.views.promises import count_ahead
from services.gotv.views.voter_status import VoterStatus, rows_of

LEASED_FOR = timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Left:
    """Voters of the bank's universe. `supporters` and `voters_reached` are counted with them.

    `why` tells of everybody who is not left `now`: for `later`, "being_called", "outside_hours",
    "promised" and "resting"; for `exhausted`, "attempts", "no_phone" and the reasons of the queue.
    """

    now: int = 0
    later: int = 0
    exhausted: int = 0
    supporters: int = 0
    voters_reached: int = 0
    why: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Zone:
    """Callable voters of one set of candidate zones."""

    callable: int = 0
    due_later: int = 0
    exhausted: int = 0


@dataclass(slots=True)
class _Found:
    """What the questions found so far."""

    zones: dict[str, _Zone] = field(default_factory=dict)
    let_go: Counter[str] = field(default_factory=Counter)
    supporters: int = 0
    reached: int = 0
    being_called: int = 0
    promised: int = 0


async def count_left(database: Database, bank: Row, now: datetime) -> Left:
    """Count the voters of a bank. Where its hours are over everybody due now is due later."""
    found = _Found()
    await _count_universe(database, bank, found)
    await _count_attempted(database, bank, now, found)
    found.being_called = await _count_being_called(database, bank["_id"], now)
    found.promised = await count_ahead(database, bank["_id"], now)
    return _left(bank, now, found)


async def _count_universe(database: Database, bank: Row, found: _Found) -> None:
    in_universe = {"campaign_id": bank["campaign_id"], "universes": bank["universe_id"]}
    if bank["practice"]:
        in_universe["file.fictional"] = True
    by_zone = await rows_of(database).aggregate(
        [
            {"$match": in_universe},
            {
                "$group": {
                    "_id": {
                        "callable": "$callable",
                        "zone_key": "$zone_key",
                        "let_go_for": "$let_go_for",
                    },
                    "voters": {"$sum": 1},
                    "supporters": {"$sum": {"$cond": ["$supporter", 1, 0]}},
                }
            },
        ]
    )
    async for group in by_zone:
        standing = group["_id"]
        found.supporters += group["supporters"]
        if standing["callable"]:
            found.zones.setdefault(standing["zone_key"], _Zone()).callable += group["voters"]
        else:
            found.let_go[standing.get("let_go_for") or "no_phone"] += group["voters"]


async def _count_attempted(database: Database, bank: Row, now: datetime, found: _Found) -> None:
    """Who is due later or exhausted in the bank, by zone, and how many voters it reached."""
    attempted = await rows_of(database).aggregate(_attempted(bank, now))
    async for group in attempted:
        found.reached += group["reached"]
        standing = group["_id"]
        if standing["callable"]:
            zone = found.zones.setdefault(standing["zone_key"], _Zone())
            if standing["exhausted"]:
                zone.exhausted += group["voters"]
            elif standing["later"]:
                zone.due_later += group["voters"]


def _attempted(bank: Row, now: datetime) -> list[dict[str, Any]]:
    of_this_bank = {
        "$filter": {"input": "$banks", "cond": {"$eq": ["$$this.bank_id", bank["_id"]]}}
    }
    return [
        {"$match": {"banks.bank_id": bank["_id"], "campaign_id": bank["campaign_id"]}},
        {
            "$project": {
                "callable": {"$and": ["$callable", {"$in": [bank["universe_id"], "$universes"]}]},
                "zone_key": 1,
                "bank": {"$first": of_this_bank},
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


async def _count_being_called(database: Database, bank_id: str, now: datetime) -> int:
    """The voters whom callers took of late and whose attempt has not ended yet.

    A line that was given back uncalled is among them until its caller takes the next one.
    """
    counted = await caller_activity.rows_of(database).aggregate(
        [
            *caller_activity.latest_hand_outs([bank_id], {"$gt": now - LEASED_FOR}),
            {
                "$project": {
                    "last_at": 1,
                    "voters": {"$size": "$voter_ids"},
                    "status_id": {
                        "$concat": ["$campaign_id", "/", {"$arrayElemAt": ["$voter_ids", 0]}]
                    },
                }
            },
            {
                "$lookup": {
                    "from": f"{VoterStatus.name}_v{VoterStatus.version}",
                    "localField": "status_id",
                    "foreignField": "_id",
                    "pipeline": [{"$project": {"ends": _ends_in(bank_id)}}],
                    "as": "voter",
                }
            },
            {"$set": {"ended_at": {"$max": {"$first": "$voter.ends"}}}},
            {"$match": {"$expr": {"$lt": ["$ended_at", _shortly_before_last_at()]}}},
            {"$group": {"_id": None, "voters": {"$sum": "$voters"}}},
        ]
    )
    return next((group["voters"] for group in await counted.to_list()), 0)


def _ends_in(bank_id: str) -> dict[str, Any]:
    """When the voter's attempts in the bank ended."""
    in_the_bank = {"$getField": {"field": {"$literal": bank_id}, "input": "$attempted"}}
    lines = {"$objectToArray": {"$ifNull": [in_the_bank, {}]}}
    return {"$map": {"input": lines, "in": "$$this.v.ended_at"}}


def _shortly_before_last_at() -> dict[str, Any]:
    # A phone's clock may be behind; the attempt before this one ended many hours ago.
    seconds = int(CLOCKS_DIFFER.total_seconds())
    return {"$dateSubtract": {"startDate": "$last_at", "unit": "second", "amount": seconds}}


def _left(bank: Row, now: datetime, found: _Found) -> Left:
    due_now = outside_hours = due_later = attempts = 0
    for zone_key, zone in found.zones.items():
        # The counts are taken one after the other, while voters come and go.
        due = max(0, zone.callable - zone.exhausted - zone.due_later)
        attempts += zone.exhausted
        due_later += zone.due_later
        if _is_open(bank, zone_key, now):
            due_now += due
        else:
            outside_hours += due
    being_called = min(found.being_called, due_now)
    promised = min(found.promised, due_later)
    why = {
        "being_called": being_called,
        "outside_hours": outside_hours,
        "promised": promised,
        "resting": due_later - promised,
        "attempts": attempts,
        **found.let_go,
    }
    return Left(
        now=due_now - being_called,
        later=outside_hours + due_later + being_called,
        exhausted=attempts + found.let_go.total(),
        supporters=found.supporters,
        voters_reached=found.reached,
        why={reason: voters for reason, voters in why.items() if voters},
    )


def _is_open(bank: Row, zone_key: str, now: datetime) -> bool:
    """A practice bank does not enforce its hours; a voter without zones is called by nobody."""
    if bank["practice"]:
        return True
    if not zone_key:
        return False
    return may_call(zone_key.split("|"), CallingHours.model_validate(bank["hours"]), now)
