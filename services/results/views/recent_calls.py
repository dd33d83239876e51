"""The calls of a campaign, the latest first, for leads who look for one to put right. Ids only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from libs.chassis.cursors import Place
from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import CallCorrected, CallDispositioned, CallSuperseded, Disposition
from libs.views.view import Index, Row


class RecentCalls:
    """One row a call and voter; its facts have the voter's key, so they come in order.

    `counts`: no other result of the attempt counts instead. `corrected` is missing where nobody
    put the call right, else who did so last, and when.
    """

    name = "recent_calls"
    version = 1
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded, CallCorrected)
    indexes: tuple[Index, ...] = (
        Index([("campaign_id", 1), ("called_at", -1), ("_id", -1)]),
        Index([("bank_id", 1), ("called_at", -1), ("_id", -1)]),
        Index([("campaign_id", 1), ("disposition", 1), ("called_at", -1), ("_id", -1)]),
        Index(
            [("campaign_id", 1), ("is_corrected", 1), ("called_at", -1), ("_id", -1)],
            partial={"is_corrected": True},
        ),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The call and the voter."""
        match fact.event:
            case CallDispositioned() | CallSuperseded() | CallCorrected() as told:
                yield f"{told.call_id}/{told.voter_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """What was recorded last of this call and voter, and whether it counts."""
        match fact.event:
            case CallDispositioned() as told:
                return (row or {}) | _told(told)
            case CallSuperseded(call_id=call_id, by_call_id=by_call_id) if row is not None:
                row["counts"] = row["counts"] and by_call_id == call_id
            case CallCorrected() as corrected if row is not None:
                row["is_corrected"] = True
                row["corrected"] = {
                    "at": corrected.corrected_at,
                    "by": corrected.by,
                    "corrected_by": corrected.corrected_by,
                    "disposition_was": corrected.disposition_was.value,
                }
        return row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls: all of a campaign, or only some."""

    campaign_id: str
    bank_id: str | None = None
    disposition: Disposition | None = None
    corrected: bool = False

    def query(self) -> dict[str, Any]:
        """As MongoDB is asked."""
        asked: dict[str, Any] = {"campaign_id": self.campaign_id}
        if self.bank_id is not None:
            asked["bank_id"] = self.bank_id
        if self.disposition is not None:
            asked["disposition"] = self.disposition.value
        if self.corrected:
            asked["is_corrected"] = True
        return asked


async def read_calls(
    database: Database, wanted: Wanted, *, after: Place | None, limit: int
) -> list[Row]:
    """Up to `limit` rows, the latest call first, behind `after` (`called_at`, `_id`)."""
    asked = wanted.query()
    if after is not None:
        at, row_id = after.at, after.row_id
        asked["$or"] = [
            {"called_at": {"$lt": at}},
            {"called_at": at, "_id": {"$lt": row_id}},
        ]
    rows = database[f"{RecentCalls.name}_v{RecentCalls.version}"]
    return await rows.find(asked).sort([("called_at", -1), ("_id", -1)]).limit(limit).to_list()


def _told(told: CallDispositioned) -> Row:
    return {
        "campaign_id": told.campaign_id,
        "bank_id": told.bank_id,
        "caller_id": told.caller_id,
        "call_id": told.call_id,
        "voter_id": told.voter_id,
        "disposition": told.disposition.value,
        "spoke_with": told.spoke_with,
        "answers": len(told.answers),
        "called_at": told.called_at,
        "counts": True,
    }
