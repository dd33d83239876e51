"""What is known of one line in one campaign, folded from its facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import assert_never

from libs.events.queue import (
    AssignmentExpired,
    AssignmentExtended,
    AssignmentReleased,
    AssignmentWithdrawn,
    AttemptEnded,
    LineRestored,
    LineSuppressed,
    SuppressionReason,
    VoterAssigned,
)
from libs.events.results import Disposition

SKIPPED_RESTS = timedelta(minutes=10)
SKIPPED_RESTS_FOR_CALLER = timedelta(hours=24)

LineFact = (
    VoterAssigned
    | AssignmentExtended
    | AssignmentReleased
    | AssignmentExpired
    | AssignmentWithdrawn
    | AttemptEnded
    | LineSuppressed
    | LineRestored
)
_NOTHING: frozenset[SuppressionReason] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """The open assignment; `ended` are the voters that have a result."""

    id: str
    campaign_id: str
    line_id: str
    bank_id: str
    caller_id: str
    voter_ids: tuple[str, ...]
    assigned_at: datetime
    lease_expires_at: datetime
    ended: frozenset[str] = frozenset()

    @property
    def pending(self) -> frozenset[str]:
        """The voters without a result."""
        return frozenset(self.voter_ids) - self.ended

    def expired(self, at: datetime) -> AssignmentExpired:
        """The fact that the lease ran out."""
        return AssignmentExpired(
            campaign_id=self.campaign_id,
            line_id=self.line_id,
            assignment_id=self.id,
            bank_id=self.bank_id,
            caller_id=self.caller_id,
            voter_ids=self.voter_ids,
            expired_at=at,
        )

    def withdrawn(self, reason: str, at: datetime) -> AssignmentWithdrawn:
        """The fact that the voters were taken off the caller's screen."""
        return AssignmentWithdrawn(
            campaign_id=self.campaign_id,
            line_id=self.line_id,
            assignment_id=self.id,
            bank_id=self.bank_id,
            caller_id=self.caller_id,
            voter_ids=self.voter_ids,
            reason=reason,
            withdrawn_at=at,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one assignment ended for one voter."""

    assignment_id: str
    voter_id: str
    bank_id: str
    caller_id: str
    call_id: str
    disposition: Disposition
    ended_at: datetime
    due_at: datetime | None
    preferred_caller_id: str | None
    language: str | None
    definite: bool = False
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The open assignment, the attempts, who is let go, and until when the line rests."""

    assignment: Assignment | None = None
    attempts: tuple[Attempt, ...] = ()
    let_go: frozenset[SuppressionReason] = frozenset()
    voters_let_go: Mapping[str, frozenset[SuppressionReason]] | None = None
    zones: Mapping[str, tuple[str, ...]] | None = None
    rests_until: datetime | None = None
    rests_for_caller_until: Mapping[str, datetime] | None = None

    def voter_let_go(self, voter_id: str) -> frozenset[SuppressionReason]:
        """Why this voter is not called on this line."""
        return (self.voters_let_go or {}).get(voter_id, _NOTHING)

    def zones_of(self, voter_id: str) -> tuple[str, ...]:
        """The voter's zones as they were when the line was last handed out for this voter."""
        return (self.zones or {}).get(voter_id, ())

    def attempt(self, assignment_id: str, voter_id: str) -> Attempt | None:
        """How this assignment ended for this voter, so far."""
        return next(
            (
                a
                for a in self.attempts
                if (a.assignment_id, a.voter_id) == (assignment_id, voter_id)
            ),
            None,
        )

    def attempts_of(self, voter_id: str) -> list[Attempt]:
        """The voter's attempts by the time of the call."""
        mine = [attempt for attempt in self.attempts if attempt.voter_id == voter_id]
        return sorted(mine, key=lambda attempt: attempt.ended_at)

    def last_called_at(self) -> datetime | None:
        """When anybody on this line was last called."""
        return max((attempt.ended_at for attempt in self.attempts), default=None)

    def disconnected_in_a_row(self) -> int:
        """How many of the latest calls found the line disconnected."""
        latest: dict[str, Disposition] = {}
        for attempt in sorted(self.attempts, key=lambda attempt: attempt.ended_at, reverse=True):
            latest.setdefault(attempt.assignment_id, attempt.disposition)
        run = 0
        for disposition in latest.values():
            if disposition is not Disposition.DISCONNECTED:
                break
            run += 1
        return run


def is_dead(attempts: Sequence[Attempt]) -> bool:
    """Whether these retire a line: a recording that says so, or two calls in a row that found it.

    A call is one report, however many voters share the line.
    """
    calls: dict[str, bool] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.ended_at):
        found = attempt.disposition is Disposition.DISCONNECTED
        if found and attempt.definite:
            return True
        calls[attempt.assignment_id] = calls.get(attempt.assignment_id, False) or found
    in_order = list(calls.values())
    return any(one and next_one for one, next_one in pairwise(in_order))


