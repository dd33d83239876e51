"""What others on the line said about voters: kept for organizers, never counted."""

from collections.abc import Iterable

from libs.events.base import Event, Recorded
from libs.events.results import CallCorrected, HearsayRecorded
from libs.views.view import Index, Row


class Hearsay:
    """One row a deposit; the words lie in the vault.

    `taken_back_at` is there where a correction of the call no longer has it: it stays visible.
    """

    name = "hearsay"
    version = 1
    listens: tuple[type[Event], ...] = (HearsayRecorded, CallCorrected)
    indexes: tuple[Index, ...] = (
        Index([("campaign_id", 1), ("heard_at", -1), ("_id", -1)]),
        Index([("campaign_id", 1), ("bank_id", 1), ("heard_at", -1), ("_id", -1)]),
        Index([("campaign_id", 1), ("caller_id", 1), ("heard_at", -1), ("_id", -1)]),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The deposit, or those that a correction keeps or takes back."""
        match fact.event:
            case HearsayRecorded() as heard:
                yield heard.deposit_id
            case CallCorrected() as corrected:
                yield from corrected.hearsay_deposit_ids
                yield from corrected.hearsay_taken_back

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """A deposit never changes, but whether it stands does; its facts come in one order."""
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
            case CallCorrected() as corrected if row is not None:
                row.pop("taken_back_at", None)
                if row["_id"] in corrected.hearsay_taken_back:
                    row["taken_back_at"] = corrected.corrected_at
        return row
