"""Which voters of a line may be called now by this caller, and why not the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.hours import may_call, next_opening
from services.queue.day import day_after, next_after
from services.queue.dispositions import (
    ABOUT_THE_LINE,
    PROMISE_PREFERENCE,
    SUSPECT_RESTS,
)
from services.queue.domain.errors import (
    LanguageNeeded,
    LineLetGo,
    LineRests,
    NobodyDue,
    NotForThisCaller,
    OutsideLineHours,
    OwnNumber,
    PromisedToAnother,
    SkippedBefore,
)
from services.queue.domain.line_commands import AssignLine, Candidate
from services.queue.domain.line_state import Attempt, Line


@dataclass(frozen=True, slots=True)
class _NotNow:
    """A voter who is not to be called: until when, if that is known."""

    until: datetime | None = None


def voters_to_call(line: Line, ask: AssignLine) -> tuple[Candidate, ...]:
    """The voters of the line that may be called now, in the order they came.

    Raises NotForThisCaller when another caller could have the line, LineNotCallable when nobody
    could. An open assignment is not looked at here.
    """
    _check_line(line, ask)
    due: list[Candidate] = []
    later: list[datetime] = []
    for_another: NotForThisCaller | None = None
    for voter in ask.voters:
        verdict = _verdict(line, voter, ask)
        match verdict:
            case None:
                due.append(voter)
            case NotForThisCaller():
                for_another = verdict
            case _NotNow(until=datetime() as until):
                later.append(until)
    if due:
        _check_hours(due, ask)
        return tuple(due)
    if for_another is not None:
        raise for_another
    raise NobodyDue(again_at=min(later, default=None))


def _check_line(line: Line, ask: AssignLine) -> None:
    if ask.line_id in ask.own_line_ids:
        raise OwnNumber
    if line.let_go:
        raise LineLetGo
    if line.rests_until is not None and ask.at < line.rests_until:
        raise LineRests(again_at=line.rests_until)
    mine = (line.rests_for_caller_until or {}).get(ask.caller_id)
    if mine is not None and ask.at < mine:
        raise SkippedBefore


def _check_hours(due: Sequence[Candidate], ask: AssignLine) -> None:
    if ask.hours is None:
        return
    # One line rings in one house, but whose zone that is we do not know: it must be right in all.
    zones = {zone for voter in due for zone in voter.zones}
    if not all(voter.zones for voter in due):
        raise OutsideLineHours(again_at=None)
    if not may_call(zones, ask.hours, ask.at):
        raise OutsideLineHours(again_at=next_opening(zones, ask.hours, ask.at))


def _verdict(line: Line, voter: Candidate, ask: AssignLine) -> _NotNow | NotForThisCaller | None:
    """None: this voter may be called now."""
    is_real = ask.practice and not voter.fictional
    if is_real or voter.let_go or line.voter_let_go(voter.voter_id):
        return _NotNow()
    attempts = line.attempts_of(voter.voter_id)
    last = attempts[-1] if attempts else None
    languages = [attempt.language for attempt in attempts if attempt.language is not None]
    language = languages[-1] if languages else voter.language_elsewhere
    if language is not None and language not in ask.languages:
        return LanguageNeeded()
    promised_at = _promised_at(voter, last)
    if last is not None and promised_at is not None:
        if ask.at < promised_at:
            return _NotNow(promised_at)
        if last.bank_id == ask.bank_id:
            return _promised(last, promised_at, ask)
    if _is_exhausted(attempts, voter, ask):
        return _NotNow()
    free_at = _free_at(line, voter, attempts, ask.at)
    return _NotNow(free_at) if free_at > ask.at else None


def _promised_at(voter: Candidate, last: Attempt | None) -> datetime | None:
    """When the last call on this line promised another, unless the voter was reached elsewhere."""
    if last is None or last.preferred_caller_id is None:
        return None
    since = voter.tried_elsewhere_at
    return last.due_at if since is None or since <= last.ended_at else None


def _promised(last: Attempt, due_at: datetime, ask: AssignLine) -> NotForThisCaller | None:
    """A promise that is due: no gap, no day cap and no count stand in its way."""
    mine = last.preferred_caller_id == ask.caller_id
    return None if mine or ask.at >= due_at + PROMISE_PREFERENCE else PromisedToAnother()


def _is_exhausted(attempts: Sequence[Attempt], voter: Candidate, ask: AssignLine) -> bool:
    in_bank = [attempt for attempt in attempts if attempt.bank_id == ask.bank_id]
    # That the line is dead or somebody else's lets the line go, or the voter on it, until that is
    # taken back; it says nothing of the voter.
    heard = [attempt for attempt in in_bank if attempt.disposition not in ABOUT_THE_LINE]
    done = bool(heard) and heard[-1].due_at is None
    return done or voter.done_elsewhere or len(in_bank) + voter.tries_elsewhere >= ask.attempts_max


def _free_at(line: Line, voter: Candidate, attempts: Sequence[Attempt], at: datetime) -> datetime:
    """From when on gap, day cap, part of the day and the last call's end let the voter be called.

    `at` itself when nothing stands in the way now.
    """
    moments = [at]
    disturbed_at = voter.tried_elsewhere_at
    if attempts and attempts[-1].due_at is not None:
        moments.append(attempts[-1].due_at)
    heard = [each.ended_at for each in attempts if each.disposition not in ABOUT_THE_LINE]
    if heard:
        disturbed_at = max(heard[-1], disturbed_at or heard[-1])
    if voter.promised_elsewhere_at is not None:
        moments.append(voter.promised_elsewhere_at)
    called_at = line.last_called_at()
    if called_at is not None:
        moments.extend(day_after(called_at, zone) for zone in voter.zones)
        if line.disconnected_in_a_row():
            moments.append(called_at + SUSPECT_RESTS)
    earliest = max(moments)
    return next_after(disturbed_at, voter.zones, earliest) if disturbed_at else earliest
