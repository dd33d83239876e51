"""The numbers of one phone bank, put together from its views."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog

from libs.chassis.clock import Now
from libs.database import Database
from libs.views.view import Row
from services.gotv.live import Snapshot
from services.gotv.views.bank_totals import read_totals
from services.gotv.views.caller_activity import count_active
from services.gotv.views.left_to_call import Left, count_left

ACTIVE_FOR = timedelta(minutes=10)
LEFT_SECONDS = 2.0
LEFT_SECONDS_MAX = 20.0
_BANKS_MAX = 1_000
# Counting a large universe takes at most a tenth of the time.
_REST_FACTOR = 9

log = structlog.get_logger()


@dataclass(slots=True)
class _Counted:
    left: Left
    fresh_until: float
    is_being_counted: bool = False


class Dashboards:
    """Reads snapshots; who is left to call is counted at most every two seconds for a bank.

    Only the first snapshot of a bank waits for that count; later ones show the last one there is
    while the next is made, so a large universe does not hold up the calls' own figures.
    """

    def __init__(self, database: Database, now: Now, background: asyncio.TaskGroup) -> None:
        self._database = database
        self._background = background
        self._now = now
        self._left: OrderedDict[str, _Counted] = OrderedDict()

    async def read(self, bank: Row) -> dict[str, Any]:
        """The figures of a bank as of now."""
        return (await self._figures(bank))[1]

    async def snapshot(self, bank: Row) -> Snapshot:
        """The same, encoded. Its id begins with a number that grows with the bank's totals."""
        rev, figures = await self._figures(bank)
        timeless = {name: figure for name, figure in figures.items() if name != "as_of"}
        digest = hashlib.blake2b(orjson.dumps(timeless), digest_size=6).hexdigest()
        return Snapshot(f"{rev}-{digest}", orjson.dumps(figures, option=orjson.OPT_UTC_Z))

    async def _figures(self, bank: Row) -> tuple[int, dict[str, Any]]:
        now = self._now()
        totals, active, left = await asyncio.gather(
            read_totals(self._database, bank["_id"], now),
            count_active(self._database, bank["_id"], now - ACTIVE_FOR),
            self._count_left(bank),
        )
        rev: int = totals.pop("rev")
        return rev, totals | {
            "supporters": left.supporters,
            "voters_reached": left.voters_reached,
            "callers_active": active,
            "left": {"now": left.now, "later": left.later, "exhausted": left.exhausted},
            "as_of": now,
        }

    async def _count_left(self, bank: Row) -> Left:
        known = self._left.get(bank["_id"])
        if known is None:
            return await self._count_anew(bank)
        if asyncio.get_running_loop().time() >= known.fresh_until and not known.is_being_counted:
            known.is_being_counted = True
            self._background.create_task(self._count_beside(bank, known), name="count left")
        return known.left

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
        fresh_until = clock() + max(LEFT_SECONDS, rest_seconds)
        self._left[bank["_id"]] = _Counted(left, fresh_until)
        if len(self._left) > _BANKS_MAX:
            self._left.popitem(last=False)
        return left
