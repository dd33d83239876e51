"""What may be asked of a call: to record its results, and to put one of them right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from libs.events.results import AnswerValue, Disposition, SpokeWith
from services.results.domain.call_state import Promise


@dataclass(frozen=True, slots=True)
class Result:
    """What counts for one voter; texts are deposits in the vault."""

    voter_id: str
    disposition: Disposition
    spoke_with: SpokeWith
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    support: int | None = None
    volunteer: bool | None = None
    language: str | None = None
    definite: bool = False
    promise: Promise | None = None
    hearsay_deposit_ids: tuple[str, ...] = ()
    note_deposit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordCall:
    """A caller says how the call ended for some or all voters of an assignment.

    `call_id` belongs to the assignment; a second, different result for the same voter becomes a
    call of its own under `other_call_id`. Every voter of `results` is among `voter_ids`.
    """

    campaign_id: str
    bank_id: str
    assignment_id: str
    line_id: str
    caller_id: str
    organization_id: str | None
    script_version: int
    voter_ids: tuple[str, ...]
    call_id: str
    other_call_id: str
    results: tuple[Result, ...]
    called_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectCall:
    """Somebody says what a call should have recorded of one voter: all of it, not the difference.

    `is_lead`: a role of `corrected_by` allows it for this campaign.
    """

    call_id: str
    result: Result
    corrected_by: str
    is_lead: bool
    at: datetime


CallCommand = RecordCall | CorrectCall
