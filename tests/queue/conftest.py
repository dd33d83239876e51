"""A queue over a log in memory and a real MongoDB."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from libs.database import Database, connect
from services.queue.app import create_app
from tests.queue.house import House
from tests.queue.web import SETTINGS, Web


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


@pytest_asyncio.fixture
async def web(house: House) -> AsyncIterator[Web]:
    app = create_app(
        SETTINGS, log=house.log, database=house.database, now=house.clock, vault=house.people
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://phonebank.test"
        ) as http,
    ):
        yield Web(house, app, http)


@pytest_asyncio.fixture
async def open_web(web: Web) -> Web:
    """Three lines, one a household of two, and an open bank."""
    await web.house.import_voters({"one": ["ann", "bob"], "two": ["carl"], "three": ["dan"]})
    await web.house.open_bank()
    return web
