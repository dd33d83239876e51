"""Which phone banks are for practice: what is marked in them says nothing about a line."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankCreated
from libs.views.view import Index, Row

COLLECTION = "phone_banks_v1"


class PhoneBanks:
    """One row a phone bank; what it is for never changes."""

    name = "phone_banks"
    version = 1
    listens: tuple[type[Event], ...] = (PhoneBankCreated,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Whether calls in it are made up."""
        match fact.event:
            case PhoneBankCreated(practice=practice):
                return (row or {}) | {"practice": practice}
        return row


async def is_practice(database: Database, bank_id: str) -> bool | None:
    """Whether the bank is for practice; None while its creation has not reached us."""
    row = await database[COLLECTION].find_one({"_id": bank_id}, {"practice": 1})
    return bool(row["practice"]) if row else None
