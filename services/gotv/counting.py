"""Who is left to call, counted beside the readers and shared by every dashboard of a process."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from libs.chassis.clock import Now
from libs.database import Database
from libs.views.view import Row
from services.gotv.views.left_to_call import Left, count_left

LEFT_SECONDS = 2.0
LEFT_SECONDS_MAX = 20.0
_BANKS_MAX = 1_000
# What nobody has asked for in so long is no longer shown.
LEFT_SECONDS_SHOWN = 120.0
# Counting a large universe takes at most a twentieth of the time.
_REST_FACTOR = 19
# A campaign's overview counts the first so many banks; the others' own dashboards count theirs.
CAMPAIGN_BANKS_MAX = 50

log = structlog.get_logger()


@dataclass(slots=True)
class _Counted:
    left: Left
    fresh_until: float
    shown_until: float
    is_being_counted: bool = False


class LeftCounts:
    """Counts at most every two seconds for a bank.

    Only the first snapshot of a bank's own dashboard, or the first in a while, waits for that
    count; later ones show the last one there is while the next is made, so a large universe does
    not hold up the calls' own figures. A campaign's overview never waits, and its banks are
    counted one after the other.
    """

    def __init__(self, database: Database, now: Now, background: asyncio.TaskGroup) -> None:
        self._database = database
        self._now = now
        self._background = background
        self._left: OrderedDict[str, _Counted] = OrderedDict()
        self._sweeping: set[str] = set()

    async def of(self, bank: Row) -> Left:
        """The bank's count, a few seconds old where somebody watches."""
        known = self._known(bank)
        if known is None:
            return await self._count_anew(bank)
        if self._is_stale(known) and not known.is_being_counted:
            known.is_being_counted = True
            self._background.create_task(self._count_beside(bank, known), name="count left")
        return known.left

    def last_of(self, banks: Sequence[Row]) -> dict[str, Left]:
        """What is known of each bank by now; the others' counts are on their way."""
        stale = [bank for bank in banks[:CAMPAIGN_BANKS_MAX] if self._needs_counting(bank)]
        campaign = banks[0]["campaign_id"] if banks else ""
        if stale and campaign not in self._sweeping:
            self._sweeping.add(campaign)
            self._background.create_task(self._sweep(campaign, stale), name="count left")
        known = ((bank["_id"], self._known(bank)) for bank in banks)
        return {bank_id: counted.left for bank_id, counted in known if counted is not None}

    def _known(self, bank: Row) -> _Counted | None:
        known = self._left.get(bank["_id"])
        if known is None or asyncio.get_running_loop().time() >= known.shown_until:
            return None
        return known

    def _needs_counting(self, bank: Row) -> bool:
        known = self._known(bank)
        return known is None or self._is_stale(known)

    def _is_stale(self, known: _Counted) -> bool:
        return asyncio.get_running_loop().time() >= known.fresh_until

    async def _sweep(self, campaign_id: str, banks: Sequence[Row]) -> None:
        try:
            for bank in banks:
                await self._count_anew(bank)
        except Exception as error:  # noqa: BLE001 - the last counts stand, the next sweep tries.
            log.warning("voters left not counted", reason=type(error).__name__)
        finally:
            self._sweeping.discard(campaign_id)

    async def _count_beside(self, bank: Row, known: _Counted) -> None:
        try:
            await self._count_anew(bank)
        except Exception as error:  # noqa: BLE001 - the last count stands, the next one is tried.
            known.is_being_counted = False
            log.warning("voters left not counted", reason=type(error).__name__)

    async def _count_anew(self, bank: Row) -> Left:
        clock = asyncio.get_running_loop().time
        started = clock()
        left = await count_left(self._database, bank, self._now())
        rest_seconds = min((clock() - started) * _REST_FACTOR, LEFT_SECONDS_MAX)
        now = clock()
        self._left[bank["_id"]] = _Counted(
            left, now + max(LEFT_SECONDS, rest_seconds), now + LEFT_SECONDS_SHOWN
        )
        if len(self._left) > _BANKS_MAX:
            self._left.popitem(last=False)
        return left
