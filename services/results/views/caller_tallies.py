"""What each caller did in a phone bank: every call counts, wrong numbers included."""

from collections.abc import Iterable
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned, CallSuperseded
from libs.views.view import Index, Row
from services.results.views.tallies import Counted, add_to, attempts_of, positive


class CallerTallies:
    """One row a bank and caller."""

    name = "caller_tallies"
    version = 1
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1), ("_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The caller's row in the bank."""
        match fact.event:
            case CallDispositioned() | CallSuperseded() as result:
                yield f"{result.bank_id}/{result.caller_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        match fact.event:
            case CallDispositioned() as result:
                return _add(row, result, 1)
            case CallSuperseded() as result:
                return _add(row, result, -1)
        return row


async def read_callers(database: Database, bank_id: str) -> list[dict[str, Any]]:
    """Each caller's calls, attempts and dispositions in a bank."""
    rows = database[f"{CallerTallies.name}_v{CallerTallies.version}"]
    return [
        {
            "caller_id": row["caller_id"],
            "calls": row["calls"],
            "attempts": row["attempts"],
            "by_disposition": positive(row["dispositions"]),
            "last_at": row["last_at"],
        }
        async for row in rows.find({"bank_id": bank_id}).sort("_id", 1)
    ]


def _add(row: Row | None, result: Counted, step: int) -> Row:
    if row is None:
        row = {
            "bank_id": result.bank_id,
            "campaign_id": result.campaign_id,
            "caller_id": result.caller_id,
            "calls": 0,
            "attempts": 0,
            "dispositions": {},
            "last_at": result.called_at,
        }
    row["calls"] += step
    row["attempts"] += attempts_of(result, step)
    row["last_at"] = max(row["last_at"], result.called_at)
    add_to(row["dispositions"], result.disposition, step)
    return row
