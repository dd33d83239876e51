"""Who is calling: one row a phone bank and caller."""

from collections.abc import Iterable
from datetime import datetime

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import VoterAssigned
from libs.events.results import CallDispositioned
from libs.views.view import Index, Row


class CallerActivity:
    """When a caller last did something in a bank, and how many results came of it."""

    name = "caller_activity"
    version = 1
    listens: tuple[type[Event], ...] = (VoterAssigned, CallDispositioned)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1), ("last_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The caller in the bank."""
        match fact.event:
            case (
                VoterAssigned(bank_id=bank_id, caller_id=caller_id)
                | CallDispositioned(bank_id=bank_id, caller_id=caller_id)
            ):
                yield f"{bank_id}/{caller_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The latest moment and the sum do not depend on who arrives first."""
        match fact.event:
            case VoterAssigned() as assigned:
                row = row or _empty(assigned)
                row["last_at"] = max(row["last_at"], assigned.assigned_at)
            case CallDispositioned() as result:
                row = row or _empty(result)
                # A late result says nothing of where its caller is now.
                row["last_at"] = max(row["last_at"], result.called_at)
                row["results"] += 1
        return row


async def count_active(database: Database, bank_id: str, since: datetime) -> int:
    """How many callers did something in the bank since then."""
    rows = database[f"{CallerActivity.name}_v{CallerActivity.version}"]
    return await rows.count_documents({"bank_id": bank_id, "last_at": {"$gte": since}})


def _empty(fact: VoterAssigned | CallDispositioned) -> Row:
    at = fact.assigned_at if isinstance(fact, VoterAssigned) else fact.called_at
    return {
        "bank_id": fact.bank_id,
        "campaign_id": fact.campaign_id,
        "caller_id": fact.caller_id,
        "last_at": at,
        "results": 0,
    }
