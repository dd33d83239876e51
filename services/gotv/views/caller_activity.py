"""Who is calling: one row a phone bank and caller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.database import Collection, Database
from libs.events.base import Event, Recorded
from libs.events.queue import VoterAssigned
from libs.views.view import Index, Row


class CallerActivity:
    """When a caller last took voters in a bank, which ones, and for which organization."""

    name = "caller_activity"
    version = 2
    listens: tuple[type[Event], ...] = (VoterAssigned,)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1), ("last_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The caller in the bank."""
        match fact.event:
            case VoterAssigned(bank_id=bank_id, caller_id=caller_id):
                yield f"{bank_id}/{caller_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The latest hand-out does not depend on who arrives first; of equals, the later name."""
        match fact.event:
            case VoterAssigned() as assigned:
                hand_out = (
                    assigned.assigned_at,
                    assigned.organization_id or "",
                    list(assigned.voter_ids),
                )
                if row is None or hand_out > (
                    row["last_at"],
                    row["organization_id"],
                    row["voter_ids"],
                ):
                    row = (row or {}) | {
                        "bank_id": assigned.bank_id,
                        "campaign_id": assigned.campaign_id,
                        "caller_id": assigned.caller_id,
                        "last_at": hand_out[0],
                        "organization_id": hand_out[1],
                        "voter_ids": hand_out[2],
                    }
        return row


def rows_of(database: Database) -> Collection:
    """The rows."""
    return database[f"{CallerActivity.name}_v{CallerActivity.version}"]


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
    shown = {"_id": 0, "caller_id": 1, "organization_id": 1, "bank_id": 1}
    asked = {"bank_id": {"$in": list(bank_ids)}, "last_at": {"$gte": since}}
    async for row in rows_of(database).find(asked, shown):
        callers.add(row["caller_id"])
        organizations.setdefault(row["organization_id"], set()).add(row["caller_id"])
        banks.setdefault(row["bank_id"], set()).add(row["caller_id"])
    return Active(
        len(callers),
        {each: len(named) for each, named in organizations.items()},
        {each: len(named) for each, named in banks.items()},
    )
