"""The phone banks as the Calls Page lists them; one row a bank."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from libs.database import ASCENDING, Database
from libs.events.base import Recorded
from libs.events.queue import (
    PhoneBankChanged,
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
        PhoneBankChanged,
        PhoneBankOpened,
        PhoneBankPaused,
        PhoneBankClosed,
        ScriptPublished,
    )
    indexes = (
        Index([("organization_ids", 1), ("stage", 1)]),
        Index([("stage", 1), ("closes_at", 1)]),
        Index([("campaign_id", 1)]),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What the organizers said last."""
        row = row or {}
        match fact.event:
            case PhoneBankCreated() as created:
                row |= _settings(created) | {"stage": "created", "script_version": 0}
            case PhoneBankChanged() as changed:
                row |= _settings(changed)
            case PhoneBankOpened():
                row["stage"] = "open"
            case PhoneBankPaused():
                row["stage"] = "paused"
            case PhoneBankClosed():
                row["stage"] = "closed"
            case ScriptPublished(script_version=script_version):
                row["script_version"] = script_version
                row["published_at"] = {
                    **row.get("published_at", {}),
                    str(script_version): fact.at,
                }
        return row


def _settings(fact: PhoneBankCreated | PhoneBankChanged) -> Row:
    closes_at = fact.closes_at.astimezone(UTC) if fact.closes_at else None
    fields = fact.model_dump(mode="json", exclude={"bank_id", "closes_at"})
    return fields | {"closes_at": closes_at}


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


async def of_campaign(views: Database, campaign_id: str) -> Sequence[str]:
    """The ids of a campaign's banks."""
    found = views[COLLECTION].find({"campaign_id": campaign_id}, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", ASCENDING)]


async def published_at(views: Database, bank_id: str) -> dict[int, datetime]:
    """When each version of the script went live, as far as this is known by now."""
    row = await views[COLLECTION].find_one({"_id": bank_id}, {"published_at": 1})
    return {int(version): at for version, at in (row or {}).get("published_at", {}).items()}
