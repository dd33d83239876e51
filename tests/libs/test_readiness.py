"""Whether a view is complete: a dropped one is cleared by one worker, whatever it does not hear."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from libs.database import Database, as_bson, connect
from libs.views.readiness import CLEARING_SECONDS_MAX, Readiness
from tests.support.proxy import LossyProxy

pytestmark = pytest.mark.real

AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)
LONG_AFTER = AT + timedelta(seconds=CLEARING_SECONDS_MAX + 1)
VIEW = "marks_v1"
# What is sent while a dropped view is cleared, by the bytes that only this request has.
STEPS = {
    "claimed": b"clearing_at",
    "dropped": b"\x02drop\x00",
    "made again": b"\x02create\x00",
    "marked": bytes(as_bson({"$unset": {"token": ""}}).raw)[4:-1],
}


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


@pytest.fixture
async def proxy(mongodb_url: str) -> AsyncIterator[LossyProxy]:
    address = urlsplit(mongodb_url)
    assert address.hostname is not None
    assert address.port is not None
    async with LossyProxy(address.hostname, address.port) as proxy:
        yield proxy


@pytest.fixture
async def behind(proxy: LossyProxy, database: Database) -> AsyncIterator[Database]:
    """The same database, as a worker has it, on a line that loses answers."""
    address = f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"
    client = connect(address, retry_writes=False)
    yield client[database.name]
    await client.close()


def now() -> datetime:
    return AT


async def dropped_and_written_to(database: Database) -> None:
    """A view that was complete and dropped, and a row that somebody wrote since then."""
    readiness = Readiness(database, now)
    await readiness.open(VIEW)
    await readiness.complete(VIEW, {"left_events/0": 40})
    await database[VIEW].drop()
    await database[VIEW].insert_one({"_id": "lacks its past"})


@pytest.mark.parametrize("step", STEPS)
async def test_a_lost_answer_holds_up_nobody_who_clears_a_dropped_view(
    database: Database, behind: Database, proxy: LossyProxy, step: str
) -> None:
    await dropped_and_written_to(database)
    proxy.lose_answers(STEPS[step])
    async with asyncio.timeout(CLEARING_SECONDS_MAX / 3):
        assert not await Readiness(behind, now).open(VIEW)
    assert proxy.lost == 1
    assert await database[VIEW].count_documents({}) == 0
    mark = await database["view_state"].find_one({"_id": VIEW})
    assert mark is not None
    assert set(mark) == {"_id", "uuid", "clearing_at"}


async def test_who_clears_is_waited_for_and_not_for_ever(database: Database) -> None:
    await dropped_and_written_to(database)
    clearing = {"uuid": "clearing", "token": "another worker's", "clearing_at": AT}
    await database["view_state"].update_one({"_id": VIEW}, {"$set": clearing})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await Readiness(database, now).open(VIEW)
    assert await database[VIEW].count_documents({}) == 1
    async with asyncio.timeout(10):
        assert not await Readiness(database, lambda: LONG_AFTER).open(VIEW)
    assert await database[VIEW].count_documents({}) == 0
