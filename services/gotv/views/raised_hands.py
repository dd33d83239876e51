"""Which callers ask for help: one row a phone bank and caller."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import HandLowered, HandRaised
from libs.views.view import Index, Row


class RaisedHands:
    """Whether a caller's hand is up; a bank's facts have one key, so they come in order."""

    name = "raised_hands"
    version = 1
    listens: tuple[type[Event], ...] = (HandRaised, HandLowered)
    indexes: tuple[Index, ...] = (
        Index([("bank_id", 1), ("raised_at", 1)], partial={"is_up": True}),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The caller in the bank."""
        event: Any = fact.event
        yield f"{event.bank_id}/{event.caller_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Up since when, or down."""
        event: Any = fact.event
        row = row or {
            "bank_id": event.bank_id,
            "campaign_id": event.campaign_id,
            "caller_id": event.caller_id,
            "raised_at": None,
        }
        row["is_up"] = isinstance(event, HandRaised)
        if isinstance(event, HandRaised):
            row["raised_at"] = event.raised_at
        return row


async def read_hands(database: Database, bank_ids: Sequence[str]) -> dict[str, list[datetime]]:
    """Since when each hand is up, by bank, the longest first; banks without one are left out."""
    rows = database[f"{RaisedHands.name}_v{RaisedHands.version}"]
    found = rows.find({"bank_id": {"$in": list(bank_ids)}, "is_up": True}).sort("raised_at", 1)
    hands: dict[str, list[datetime]] = {}
    async for row in found:
        hands.setdefault(row["bank_id"], []).append(row["raised_at"])
    return hands
