"""`python -m deploy.verify` over a real log, relay, topic and view: its words and its exit code."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.verify import House, check
from libs.chassis.clock import server_clock
from libs.chassis.settings import Settings
from libs.database import connect
from libs.events.base import Recorded
from libs.eventstore.mongo import MongoLog
from libs.eventstore.relay import Relay, Route, kafka_producer
from libs.eventstore.store import Commit, Meta
from libs.views.parking import Parking
from libs.views.readiness import Readiness
from libs.views.rebuild import rebuild_from_topics
from libs.views.runner import ViewRunner
from libs.views.topics import Topics
from libs.views.view import Policy
from tests.libs.marks import AT, Marked, Marks, recount
from tests.support.backing import eventually
from tests.support.topic import PARTITIONS, make_topic

pytestmark = pytest.mark.real

FACTS = 60


class LeftMarks(Marks):
    """The marks of one publisher, which is also the service that keeps them."""

    name = "left_marks"
    listens = (Marked,)  # type: ignore[assignment] # fewer than its parent


async def nothing(_: Recorded) -> None:
    """React to nothing."""


@pytest.fixture
async def house(
    mongodb_url: str, kafka_bootstrap: str, database_prefix: str, topic_prefix: str
) -> AsyncIterator[House]:
    settings = Settings.model_validate(
        {
            "phonebank_env": "test",
            "mongodb_url": mongodb_url,
            "kafka_bootstrap": kafka_bootstrap,
            "database_prefix": database_prefix,
            "topic_prefix": topic_prefix,
            "partitions": PARTITIONS,
            "token_key": "t" * 32,
            "service_key": "s" * 32,
        }
    )
    client = connect(mongodb_url)
    database, topic = client[settings.database("left")], settings.topic("left")
    log = MongoLog(database, topic, PARTITIONS)
    await log.prepare()
    await make_topic(kafka_bootstrap, topic)
    house = House(
        settings,
        client,
        {"left": (LeftMarks(),)},
        {"left": lambda *_: (Policy("nothing", (Marked,), nothing),)},
        {topic: log},
    )
    await fill(house, log)
    yield house
    await log.close()
    await client.drop_database(database)
    await client.close()


async def fill(house: House, log: MongoLog) -> None:
    """Append, relay, and fold what came out at the other end."""
    database = house.client[house.settings.database("left")]
    topic = house.settings.topic("left")
    await asyncio.gather(
        *(
            log.append(
                Commit(
                    f"c{serial}",
                    f"thing-{serial}",
                    1,
                    (Marked(thing_id=f"t{serial % 7}", group_id="g", serial=serial),),
                    Meta(AT, "caller-1", correlation_id=f"r{serial}"),
                )
            )
            for serial in range(FACTS)
        )
    )
    relay = Relay(
        database.client,
        [Route("left", database.name, topic, PARTITIONS)],
        lambda: kafka_producer(house.settings.kafka_bootstrap),
    )
    relaying = asyncio.create_task(relay.run())
    topics = Topics(house.settings.kafka_bootstrap)

    async def relayed() -> bool:
        return sum((await topics.ends([topic])).values()) == FACTS

    await eventually(relayed, deadline_seconds=30, saying="the relay has copied the log")
    relaying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await relaying
    now = server_clock()
    readiness = Readiness(database, now)
    runner = ViewRunner(LeftMarks(), database, Parking(database, now), now)
    assert not await readiness.open(runner.name)
    await rebuild_from_topics(runner, topics, [topic], readiness)
    assert await readiness.open(runner.name)


async def test_a_clean_house_has_no_findings(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await check(house, repairing=False) == 0
    assert (
        f"left: left_marks_v1: 8 rows, {FACTS} facts, 0 differ, 0 parked" in capsys.readouterr().out
    )


async def test_what_kafka_gave_is_what_the_log_holds(house: House) -> None:
    (log,) = house.logs.values()
    facts = [fact async for fact in log.in_order()]
    rows: dict[str, Any] = recount(facts)
    database = house.client[house.settings.database("left")]
    assert len(facts) == FACTS
    async for row in database.left_marks_v1.find():
        assert {name: row[name] for name in ("total", "parts", "latest_at")} == rows[row["_id"]]


async def test_differences_are_told_and_repaired(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    database = house.client[house.settings.database("left")]
    await database.left_marks_v1.update_one({"_id": "thing/t3"}, {"$inc": {"total": 5}})
    await database.left_marks_v1.update_one({"_id": "group/g"}, {"$set": {"parts": {}}})
    assert await check(house, repairing=False) == 2
    said = capsys.readouterr().out
    assert "left: left_marks_v1 row thing/t3: fields (total)" in said
    assert "left: left_marks_v1 row group/g: fields (parts)" in said
    assert await check(house, repairing=True) == 0
    assert await check(house, repairing=False) == 0


async def test_a_hole_in_the_log_is_told_by_the_log_and_by_its_topic(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    database = house.client[house.settings.database("left")]
    await database.commits.update_one({"_id": "c9"}, {"$set": {"version": 2}})
    assert await check(house, repairing=False) == 2
    said = capsys.readouterr().out
    assert "left: thing-9: 1 commits, but its last version is 2" in said
    assert "fact c9:0: its record at offset" in said
