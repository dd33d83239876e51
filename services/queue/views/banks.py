"""The phone banks as the Calls Page lists them; one row a bank."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.queue import (
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
    ScriptPublished,
)
from libs.views.view import Index, Row


class Banks:
    """The view. All facts about a bank come by one partition, in their order."""

    name = "banks"
    version = 1
    listens = (
        PhoneBankCreated,
        PhoneBankOpened,
        PhoneBankPaused,
        PhoneBankClosed,
        ScriptPublished,
    )
    indexes = (
        Index([("organization_ids", 1), ("stage", 1)]),
        Index([("stage", 1), ("closes_at", 1)]),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What the organizers said last."""
        row = row or {}
        match fact.event:
            case PhoneBankCreated() as created:
                fields = created.model_dump(mode="json", exclude={"bank_id", "closes_at"})
                closes_at = created.closes_at
                return (
                    row
                    | fields
                    | {
                        "stage": "created",
                        "script_version": 0,
                        "closes_at": closes_at.astimezone(UTC) if closes_at else None,
                    }
                )
            case PhoneBankOpened():
                row["stage"] = "open"
            case PhoneBankPaused():
                row["stage"] = "paused"
            case PhoneBankClosed():
                row["stage"] = "closed"
            case ScriptPublished(script_version=script_version):
                row["script_version"] = script_version
        return row


COLLECTION = f"{Banks.name}_v{Banks.version}"


async def on_calls_page(
    views: Database, organization_id: str, campaign_ids: Sequence[str], state: str | None
) -> Sequence[Row]:
    """The open banks that an organization's callers may work through, by state and candidate.

    They name the organization, or name none and belong to a campaign that admitted it.
    """
    match: Row = {
        "stage": "open",
        "$or": [
            {"organization_ids": organization_id},
            {"organization_ids": [], "campaign_id": {"$in": list(campaign_ids)}},
        ],
    }
    if state is not None:
        match["state"] = state
    found = views[COLLECTION].find(match)
    order = [("practice", ASCENDING), ("state", ASCENDING), ("candidate", ASCENDING), ("_id", 1)]
    return await found.sort(order).to_list()


async def ended(views: Database, at: datetime) -> Sequence[str]:
    """The ids of banks whose end has come and that nobody closed."""
    found = views[COLLECTION].find(
        {"stage": {"$in": ["created", "open", "paused"]}, "closes_at": {"$lte": at, "$ne": None}},
        {"_id": 1},
    )
    return [row["_id"] async for row in found]
