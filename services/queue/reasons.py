"""Why there is nobody to call, and how many there are: figures of a bank, seconds old."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.chassis.clock import Now
from libs.database import Database
from libs.decider import Conflict
from libs.events.queue import PhoneBankCreated
from libs.hours import CallingHours, closes_at, may_call, next_opening
from services.queue.bank_book import KnownBank
from services.queue.domain.errors import (
    AllInProgress,
    BeingPrepared,
    Finished,
    NobodyToCall,
    OtherLanguages,
    OutsideHours,
)
from services.queue.views import searches as voters
from services.queue.views import universes
from services.queue.views.searches import ZoneFigures

KEPT = timedelta(seconds=3)
# Counting a large universe takes at most a tenth of the time, where it takes up to two seconds.
KEPT_FACTOR = 9
KEPT_MAX = timedelta(seconds=20)
LOOK_AGAIN_SECONDS = 20
LOOK_AGAIN_SOON_SECONDS = 4


@dataclass(slots=True)
class _Counted:
    """A bank's figures, until when they are good, and the count that is under way."""

    figures: tuple[ZoneFigures, ...] = ()
    counted_at: datetime | None = None
    kept: timedelta = KEPT
    counting: asyncio.Task[None] | None = None
    is_whole: bool = False

    def is_good(self, at: datetime) -> bool:
        return self.counted_at is not None and timedelta(0) <= at - self.counted_at < self.kept

    def done(self, task: asyncio.Task[None]) -> None:
        self.counting = None
        if not task.cancelled():
            task.exception()  # Whoever waited heard it; perhaps nobody waits any more.


class Reasons:
    """Counts what is left of a bank: once at a time, and once in three seconds, however many ask.

    Where counting takes long, its figures are good for nine times as long, up to twenty seconds.
    """

    def __init__(self, views: Database, now: Now) -> None:
        self._views = views
        self._now = now
        self._known: dict[str, _Counted] = {}

    async def figures(self, created: PhoneBankCreated) -> tuple[ZoneFigures, ...]:
        """The voters left to call, by their zones. Who waits for one count hears its error, too."""
        known = self._known.setdefault(created.bank_id, _Counted())
        if not known.is_good(self._now()):
            if known.counting is None:
                known.counting = asyncio.create_task(self._count(created, known))
                known.counting.add_done_callback(known.done)
            await asyncio.shield(known.counting)
        return known.figures

    async def _count(self, created: PhoneBankCreated, known: _Counted) -> None:
        at = self._now()
        # Asked before they are counted: whoever is not here yet would be missing from the count.
        known.is_whole = known.is_whole or await self._is_whole(created)
        search = voters.Search(
            campaign_id=created.campaign_id,
            bank_id=created.bank_id,
            universe_id=created.universe_id,
            practice=created.practice,
            zone_keys=await voters.zone_keys(self._views, created.campaign_id, created.universe_id),
            at=at,
        )
        known.figures = await voters.figures(self._views, search)
        known.counted_at = at
        known.kept = min(max(KEPT, (self._now() - at) * KEPT_FACTOR), KEPT_MAX)

    async def _is_whole(self, created: PhoneBankCreated) -> bool:
        """Whether all of the universe is here: for minutes after it was defined it may not be."""
        universe = await universes.find(self._views, created.campaign_id, created.universe_id)
        return universe is not None and await voters.have_arrived(
            self._views, created.campaign_id, created.universe_id, universe["voters"]
        )

    async def nobody(self, bank: KnownBank, languages: Collection[str] = ()) -> Conflict:
        """The refusal that says why nobody can be handed out now, and when to look again.

        `languages` are the caller's: who speaks another one is not for this caller.
        """
        at = self._now()
        everybody = await self.figures(bank.created)
        figures = [each for each in everybody if _is_for(each, languages)]
        is_open = [_is_open(each, bank.created, bank.hours, at) for each in figures]
        free_now = [each for each, now in zip(figures, is_open, strict=True) if now and each.now]
        free_then = [
            each for each, now in zip(figures, is_open, strict=True) if not now and each.now
        ]
        if free_now or any(each.in_progress for each in figures):
            return AllInProgress(retry_after_seconds=LOOK_AGAIN_SECONDS)
        if free_then:
            opens = opening(free_then, bank.hours, at)
            return OutsideHours(next_opening=opens, zones=_zones(free_then))
        later = [each.next_at for each in figures if each.next_at is not None]
        if later:
            return NobodyToCall(next_at=min(later))
        others = sorted({each.language for each in everybody if each.language is not None})
        if len(figures) < len(everybody) and others:
            return OtherLanguages(languages=others)
        if not self._known[bank.created.bank_id].is_whole:
            return BeingPrepared(retry_after_seconds=LOOK_AGAIN_SOON_SECONDS)
        return Finished()


def callable_now(
    figures: Sequence[ZoneFigures], created: PhoneBankCreated, hours: CallingHours, at: datetime
) -> int:
    """How many voters may be called right now, whatever languages the caller speaks."""
    return sum(
        each.now for each in figures if each.language is None and _is_open(each, created, hours, at)
    )


def opening(figures: Sequence[ZoneFigures], hours: CallingHours, at: datetime) -> datetime | None:
    """When the first of these voters may be called: now, or at the next opening."""
    moments = [next_opening(each.zones, hours, at) for each in figures]
    return min((moment for moment in moments if moment is not None), default=None)


def closing(figures: Sequence[ZoneFigures], hours: CallingHours, at: datetime) -> datetime | None:
    """When the last of the zones that are open at `at` closes."""
    moments = [closes_at(each.zones, hours, at) for each in figures]
    return max((moment for moment in moments if moment is not None), default=None)


def _is_for(figures: ZoneFigures, languages: Collection[str]) -> bool:
    return figures.language is None or figures.language in languages


def _is_open(
    figures: ZoneFigures, created: PhoneBankCreated, hours: CallingHours, at: datetime
) -> bool:
    return created.practice or may_call(figures.zones, hours, at)


def _zones(figures: Sequence[ZoneFigures]) -> list[str]:
    return sorted({zone for each in figures for zone in each.zones})