def evolve(line: Line, fact: LineFact) -> Line:  # noqa: C901, PLR0911 - one case a fact.
    """The line after a fact."""
    match fact:
        case VoterAssigned():
            return _assigned(line, fact)
        case AssignmentExtended(lease_expires_at=lease_expires_at):
            held = _held(line, fact.assignment_id)
            if held is None:
                return line
            return replace(line, assignment=replace(held, lease_expires_at=lease_expires_at))
        case AssignmentReleased():
            return _released(line, fact)
        case AssignmentExpired() | AssignmentWithdrawn():
            return _freed(line, fact.assignment_id)
        case AttemptEnded():
            return _ended(line, fact)
        case LineSuppressed(voter_id=voter_id, reason=reason):
            if voter_id is None:
                return replace(line, let_go=line.let_go | {reason})
            return _voter_reasons(line, voter_id, line.voter_let_go(voter_id) | {reason})
        case LineRestored(voter_id=voter_id, reason=reason):
            if voter_id is None:
                return replace(line, let_go=line.let_go - {reason})
            return _voter_reasons(line, voter_id, line.voter_let_go(voter_id) - {reason})
        case _:
            assert_never(fact)


def _held(line: Line, assignment_id: str) -> Assignment | None:
    held = line.assignment
    return held if held is not None and held.id == assignment_id else None


def _freed(line: Line, assignment_id: str) -> Line:
    return replace(line, assignment=None) if _held(line, assignment_id) else line


def _assigned(line: Line, fact: VoterAssigned) -> Line:
    zones = {**(line.zones or {}), fact.voter_id: fact.zones}
    if _held(line, fact.assignment_id):
        return replace(line, zones=zones)  # The same household: one fact for each of its voters.
    assignment = Assignment(
        id=fact.assignment_id,
        campaign_id=fact.campaign_id,
        line_id=fact.line_id,
        bank_id=fact.bank_id,
        caller_id=fact.caller_id,
        voter_ids=fact.voter_ids,
        assigned_at=fact.assigned_at,
        lease_expires_at=fact.lease_expires_at,
    )
    return replace(line, assignment=assignment, zones=zones, rests_until=None)


def _released(line: Line, fact: AssignmentReleased) -> Line:
    line = replace(_freed(line, fact.assignment_id), rests_until=fact.rests_until)
    if fact.rests_until == fact.released_at:
        return line
    until = fact.released_at + SKIPPED_RESTS_FOR_CALLER
    rests = {**(line.rests_for_caller_until or {}), fact.caller_id: until}
    return replace(line, rests_for_caller_until=rests)


def _ended(line: Line, fact: AttemptEnded) -> Line:
    held = _held(line, fact.assignment_id)
    if held is not None:
        held = replace(held, ended=held.ended | {fact.voter_id})
        line = replace(line, assignment=held if held.pending else None)
    attempt = Attempt(
        assignment_id=fact.assignment_id,
        voter_id=fact.voter_id,
        bank_id=fact.bank_id,
        caller_id=fact.caller_id,
        call_id=fact.call_id,
        disposition=fact.disposition,
        ended_at=fact.ended_at,
        due_at=fact.due_at,
        preferred_caller_id=fact.preferred_caller_id,
        language=fact.language,
        definite=fact.definite,
        received_at=fact.received_at,
    )
    others = tuple(
        each
        for each in line.attempts
        if (each.assignment_id, each.voter_id) != (fact.assignment_id, fact.voter_id)
    )
    return replace(line, attempts=(*others, attempt))


def _voter_reasons(line: Line, voter_id: str, reasons: frozenset[SuppressionReason]) -> Line:
    return replace(line, voters_let_go={**(line.voters_let_go or {}), voter_id: reasons})
