"""One line in one campaign: leased to one caller at a time, and only when it may be called."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from libs.decider import Decider
from libs.events.queue import AssignmentExtended, AssignmentReleased, VoterAssigned
from services.queue.domain.eligibility import voters_to_call
from services.queue.domain.errors import AssignmentClosed, LineInUse, NotYourAssignment
from services.queue.domain.letting_go import (
    restore_line,
    restore_voter,
    suppress_line,
    suppress_voter,
)
from services.queue.domain.line_commands import (
    AssignLine,
    EndAttempt,
    EndAttempts,
    ExpireAssignment,
    ExtendAssignment,
    LineCommand,
    ReleaseAssignment,
    RestoreLine,
    RestoreVoter,
    SuppressLine,
    SuppressVoter,
    WithdrawAssignment,
)
from services.queue.domain.line_results import end_attempt, end_attempts
from services.queue.domain.line_state import (
    SKIPPED_RESTS,
    Assignment,
    Line,
    LineFact,
    evolve,
)

LEASE = timedelta(minutes=10)
LEASE_GRACE = timedelta(seconds=30)


def decide(  # noqa: C901, PLR0911, PLR0912 - one case a command.
    line: Line, command: LineCommand
) -> Sequence[LineFact]:
    """The facts that follow from a command; see the commands for what each asks."""
    match command:
        case AssignLine():
            return _assign(line, command)
        case ExtendAssignment():
            return _extend(line, command)
        case ReleaseAssignment():
            return _release(line, command)
        case ExpireAssignment(assignment_id=assignment_id, at=at):
            held = line.assignment
            if held is None or held.id != assignment_id or not _has_lapsed(held, at):
                return []
            return [held.expired(at)]
        case WithdrawAssignment(assignment_id=assignment_id, reason=reason, at=at):
            held = line.assignment
            if held is None or held.id != assignment_id:
                return []
            return [held.withdrawn(reason, at)]
        case EndAttempt():
            return end_attempt(line, command)
        case EndAttempts():
            return end_attempts(line, command)
        case SuppressLine():
            return suppress_line(line, command)
        case SuppressVoter():
            return suppress_voter(line, command)
        case RestoreLine():
            return restore_line(line, command)
        case RestoreVoter():
            return restore_voter(line, command)
        case _:
            assert_never(command)


LINE: Decider[Line, LineCommand, LineFact] = Decider(Line, evolve, decide)


def lapses_at(lease_expires_at: datetime) -> datetime:
    """When a lease that nobody extended is over, by the server's clock."""
    return lease_expires_at + LEASE_GRACE


def _has_lapsed(held: Assignment, at: datetime) -> bool:
    return at >= lapses_at(held.lease_expires_at)


def _assign(line: Line, ask: AssignLine) -> Sequence[LineFact]:
    held = line.assignment
    facts: list[LineFact] = []
    if held is not None:
        if not _has_lapsed(held, ask.at):
            raise LineInUse(again_at=lapses_at(held.lease_expires_at))
        facts.append(held.expired(ask.at))
    voters = voters_to_call(line, ask)
    voter_ids = tuple(voter.voter_id for voter in voters)
    facts.extend(
        VoterAssigned(
            campaign_id=ask.campaign_id,
            voter_id=voter.voter_id,
            voter_ids=voter_ids,
            line_id=ask.line_id,
            assignment_id=ask.assignment_id,
            bank_id=ask.bank_id,
            caller_id=ask.caller_id,
            organization_id=ask.organization_id,
            slot=ask.slot,
            script_version=ask.script_version,
            assigned_at=ask.at,
            lease_expires_at=ask.at + LEASE,
            zones=voter.zones,
        )
        for voter in voters
    )
    return facts


def _extend(line: Line, ask: ExtendAssignment) -> Sequence[LineFact]:
    held = line.assignment
    if held is None or held.id != ask.assignment_id:
        raise AssignmentClosed
    if held.caller_id != ask.caller_id:
        raise NotYourAssignment
    if held.lease_expires_at - ask.at > LEASE / 2:
        return []
    return [
        AssignmentExtended(
            campaign_id=held.campaign_id,
            line_id=held.line_id,
            assignment_id=held.id,
            voter_ids=held.voter_ids,
            lease_expires_at=ask.at + LEASE,
        )
    ]


def _release(line: Line, ask: ReleaseAssignment) -> Sequence[LineFact]:
    held = line.assignment
    if held is None or held.id != ask.assignment_id:
        return []
    if held.caller_id != ask.caller_id:
        raise NotYourAssignment
    rests = ask.reason != "left"
    return [
        AssignmentReleased(
            campaign_id=held.campaign_id,
            line_id=held.line_id,
            assignment_id=held.id,
            bank_id=held.bank_id,
            caller_id=held.caller_id,
            voter_ids=held.voter_ids,
            reason=ask.reason,
            released_at=ask.at,
            rests_until=ask.at + SKIPPED_RESTS if rests else ask.at,
        )
    ]
