"""Who waits for help in a phone bank; one row a bank and caller."""

from collections.abc import Iterable, Sequence

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.queue import HandLowered, HandRaised
from libs.views.view import Index, Row


def row_id(bank_id: str, caller_id: str) -> str:
    """The id of the row of a caller's hand."""
    return f"{bank_id}/{caller_id}"


class Hands:
    """The view. All facts about a bank's hands come by one partition, in their order."""

    name = "hands"
    version = 1
    listens = (HandRaised, HandLowered)
    indexes = (Index([("bank_id", 1), ("is_up", 1), ("raised_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of the caller in the bank."""
        match fact.event:
            case HandRaised() | HandLowered() as event:
                yield row_id(event.bank_id, event.caller_id)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Up or down, as was said last."""
        match fact.event:
            case HandRaised() as raised:
                return (row or {}) | {
                    "bank_id": raised.bank_id,
                    "caller_id": raised.caller_id,
                    "organization_id": raised.organization_id,
                    "raised_at": raised.raised_at.isoformat(),
                    "is_up": True,
                }
            case HandLowered(by=by):
                return (row or {}) | {"is_up": False, "lowered_by": by}
        return row


COLLECTION = f"{Hands.name}_v{Hands.version}"


async def raised_in(views: Database, bank_id: str, limit: int = 200) -> Sequence[Row]:
    """The hands that are up, the one that waits longest first."""
    found = views[COLLECTION].find({"bank_id": bank_id, "is_up": True})
    return await found.sort("raised_at", ASCENDING).to_list(limit)
