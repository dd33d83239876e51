"""What each caller did in a phone bank: every call counts, wrong numbers included."""

from collections.abc import Iterable
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned, CallSuperseded
from libs.views.buckets import bucket_of, field_of, part_of
from libs.views.view import Index, Row
from services.results.views.tallies import Counted, add_to, attempts_of, positive


class CallerTallies:
    """A row a bank and bucket of callers, so that rows are few, and small, however many call."""

    name = "caller_tallies"
    version = 3
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row with this caller."""
        match fact.event:
            case CallDispositioned() | CallSuperseded() as result:
                yield f"{result.bank_id}/{bucket_of(result.caller_id)}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        match fact.event:
            case CallDispositioned() as result:
                return _add(row or _empty(result), result, 1)
            case CallSuperseded() as result:
                return _add(row or _empty(result), result, -1)
        return row


async def read_callers(database: Database, bank_id: str) -> list[dict[str, Any]]:
    """Each caller's calls, attempts and dispositions in a bank, by the caller's id."""
    rows = database[f"{CallerTallies.name}_v{CallerTallies.version}"]
    callers = [
        {
            "caller_id": part_of(name),
            "calls": told["calls"],
            "attempts": told["attempts"],
            "by_disposition": positive(told["dispositions"]),
            "last_at": told["last_at"],
        }
        async for row in rows.find({"bank_id": bank_id}, {"callers": 1})
        for name, told in row["callers"].items()
    ]
    return sorted(callers, key=lambda caller: caller["caller_id"])


def _empty(result: Counted) -> Row:
    return {"bank_id": result.bank_id, "campaign_id": result.campaign_id, "callers": {}}


def _add(row: Row, result: Counted, step: int) -> Row:
    told = row["callers"].setdefault(
        field_of(result.caller_id),
        {"calls": 0, "attempts": 0, "dispositions": {}, "last_at": result.called_at},
    )
    told["calls"] += step
    told["attempts"] += attempts_of(result, step)
    told["last_at"] = max(told["last_at"], result.called_at)
    add_to(told["dispositions"], result.disposition, step)
    return row
