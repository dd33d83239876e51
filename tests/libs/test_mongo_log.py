"""What only a real database can break: lost answers, and who met whom in a batch."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from libs.database import Database, Document, Driver, connect
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Commit, Meta, StreamMoved
from tests.libs.counting import Counted
from tests.support.proxy import LossyProxy

pytestmark = pytest.mark.real

AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)


def commit(id: str, stream: str, version: int = 1) -> Commit:
    return Commit(id, stream, version, (Counted(counter_id=stream, by=1),), Meta(AT, "caller-1"))


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[f"{database_prefix}_log"]
    await client.drop_database(f"{database_prefix}_log")
    await client.close()


async def test_a_lost_answer_is_asked_for_until_it_is_known(
    mongodb_url: str, database: Database
) -> None:
    """The insert happened, the connection broke: the same ids are sent again and count once."""
    address = urlsplit(mongodb_url)
    assert address.hostname is not None
    assert address.port is not None
    async with LossyProxy(address.hostname, address.port) as proxy:
        client = connect(
            f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true", retry_writes=False
        )
        log = MongoLog(client[database.name], "example.events")
        await log.prepare()
        # The very first commit of a stream another writer holds: refused, whatever was lost.
        await log.append(commit("held", "taken"))
        proxy.lose_answers(b"insert", times=3)
        answers = await asyncio.gather(
            *(log.append(commit(f"a{n}", f"s{n}")) for n in range(20)),
            log.append(commit("late", "taken")),
            return_exceptions=True,
        )
        assert proxy.lost >= 1
        await log.close()
        await client.close()
    assert isinstance(answers[-1], StreamMoved)
    assert [answer.id for answer in answers[:-1] if isinstance(answer, Commit)] == [
        f"a{n}" for n in range(20)
    ]
    assert await database["commits"].count_documents({}) == 21


async def test_appends_gather_while_one_is_in_flight(database: Database) -> None:
    log = MongoLog(database, "example.events")
    await log.prepare()
    await asyncio.gather(*(log.append(commit(f"a{n}", f"s{n}")) for n in range(700)))
    await log.close()
    assert await database["commits"].count_documents({}) == 700


class Sent:
    """The log's collection, with the streams of each insert written down."""

    def __init__(self, log: MongoLog) -> None:
        self.batches: list[list[str]] = []
        self._commits = log._commits
        log._commits = self  # type: ignore[assignment]  # it passes everything on.

    async def insert_many(self, documents: list[Document], **options: Any) -> Any:
        self.batches.append([document["stream"] for document in documents])
        return await self._commits.insert_many(documents, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._commits, name)


async def test_two_appends_to_one_stream_never_share_a_batch(database: Database) -> None:
    """So the later one meets the earlier one's version, and others do not wait for either."""
    log = MongoLog(database, "example.events")
    await log.prepare()
    sent = Sent(log)
    first, second, other = await asyncio.gather(
        log.append(commit("a", "s")),
        log.append(commit("b", "s")),
        log.append(commit("c", "t")),
        return_exceptions=True,
    )
    await log.close()
    assert isinstance(first, Commit)
    assert isinstance(second, StreamMoved)
    assert isinstance(other, Commit)
    assert sent.batches == [["s", "t"], ["s"]]


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_what_is_acknowledged_is_on_the_disks_of_most(
    mongodb_url: str, driver: Driver
) -> None:
    """Weaker concerns would look the same until a machine dies."""
    client = connect(mongodb_url, driver=driver)
    commits = client["any"]["commits"]
    assert commits.write_concern.document == {"w": "majority", "j": True}
    assert commits.read_concern.level == "majority"
    await client.close()


async def test_the_database_itself_refuses_a_second_claim(database: Database) -> None:
    """The partial multikey index, not our care, holds the claim: two processes, one winner."""
    logs = [MongoLog(database, "example.events") for _ in range(2)]
    for log in logs:
        await log.prepare()
    answers = await asyncio.gather(
        *(
            log.append(
                Commit(
                    f"c{n}",
                    f"stream-{n}",
                    1,
                    (Counted(counter_id="c", by=1),),
                    Meta(AT, "caller-1"),
                    (f"slot/caller/{n % 10:08d}",),
                )
            )
            for n in range(40)
            for log in (logs[n % 2],)
        ),
        return_exceptions=True,
    )
    for log in logs:
        await log.close()
    assert sum(isinstance(answer, Commit) for answer in answers) == 10
