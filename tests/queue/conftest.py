"""A queue over a log in memory and a real MongoDB."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.database import Database, connect
from tests.queue.house import House


@pytest_asyncio.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    """A database of this test's own."""
    client = connect(mongodb_url)
    yield client[f"{database_prefix}_queue"]
    await client.drop_database(f"{database_prefix}_queue")
    await client.close()


@pytest_asyncio.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """The queue, nothing in it yet."""
    house = await House(database).open()
    yield house
    await house.close()
