"""Whose a phone bank is, its name and its candidate; calls are shown to their own campaign only."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankChanged, PhoneBankCreated
from libs.views.view import Index, Row

BANKS_MAX = 1_000


class Banks:
    """One row a phone bank; its facts have one key, so they come in order."""

    name = "banks"
    version = 3
    listens: tuple[type[Event], ...] = (PhoneBankCreated, PhoneBankChanged)
    indexes: tuple[Index, ...] = (Index([("campaign_id", 1), ("created_at", -1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The campaign never changes; the name and the candidate may."""
        row = row or {}
        match fact.event:
            case PhoneBankCreated() as created:
                return row | _named(created) | {"created_at": fact.at}
            case PhoneBankChanged() as changed:
                return row | _named(changed)
        return row


def _named(told: PhoneBankCreated | PhoneBankChanged) -> Row:
    return {"campaign_id": told.campaign_id, "name": told.name, "candidate": told.candidate}


async def campaign_of(database: Database, bank_id: str) -> str | None:
    """The campaign of a phone bank."""
    row = await database[f"{Banks.name}_v{Banks.version}"].find_one({"_id": bank_id})
    return row["campaign_id"] if row else None


async def candidate_of(database: Database, bank_id: str) -> str | None:
    """For whom a phone bank calls; None while it has not reached us."""
    row = await database[f"{Banks.name}_v{Banks.version}"].find_one({"_id": bank_id})
    return row["candidate"] if row else None


async def banks_of(database: Database, campaign_id: str) -> list[Row]:
    """The phone banks of a campaign (`_id`, `name`), the newest first."""
    rows = database[f"{Banks.name}_v{Banks.version}"]
    found = rows.find({"campaign_id": campaign_id}, {"name": 1})
    return await found.sort("created_at", -1).to_list(BANKS_MAX)
