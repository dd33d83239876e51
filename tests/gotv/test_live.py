"""Live streams: one reader for all, whole snapshots, only what is new, and nobody is waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from libs.chassis.revocations import Revocations
from libs.database import Database
from libs.events.gotv import SupporterIdentified
from services.gotv.live import EventStream, LiveStreams, Snapshot
from tests.gotv.opened import ORGANIZER, bank_created, gotv_app
from tests.gotv.watching import Watcher
from tests.results.facts import dispositioned
from tests.results.moments import EVENING, at
from tests.results.opened import bearer
from tests.support.backing import eventually

LIVE = "/gotv/phone-banks/b1/dashboard/live"
ODILE = bearer("odile", ORGANIZER)


class Board:
    """Something to watch; it counts how often it is read."""

    def __init__(self, streams: LiveStreams) -> None:
        self.streams = streams
        self.number = 1
        self.reads = 0
        self.may_watch = True
        self.broken = False

    async def read(self) -> Snapshot:
        self.reads += 1
        if self.broken:
            raise RuntimeError("no answer")
        return Snapshot(str(self.number), b'{"n":%d}' % self.number)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        last_id = dict(scope["headers"]).get(b"last-event-id", b"").decode()
        stream = EventStream(
            self.streams,
            "board",
            "b",
            self.read,
            may_watch=lambda: self.may_watch,
            last_id=last_id,
            heartbeat_seconds=0.05,
            send_seconds_max=0.2,
        )
        await stream(scope, receive, send)

    def watcher(self, last_id: str = "") -> Watcher:
        return Watcher(self, "/", "", last_id)


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    async with asyncio.TaskGroup() as background:
        streams = LiveStreams(background, read_seconds=0.01)
        yield Board(streams)
        streams.close()


async def test_all_watchers_share_one_reader(board: Board) -> None:
    async with board.watcher() as one, board.watcher() as two:
        assert await one.next() == await two.next() == ("1", {"n": 1})
        assert len(board.streams._readers) == 1
        board.number = 2
        assert await one.next() == await two.next() == ("2", {"n": 2})
    assert board.streams._readers == {}
    seen = board.reads
    async with board.watcher() as three:
        await three.next()
    assert board.reads > seen, "a new watcher begins a new reader"


async def test_nobody_watching_costs_nothing(board: Board) -> None:
    async with board.watcher() as watcher:
        await watcher.next()
    seen = board.reads
    for _ in range(50):
        await asyncio.sleep(0)
    assert board.reads == seen


async def test_what_a_watcher_has_is_not_sent_again(board: Board) -> None:
    async with board.watcher(last_id="1") as back:

        async def heard_from() -> bool:
            return back.comments >= 2

        await eventually(heard_from, saying="heartbeats come")
        assert not back.has_more()
        board.number = 5
        assert await back.next() == ("5", {"n": 5})
        assert back.headers["content-type"].startswith("text/event-stream")
        assert back.headers["cache-control"] == "no-store"


async def test_a_watcher_that_does_not_read_is_dropped_and_others_are_not(board: Board) -> None:
    async with board.watcher() as slow, board.watcher() as quick:
        await slow.next()
        await quick.next()
        slow.reads.clear()
        board.number = 2
        assert await quick.next() == ("2", {"n": 2})
        async with asyncio.timeout(5):
            await slow.ended
        board.number = 3
        assert await quick.next() == ("3", {"n": 3})


async def test_who_may_no_longer_watch_is_sent_away(board: Board) -> None:
    async with board.watcher() as watcher:
        await watcher.next()
        board.may_watch = False
        async with asyncio.timeout(5):
            await watcher.ended


async def test_a_view_that_cannot_be_read_is_read_again(board: Board) -> None:
    board.broken = True
    async with board.watcher() as watcher:

        async def tried() -> bool:
            return board.reads >= 2

        await eventually(tried, saying="the reader tries again")
        board.broken = False
        assert await watcher.next() == ("1", {"n": 1})


async def test_the_dashboard_moves_within_two_seconds(database: Database) -> None:
    async with gotv_app(database, [bank_created()]) as gotv:
        async with Watcher(gotv.app, LIVE, ODILE) as watcher:
            first_id, first = await watcher.next()
            assert (watcher.status, first["calls"]) == (200, 0)
            await gotv.folding.take([dispositioned("ann", called_at=at(-1))])
            async with asyncio.timeout(2):
                said = await watcher.until(lambda each: each["calls"] == 1)
            assert said["dispositions"]["not_home"] == 1
        shown = await gotv.get("/gotv/phone-banks/b1/dashboard", ORGANIZER)
        assert shown.json() == said
        async with Watcher(gotv.app, "/gotv/phone-banks/b1/live", ODILE) as alias:
            last_id, again = await alias.next()
            assert again["calls"] == 1
            assert int(last_id.split("-")[0]) > int(first_id.split("-")[0])


async def test_an_ended_session_ends_its_stream(database: Database) -> None:
    async with (
        gotv_app(database, [bank_created()]) as gotv,
        Watcher(gotv.app, LIVE, ODILE) as watcher,
    ):
        await watcher.next()
        revocations: Revocations = gotv.app.state.revocations
        revocations.note("session/s-odile", EVENING)
        async with asyncio.timeout(6):
            await watcher.ended


async def test_the_supporters_stream_tells_of_changes(database: Database) -> None:
    path = "/gotv/campaigns/c1/supporters/live"
    identified = SupporterIdentified(
        campaign_id="c1", voter_id="ann", level=1, call_id="x", answered_at=at()
    )
    async with (
        gotv_app(database, [bank_created()]) as gotv,
        Watcher(gotv.app, path, ODILE) as watcher,
    ):
        assert (await watcher.next())[1]["changes"] == 0
        await gotv.folding.take([dispositioned("ann", support=1, spoke_with="voter")])
        await gotv.folding.take([identified])
        await watcher.until(lambda said: said["changes"] == 2)
