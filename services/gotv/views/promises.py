"""Calls that callers promised: to whom, for when, and in which call; one row a promise."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import PromiseMade, PromiseTakenBack
from libs.views.view import Index, Row


class Promises:
    """What was promised in a call; promising again in that call changes when.

    Number and question lie in the vault. Whether a promise was kept is seen from the voter's row.
    """

    name = "promises"
    version = 1
    listens: tuple[type[Event], ...] = (PromiseMade, PromiseTakenBack)
    indexes: tuple[Index, ...] = (
        Index([("campaign_id", 1), ("call_at", 1), ("_id", 1)], partial={"holds": True}),
        Index([("campaign_id", 1), ("made_at", 1), ("_id", 1)], partial={"holds": True}),
        Index([("bank_id", 1), ("call_at", 1)], partial={"holds": True}),
        Index(
            [("campaign_id", 1), ("bank_id", 1), ("call_at", 1), ("_id", 1)],
            partial={"holds": True},
        ),
        Index(
            [("campaign_id", 1), ("caller_id", 1), ("call_at", 1), ("_id", 1)],
            partial={"holds": True},
        ),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The voter in the call."""
        event: Any = fact.event
        yield f"{event.campaign_id}/{event.voter_id}/{event.call_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The last promise of a call holds, unless it was taken back."""
        match fact.event:
            case PromiseMade() as made:
                return (row or {}) | {
                    "campaign_id": made.campaign_id,
                    "voter_id": made.voter_id,
                    "call_id": made.call_id,
                    "bank_id": made.bank_id,
                    "caller_id": made.caller_id,
                    "call_at": made.call_at,
                    "made_at": fact.at,
                    "number_deposit_id": made.number_deposit_id,
                    "question_deposit_id": made.question_deposit_id,
                    "holds": True,
                }
            case PromiseTakenBack(call_at=call_at) if row and row["call_at"] == call_at:
                row["holds"] = False
        return row


async def count_ahead(database: Database, bank_id: str, now: datetime) -> int:
    """How many promises of the bank lie ahead."""
    rows = database[f"{Promises.name}_v{Promises.version}"]
    return await rows.count_documents({"bank_id": bank_id, "holds": True, "call_at": {"$gt": now}})
