"""What may be asked of a line: hand it out, keep it, give it back, end its attempt, let it go."""

from dataclasses import dataclass
from datetime import datetime

from libs.events.queue import ReleaseReason, SuppressionReason
from libs.events.results import Disposition
from libs.hours import CallingHours


@dataclass(frozen=True, slots=True)
class Candidate:
    """A voter of the line's household, as the queue's view knows this voter beyond the line.

    `let_go` are reasons given on any line that hold on every one. What happened on the voter's
    other lines: attempts and whether it is done (in this bank), the last attempt that disturbed
    the voter, a promise that is still to be kept there, the language the voter speaks.
    """

    voter_id: str
    zones: tuple[str, ...]
    fictional: bool = False
    let_go: frozenset[SuppressionReason] = frozenset()
    tries_elsewhere: int = 0
    done_elsewhere: bool = False
    tried_elsewhere_at: datetime | None = None
    promised_elsewhere_at: datetime | None = None
    language_elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class AssignLine:
    """A caller asks for the line.

    `hours` None: they are not enforced. `practice`: only made-up numbers are handed out.
    """

    campaign_id: str
    line_id: str
    bank_id: str
    assignment_id: str
    caller_id: str
    organization_id: str | None
    slot: int
    script_version: int
    at: datetime
    hours: CallingHours | None
    attempts_max: int
    voters: tuple[Candidate, ...]
    practice: bool = False
    own_line_ids: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ExtendAssignment:
    """The caller is still at work."""

    assignment_id: str
    caller_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseAssignment:
    """The caller gives the line back without a call."""

    assignment_id: str
    caller_id: str
    reason: ReleaseReason
    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireAssignment:
    """The clock found the lease run out."""

    assignment_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawAssignment:
    """Somebody takes the voters off the caller's screen."""

    assignment_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndAttempt:
    """A result came in for one voter of an assignment, however late.

    The same call received later is a correction; another call for the same assignment and voter
    counts if it was made later. `household` are all voters known to be on the line.
    """

    campaign_id: str
    line_id: str
    bank_id: str
    assignment_id: str
    caller_id: str
    call_id: str
    voter_id: str
    voter_ids: tuple[str, ...]
    disposition: Disposition
    ended_at: datetime
    at: datetime
    attempts_max: int
    practice: bool = False
    call_back_at: datetime | None = None
    language: str | None = None
    definite: bool = False
    household: tuple[str, ...] = ()
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndAttempts:
    """Results of one call came in for several voters of its line; what EndAttempt makes of each.

    All of them or none: refused where one of them leads to nothing, and where a voter's wish is to
    be followed to other lines, for each voter's wish goes by that voter's own result.
    """

    ends: tuple[EndAttempt, ...]


@dataclass(frozen=True, slots=True)
class SuppressLine:
    """Nobody is to call this line. `voter_ids` are the voters known to be on it."""

    campaign_id: str
    line_id: str
    voter_ids: tuple[str, ...]
    reason: SuppressionReason
    at: datetime


@dataclass(frozen=True, slots=True)
class SuppressVoter:
    """This voter is not to be called on this line."""

    campaign_id: str
    line_id: str
    voter_id: str
    reason: SuppressionReason
    at: datetime


@dataclass(frozen=True, slots=True)
class RestoreLine:
    """A reason for which nobody called this line is taken back."""

    campaign_id: str
    line_id: str
    voter_ids: tuple[str, ...]
    reason: SuppressionReason


@dataclass(frozen=True, slots=True)
class RestoreVoter:
    """A reason for which this voter was not called on this line is taken back."""

    campaign_id: str
    line_id: str
    voter_id: str
    reason: SuppressionReason


LineCommand = (
    AssignLine
    | ExtendAssignment
    | ReleaseAssignment
    | ExpireAssignment
    | WithdrawAssignment
    | EndAttempt
    | EndAttempts
    | SuppressLine
    | SuppressVoter
    | RestoreLine
    | RestoreVoter
)
