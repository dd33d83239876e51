"""How many calls a caller made on a day; one row a caller and date (UTC)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from libs.database import Database
from libs.events.base import Recorded
from libs.events.queue import AttemptEnded
from libs.views.view import Index, Row


def row_id(caller_id: str, at: datetime) -> str:
    """The id of the row of a caller's day."""
    return f"{caller_id}/{at.astimezone(UTC).date().isoformat()}"


class CallerDays:
    """The view: the assignments that ended in a call; a correction counts no second time."""

    name = "caller_days"
    version = 1
    listens = (AttemptEnded,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of the day on which the call was made."""
        match fact.event:
            case AttemptEnded(caller_id=caller_id, ended_at=ended_at):
                yield row_id(caller_id, ended_at)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """One call more, unless it is known."""
        row = row or {"calls": []}
        match fact.event:
            case AttemptEnded(assignment_id=assignment_id):
                row["calls"] = sorted({*row["calls"], assignment_id})
        return row


COLLECTION = f"{CallerDays.name}_v{CallerDays.version}"


async def calls_on(views: Database, caller_id: str, at: datetime) -> int:
    """How many calls are known of this caller's day."""
    row = await views[COLLECTION].find_one({"_id": row_id(caller_id, at)})
    return len(row["calls"]) if row else 0
