"""Two hundred watchers of one board: read twice a second, encoded once, seen by all in time."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from libs.database import Database
from libs.views.view import Row
from services.gotv.dashboard import Dashboards
from services.gotv.live import READ_SECONDS, Snapshot
from tests.gotv.opened import ORGANIZER, bank_created, gotv_app
from tests.gotv.watching import Watcher
from tests.results.facts import dispositioned
from tests.results.moments import at
from tests.results.opened import bearer

WATCHERS = 200
FRESH_SECONDS_MAX = 2.0
LIVE = "/gotv/phone-banks/b1/dashboard/live"
ODILE = bearer("odile", ORGANIZER)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a snapshot was read, and how often one was made a message."""
    counts: Counter[str] = Counter()
    read, message = Dashboards.snapshot, Snapshot.message

    async def counting_read(self: Dashboards, bank: Row) -> Snapshot:
        counts["reads"] += 1
        return await read(self, bank)

    def counting_message(self: Snapshot) -> bytes:
        counts["messages"] += 1
        return message(self)

    monkeypatch.setattr(Dashboards, "snapshot", counting_read)
    monkeypatch.setattr(Snapshot, "message", counting_message)
    return counts


@contextlib.asynccontextmanager
async def watched_by_many(app: FastAPI) -> AsyncIterator[list[Watcher]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Watcher(app, LIVE, ODILE)) for _ in range(WATCHERS)]


async def test_two_hundred_share_one_reading(database: Database, counted: Counter[str]) -> None:
    clock = asyncio.get_running_loop().time
    async with gotv_app(database, [bank_created()]) as gotv:
        began = clock()
        async with watched_by_many(gotv.app) as watchers:
            firsts = [await watcher.next() for watcher in watchers]
            assert len({snapshot_id for snapshot_id, _ in firsts}) == 1
            for calls in range(1, 4):
                fact = dispositioned(f"v{calls}", call_id=f"c{calls}", called_at=at(-calls))
                await gotv.folding.take([fact])
                folded = clock()
                async with asyncio.timeout(FRESH_SECONDS_MAX):
                    for watcher in watchers:
                        await watcher.until(lambda said, n=calls: said["calls"] == n)
                assert clock() - folded < FRESH_SECONDS_MAX
            seconds = clock() - began
        assert counted["reads"] <= seconds / READ_SECONDS + 1
        # Each of the four states of the board, and never once for each watcher.
        assert 4 <= counted["messages"] <= counted["reads"]
