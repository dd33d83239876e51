"""The phone banks: whose each is, whom it calls, and whether it is open."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import (
    PhoneBankChanged,
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
)
from libs.views.view import Index, Row


class Banks:
    """One row a phone bank; its facts have one key, so they come in order."""

    name = "banks"
    version = 1
    listens: tuple[type[Event], ...] = (
        PhoneBankCreated,
        PhoneBankChanged,
        PhoneBankOpened,
        PhoneBankPaused,
        PhoneBankClosed,
    )
    indexes: tuple[Index, ...] = (Index([("campaign_id", 1), ("created_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What an organizer set up, and its state."""
        row = row or {"status": "created"}
        match fact.event:
            case PhoneBankCreated() as created:
                row |= {
                    "campaign_id": created.campaign_id,
                    "name": created.name,
                    "candidate": created.candidate,
                    "state": created.state,
                    "universe_id": created.universe_id,
                    "practice": created.practice,
                    "hours": created.hours,
                    "created_at": fact.at,
                }
            case PhoneBankChanged() as changed:
                row |= {
                    "name": changed.name,
                    "candidate": changed.candidate,
                    "hours": changed.hours,
                }
            case PhoneBankOpened():
                row["status"] = "open"
            case PhoneBankPaused():
                row["status"] = "paused"
            case PhoneBankClosed():
                row["status"] = "closed"
        return row


async def read_bank(database: Database, bank_id: str) -> Row | None:
    """A bank's row; None while its creation has not reached us."""
    row = await database[f"{Banks.name}_v{Banks.version}"].find_one({"_id": bank_id})
    return row if row and "campaign_id" in row else None


async def list_banks(database: Database, campaign_id: str) -> list[Row]:
    """The banks of a campaign, the newest first."""
    rows = database[f"{Banks.name}_v{Banks.version}"]
    return await rows.find({"campaign_id": campaign_id}).sort("created_at", -1).to_list(1_000)
