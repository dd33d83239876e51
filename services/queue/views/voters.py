"""The voters: on which lines, in which universes, when each may be called next; one row a voter.

A row keeps what each stream said last, by that stream's version, and derives the rest from it. So
facts may arrive in any order that keeps the order of each partition: the row comes out the same.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from libs.events.base import Event, Recorded
from libs.events.queue import (
    AssignmentExpired,
    AssignmentExtended,
    AssignmentReleased,
    AssignmentWithdrawn,
    AttemptEnded,
    LineRestored,
    LineSuppressed,
    VoterAssigned,
)
from libs.events.results import PromiseMade
from libs.events.voters import UniverseEntered, UniverseLeft, VoterChanged, VoterImported
from libs.views.view import Index, Row
from services.queue.views.standing import derive

_FACT_BITS = 12


def row_id(campaign_id: str, voter_id: str) -> str:
    """The id of a voter's row."""
    return f"{campaign_id}/{voter_id}"


def stamp_of(fact: Recorded) -> int:
    """Where a fact stands in its stream: the commit's version, then its place in the commit."""
    place = fact.position & ((1 << _FACT_BITS) - 1)
    return (fact.version << _FACT_BITS) | place


def _moment(at: datetime) -> datetime:
    """To the millisecond, as MongoDB keeps it: a row folded and a row read are the same."""
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Voters:
    """The view: see `derive` for the fields that the questions are asked of."""

    name = "voters"
    version = 2
    listens = (
        VoterImported,
        VoterChanged,
        UniverseEntered,
        UniverseLeft,
        VoterAssigned,
        AssignmentExtended,
        AssignmentReleased,
        AssignmentExpired,
        AssignmentWithdrawn,
        AttemptEnded,
        LineSuppressed,
        LineRestored,
        PromiseMade,
    )
    indexes = (
        Index(
            [
                ("campaign_id", 1),
                ("universes", 1),
                ("blocked", 1),
                ("zone_key", 1),
                ("rank", 1),
                ("free_at", 1),
            ],
        ),
        Index([("campaign_id", 1), ("line_ids", 1)]),
        # The few behind a language barrier, for callers who speak it.
        Index(
            [("campaign_id", 1), ("universes", 1), ("language", 1), ("rank", 1), ("free_at", 1)],
            partial={"language": {"$type": "string"}},
        ),
        Index([("promise_bank", 1), ("promise_at", 1)], partial={"promise_at": {"$type": "date"}}),
        Index([("lease_until", 1)], partial={"lease_until": {"$type": "date"}}),
    )

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of each voter that the fact is about, or shares an assignment or line with."""
        event: Any = fact.event
        match event:
            case VoterImported() | VoterChanged() | VoterAssigned() | PromiseMade():
                voter_ids: Iterable[str] = (event.voter_id,)
            case LineSuppressed(voter_id=str(voter_id)) | LineRestored(voter_id=str(voter_id)):
                voter_ids = (voter_id,)
            case _:
                voter_ids = event.voter_ids
        for voter_id in voter_ids:
            yield row_id(event.campaign_id, voter_id)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The row's parts after this fact."""
        if row is None:
            row = {"memberships": {}, "lines": {}}
        _FOLDS[type(fact.event)](row, fact.event, stamp_of(fact))
        row["campaign_id"] = getattr(fact.event, "campaign_id", "")
        return row

    def derive(self, row: Row) -> Row:
        """What questions are asked of."""
        derive(row)
        return row


def _line(row: Row, line_id: str) -> Row:
    line: Row = row["lines"].setdefault(line_id, {"attempts": {}, "let_go": {}, "voter_let_go": {}})
    return line


def _put(parts: Row, name: str, stamp: int, part: Row) -> None:
    """Keep the part unless a later one is there."""
    if stamp >= parts.get(name, {}).get("stamp", 0):
        parts[name] = {"stamp": stamp} | part


def _known(row: Row, event: Any, stamp: int) -> None:
    row["voter_id"] = event.voter_id
    part = {
        "line_ids": list(event.line_ids),
        "zones": list(event.zones),
        "state": event.state,
        "fictional": event.fictional,
    }
    _put(row, "file", stamp, part)


def _moved_in(row: Row, event: UniverseEntered, stamp: int) -> None:
    _put(row["memberships"], event.universe_id, stamp, {"member": True})


def _moved_out(row: Row, event: UniverseLeft, stamp: int) -> None:
    _put(row["memberships"], event.universe_id, stamp, {"member": False})


def _assigned(row: Row, event: VoterAssigned, stamp: int) -> None:
    part = {
        "assignment_id": event.assignment_id,
        "bank_id": event.bank_id,
        "voter_ids": list(event.voter_ids),
        "until": _moment(event.lease_expires_at),
    }
    _put(_line(row, event.line_id), "assigned", stamp, part)


def _extended(row: Row, event: AssignmentExtended, stamp: int) -> None:
    part = {"until": _moment(event.lease_expires_at)}
    _put(_line(row, event.line_id), "extended", stamp, part)


def _released(row: Row, event: AssignmentReleased, stamp: int) -> None:
    line = _line(row, event.line_id)
    _put(line, "closed", stamp, {})
    _put(line, "released", stamp, {"rests_until": _moment(event.rests_until)})


def _closed(row: Row, event: AssignmentExpired | AssignmentWithdrawn, stamp: int) -> None:
    _put(_line(row, event.line_id), "closed", stamp, {})


def _ended(row: Row, event: AttemptEnded, stamp: int) -> None:
    attempts = _line(row, event.line_id)["attempts"].setdefault(event.assignment_id, {})
    part = {
        "bank_id": event.bank_id,
        "call_id": event.call_id,
        "disposition": str(event.disposition),
        "ended_at": _moment(event.ended_at),
        "due_at": _moment(event.due_at) if event.due_at else None,
        "preferred": event.preferred_caller_id,
        "language": event.language,
    }
    _put(attempts, event.voter_id, stamp, part)


def _promised(row: Row, event: PromiseMade, stamp: int) -> None:
    """Where in the vault the number and the question lie that came with a call's promise."""
    part = {"number": event.number_deposit_id, "question": event.question_deposit_id}
    _put(row.setdefault("promises", {}), event.call_id, stamp, part)


def _let_go(row: Row, event: LineSuppressed | LineRestored, stamp: int) -> None:
    line = _line(row, event.line_id)
    reasons = line["let_go"] if event.voter_id is None else line["voter_let_go"]
    _put(reasons, event.reason, stamp, {"holds": isinstance(event, LineSuppressed)})


_FOLDS: dict[type[Event], Callable[[Row, Any, int], None]] = {
    VoterImported: _known,
    VoterChanged: _known,
    UniverseEntered: _moved_in,
    UniverseLeft: _moved_out,
    VoterAssigned: _assigned,
    AssignmentExtended: _extended,
    AssignmentReleased: _released,
    AssignmentExpired: _closed,
    AssignmentWithdrawn: _closed,
    AttemptEnded: _ended,
    LineSuppressed: _let_go,
    LineRestored: _let_go,
    PromiseMade: _promised,
}
