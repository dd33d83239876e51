"""The other number of a voter whom the first one did not reach, for the same caller at once."""

from dataclasses import replace

from libs.chassis.clock import Now
from libs.chassis.tokens import Principal
from libs.database import Database
from libs.events.queue import VoterAssigned
from libs.eventstore.store import ClaimTaken, Commit, Log, Request, StreamMoved
from services.queue.assignments import Held
from services.queue.bank_book import KnownBank
from services.queue.dispositions import ABOUT_THE_LINE
from services.queue.domain.errors import (
    LineNotCallable,
    NoOtherNumber,
    NotForThisCaller,
    ResultOnItsWay,
)
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import AssignLine, Candidate
from services.queue.entries import Entry, Preparation
from services.queue.reservations import RESERVED
from services.queue.seats import claim_of
from services.queue.showing import Showing, Shown
from services.queue.views.searches import other_lines


class OtherNumbers:
    """Claims another line of a voter on that line's own stream.

    The call on the first number has its own result first; only what was found out about a number
    (wrong, disconnected) disturbed nobody, so only then another one may ring at once. The claim is
    that of the caller's next slot, so whatever else the caller's tabs ask for, one of them wins.
    """

    def __init__(
        self,
        log: Log,
        views: Database,
        now: Now,
        preparation: Preparation,
        showing: Showing,
        *,
        voters_per_hour_max: int,
    ) -> None:
        self._log = log
        self._views = views
        self._now = now
        self._preparation = preparation
        self._showing = showing
        self._pace_max = voters_per_hour_max

    async def claim(self, held: Held, voter_id: str, caller: Principal, request: Request) -> Shown:
        """The voter under another number, or what this caller has open by now.

        Raises ResultOnItsWay, NoOtherNumber, NotOpenYet, Paused, Closed, TooMany, Unavailable.
        """
        standing = await self._showing.standing(caller, request)
        if standing is not None and standing.assigned.assignment_id != held.assigned.assignment_id:
            return standing
        tries = await self._tries_after_result(held.stream, held.assigned, voter_id)
        bank = await self._showing.banks.get(held.assigned.bank_id)
        at = self._now()
        bank.check_open(at)
        seat = self._showing.seats.put(caller.caller_id, held.assigned.slot, None)
        seat.check_pace(at, self._pace_max)
        lines = await other_lines(
            self._views, held.assigned.campaign_id, voter_id, held.assigned.line_id
        )
        prepared = await self._preparation.prepare(bank, lines, at, RESERVED)
        by_line = {entry.line_id: entry for entry in prepared.entries}
        for entry in (by_line[line_id] for line_id in lines if line_id in by_line):
            ask = _ask(entry, voter_id, tries, bank, caller)
            ask = replace(ask, assignment_id=request.commit_id, slot=held.assigned.slot + 1, at=at)
            commit = _commit(entry, ask, voter_id, request)
            if commit is None:
                continue
            try:
                recorded = await self._log.append(commit)
            except StreamMoved:
                continue
            except ClaimTaken:
                break
            if recorded is not commit:
                return await self._showing.repeated(recorded, caller, request)
            return await self._showing.taken(commit, bank, seat, entry.cards, entry.promises)
        shown = await self._showing.standing(caller, request)
        if shown is not None:
            return shown
        raise NoOtherNumber

    async def _tries_after_result(self, stream: str, assigned: VoterAssigned, voter_id: str) -> int:
        """How often this bank tried the voter on the first line, this call included."""
        history = await self._log.read(stream)
        line = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
        attempt = line.attempt(assigned.assignment_id, voter_id)
        is_open = line.assignment is not None and line.assignment.id == assigned.assignment_id
        if attempt is None or is_open:
            raise ResultOnItsWay(retry_after_seconds=1)
        if attempt.disposition not in ABOUT_THE_LINE:
            raise NoOtherNumber(
                "Another number is for calls that did not reach the voter's own: wrong number or "
                "disconnected. This voter is called again another day; go on with the next one."
            )
        return sum(each.bank_id == assigned.bank_id for each in line.attempts_of(voter_id))


def _ask(entry: Entry, voter_id: str, tries: int, bank: KnownBank, caller: Principal) -> AssignLine:
    """The question to the other line; its row may not have heard of the first line's call yet."""

    def informed(voter: Candidate) -> Candidate:
        if voter.voter_id != voter_id:
            return voter
        return replace(voter, tries_elsewhere=max(voter.tries_elsewhere, tries))

    return replace(
        entry.ask,
        caller_id=caller.caller_id,
        organization_id=caller.organization_id,
        script_version=bank.script.version,
        own_line_ids=frozenset(caller.own_lines),
        languages=frozenset(caller.languages),
        voters=tuple(informed(voter) for voter in entry.ask.voters),
    )


def _commit(entry: Entry, ask: AssignLine, voter_id: str, request: Request) -> Commit | None:
    """The claim, None where the line may not be called now or not for this voter."""
    try:
        facts = LINE.decide(entry.line, ask)
    except (LineNotCallable, NotForThisCaller):
        return None
    if not any(isinstance(fact, VoterAssigned) and fact.voter_id == voter_id for fact in facts):
        return None
    claims = (claim_of(ask.caller_id, ask.slot),)
    return Commit(
        request.commit_id, entry.stream, entry.version + 1, tuple(facts), request.meta, claims
    )
