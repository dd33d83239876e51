"""Verify says nothing about a clean system, and names whatever was planted in a wrong one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from libs.bus import encode
from libs.database import Database, connect
from libs.events.base import Recorded
from libs.eventstore.memory import MemoryLog
from libs.views.audit import check_log, check_topic
from libs.views.parking import Parking
from libs.views.rebuild import rebuild_from_log
from libs.views.runner import ViewRunner
from libs.views.topics import Topics
from libs.views.verify import Kind, Report, repair, verify
from tests.libs.marks import AT, Marked, Marks, Noted, all_of, mark, marked_log, recount
from tests.libs.test_view_runner import rows_in
from tests.support.topic import make_topic

pytestmark = pytest.mark.real


def now():
    return AT


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


@pytest.fixture
async def logs() -> list[MemoryLog]:
    return [await marked_log(Marked, range(100)), await marked_log(Noted, range(100))]


async def a_runner(database: Database, view: Any = None) -> ViewRunner:
    parking = Parking(database, now)
    await parking.prepare()
    return ViewRunner(view or Marks(), database, parking, now)


async def folded(database: Database, logs: list[MemoryLog]) -> None:
    await (await a_runner(database)).apply(await all_of(*logs))


async def verified(database: Database, logs: list[MemoryLog], **options: Any) -> Report:
    return await verify(Marks(), database, logs, settle_seconds=0.3, **options)


async def test_a_clean_view_has_no_differences(database: Database, logs: list[MemoryLog]) -> None:
    await folded(database, logs)
    report = await verified(database, logs)
    assert report == Report("marks_v1", rows=12, facts=200, parked_rows=0, differences=[])


async def test_slices_find_the_same(database: Database, logs: list[MemoryLog]) -> None:
    await folded(database, logs)
    await database.marks_v1.update_one({"_id": "thing/t4"}, {"$set": {"total": 1}})
    whole, sliced = await verified(database, logs), await verified(database, logs, slices=4)
    assert sliced.rows == whole.rows
    assert sliced.differences == whole.differences
    assert len(whole.differences) == 1


async def plant_another_value(rows: Any) -> None:
    await rows.update_one({"_id": "thing/t4"}, {"$inc": {"total": 1}})


async def plant_a_field(rows: Any) -> None:
    await rows.update_one({"_id": "thing/t4"}, {"$set": {"note": "x"}})


async def plant_a_lost_field(rows: Any) -> None:
    await rows.update_one({"_id": "thing/t4"}, {"$unset": {"latest_at": 1}})


async def plant_a_lost_row(rows: Any) -> None:
    await rows.delete_one({"_id": "thing/t4"})


async def plant_a_row(rows: Any) -> None:
    await rows.insert_one({"_id": "thing/t77", "total": 0, "rev": 1, "seen": {}})


async def plant_a_lost_suffix(rows: Any) -> None:
    """As if the worker had skipped the row's last fact of one partition."""
    row = await rows.find_one({"_id": "thing/t4"})
    part, serials = next((p, s) for p, s in row["parts"].items() if p.startswith("left"))
    label = f"left_events/{part.removeprefix('left-')}"
    await rows.update_one(
        {"_id": "thing/t4"},
        {
            "$set": {f"parts.{part}": serials[:-1], "total": row["total"] - 1},
            "$inc": {f"seen.{label}": -1},
        },
    )


@pytest.mark.parametrize(
    ("plant", "row", "kind"),
    [
        (plant_another_value, "thing/t4", Kind.FIELDS),
        (plant_a_field, "thing/t4", Kind.FIELDS),
        (plant_a_lost_field, "thing/t4", Kind.FIELDS),
        (plant_a_lost_row, "thing/t4", Kind.MISSING),
        (plant_a_row, "thing/t77", Kind.EXTRA),
        (plant_a_lost_suffix, "thing/t4", Kind.BEHIND),
    ],
)
async def test_what_was_planted_is_found_and_repaired(
    database: Database,
    logs: list[MemoryLog],
    plant: Callable[[Any], Awaitable[None]],
    row: str,
    kind: Kind,
) -> None:
    await folded(database, logs)
    await plant(database.marks_v1)
    report = await verified(database, logs)
    assert [(found.row, found.kind) for found in report.differences] == [(row, kind)]
    await repair(Marks(), row, database, Parking(database, now), logs)
    assert (await verified(database, logs)).differences == []
    assert await rows_in(database) == recount(await all_of(*logs))


async def test_a_parked_row_is_counted_and_not_called_different(
    database: Database, logs: list[MemoryLog]
) -> None:
    await (await a_runner(database, Marks(fails_at=[21]))).apply(await all_of(*logs))
    report = await verified(database, logs)
    assert (report.differences, report.parked_rows) == ([], 1)


async def test_a_system_at_work_is_compared_without_false_alarms(database: Database) -> None:
    logs = [await marked_log(Marked, range(50)), await marked_log(Noted, range(50))]
    worker, done = await a_runner(database), asyncio.Event()

    async def work() -> None:
        after = [0, 0]
        for serial in range(50, 250):
            for index, (log, event) in enumerate(zip(logs, (Marked, Noted), strict=True)):
                await mark(log, event, serial)
                batch = [fact async for fact in log.in_order(after[index])]
                after[index] = batch[-1].position
                await worker.apply(batch)
        done.set()

    working = asyncio.create_task(work())
    looks = 0
    while not done.is_set():
        report = await verify(Marks(), database, logs)
        assert report.differences == []
        looks += 1
    await working
    assert looks > 3
    assert await rows_in(database) == recount(await all_of(*logs))


