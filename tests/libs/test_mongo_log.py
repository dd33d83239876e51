"""What only a real database can break: lost answers, and who met whom in a batch."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from libs.database import Database, connect
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
            f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true&retryWrites=false"
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


async def test_two_appends_to_one_stream_never_share_a_batch(database: Database) -> None:
    log = MongoLog(database, "example.events")
    await log.prepare()
    first, second = await asyncio.gather(
        log.append(commit("a", "s")), log.append(commit("b", "s")), return_exceptions=True
    )
    await log.close()
    assert isinstance(first, Commit)
    assert isinstance(second, StreamMoved)


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
