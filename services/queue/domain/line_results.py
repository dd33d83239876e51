"""A result reaches the line it was for: once, however late, and as corrected last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from libs.events.queue import AttemptEnded, SuppressionReason
from libs.events.results import Disposition
from services.queue.dispositions import VOTER_LET_GO
from services.queue.domain.after_attempt import outcome, promise_of
from services.queue.domain.errors import EachByItself
from services.queue.domain.letting_go import (
    holds_on_every_line,
    line_suppressed,
    restore_line,
    restore_voter,
    voter_suppressed,
)
from services.queue.domain.line_commands import (
    EndAttempt,
    EndAttempts,
    RestoreLine,
    RestoreVoter,
)
from services.queue.domain.line_state import Assignment, Attempt, Line, LineFact, evolve

TAKEN = "taken"
_LINE_LET_GO: dict[Disposition, SuppressionReason] = {
    Disposition.DO_NOT_CALL: "do_not_call",
    Disposition.DISCONNECTED: "retired_line",
}


def end_attempt(line: Line, end: EndAttempt) -> Sequence[LineFact]:
    """The facts of a result: nothing when it is known, or older than what is known."""
    earlier = line.attempt(end.assignment_id, end.voter_id)
    if not _changes_something(earlier, end):
        return []
    result = outcome(line, end)
    facts: list[LineFact] = [
        AttemptEnded(
            campaign_id=end.campaign_id,
            voter_id=end.voter_id,
            voter_ids=end.voter_ids,
            line_id=end.line_id,
            assignment_id=end.assignment_id,
            bank_id=end.bank_id,
            caller_id=end.caller_id,
            call_id=end.call_id,
            disposition=end.disposition,
            ended_at=end.ended_at,
            due_at=result.due_at,
            preferred_caller_id=result.preferred_caller_id,
            language=end.language,
            practice=end.practice,
            definite=end.definite,
            received_at=end.received_at,
        )
    ]
    if earlier is not None:
        facts.extend(_taken_back(line, earlier, end, result.voter_reason, result.line_reason))
    if result.voter_reason and result.voter_reason not in line.voter_let_go(end.voter_id):
        facts.append(voter_suppressed(end, result.voter_reason))
    if result.line_reason and result.line_reason not in line.let_go:
        facts.append(line_suppressed(line, end, result.line_reason))
    held = line.assignment
    reason = _why_withdrawn(held, end, earlier, result.voter_reason, result.line_reason)
    if held is not None and reason is not None:
        facts.append(held.withdrawn(reason, end.at))
    return facts


def end_attempts(line: Line, several: EndAttempts) -> Sequence[LineFact]:
    """The facts of several results, each decided on the line after those before it.

    Raises EachByItself where they cannot be one commit.
    """
    facts: list[LineFact] = []
    for end in several.ends:
        of_this = end_attempt(line, end)
        if not of_this or any(map(holds_on_every_line, of_this)):
            raise EachByItself
        for fact in of_this:
            line = evolve(line, fact)
        facts.extend(of_this)
    return facts


def _changes_something(earlier: Attempt | None, end: EndAttempt) -> bool:
    """A first result, a correction of one, or a call made later for the same assignment."""
    if earlier is None:
        return True
    if earlier.call_id != end.call_id:
        return _moment(end.ended_at, end.received_at) > _moment(
            earlier.ended_at, earlier.received_at
        )
    if _was_received_before(end, earlier):
        return False  # A fact may be repeated after what corrected it.
    promised = earlier.due_at if earlier.preferred_caller_id is not None else None
    return (earlier.disposition, earlier.language, earlier.definite, promised) != (
        end.disposition,
        end.language,
        end.definite,
        promise_of(end),
    )


def _was_received_before(end: EndAttempt, earlier: Attempt) -> bool:
    """Whether the same call is known to have told more since."""
    if earlier.received_at is None or end.received_at is None:
        return False
    return end.received_at <= earlier.received_at


def _moment(ended_at: datetime, received_at: datetime | None) -> tuple[datetime, datetime]:
    """When a call was made; of two made at one time the one received later counts."""
    return ended_at, received_at or ended_at


def _taken_back(
    line: Line,
    earlier: Attempt,
    end: EndAttempt,
    voter_reason: SuppressionReason | None,
    line_reason: SuppressionReason | None,
) -> Sequence[LineFact]:
    """What the corrected result had let go and no other result still does."""
    others = replace(line, attempts=tuple(each for each in line.attempts if each is not earlier))
    facts: list[LineFact] = []
    was = VOTER_LET_GO.get(earlier.disposition)
    if was is not None and was != voter_reason:
        voter = RestoreVoter(end.campaign_id, end.line_id, end.voter_id, was)
        facts.extend(restore_voter(others, voter))
    line_was = _LINE_LET_GO.get(earlier.disposition)
    if line_was is not None and line_was != line_reason:
        command = RestoreLine(end.campaign_id, end.line_id, end.voter_ids, line_was)
        facts.extend(restore_line(others, command))
    return facts


def _why_withdrawn(
    held: Assignment | None,
    end: EndAttempt,
    earlier: Attempt | None,
    voter_reason: SuppressionReason | None,
    line_reason: SuppressionReason | None,
) -> str | None:
    """Why the open assignment ends with this result; None when it stands."""
    if held is None:
        return None
    if held.id == end.assignment_id:
        others_wait = bool(held.pending - {end.voter_id})
        return "do_not_call" if others_wait and line_reason == "do_not_call" else None
    if line_reason is not None:
        return line_reason
    if voter_reason is not None and end.voter_id in held.pending:
        return voter_reason
    # The line was called after all, so it must not ring again today. A correction tells of no
    # further call: the newer assignment stands.
    return TAKEN if earlier is None else None