async def test_a_view_built_from_the_logs_is_the_view_the_agents_made(
    database: Database, logs: list[MemoryLog]
) -> None:
    class Anew(Marks):
        name = "anew"

    await folded(database, logs)
    assert await rebuild_from_log(await a_runner(database, Anew()), logs) == 200
    assert await rows_in(database, "anew_v1") == await rows_in(database)


async def a_log(database: Database) -> None:
    """Six commits of two streams in three order entries."""
    await database.commits.insert_many(
        [{"_id": f"c{n}", "stream": f"s{n % 2}", "version": n // 2 + 1} for n in range(6)]
    )
    await database.order.insert_many(
        [{"_id": n + 1, "commits": [f"c{2 * n}", f"c{2 * n + 1}"]} for n in range(3)]
    )


async def found_in(database: Database) -> list[str]:
    return [str(finding) for finding in await check_log(database, settle_seconds=0.3)]


async def test_a_sound_log_has_no_findings(database: Database) -> None:
    await a_log(database)
    assert await found_in(database) == []


async def test_a_hole_in_a_streams_versions_is_found(database: Database) -> None:
    await a_log(database)
    await database.commits.update_one({"_id": "c4"}, {"$set": {"version": 4}})
    assert await found_in(database) == ["s0: 3 commits, but its last version is 4"]


async def test_a_hole_in_the_order_is_found(database: Database) -> None:
    await a_log(database)
    await database.order.delete_one({"_id": 2})
    await database.order.insert_one({"_id": 4, "commits": ["c2", "c3"]})
    assert await found_in(database) == ["order 3: comes after 1"]


async def test_a_commit_left_out_twice_in_or_lost_is_found(database: Database) -> None:
    await a_log(database)
    await database.commits.insert_one({"_id": "c9", "stream": "s9", "version": 1})
    await database.order.insert_one({"_id": 4, "commits": ["c0", "gone"]})
    assert sorted(await found_in(database)) == [
        "commit c0: is twice in the order: order 1 and 4",
        "commit c9: is in no order entry",
        "order 4: names commit gone, which is lost",
    ]


async def test_a_commit_just_appended_is_waited_for(database: Database) -> None:
    await a_log(database)
    await database.commits.insert_one({"_id": "c9", "stream": "s9", "version": 1})
    checking = asyncio.create_task(check_log(database, settle_seconds=30))
    await database.commits.find_one({})
    await database.order.insert_one({"_id": 4, "commits": ["c9"]})
    assert await checking == []


def record_of(fact: Recorded) -> dict[str, Any]:
    key, value, headers = encode(
        service="left",
        key=fact.event.key,
        type=fact.event.TYPE,
        version=fact.event.VERSION,
        payload=fact.event.model_dump(mode="json"),
        id=fact.id,
        stream=fact.stream,
        stream_version=fact.version,
        at=fact.at,
        position=fact.position,
        correlation_id=fact.correlation_id,
    )
    return {"key": key, "value": value, "headers": headers, "partition": fact.partition}


async def topic_with(bootstrap: str, name: str, facts: list[Recorded]) -> None:
    await make_topic(bootstrap, name)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for fact in facts:
            await producer.send_and_wait(name, **record_of(fact))


async def checked(bootstrap: str, prefix: str, facts: Callable[[list[Recorded]], Any]) -> list[str]:
    """The findings about a topic that holds what `facts` makes of the log's."""
    log = await marked_log(Marked, range(30))
    log._topic = f"{prefix}left.events"
    whole = [fact async for fact in log.in_order()]
    await topic_with(bootstrap, log._topic, facts(whole))
    findings = await check_topic(Topics(bootstrap), log._topic, log, settle_seconds=0.3)
    return [str(finding).removeprefix(log._topic).partition(" ")[2] for finding in findings]


async def test_a_faithful_topic_has_no_findings_repeats_included(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    assert await checked(kafka_bootstrap, topic_prefix, lambda facts: facts[:20] + facts[10:]) == []


async def test_a_fact_missing_from_the_topic_is_found(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    found = await checked(kafka_bootstrap, topic_prefix, lambda facts: facts[:7] + facts[8:-1])
    assert sorted(found) == [
        "fact commit-left.marked-29:0: is in the log and not in the topic",
        "fact commit-left.marked-7:0: is in the log and not in the topic, or out of order",
    ]


async def test_a_record_that_says_something_else_is_found(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    def tampered(whole: list[Recorded]) -> list[Recorded]:
        event: Any = whole[4].event
        whole[4] = Recorded(
            event=event.model_copy(update={"serial": 99}),
            **{
                name: getattr(whole[4], name)
                for name in Recorded.__dataclass_fields__
                if name != "event"
            },
        )
        return whole

    found = await checked(kafka_bootstrap, topic_prefix, tampered)
    assert len(found) == 1
    assert "fact commit-left.marked-4:0: its record" in found[0]


async def test_a_fact_the_log_does_not_have_is_found(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    log = await marked_log(Marked, range(31))
    extra = [fact async for fact in log.in_order()][30]
    found = await checked(kafka_bootstrap, topic_prefix, lambda facts: [*facts, extra])
    assert found == ["fact commit-left.marked-30:0: is in the topic and not in the log"]
