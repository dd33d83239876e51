"""Who offered to help, when, and who found them: one row a voter who was asked."""

from collections.abc import Iterable
from typing import Any

from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned, CallSuperseded
from libs.views.view import Index, Row


class Volunteers:
    """A voter's own answers on volunteering; the latest that counts is the one that holds.

    An answer counts as often as it was given less as often as it was taken back, so that a
    correction, which keeps its call's id, leaves what it says and takes what was said before.
    """

    name = "volunteers"
    version = 1
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = (
        Index([("campaign_id", 1), ("found_at", -1), ("_id", -1)], partial={"says": True}),
        Index(
            [("campaign_id", 1), ("bank_id", 1), ("found_at", -1), ("_id", -1)],
            partial={"says": True},
        ),
        Index(
            [("campaign_id", 1), ("caller_id", 1), ("found_at", -1), ("_id", -1)],
            partial={"says": True},
        ),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The voter, where the call has an answer on volunteering."""
        result: Any = fact.event
        if result.volunteer is not None:
            yield f"{result.campaign_id}/{result.voter_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Count the answer, then see which holds."""
        result: Any = fact.event
        row = row or {
            "campaign_id": result.campaign_id,
            "voter_id": result.voter_id,
            "answers": {},
        }
        answers = row["answers"]
        name = f"{result.call_id}/{'yes' if result.volunteer else 'no'}"
        answer = answers.setdefault(
            name,
            {
                "times": 0,
                "says": result.volunteer,
                "called_at": result.called_at,
                "call_id": result.call_id,
                "bank_id": result.bank_id,
                "caller_id": result.caller_id,
                "organization_id": result.organization_id,
            },
        )
        answer["times"] += 1 if isinstance(result, CallDispositioned) else -1
        if answer["times"] == 0:
            del answers[name]
        return _derive(row)


def _derive(row: Row) -> Row:
    counting = [answer for answer in row["answers"].values() if answer["times"] > 0]
    latest = max(counting, key=lambda each: (each["called_at"], each["call_id"]), default=None)
    row["says"] = bool(latest and latest["says"])
    row["found_at"] = latest["called_at"] if latest else None
    for name in ("bank_id", "caller_id", "organization_id", "call_id"):
        row[name] = latest[name] if latest else None
    return row
