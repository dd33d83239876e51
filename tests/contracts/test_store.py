"""One contract for every store of the log: memory, and MongoDB through either driver."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from libs.database import connect
from libs.eventstore.memory import MemoryLog
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import (
    ClaimTaken,
    Commit,
    IdempotencyKeyReused,
    Log,
    Meta,
    Request,
    StreamMoved,
    handle,
)
from tests.libs.counting import COUNTER, Count, Counted, CounterFull

AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)


def meta(fingerprint: str = "") -> Meta:
    return Meta(at=AT, actor="caller-1", campaign_id="c1", fingerprint=fingerprint)


def commit(id: str, stream: str, version: int, *by: int, claims: tuple[str, ...] = ()) -> Commit:
    facts = tuple(Counted(counter_id=stream, by=amount) for amount in by or (1,))
    return Commit(id, stream, version, facts, meta(), claims)


pytestmark = pytest.mark.real


@pytest.fixture(params=["memory", "pymongo", "motor"])
async def log(
    request: pytest.FixtureRequest, mongodb_url: str, database_prefix: str
) -> AsyncIterator[Log]:
    if request.param == "memory":
        yield MemoryLog()
        return
    client = connect(mongodb_url, driver=request.param)
    database = client[f"{database_prefix}_store"]
    store = MongoLog(database, "example.events")
    await store.prepare()
    yield store
    await store.close()
    await client.drop_database(database.name)
    await client.close()


async def test_what_was_appended_is_read_back_in_order(log: Log) -> None:
    await log.append(commit("a", "s", 1, 1, 2))
    await log.append(commit("b", "s", 2, 3))
    history = await log.read("s")
    assert history.version == 2
    assert history.facts == tuple(Counted(counter_id="s", by=amount) for amount in (1, 2, 3))


async def test_an_unknown_stream_is_empty(log: Log) -> None:
    assert (await log.read("nobody")).version == 0
    assert await log.read_many(["nobody"]) == {}


async def test_a_taken_version_is_refused(log: Log) -> None:
    await log.append(commit("a", "s", 1))
    with pytest.raises(StreamMoved):
        await log.append(commit("b", "s", 1))
    assert (await log.read("s")).version == 1


async def test_a_repeated_id_returns_the_first_commit(log: Log) -> None:
    first = await log.append(commit("a", "s", 1, 7))
    again = await log.append(commit("a", "s", 2, 8))
    assert again.facts == first.facts
    assert (await log.read("s")).version == 1


async def test_a_claim_is_held_once_even_across_streams(log: Log) -> None:
    await log.append(commit("a", "s", 1, claims=("slot/1",)))
    with pytest.raises(ClaimTaken):
        await log.append(commit("b", "t", 1, claims=("slot/1",)))
    holder = await log.claimed("slot/1")
    assert holder is not None
    assert holder.id == "a"
    assert (await log.read("t")).version == 0


async def test_commits_without_claims_do_not_meet(log: Log) -> None:
    await log.append(commit("a", "s", 1))
    await log.append(commit("b", "t", 1))
    assert set(await log.read_many(["s", "t", "u"])) == {"s", "t"}


async def test_the_latest_claim_of_a_prefix(log: Log) -> None:
    await log.append(commit("a", "s", 1, claims=("slot/x/00000001",)))
    await log.append(commit("b", "s", 2, claims=("slot/x/00000002",)))
    await log.append(commit("c", "t", 1, claims=("slot/y/00000009",)))
    latest = await log.latest_claim("slot/x/")
    assert latest is not None
    assert latest.id == "b"
    assert await log.latest_claim("slot/z/") is None


async def test_a_commit_with_claims_around_the_prefix_does_not_hold_it(log: Log) -> None:
    await log.append(commit("a", "s", 1, claims=("email/aaa", "setup")))
    assert await log.latest_claim("email/bbb") is None


async def test_of_many_writers_of_one_version_one_wins(log: Log) -> None:
    answers = await asyncio.gather(
        *(log.append(commit(f"w{n}", "s", 1, n + 1)) for n in range(50)), return_exceptions=True
    )
    winners = [answer for answer in answers if isinstance(answer, Commit)]
    assert len(winners) == 1
    assert all(isinstance(a, StreamMoved) for a in answers if not isinstance(a, Commit))
    assert (await log.read("s")).facts == winners[0].facts


async def test_the_loop_counts_every_command_once(log: Log) -> None:
    """Ten writers of one stream lose races and try again; every command is in, once."""
    for _ in range(2):
        await asyncio.gather(
            *(
                handle(log, COUNTER, "s", Count("s"), Request(f"command-{n}", meta()))
                for n in range(5)
            )
        )
    counted = (await log.read("s")).facts
    assert sum(fact.by for fact in counted if isinstance(fact, Counted)) == 5


async def test_a_repeated_command_is_answered_alike_though_it_would_be_refused_now(
    log: Log,
) -> None:
    request = Request("first", meta("body-1"))
    done = await handle(log, COUNTER, "s", Count("s", 60), request)
    again = await handle(log, COUNTER, "s", Count("s", 60), request)
    assert again.repeated
    assert again.facts == done.facts
    with pytest.raises(CounterFull):
        await handle(log, COUNTER, "s", Count("s", 60), Request("second", meta()))


async def test_another_body_under_the_same_key_is_refused(log: Log) -> None:
    await handle(log, COUNTER, "s", Count("s", 60), Request("key", meta("body-1")))
    with pytest.raises(IdempotencyKeyReused):
        await handle(log, COUNTER, "s", Count("s", 1), Request("key", meta("body-2")))


async def test_nothing_to_do_records_nothing(log: Log) -> None:
    handled = await handle(log, COUNTER, "s", Count("s", 0), Request("key", meta()))
    assert handled.commit is None
    assert (await log.read("s")).version == 0


async def test_a_stale_idea_of_the_stream_is_corrected(log: Log) -> None:
    await handle(log, COUNTER, "s", Count("s", 99), Request("one", meta()))
    with pytest.raises(CounterFull):
        await handle(log, COUNTER, "s", Count("s", 2), Request("two", meta()), known=(0, 0))
    await handle(log, COUNTER, "s", Count("s", 1), Request("three", meta()), known=(0, 0))
    assert (await log.read("s")).version == 2


async def test_envelopes_survive(log: Log) -> None:
    device_at = datetime(2026, 10, 3, 18, 29, 59, tzinfo=UTC)
    full = Meta(AT, "caller-1", "c1", "corr", "cause", "00-ab-cd-01", device_at, "print")
    await log.append(Commit("a", "s", 1, (Counted(counter_id="s", by=1),), full, ("claim/1",)))
    found = await log.find("a")
    assert found is not None
    assert found.meta == full
    assert found.claims == ("claim/1",)
