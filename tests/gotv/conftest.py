"""The fixtures of this part: a database of one test's own."""

from collections.abc import AsyncIterator

import pytest

from libs.database import Database, connect


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    """An empty database, gone afterwards."""
    client = connect(mongodb_url)
    name = f"{database_prefix}_gotv"
    yield client[name]
    await client.drop_database(name)
    await client.close()
