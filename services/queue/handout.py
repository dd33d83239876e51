"""Handing out: the next voter for a caller, out of memory; the log is the lock."""

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from prometheus_client import Counter

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.chassis.tickets import Receipt
from libs.chassis.tokens import Principal
from libs.database import Database
from libs.events.queue import VoterAssigned
from libs.eventstore.store import ClaimTaken, Commit, Log, Request, StreamMoved
from services.queue.bank_book import BankBook, KnownBank
from services.queue.blocks import Background, Block, Sources
from services.queue.domain.errors import (
    LineNotCallable,
    NotForThisCaller,
    NotYourPhoneBank,
)
from services.queue.domain.line import LINE
from services.queue.entries import (
    VIEW_LAG_MAX,
    Cards,
    Entry,
    Preparation,
    worth_another_try_at,
)
from services.queue.other_numbers import OtherNumbers
from services.queue.reasons import Reasons
from services.queue.reservations import Reservations
from services.queue.seats import Seat, Seats, claim_of
from services.queue.showing import Showing, Shown
from services.queue.views import organizations

SWEEP_SECONDS = 15
HAND_OUT_SECONDS_MAX = 8.0
CLAIM_TRIES_MAX = 4

log = structlog.get_logger()

_handed_out = Counter("phonebank_handed_out", "Assignments made.", ["practice"])
_conflicts = Counter(
    "phonebank_hand_out_conflicts", "Appends of an assignment that met another.", ["kind"]
)


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
        preparation = Preparation(log, views, vault)
        self._sources = Sources(
            views=views,
            preparation=preparation,
            reservations=self._reservations,
            banks=self.banks,
            now=now,
            background=background,
        )
        self._blocks: dict[str, Block] = {}
        self._showing = Showing(log, views, vault, now, self.banks, self.seats)
        self.other_numbers = OtherNumbers(
            log,
            views,
            now,
            preparation,
            self._showing,
            voters_per_hour_max=voters_per_hour_max,
        )

    async def prepare(self) -> None:
        """Make the index that reservations need."""
        await self._reservations.prepare()

    async def keep_tidy(self) -> None:
        """Let go of what is no longer needed. Runs until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for block in self._blocks.values():
                block.sweep(self._now())

    def close(self) -> None:
        """Leave nothing open on the server; what that takes is work in the background."""
        for block in self._blocks.values():
            block.close()

    async def next(
        self, bank_id: str, caller: Principal, request: Request, receipt: Receipt | None
    ) -> Shown:
        """The next voter for the caller, or the one still open.

        Raises Paused, Closed, BeingPrepared, Finished, OutsideHours, AllInProgress, NobodyToCall or
        OtherLanguages when there is none, NotYourPhoneBank, TooMany, and Unavailable.
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
            shown = await self._showing.standing(caller, request)
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
                shown = await self._showing.standing(caller, request)
                if shown is not None:
                    return shown
                seat = self.seats.get(caller.caller_id)
        raise StreamMoved

    async def extend(self, stream: str, assigned: VoterAssigned, caller_id: str) -> datetime:
        """Until when the lease runs now. Raises AssignmentClosed and NotYourAssignment."""
        return await self._showing.extend(stream, assigned, caller_id)

    async def check_access(self, bank: KnownBank, caller: Principal) -> None:
        """Raise NotYourPhoneBank unless the caller's organization, or a role, is for this bank."""
        created = bank.created
        theirs = created.organization_ids
        if created.campaign_id in caller.shut_campaigns:
            raise NotYourPhoneBank(
                "This campaign asks you to log in with your password; please log out, and in again."
            )
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
        await block.wake(asking.caller.languages)
        deadline = asyncio.get_running_loop().time() + HAND_OUT_SECONDS_MAX
        try:
            while True:
                entry = block.take(asking.caller.caller_id, self._now(), asking.caller.languages)
                if entry is None:
                    if not await self._filled(block, deadline):
                        raise await self.reasons.nobody(asking.bank, asking.caller.languages)
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
            hours=None if asking.bank.created.practice else asking.bank.hours,
            attempts_max=asking.bank.created.attempts_max,
            own_line_ids=frozenset(caller.own_lines),
            languages=frozenset(caller.languages),
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
            return await self._showing.repeated(recorded, caller, request)
        block.handed_out(entry, at)
        _handed_out.labels(str(asking.bank.created.practice).lower()).inc()
        return await self._showing.taken(
            commit, asking.bank, asking.seat, entry.cards, entry.promises
        )
