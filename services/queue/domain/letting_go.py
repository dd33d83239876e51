"""Nobody calls this line, or this voter on it, any more: said once, and taken back as a slip."""

from collections.abc import Sequence

from libs.events.queue import LineRestored, LineSuppressed, SuppressionReason
from libs.events.results import Disposition
from services.queue.dispositions import ON_EVERY_LINE, VOTER_LET_GO
from services.queue.domain.line_commands import (
    EndAttempt,
    RestoreLine,
    RestoreVoter,
    SuppressLine,
    SuppressVoter,
)
from services.queue.domain.line_state import Line, LineFact, is_dead


def suppress_line(line: Line, ask: SuppressLine) -> Sequence[LineFact]:
    """The line is let go; an open assignment is withdrawn in the same decision."""
    if ask.reason in line.let_go:
        return []
    facts: list[LineFact] = [line_suppressed(line, ask, ask.reason)]
    if line.assignment is not None:
        facts.append(line.assignment.withdrawn(ask.reason, ask.at))
    return facts


def suppress_voter(line: Line, ask: SuppressVoter) -> Sequence[LineFact]:
    """The voter is let go on this line; an open assignment that asks for the voter is withdrawn."""
    if ask.reason in line.voter_let_go(ask.voter_id):
        return []
    facts: list[LineFact] = [voter_suppressed(ask, ask.reason)]
    held = line.assignment
    if held is not None and ask.voter_id in held.pending:
        facts.append(held.withdrawn(ask.reason, ask.at))
    return facts


def restore_line(line: Line, ask: RestoreLine) -> Sequence[LineFact]:
    """One reason is taken back, unless a result on this line still gives it; others stand."""
    if ask.reason not in line.let_go or _is_said_of_line(line, ask.reason):
        return []
    return [
        LineRestored(
            campaign_id=ask.campaign_id,
            line_id=ask.line_id,
            voter_id=None,
            voter_ids=household(line, ask.voter_ids),
            reason=ask.reason,
        )
    ]


def restore_voter(line: Line, ask: RestoreVoter) -> Sequence[LineFact]:
    """One reason is taken back, unless a result on this line still gives it; others stand."""
    reasons = line.voter_let_go(ask.voter_id)
    if ask.reason not in reasons or _is_said_of_voter(line, ask.voter_id, ask.reason):
        return []
    return [
        LineRestored(
            campaign_id=ask.campaign_id,
            line_id=ask.line_id,
            voter_id=ask.voter_id,
            voter_ids=(ask.voter_id,),
            reason=ask.reason,
        )
    ]


def holds_on_every_line(fact: LineFact) -> bool:
    """Whether it says of a voter, on one line, what holds on the voter's others as well."""
    return (
        isinstance(fact, LineSuppressed | LineRestored)
        and fact.voter_id is not None
        and fact.reason in ON_EVERY_LINE
    )


def household(line: Line, voter_ids: Sequence[str]) -> tuple[str, ...]:
    """The voters named, and all whom the line was ever handed out for."""
    return tuple(dict.fromkeys((*voter_ids, *(line.zones or {}))))


def voter_suppressed(ask: EndAttempt | SuppressVoter, reason: SuppressionReason) -> LineSuppressed:
    """The fact about one voter."""
    return LineSuppressed(
        campaign_id=ask.campaign_id,
        line_id=ask.line_id,
        voter_id=ask.voter_id,
        voter_ids=(ask.voter_id,),
        reason=reason,
    )


def line_suppressed(
    line: Line, ask: EndAttempt | SuppressLine, reason: SuppressionReason
) -> LineSuppressed:
    """The fact about the whole line."""
    known = ask.household if isinstance(ask, EndAttempt) else ()
    return LineSuppressed(
        campaign_id=ask.campaign_id,
        line_id=ask.line_id,
        voter_id=None,
        voter_ids=household(line, (*ask.voter_ids, *known)),
        reason=reason,
    )


def _is_said_of_voter(line: Line, voter_id: str, reason: SuppressionReason) -> bool:
    return any(
        VOTER_LET_GO.get(attempt.disposition) == reason for attempt in line.attempts_of(voter_id)
    )


def _is_said_of_line(line: Line, reason: SuppressionReason) -> bool:
    """Anybody's wish never to be called, and reports that the line is dead, hold for all on it."""
    if reason == "do_not_call":
        return any(each.disposition is Disposition.DO_NOT_CALL for each in line.attempts)
    return reason == "retired_line" and is_dead(line.attempts)
