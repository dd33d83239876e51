"""One voters service over a real MongoDB, at noon of a day before an election."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio

from libs.database import Database, connect
from tests.voters.house import Clock, House, open_house

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    """A database of this test's own."""
    client = connect(mongodb_url)
    yield client[f"{database_prefix}_voters"]
    await client.drop_database(f"{database_prefix}_voters")
    await client.close()


@pytest_asyncio.fixture
async def house(mongodb_url: str, database: Database) -> AsyncIterator[House]:
    """The running service."""
    async with open_house(database, Clock(NOON), mongodb_url) as opened:
        yield opened
