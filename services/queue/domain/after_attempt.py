"""What follows from a call's end: when the voter is due again, and who is let go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.events.queue import SuppressionReason
from libs.events.results import Disposition
from services.queue.day import next_after
from services.queue.dispositions import (
    CALLED_AGAIN,
    HUNG_UP_RESTS,
    SUSPECT_RESTS,
    UNREACHABLE_RESTS,
    VOTER_LET_GO,
)
from services.queue.domain.line_commands import EndAttempt
from services.queue.domain.line_state import Attempt, Line, is_dead


@dataclass(frozen=True, slots=True)
class Outcome:
    """When the voter is due again on this line in this bank (None: not), and what is let go."""

    due_at: datetime | None = None
    preferred_caller_id: str | None = None
    voter_reason: SuppressionReason | None = None
    line_reason: SuppressionReason | None = None


def outcome(line: Line, end: EndAttempt) -> Outcome:
    """What the rules make of this end. `line` is the line before it."""
    let_go = VOTER_LET_GO.get(end.disposition)
    if let_go is not None:
        never = end.disposition is Disposition.DO_NOT_CALL
        return Outcome(voter_reason=let_go, line_reason="do_not_call" if never else None)
    if end.disposition is Disposition.DISCONNECTED and _is_retired(line, end):
        return Outcome(line_reason="retired_line")
    promised_at = promise_of(end)
    if promised_at is not None:
        return Outcome(due_at=promised_at, preferred_caller_id=end.caller_id)
    return Outcome(due_at=_due_at(line, end))


def promise_of(end: EndAttempt) -> datetime | None:
    """The promised time; nobody promised anything on a dead line, or to who is let go."""
    void = end.disposition in VOTER_LET_GO or end.disposition is Disposition.DISCONNECTED
    return None if void else end.call_back_at


def _due_at(line: Line, end: EndAttempt) -> datetime | None:
    earlier = [
        attempt
        for attempt in line.attempts_of(end.voter_id)
        if attempt.bank_id == end.bank_id and attempt.assignment_id != end.assignment_id
    ]
    if len(earlier) + 1 >= end.attempts_max:
        return None
    match end.disposition:
        case Disposition.HUNG_UP:
            once = _found(earlier, Disposition.HUNG_UP) == 0
            return _after(line, end, HUNG_UP_RESTS) if once else None
        case Disposition.UNREACHABLE:
            twice = _found(earlier, Disposition.UNREACHABLE) < 2  # noqa: PLR2004 - the rule's own figure.
            return _after(line, end, UNREACHABLE_RESTS) if twice else None
        case Disposition.DISCONNECTED:
            return end.ended_at + SUSPECT_RESTS
        case again if again in CALLED_AGAIN:
            return _after(line, end, timedelta(0))
        case _:
            return None


def _after(line: Line, end: EndAttempt, rest: timedelta) -> datetime:
    return next_after(end.ended_at, line.zones_of(end.voter_id), end.ended_at + rest)


def _is_retired(line: Line, end: EndAttempt) -> bool:
    """With this report: a recording that said so, or the second in a row."""
    others = [a for a in line.attempts if a.assignment_id != end.assignment_id]
    report = Attempt(
        assignment_id=end.assignment_id,
        voter_id=end.voter_id,
        bank_id=end.bank_id,
        caller_id=end.caller_id,
        call_id=end.call_id,
        disposition=end.disposition,
        ended_at=end.ended_at,
        due_at=None,
        preferred_caller_id=None,
        language=None,
        definite=end.definite,
    )
    return is_dead([*others, report])


def _found(attempts: list[Attempt], disposition: Disposition) -> int:
    return sum(attempt.disposition is disposition for attempt in attempts)
