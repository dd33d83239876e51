"""What a caller has on the screen: an assignment just made, or the open one shown again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from libs.chassis.clock import Now
from libs.chassis.tokens import Principal
from libs.chassis.vault import Card
from libs.database import Database
from libs.events.queue import AssignmentExtended, VoterAssigned
from libs.eventstore.store import Commit, IdempotencyKeyReused, Log, Meta, Request, handle
from libs.hours import may_show
from services.queue.bank_book import BankBook, KnownBank
from services.queue.domain.errors import AssignmentClosed
from services.queue.domain.line import LEASE, LINE
from services.queue.domain.line_commands import ExtendAssignment, WithdrawAssignment
from services.queue.entries import Cards
from services.queue.promises import Promise, PromiseInWords, due_promises, in_words
from services.queue.seats import Seat, Seats, claims_of
from services.queue.views import caller_days


@dataclass(frozen=True, slots=True)
class Shown:
    """An assignment as its caller sees it. `created`: by this request, or one repeated."""

    assigned: VoterAssigned
    zones: Mapping[str, tuple[str, ...]]
    line_version: int
    lease_expires_at: datetime
    cards: Mapping[str, Card]
    bank: KnownBank
    calls_today: int
    created: bool
    numbers_shown: bool = True
    promises: Mapping[str, PromiseInWords] = field(default_factory=dict)


class Showing:
    """Shows assignments: what the log says of them, with people's cards and promises' words."""

    def __init__(
        self, log: Log, views: Database, vault: Cards, now: Now, banks: BankBook, seats: Seats
    ) -> None:
        self._log = log
        self._views = views
        self._vault = vault
        self._now = now
        self.banks = banks
        self.seats = seats

    async def taken(
        self,
        commit: Commit,
        bank: KnownBank,
        seat: Seat,
        cards: Mapping[str, Card],
        promises: Sequence[Promise],
    ) -> Shown:
        """The assignment that this process has just made."""
        assigned = _assigned_in(commit)
        first = assigned[0]
        seat.took(first.slot, first.assignment_id, first.assigned_at, len(assigned))
        return Shown(
            assigned=first,
            zones={fact.voter_id: fact.zones for fact in assigned},
            line_version=commit.version,
            lease_expires_at=first.lease_expires_at,
            cards=cards,
            bank=bank,
            calls_today=await self._calls_today(seat, first.caller_id),
            created=True,
            promises=await in_words(self._vault, first, promises),
        )

    async def standing(self, caller: Principal, request: Request) -> Shown | None:
        """What the log says of this request and this caller's last slot; None: the slot is free."""
        earlier = await self._log.find(request.commit_id)
        if earlier is not None:
            return await self.repeated(earlier, caller, request)
        latest = await self._log.latest_claim(claims_of(caller.caller_id))
        if latest is None:
            self.seats.put(caller.caller_id, 0, None)
            return None
        if latest.id == request.commit_id:  # Another process did this very request meanwhile.
            return await self.repeated(latest, caller, request)
        shown = await self._show_again(latest, caller, created=False)
        if shown is None:
            self.seats.put(caller.caller_id, _assigned_in(latest)[0].slot, None)
        return shown

    async def repeated(self, earlier: Commit, caller: Principal, request: Request) -> Shown:
        """The same request again: the same answer, as long as the voters may still be shown."""
        if earlier.meta.fingerprint != request.meta.fingerprint:
            raise IdempotencyKeyReused
        shown = await self._show_again(earlier, caller, created=True)
        if shown is None:
            raise AssignmentClosed
        return shown

    async def _show_again(
        self, commit: Commit, caller: Principal, *, created: bool
    ) -> Shown | None:
        """The assignment of this commit if it is open, its lease long enough to work with."""
        assigned = _assigned_in(commit)
        first = assigned[0]
        history = await self._log.read(commit.stream)
        line = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
        if line.assignment is None or line.assignment.id != first.assignment_id:
            return None
        bank = await self.banks.get(first.bank_id)
        cards = await self._vault.cards(
            first.campaign_id, first.voter_ids, purpose="call", actor=caller.caller_id
        )
        if not cards:
            await self._withdraw(commit, first)
            return None
        lease_expires_at = line.assignment.lease_expires_at
        if lease_expires_at - self._now() <= LEASE / 2:
            lease_expires_at = await self.extend(commit.stream, first, caller.caller_id)
        seat = self.seats.put(caller.caller_id, first.slot, first.assignment_id)
        zones = {fact.voter_id: fact.zones for fact in assigned}
        everywhere = {zone for each in zones.values() for zone in each}
        promises = await due_promises(self._views, first)
        return Shown(
            assigned=first,
            zones=zones,
            line_version=commit.version,
            lease_expires_at=lease_expires_at,
            cards=cards,
            bank=bank,
            calls_today=await self._calls_today(seat, caller.caller_id),
            created=created,
            numbers_shown=bank.created.practice or may_show(everywhere, bank.hours, self._now()),
            promises=await in_words(self._vault, first, promises),
        )

    async def extend(self, stream: str, assigned: VoterAssigned, caller_id: str) -> datetime:
        """Until when the lease runs now. Raises AssignmentClosed and NotYourAssignment."""
        history = await self._log.read(stream)
        line = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
        at = self._now()
        command = ExtendAssignment(assigned.assignment_id, caller_id, at)
        held = line.assignment
        if not LINE.decide(line, command) and held is not None:
            return held.lease_expires_at
        known = (history.version, line)
        request = _own_request(assigned, caller_id, at)
        handled = await handle(self._log, LINE, stream, command, request, known=known)
        extended = [fact for fact in handled.facts if isinstance(fact, AssignmentExtended)]
        return extended[0].lease_expires_at if extended else at + LEASE

    async def _withdraw(self, commit: Commit, assigned: VoterAssigned) -> None:
        """Nobody of this assignment is in the vault any more."""
        at = self._now()
        command = WithdrawAssignment(assigned.assignment_id, "erased", at)
        request = _own_request(assigned, assigned.caller_id, at)
        await handle(self._log, LINE, commit.stream, command, request)

    async def _calls_today(self, seat: Seat, caller_id: str) -> int:
        at = self._now()
        known = seat.calls_on(at)
        if known is None:
            known = seat.calls = await caller_days.calls_on(self._views, caller_id, at)
            seat.day = at.date()
        return known


def _assigned_in(commit: Commit) -> list[VoterAssigned]:
    return [fact for fact in commit.facts if isinstance(fact, VoterAssigned)]


def _own_request(assigned: VoterAssigned, actor: str, at: datetime) -> Request:
    """An id of its own each time: extending twice, or withdrawing twice, changes nothing."""
    return Request(uuid4().hex, Meta(at=at, actor=actor, campaign_id=assigned.campaign_id))
