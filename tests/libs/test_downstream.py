"""The lines of docs/downstream.md, run as they stand there, against what the relay publishes."""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from libs.database import Database, connect
from libs.events.base import Event
from libs.events.results import CallDispositioned, NoteLeft
from libs.eventstore.mongo import MongoLog
from libs.eventstore.order import Order
from libs.eventstore.relay import Relay, Route, kafka_producer
from libs.eventstore.store import Commit, Meta
from tests.support.backing import eventually
from tests.support.topic import PARTITIONS, make_topic, read_topic

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)
LINES_MAX = 24
PRINTED_SECONDS_MAX = 60


def program() -> str:
    """The one Python block of the page."""
    text = (ROOT / "docs/downstream.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def golden(kind: type[Event], name: str, **changed: object) -> Event:
    stored = (ROOT / f"tests/contracts/events/{name}.v1.json").read_text(encoding="utf-8")
    return kind.model_validate(json.loads(stored) | changed)


@contextlib.asynccontextmanager
async def relaying(database: Database, bootstrap: str, topic: str) -> AsyncIterator[None]:
    route = Route("results", database.name, topic, PARTITIONS)
    relay = Relay(database.client, [route], lambda: kafka_producer(bootstrap))
    running = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[f"{database_prefix}_results"]
    await client.drop_database(f"{database_prefix}_results")
    await client.close()


async def test_the_lines_print_each_call_once(
    database: Database, kafka_bootstrap: str, topic_prefix: str, tmp_path: Path
) -> None:
    topic = f"{topic_prefix}results.events"
    await make_topic(kafka_bootstrap, topic)
    log = MongoLog(database, topic, PARTITIONS)
    await log.prepare()
    called = "results.call-dispositioned"
    for n, disposition in enumerate(["not_home", "canvassed"]):
        facts = (
            golden(CallDispositioned, called, disposition=disposition),
            golden(NoteLeft, "results.note-left"),
        )
        await log.append(Commit(f"call-{n}", "call", n + 1, facts, Meta(AT, "caller-1")))

    async def published(facts: int) -> None:
        async def there() -> bool:
            found = len(await read_topic(kafka_bootstrap, topic))
            assert found >= facts, found
            return True

        await eventually(there, deadline_seconds=60, saying=f"{facts} facts on the topic")

    async with relaying(database, kafka_bootstrap, topic):
        await published(4)
    await Order(database).rewind()  # The same facts go out again, as after a crash of the relay.
    async with relaying(database, kafka_bootstrap, topic):
        await published(8)
        last = golden(CallDispositioned, called, disposition="refused")
        await log.append(Commit("call-2", "call", 3, (last,), Meta(AT, "caller-1")))
        await published(9)
    await log.close()
    page = tmp_path / "calls.py"
    page.write_text(program(), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(page)),
        env={**os.environ, "KAFKA_BOOTSTRAP": kafka_bootstrap, "TOPIC": topic},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PRINTED_SECONDS_MAX):
            printed = [(await process.stdout.readline()).decode().split() for _ in range(3)]
    finally:
        process.kill()
        await process.communicate()
    assert [words[1] for words in printed] == ["not_home", "canvassed", "refused"]
    assert all(datetime.fromisoformat(words[0]) == AT for words in printed)


def test_the_lines_stay_few() -> None:
    """A quick start that has grown is none."""
    assert len([line for line in program().splitlines() if line.strip()]) <= LINES_MAX
