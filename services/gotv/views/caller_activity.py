"""Who is calling: one row a phone bank and caller."""

from collections.abc import Iterable
from datetime import datetime

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import VoterAssigned
from libs.views.view import Index, Row


class CallerActivity:
    """When a caller last took a voter in a bank."""

    name = "caller_activity"
    version = 1
    listens: tuple[type[Event], ...] = (VoterAssigned,)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1), ("last_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The caller in the bank."""
        match fact.event:
            case VoterAssigned(bank_id=bank_id, caller_id=caller_id):
                yield f"{bank_id}/{caller_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The latest moment does not depend on who arrives first."""
        match fact.event:
            case VoterAssigned() as assigned:
                row = row or {
                    "bank_id": assigned.bank_id,
                    "campaign_id": assigned.campaign_id,
                    "caller_id": assigned.caller_id,
                    "last_at": assigned.assigned_at,
                }
                row["last_at"] = max(row["last_at"], assigned.assigned_at)
        return row


async def count_active(database: Database, bank_id: str, since: datetime) -> int:
    """How many callers took a voter in the bank since then."""
    rows = database[f"{CallerActivity.name}_v{CallerActivity.version}"]
    return await rows.count_documents({"bank_id": bank_id, "last_at": {"$gte": since}})
