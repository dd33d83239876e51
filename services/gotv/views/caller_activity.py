"""Who is calling: at most `BUCKETS` rows a phone bank, however many callers it has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from libs.database import Collection, Database
from libs.events.base import Event, Recorded
from libs.events.queue import VoterAssigned
from libs.views.buckets import bucket_of, field_of
from libs.views.view import Index, Row

# Far longer than anybody asks for, and a row stays as small as an evening.
KEPT = timedelta(hours=12)


class CallerActivity:
    """When a caller last took voters in a bank, which ones, and for which organization.

    A row a bank and bucket of callers. Callers who took nobody in the twelve hours before the
    row's newest hand-out (`last_at`) are not in it.
    """

    name = "caller_activity"
    version = 4
    listens: tuple[type[Event], ...] = (VoterAssigned,)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1), ("last_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row with this caller."""
        match fact.event:
            case VoterAssigned(bank_id=bank_id, caller_id=caller_id):
                yield f"{bank_id}/{bucket_of(caller_id)}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The latest hand-out does not depend on who arrives first; of equals, the later name.

        Nor does who is let go: what is too old for one hand-out is too old for the newest.
        """
        match fact.event:
            case VoterAssigned() as assigned:
                row = row or _empty(assigned)
                _put(row["callers"], assigned)
                row["last_at"] = max(row["last_at"], assigned.assigned_at)
                row["callers"] = {
                    caller: held
                    for caller, held in row["callers"].items()
                    if held["last_at"] > row["last_at"] - KEPT
                }
        return row


def _empty(assigned: VoterAssigned) -> Row:
    return {
        "bank_id": assigned.bank_id,
        "campaign_id": assigned.campaign_id,
        "last_at": assigned.assigned_at,
        "callers": {},
    }


def _put(callers: dict[str, Row], assigned: VoterAssigned) -> None:
    name = field_of(assigned.caller_id)
    hand_out = {
        "last_at": assigned.assigned_at,
        "organization_id": assigned.organization_id or "",
        "voter_ids": list(assigned.voter_ids),
    }
    held = callers.get(name)
    if held is None or _order(hand_out) > _order(held):
        callers[name] = hand_out


def _order(hand_out: Row) -> tuple[datetime, str, list[str]]:
    return hand_out["last_at"], hand_out["organization_id"], hand_out["voter_ids"]


def rows_of(database: Database) -> Collection:
    """The rows."""
    return database[f"{CallerActivity.name}_v{CallerActivity.version}"]


def latest_hand_outs(bank_ids: Sequence[str], last_at: dict[str, datetime]) -> list[dict[str, Any]]:
    """Stages that ask for the last hand-out of each caller in these banks, `last_at` as told.

    They give a document a bank and caller: `bank_id`, `campaign_id`, `caller` (the name in the
    row), `last_at`, `organization_id` and `voter_ids`.
    """
    of_the_bank = {"bank_id": "$bank_id", "campaign_id": "$campaign_id", "caller": "$callers.k"}
    return [
        {"$match": {"bank_id": {"$in": list(bank_ids)}, "last_at": last_at}},
        {
            "$project": {
                "_id": 0,
                "bank_id": 1,
                "campaign_id": 1,
                "callers": {"$objectToArray": "$callers"},
            }
        },
        {"$unwind": "$callers"},
        {"$match": {"callers.v.last_at": last_at}},
        {"$replaceWith": {"$mergeObjects": ["$callers.v", of_the_bank]}},
    ]


@dataclass(frozen=True, slots=True)
class Active:
    """Callers at work: in all, and in each organization ("" for none) and bank."""

    callers: int
    by_organization: dict[str, int]
    by_bank: dict[str, int]


async def read_active(database: Database, bank_ids: Sequence[str], since: datetime) -> Active:
    """Who took a voter in these banks since then.

    Somebody who calls in two banks is one caller, at work in both.
    """
    callers: set[str] = set()
    organizations: dict[str, set[str]] = {}
    banks: dict[str, set[str]] = {}
    shown = {"caller": 1, "organization_id": 1, "bank_id": 1}
    asked = [*latest_hand_outs(bank_ids, {"$gte": since}), {"$project": shown}]
    async for held in await rows_of(database).aggregate(asked):
        callers.add(held["caller"])
        organizations.setdefault(held["organization_id"], set()).add(held["caller"])
        banks.setdefault(held["bank_id"], set()).add(held["caller"])
    return Active(
        len(callers),
        {each: len(named) for each, named in organizations.items()},
        {each: len(named) for each, named in banks.items()},
    )
