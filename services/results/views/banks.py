"""Whose a phone bank is, so that its tallies are shown to its own campaign only."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankCreated
from libs.views.view import Index, Row


class Banks:
    """One row a phone bank."""

    name = "banks"
    version = 1
    listens: tuple[type[Event], ...] = (PhoneBankCreated,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The campaign never changes."""
        match fact.event:
            case PhoneBankCreated(campaign_id=campaign_id):
                return (row or {}) | {"campaign_id": campaign_id}
        return row


async def campaign_of(database: Database, bank_id: str) -> str | None:
    """The campaign of a phone bank."""
    row = await database[f"{Banks.name}_v{Banks.version}"].find_one({"_id": bank_id})
    return row["campaign_id"] if row else None
