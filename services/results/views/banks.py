"""Whose a phone bank is, and its name, so that its calls are shown to its own campaign only."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankChanged, PhoneBankCreated
from libs.views.view import Index, Row

BANKS_MAX = 1_000


class Banks:
    """One row a phone bank; its facts have one key, so they come in order."""

    name = "banks"
    version = 2
    listens: tuple[type[Event], ...] = (PhoneBankCreated, PhoneBankChanged)
    indexes: tuple[Index, ...] = (Index([("campaign_id", 1), ("created_at", -1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The campaign never changes; the name may."""
        row = row or {}
        match fact.event:
            case PhoneBankCreated(campaign_id=campaign_id, name=name):
                return row | {"campaign_id": campaign_id, "name": name, "created_at": fact.at}
            case PhoneBankChanged(campaign_id=campaign_id, name=name):
                return row | {"campaign_id": campaign_id, "name": name}
        return row


async def campaign_of(database: Database, bank_id: str) -> str | None:
    """The campaign of a phone bank."""
    row = await database[f"{Banks.name}_v{Banks.version}"].find_one({"_id": bank_id})
    return row["campaign_id"] if row else None


async def banks_of(database: Database, campaign_id: str) -> list[Row]:
    """The phone banks of a campaign (`_id`, `name`), the newest first."""
    rows = database[f"{Banks.name}_v{Banks.version}"]
    found = rows.find({"campaign_id": campaign_id}, {"name": 1})
    return await found.sort("created_at", -1).to_list(BANKS_MAX)
