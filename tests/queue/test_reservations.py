"""Who reserved which lines, told by one write where nobody did before, through either driver."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from libs.database import Database, connect
from services.queue.reservations import COLLECTION, RESERVED, Reservations
from tests.queue.lines import MORNING

pytestmark = pytest.mark.real


@pytest.fixture(params=["pymongo", "motor"])
async def through_a_driver(
    request: pytest.FixtureRequest, database: Database, mongodb_url: str
) -> AsyncIterator[Database]:
    client = connect(mongodb_url, driver=request.param)
    yield client[database.name]
    await client.close()


async def test_lines_that_nobody_had_are_reserved_by_one_write(through_a_driver: Database) -> None:
    reservations = Reservations(through_a_driver, "me")
    await through_a_driver.command("profile", 2)
    names = [f"campaign/{n}" for n in range(200)]
    assert await reservations.reserved(names, MORNING) == set()
    assert await reservations.take(names, MORNING) == set(names)
    ours = {"ns": f"{through_a_driver.name}.{COLLECTION}"}
    asked = await through_a_driver["system.profile"].find(ours).to_list()
    assert [each["op"] for each in asked] == ["query", "insert"]


async def test_what_another_holds_is_not_ours_until_it_lapses(through_a_driver: Database) -> None:
    me, other = (Reservations(through_a_driver, holder) for holder in ("me", "other"))
    await other.take(["lapsed"], MORNING - RESERVED)
    await other.take(["theirs"], MORNING)
    await me.take(["mine"], MORNING)
    names = ["new", "mine", "theirs", "lapsed"]
    assert await me.reserved(names, MORNING) == {"theirs"}
    assert await me.take(names, MORNING) == {"new", "mine", "lapsed"}
    assert await me.take(["mine", "lapsed"], MORNING) == {"mine", "lapsed"}
    assert await other.reserved(names, MORNING) == {"new", "mine", "lapsed"}
    later = MORNING + RESERVED
    assert await me.take(["mine"], later - timedelta(seconds=1)) == {"mine"}
    assert await other.take(names, later) == {"new", "theirs", "lapsed"}
    assert await other.take([], later) == set()
