"""Commands and facts about one line, with the parts that a test does not care about filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from libs.events.queue import AssignmentExpired, AttemptEnded, VoterAssigned
from libs.events.results import Disposition
from libs.hours import DEFAULT_HOURS
from services.queue.domain.line import LEASE, LINE
from services.queue.domain.line_commands import AssignLine, Candidate, EndAttempt
from tests.support.spec import spec

CAMPAIGN, LINE_ID, BANK = "campaign", "line", "bank"
EASTERN, CENTRAL = "America/New_York", "America/Chicago"
# Tuesday 6 October 2026, 10:00 in New York (daylight time) and 09:00 in Chicago.
MORNING = datetime(2026, 10, 6, 14, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ANN = Candidate("ann", (EASTERN,))
BOB = Candidate("bob", (EASTERN,))
line = spec(LINE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment by New York's clock in October 2026, while it has daylight time."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC) + 4 * HOUR


def assign(name: str = "first", when: datetime = MORNING, **changes) -> AssignLine:
    """Casper asks for Ann's line."""
    ask = AssignLine(
        campaign_id=CAMPAIGN,
        line_id=LINE_ID,
        bank_id=BANK,
        assignment_id=name,
        caller_id="casper",
        organization_id="dvc",
        slot=1,
        script_version=1,
        at=when,
        hours=DEFAULT_HOURS,
        attempts_max=3,
        voters=(ANN,),
    )
    return replace(ask, **changes)


def end(
    disposition: Disposition = Disposition.NOT_HOME,
    name: str = "first",
    when: datetime = MORNING + 2 * MINUTE,
    **changes,
) -> EndAttempt:
    """Casper's call of Ann ended."""
    command = EndAttempt(
        campaign_id=CAMPAIGN,
        line_id=LINE_ID,
        bank_id=BANK,
        assignment_id=name,
        caller_id="casper",
        call_id=f"call of {name}",
        voter_id="ann",
        voter_ids=("ann",),
        disposition=disposition,
        ended_at=when,
        at=when,
        attempts_max=3,
    )
    return replace(command, **changes)


def assigned(
    name: str = "first",
    when: datetime = MORNING,
    voters: tuple[str, ...] = ("ann",),
    voter: str = "ann",
    **changes,
) -> VoterAssigned:
    """Casper was shown a voter."""
    fact = VoterAssigned(
        campaign_id=CAMPAIGN,
        voter_id=voter,
        voter_ids=voters,
        line_id=LINE_ID,
        assignment_id=name,
        bank_id=BANK,
        caller_id="casper",
        organization_id="dvc",
        slot=1,
        script_version=1,
        assigned_at=when,
        lease_expires_at=when + LEASE,
        zones=(EASTERN,),
    )
    return fact.model_copy(update=changes)


def expired(name: str, when: datetime) -> AssignmentExpired:
    """Casper's lease ran out."""
    return AssignmentExpired(
        campaign_id=CAMPAIGN,
        line_id=LINE_ID,
        assignment_id=name,
        bank_id=BANK,
        caller_id="casper",
        voter_ids=("ann",),
        expired_at=when,
    )


def ended(disposition: Disposition, due_at: datetime | None, **changes) -> AttemptEnded:
    """The fact that `end(disposition)` leads to."""
    command = end(disposition)
    fact = AttemptEnded(
        campaign_id=CAMPAIGN,
        voter_id=command.voter_id,
        voter_ids=command.voter_ids,
        line_id=LINE_ID,
        assignment_id=command.assignment_id,
        bank_id=BANK,
        caller_id=command.caller_id,
        call_id=command.call_id,
        disposition=disposition,
        ended_at=command.ended_at,
        due_at=due_at,
    )
    return fact.model_copy(update=changes)
