"""Handing out: the next voter for a caller, out of memory; the log is the lock."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import structlog
from prometheus_client import Counter

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.chassis.tickets import Receipt
from libs.chassis.tokens import Principal
from libs.chassis.vault import Card
from libs.database import Database
from libs.events.queue import AssignmentExtended, VoterAssigned
from libs.eventstore.store import (
    ClaimTaken,
    Commit,
    IdempotencyKeyReused,
    Log,
    Meta,
    Request,
    StreamMoved,
    handle,
)
from libs.hours import may_show
from services.queue.bank_book import BankBook, KnownBank
from services.queue.blocks import Background, Block, Sources
from services.queue.domain.errors import (
    AssignmentClosed,
    LineNotCallable,
    NotForThisCaller,
    NotYourPhoneBank,
)
from services.queue.domain.line import LEASE, LINE
from services.queue.domain.line_commands import ExtendAssignment, WithdrawAssignment
from services.queue.entries import (
    VIEW_LAG_MAX,
    Cards,
    Entry,
    Preparation,
    worth_another_try_at,
)
from services.queue.reasons import Reasons
from services.queue.reservations import Reservations
from services.queue.seats import Seat, Seats, claim_of, claims_of
from services.queue.views import caller_days, organizations

SWEEP_SECONDS = 15
HAND_OUT_SECONDS_MAX = 8.0
CLAIM_TRIES_MAX = 4

log = structlog.get_logger()

_handed_out = Counter("phonebank_handed_out", "Assignments made.", ["practice"])
_conflicts = Counter(
    "phonebank_hand_out_conflicts", "Appends of an assignment that met another.", ["kind"]
)


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


@dataclass(frozen=True, slots=True)
class _Asking:
    """One caller at one bank, and the lines that turned out to be for others.

    `slot` is the one after the slot that was found free: a second request of the same caller that
    is under way has the same, and only one of the two can claim it.
    """

    bank: KnownBank
    caller: Principal
    seat: Seat
    slot: int
    request: Request
    unsuited: list[Entry] = field(default_factory=list)


class Handout:
    """One process's way from "next, please" to a voter. Any number of processes may do it."""

    def __init__(
        self,
        log: Log,
        views: Database,
        vault: Cards,
        now: Now,
        background: Background,
        *,
        voters_per_hour_max: int = 0,
    ) -> None:
        self.seats = Seats()
        self.banks = BankBook(log, now, background)
        self.reasons = Reasons(views, now)
        self._log = log
        self._views = views
        self._vault = vault
        self._now = now
        self._pace_max = voters_per_hour_max
        self._reservations = Reservations(views, secrets.token_hex(8))
        self._sources = Sources(
            views=views,
            preparation=Preparation(log, views, vault),
            reservations=self._reservations,
            banks=self.banks,
            now=now,
            background=background,
        )
        self._blocks: dict[str, Block] = {}

    async def prepare(self) -> None:
        """Make the index that reservations need."""
        await self._reservations.prepare()

    async def keep_tidy(self) -> None:
        """Let go of what is no longer needed. Runs until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for block in self._blocks.values():
                block.sweep(self._now())

    async def next(
        self, bank_id: str, caller: Principal, request: Request, receipt: Receipt | None
    ) -> Shown:
        """The next voter for the caller, or the one still open.

        Raises Paused, Closed, Finished, OutsideHours, AllInProgress or NobodyToCall when there is
        none, NotYourPhoneBank, TooMany, and Unavailable.
        """
        bank = await self.banks.get(bank_id)
        await self.check_access(bank, caller)
        if receipt is not None and receipt.caller_id == caller.caller_id:
            self.seats.freed_by(receipt)
            block = self._blocks.get(receipt.bank_id)
            if block is not None and receipt.complete:
                block.answered(receipt.line_id, self._now())
        seat = self.seats.get(caller.caller_id)
        if seat is None or seat.assignment_id is not None:
            shown = await self._standing(caller, request)
            if shown is not None:
                return shown
            seat = self.seats.get(caller.caller_id)
        for _ in range(CLAIM_TRIES_MAX):
            if seat is None:
                break
            try:
                return await self._hand_out(_Asking(bank, caller, seat, seat.number + 1, request))
            except ClaimTaken:
                # Another tab, or another process, was faster for this caller.
                _conflicts.labels("slot").inc()
                shown = await self._standing(caller, request)
                if shown is not None:
                    return shown
                seat = self.seats.get(caller.caller_id)
        raise StreamMoved

    async def check_access(self, bank: KnownBank, caller: Principal) -> None:
        """Raise NotYourPhoneBank unless the caller's organization, or a role, is for this bank."""
        created = bank.created
        theirs = created.organization_ids
        if caller.organization_id is not None and caller.organization_id in theirs:
            return
        if caller.may("call", created.campaign_id):
            return
        if not theirs and caller.organization_id is not None:
            organization = await organizations.by_id(self._views, caller.organization_id)
            if organization and created.campaign_id in organization["campaign_ids"]:
                return
        raise NotYourPhoneBank

    async def _hand_out(self, asking: _Asking) -> Shown:
        at = self._now()
        asking.bank.check_open(at)
        asking.seat.check_pace(at, self._pace_max)
        bank_id = asking.bank.created.bank_id
        block = self._blocks.get(bank_id)
        if block is None:
            block = self._blocks[bank_id] = Block(bank_id, self._sources)
        await block.wake()
        deadline = asyncio.get_running_loop().time() + HAND_OUT_SECONDS_MAX
        try:
            while True:
                entry = block.take(asking.caller.caller_id, self._now())
                if entry is None:
                    if not await self._filled(block, deadline):
                        raise await self.reasons.nobody(asking.bank)
                    continue
                shown = await self._try(block, entry, asking)
                if shown is not None:
                    return shown
        finally:
            block.put_back(asking.unsuited)

    async def _filled(self, block: Block, deadline: float) -> bool:
        """Whether there may be something to take now."""
        try:
            async with asyncio.timeout_at(deadline):
                return bool(await block.filled()) or block.has_ready
        except TimeoutError as error:
            raise Unavailable("Too many callers ask at once; please try again.") from error

    async def _try(self, block: Block, entry: Entry, asking: _Asking) -> Shown | None:
        """Decide on the entry's state and append; None when the line is not to be had."""
        at = self._now()
        caller, request = asking.caller, asking.request
        ask = replace(
            entry.ask,
            assignment_id=request.commit_id,
            caller_id=caller.caller_id,
            organization_id=caller.organization_id,
            slot=asking.slot,
            script_version=asking.bank.script.version,
            at=at,
        )
        try:
            facts = LINE.decide(entry.line, ask)
        except NotForThisCaller:
            asking.unsuited.append(entry)
            return None
        except LineNotCallable as no:
            block.dropped(entry, worth_another_try_at(no, at))
            return None
        claims = (claim_of(caller.caller_id, asking.slot),)
        commit = Commit(
            request.commit_id, entry.stream, entry.version + 1, tuple(facts), request.meta, claims
        )
        try:
            recorded = await self._log.append(commit)
        except StreamMoved:
            _conflicts.labels("line").inc()
            block.dropped(entry, at + VIEW_LAG_MAX)
            return None
        except BaseException:
            block.put_back([entry])
            raise
        if recorded is not commit:
            block.put_back([entry])
            return await self._repeated(recorded, caller, request)
        block.handed_out(entry, at)
        return await self._taken(entry, commit, asking.bank, asking.seat)

    async def _taken(self, entry: Entry, commit: Commit, bank: KnownBank, seat: Seat) -> Shown:
        assigned = [fact for fact in commit.facts if isinstance(fact, VoterAssigned)]
        first = assigned[0]
        seat.took(first.slot, first.assignment_id, first.assigned_at, len(assigned))
        _handed_out.labels(str(bank.created.practice).lower()).inc()
        return Shown(
            assigned=first,
            zones={fact.voter_id: fact.zones for fact in assigned},
            line_version=commit.version,
            lease_expires_at=first.lease_expires_at,
            cards=entry.cards,
            bank=bank,
            calls_today=await self._calls_today(seat, first.caller_id),
            created=True,
        )

    async def _standing(self, caller: Principal, request: Request) -> Shown | None:
        """What the log says of this request and this caller's last slot; None: the slot is free."""
        earlier = await self._log.find(request.commit_id)
        if earlier is not None:
            return await self._repeated(earlier, caller, request)
        latest = await self._log.latest_claim(claims_of(caller.caller_id))
        if latest is None:
            self.seats.put(caller.caller_id, 0, None)
            return None
        shown = await self._show_again(latest, caller, created=False)
        if shown is None:
            self.seats.put(caller.caller_id, _first(latest).slot, None)
        return shown

    async def _repeated(self, earlier: Commit, caller: Principal, request: Request) -> Shown:
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
        assigned = [fact for fact in commit.facts if isinstance(fact, VoterAssigned)]
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


def _first(commit: Commit) -> VoterAssigned:
    return next(fact for fact in commit.facts if isinstance(fact, VoterAssigned))


def _own_request(assigned: VoterAssigned, actor: str, at: datetime) -> Request:
    """An id of its own each time: extending twice, or withdrawing twice, changes nothing."""
    return Request(uuid4().hex, Meta(at=at, actor=actor, campaign_id=assigned.campaign_id))
