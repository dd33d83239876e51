"""The facts of the queue: which line is leased to whom, and why a line rests or is let go."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from libs.events.base import Event
from libs.events.results import Disposition

TOPIC = "queue.events"

Purpose = Literal[
    "registration",
    "ballot_completion",
    "turnout",
    "identification",
    "persuasion",
    "volunteer_recruitment",
    "list_cleaning",
    "cure",
]
ReleaseReason = Literal["skipped", "left", "language", "own_number", "unsuitable", "other"]
SuppressionReason = Literal[
    "do_not_call",
    "refused",
    "deceased",
    "voted",
    "retired_line",
    "wrong_number",
    "moved",
]


class ShownDisposition(BaseModel):
    """How one disposition is shown in a phone bank; its meaning never changes.

    Empty `label` or `help` are the usual words. `place`: among the first, under "More", or not.
    """

    model_config = ConfigDict(frozen=True)

    value: Disposition
    label: str = ""
    help: str = ""
    place: Literal["first", "more", "hidden"] = "first"


class PhoneBankCreated(Event, type="queue.phone-bank-created", version=1, key="bank_id"):
    """An organizer set up a phone bank: a universe, hours and an attempt policy.

    `hours` is a `libs.hours.CallingHours` as JSON. A practice bank shows hours and does not
    enforce them; it serves only voters whose every line is a 555-01xx one.
    """

    campaign_id: str
    bank_id: str
    name: str
    candidate: str
    state: str
    purpose: Purpose
    universe_id: str
    practice: bool
    hours: dict[str, Any]
    organization_ids: tuple[str, ...]
    messages_allowed: bool = False
    attempts_max: int = 3
    closes_at: AwareDatetime | None = None


class PhoneBankChanged(Event, type="queue.phone-bank-changed", version=1, key="bank_id"):
    """An organizer changed how the bank works; these are all its settings from now on.

    `message_words` are what to say when a message is left, `caller_note` is for callers to read.
    `dispositions` are in the order shown; those left out follow as they usually are.
    """

    campaign_id: str
    bank_id: str
    name: str
    candidate: str
    purpose: Purpose
    hours: dict[str, Any]
    organization_ids: tuple[str, ...]
    messages_allowed: bool
    attempts_max: int
    closes_at: AwareDatetime | None = None
    message_words: str = ""
    caller_note: str = ""
    dispositions: tuple[ShownDisposition, ...] = ()


class PhoneBankOpened(Event, type="queue.phone-bank-opened", version=1, key="bank_id"):
    """Callers may work through the bank from now on."""

    campaign_id: str
    bank_id: str


class PhoneBankPaused(Event, type="queue.phone-bank-paused", version=1, key="bank_id"):
    """No voter is handed out until the bank opens again."""

    campaign_id: str
    bank_id: str


class PhoneBankClosed(Event, type="queue.phone-bank-closed", version=1, key="bank_id"):
    """The bank ended for good."""

    campaign_id: str
    bank_id: str


class ScriptPublished(Event, type="queue.script-published", version=1, key="bank_id"):
    """A version of the bank's script went live. `script` is its JSON form; no person is in it."""

    campaign_id: str
    bank_id: str
    script_version: int
    script: dict[str, Any]


class VoterAssigned(Event, type="queue.voter-assigned", version=1, key="voter_id"):
    """A caller was shown a voter: the line is leased to this caller for one attempt.

    One fact for each voter of the household; `voter_ids` names them all. Also the record of who
    was shown whom. `zones` are this voter's, so that what follows is reckoned by the voter's day.
    """

    campaign_id: str
    voter_id: str
    voter_ids: tuple[str, ...]
    line_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    slot: int
    script_version: int
    assigned_at: AwareDatetime
    lease_expires_at: AwareDatetime
    zones: tuple[str, ...] = ()


class AssignmentExtended(Event, type="queue.assignment-extended", version=1, key="line_id"):
    """The caller is still at work on the line; the lease runs longer."""

    campaign_id: str
    line_id: str
    assignment_id: str
    voter_ids: tuple[str, ...]
    lease_expires_at: AwareDatetime


class AssignmentReleased(Event, type="queue.assignment-released", version=1, key="line_id"):
    """The caller gave the line back uncalled. No attempt; it rests until `rests_until`."""

    campaign_id: str
    line_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    voter_ids: tuple[str, ...]
    reason: ReleaseReason
    released_at: AwareDatetime
    rests_until: AwareDatetime


class AssignmentExpired(Event, type="queue.assignment-expired", version=1, key="line_id"):
    """The lease ran out in silence. No attempt; the line may go out again."""

    campaign_id: str
    line_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    voter_ids: tuple[str, ...]
    expired_at: AwareDatetime


class AssignmentWithdrawn(Event, type="queue.assignment-withdrawn", version=1, key="line_id"):
    """An open assignment was taken off a screen: voted, do not call, taken by a result."""

    campaign_id: str
    line_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    voter_ids: tuple[str, ...]
    reason: str
    withdrawn_at: AwareDatetime


class AttemptEnded(Event, type="queue.attempt-ended", version=1, key="voter_id"):
    """A dialed call ended, for one voter of the line.

    `due_at` is when this voter may be called again on this line (None: not again on this line in
    this bank); `preferred_caller_id` goes with a promise. `voter_ids` are all voters of the
    assignment; the line is free when each of them has a result. `practice` says that the bank
    was one for practice, with made-up numbers. The same call again is a correction, and of two the
    one with the later `received_at` counts; `definite` is a recording that says the line is dead.
    Facts older than corrections have neither.
    """

    campaign_id: str
    voter_id: str
    voter_ids: tuple[str, ...]
    line_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    call_id: str
    disposition: Disposition
    ended_at: AwareDatetime
    due_at: AwareDatetime | None
    preferred_caller_id: str | None = None
    language: str | None = None
    practice: bool = False
    definite: bool = False
    received_at: AwareDatetime | None = None


class LineSuppressed(Event, type="queue.line-suppressed", version=1, key="line_id"):
    """A line, or one voter on it (`voter_id`), must not be called in this campaign."""

    campaign_id: str
    line_id: str
    voter_id: str | None
    voter_ids: tuple[str, ...]
    reason: SuppressionReason


class LineRestored(Event, type="queue.line-restored", version=1, key="line_id"):
    """A suppression was taken back."""

    campaign_id: str
    line_id: str
    voter_id: str | None
    voter_ids: tuple[str, ...]
    reason: SuppressionReason


class HandRaised(Event, type="queue.hand-raised", version=1, key="bank_id"):
    """A caller asked the leads of a phone bank for help. A hand that is up is not raised again.

    `assignment_id` is what was on the caller's screen, if anything was.
    """

    campaign_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    raised_at: AwareDatetime
    assignment_id: str | None = None


class HandLowered(Event, type="queue.hand-lowered", version=1, key="bank_id"):
    """A raised hand went down: a lead came (`by` "lead"), or the caller needs no help any more."""

    campaign_id: str
    bank_id: str
    caller_id: str
    by: Literal["caller", "lead"]
    lowered_by: str
    lowered_at: AwareDatetime
