"""What others on the line said about voters: kept for organizers, never counted."""

from collections.abc import Iterable
from datetime import datetime

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import HearsayRecorded
from libs.views.view import Index, Row


class Hearsay:
    """One row a deposit; the words lie in the vault."""

    name = "hearsay"
    version = 1
    listens: tuple[type[Event], ...] = (HearsayRecorded,)
    indexes: tuple[Index, ...] = (Index([("campaign_id", 1), ("heard_at", -1), ("_id", -1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The deposit."""
        match fact.event:
            case HearsayRecorded() as heard:
                yield heard.deposit_id

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """A deposit never changes."""
        match fact.event:
            case HearsayRecorded() as heard:
                return (row or {}) | {
                    "campaign_id": heard.campaign_id,
                    "voter_id": heard.voter_id,
                    "call_id": heard.call_id,
                    "bank_id": heard.bank_id,
                    "caller_id": heard.caller_id,
                    "heard_at": heard.heard_at,
                }
        return row


async def list_hearsay(
    database: Database, campaign_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[Row]:
    """Up to `limit` rows of a campaign, the newest first, behind (`heard_at`, id)."""
    asked: Row = {"campaign_id": campaign_id}
    if after is not None:
        at, deposit_id = after
        asked["$or"] = [
            {"heard_at": {"$lt": at}},
            {"heard_at": at, "_id": {"$lt": deposit_id}},
        ]
    rows = database[f"{Hearsay.name}_v{Hearsay.version}"]
    return await rows.find(asked).sort([("heard_at", -1), ("_id", -1)]).limit(limit).to_list()
