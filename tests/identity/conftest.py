"""One identity, over a log in memory and a real MongoDB, behind its front door."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio

from libs.database import Database, connect
from tests.identity.house import Clock, House, open_house

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    """A database of this test's own."""
    client = connect(mongodb_url)
    yield client[f"{database_prefix}_identity"]
    await client.drop_database(f"{database_prefix}_identity")
    await client.close()


@pytest_asyncio.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """The running service."""
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(open_house(database, Clock(NOON)))
