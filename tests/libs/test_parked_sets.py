"""What is held in memory of the parked facts, while it is read anew."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest

from libs.database import Database, connect
from libs.views.parking import Parked, Parking
from tests.libs.marks import AT, Marked, all_of, marked_log

pytestmark = pytest.mark.real


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


class Overtaken:
    """A collection that is written to between its answer and the reader's."""

    def __init__(self, collection: Any, then: Callable[[], Awaitable[None]]) -> None:
        self._collection = collection
        self._then = then

    async def aggregate(self, stages: Any) -> Any:
        answer = await self._collection.aggregate(stages)
        await self._then()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)


async def test_what_is_parked_while_the_sets_are_read_stays_held(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(2)))
    parking = Parking(database, lambda: AT)
    unread = Parked.fact("marks_v1", None, facts[1], "ValueError")
    entries = [Parked.fact("marks_v1", "thing/t1", facts[0], "ValueError"), unread]
    reading = Overtaken(parking._collection, lambda: parking.park(entries))
    parking._collection = cast("Any", reading)
    await parking.refresh()
    assert parking.holds_row("marks_v1", "thing/t1")
    assert parking.holds_key("marks_v1", unread.topic, unread.kafka_key)
